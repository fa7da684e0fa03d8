"""Offers by mail: the registrar sends them with one press, and the student reads hers, sees the code, and answers a shop on one phone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest
from playwright.sync_api import Browser

from common.pages.language import Language
from examples.demo.cast import SHOP, Cast, make_cast
from tests.browser.conftest import CHEAP
from tests.browser.visitor import Device, visit
from tests.browser.walk import ROLL, Registrar, Student
from tests.mailbox import Mailbox
from tests.stories.quick_start import quicken

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def letters() -> Iterator[Mailbox]:
    server = Mailbox()
    yield server
    server.close()


@pytest.fixture(scope="module")
def mailing_cast(letters: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    mail = letters.settings | {"jobs_every": "1"}
    running = quicken(make_cast(tmp_path_factory.mktemp("mailing"), extra={"issuer": mail, **CHEAP}))
    running.introduce()
    running.start()
    yield running
    running.stop()


def student_of(language: str) -> dict[str, str]:
    """A row of the roll: enrolled, with an address, who reads that language."""
    with ROLL.open(encoding="utf-8-sig", newline="") as file:
        return next(
            row
            for row in csv.DictReader(file)
            if row["status"] == "enrolled" and row["email"] and row["language"] in (language, "")
        )


def ask_on_this_device(cast: Cast) -> str:
    """The link that a shop's own web page would show: its server asks through the API."""
    answer = httpx.post(
        f"{cast.verifier.url}/{SHOP}/api/sessions",
        json={"question": "student", "same_device": True},
        headers={"Authorization": f"Bearer {cast.operator_token}"},
        timeout=30,
    )
    assert answer.is_success, answer.text
    return str(answer.json()["wallet_link"])


@pytest.fixture(scope="module")
def sent(browser: Browser, mailing_cast: Cast, letters: Mailbox, shots: Path) -> Mailbox:
    """The registrar has pressed the button, and the letters have come."""
    registrar = Registrar(visit(browser, "ja", "desk", shots=shots), mailing_cast)
    v = registrar.visitor
    registrar.log_in()
    registrar.import_roll()
    v.press(registrar.w("nav.offers"))
    v.look("offers-none")
    v.page.locator("form[action$='/many'] button, a[href*='/many']").first.click()
    v.page.wait_for_load_state("load")
    v.look("many")
    v.page.locator("form[action$='/staff/offers/many'] button").click()
    v.see(registrar.w("done.many"))
    v.look("many-sent")
    wanted = {student_of(language)["email"] for language in ("ja", "en")}
    end = monotonic() + 60
    while not wanted <= letters.texts.keys():
        assert monotonic() < end, "the letters do not come"
        sleep(0.2)
    v.context.close()
    return letters


@pytest.mark.parametrize(("language", "device", "dark"), [("ja", "phone", False), ("en", "desk", True)])
def test_from_the_letter_to_the_shop_on_one_device(
    browser: Browser, mailing_cast: Cast, sent: Mailbox, shots: Path, language: Language, device: Device, dark: bool
) -> None:
    row = student_of(language)
    text = sent.texts[row["email"]]
    found = re.search(r"http\S+/claim/\S+", text)
    assert found is not None
    assert not re.search(r"\b\d{6}\b", text.replace(found[0], "")), "the code is not in the letter"

    v = visit(browser, language, device, shots=shots, dark=dark)
    student = Student(v, mailing_cast, f"by-mail-{language}")
    student.make_wallet()

    def w(key: str, **values: object) -> str:
        return v.words("issuer", key, **values)

    v.go(found[0])
    v.look("claim")
    v.fill(w("claim.birth_date"), "1999-01-01")
    v.press(w("claim.show_code"))
    assert w("claim.wrong_date", left=4) in v.page.locator(".error").inner_text()
    v.look("claim-wrong-date")
    year, month, day = row["birth_date"].split("-")
    v.fill(w("claim.birth_date"), f"{year}年{int(month)}月{int(day)}日")
    v.press(w("claim.show_code"))
    code = v.page.locator(".digits-shown").inner_text().strip()
    assert re.fullmatch(r"\d{6}", code)
    v.look("code")
    v.press(w("claim.back"))
    v.press(w("claim.web_wallet"))
    v.look("open-offer")
    v.press(student.w("open.offer.button"))
    v.page.locator("#field-tx_code").fill(code)
    v.press(student.w("offer.accept"))
    v.see(student.w("offer.done.text"), seconds=20)

    v.go(ask_on_this_device(mailing_cast))
    v.look("open-question")
    v.press(student.w("open.question.button"))
    v.press(student.w("consent.give"))
    v.see(student.w("answered.done.title"))
    v.look("answered-same-device")
    v.page.locator(".buttons a.button").first.click()
    v.page.wait_for_url(re.compile("/done/"))
    assert v.heading() == v.words("verifier", "answer.student.passed")
    v.look("done")
    v.context.close()


def test_an_offer_is_printed_on_one_sheet(browser: Browser, mailing_cast: Cast, sent: Mailbox, shots: Path) -> None:
    """With the QR code and the address in full, and nothing that only a screen can use."""
    taken = {student_of(language)["email"] for language in ("ja", "en")}
    text = next(text for recipient, text in sent.texts.items() if recipient not in taken)
    found = re.search(r"http\S+/claim/\S+", text)
    assert found is not None
    v = visit(browser, "ja", "desk", shots=shots)
    v.go(f"{found[0]}?lang=ja")
    v.page.emulate_media(media="print")
    v.page.screenshot(path=shots / "print-claim.png", full_page=True)
    v.see(found[0])
    assert v.page.locator("figure svg").is_visible()
    for screen_only in (".tabs", ".languages", ".buttons", "form"):
        assert v.page.locator(f"{screen_only} >> visible=true").count() == 0, screen_only
    sheet = v.page.pdf(path=shots / "claim.pdf", format="A4")
    assert sheet.count(b"/Type /Page\n") == 1
    v.context.close()
