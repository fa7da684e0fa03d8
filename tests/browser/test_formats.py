"""One certificate in each of the four formats, by clicking: chosen by the registrar, held as a card, shown to a shop."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from examples.demo.cast import Cast
from tests.browser.test_story import enrolled
from tests.browser.visitor import visit
from tests.browser.walk import ROLL, Registrar, Shop, Student

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("form", "word", "turn"),
    [("dc+sd-jwt", "sd_jwt", 40), ("jwt_vc_json", "jwt_vc", 41), ("ldp_vc", "ldp", 42), ("mso_mdoc", "mdoc", 43)],
)
def test_a_format_by_clicking(browser: Browser, cast: Cast, shots: Path, form: str, word: str, turn: int) -> None:
    cast.issuer.command("import", str(ROLL), "--json")
    registrar = Registrar(visit(browser, "ja", "desk", shots=shots), cast)
    student = Student(visit(browser, "ja", "phone", shots=shots), cast, f"holder-of-{word.replace('_', '-')}")
    shop = Shop(visit(browser, "en", "phone", shots=shots), cast)
    registrar.log_in()
    address, code = registrar.offer(enrolled(turn), form=form)
    student.make_wallet()
    student.accept(student.open_claim_page(address), code)
    student.visitor.see(student.w(f"card.format_name.{word}"))
    student.visitor.look(f"card-{word}")
    assert student.visitor.page.get_by_role("link", name=student.w("card.show"), exact=True).count() == 1
    shop.log_in()
    student.consent(shop.ask())
    student.visitor.look(f"answered-{word}")
    shop.see_answer("student", "passed")
    for one in (registrar, student, shop):
        assert one.visitor.complaints == []
        one.visitor.context.close()
