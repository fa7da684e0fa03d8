"""The claim page tells the transaction code to who knows the birth date, and to nobody who guesses."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from issuer.flows.make_offer import MadeOffer, make_offer
from issuer.flows.reveal_code import reveal_code
from issuer.store.audit import AUDIT
from issuer.store.tables import Offer
from tests.issuer.school import TENANT, School, Wallet, open_school

OTHER_DAY = "1999-01-01"


def offer(school: School, **options: Any) -> MadeOffer:
    return make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test", **options)


def token_of(made: MadeOffer) -> str:
    return made.claim_url.rpartition("/")[2]


def ask(school: School, made: MadeOffer, birth_date: str) -> Any:
    return school.client.post(f"/{TENANT}/api/claims/{token_of(made)}/code", json={"birth_date": birth_date})


def press(school: School, made: MadeOffer, birth_date: str) -> Any:
    page = school.client.get(f"/{TENANT}/claim/{token_of(made)}?lang=en")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    data = {"csrf_token": token[1], "birth_date": birth_date}
    return school.client.post(f"/{TENANT}/claim/{token_of(made)}", data=data)


def born(school: School) -> str:
    return str(school.person().birth_date)


def test_the_right_date_shows_the_code(any_school: School) -> None:
    made = offer(any_school)
    answer = ask(any_school, made, born(any_school))
    assert (answer.status_code, answer.json()) == (200, {"tx_code": made.tx_code})
    assert answer.headers["cache-control"] == "no-store"
    Wallet(any_school).redeem(made)


def test_the_page_keeps_the_code_apart_from_the_offer(school: School) -> None:
    made = offer(school)
    page = school.client.get(f"/{TENANT}/claim/{token_of(made)}")
    assert str(made.tx_code) not in page.text
    shown = press(school, made, born(school))
    assert shown.status_code == 200
    assert f'<p class="digits-shown">{made.tx_code}</p>' in shown.text
    assert "openid-credential-offer" not in shown.text
    assert shown.headers["cache-control"] == "no-store"


def test_wrong_dates_and_wrong_codes_are_counted_together(any_school: School) -> None:
    made = offer(any_school)
    wrong = "000000" if made.tx_code != "000000" else "000001"
    for _ in range(2):
        Wallet(any_school).redeem(made, tx_code=wrong, expect=400)
    for _ in range(3):
        answer = ask(any_school, made, OTHER_DAY)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_birth_date")
    assert ask(any_school, made, born(any_school)).json()["code"] == "offer_over"
    row = Offer.get(Offer.tenant == TENANT, Offer.id == made.id)
    assert (row.state, row.tx_code_wrong) == ("dead", 5)


def test_the_page_says_how_many_tries_are_left_and_then_whom_to_ask(school: School) -> None:
    made = offer(school)
    for left in (4, 3, 2, 1):
        page = press(school, made, OTHER_DAY)
        assert page.status_code == 400
        assert f"stopped: {left}." in page.text
    last = press(school, made, OTHER_DAY)
    assert "registrar" in last.text
    assert "<form method" not in last.text


def test_what_is_no_date_costs_no_try(school: School) -> None:
    made = offer(school)
    assert "cannot be read as a date" in press(school, made, "yesterday").text
    answer = ask(school, made, "2005-02-30")
    assert (answer.status_code, answer.json()["code"]) == (400, "birth_date_shape")
    assert Offer.get(Offer.tenant == TENANT, Offer.id == made.id).tx_code_wrong == 0


def test_nothing_to_show(school: School) -> None:
    assert ask(school, offer(school, tx_code=False), born(school)).json()["code"] == "no_code_needed"
    late = offer(school, seconds=60)
    school.clock.advance(60)
    assert ask(school, late, born(school)).json()["code"] == "offer_over"
    unknown = school.client.post(f"/{TENANT}/api/claims/{'x' * 32}/code", json={"birth_date": OTHER_DAY})
    assert unknown.status_code == 404


def test_a_guesser_who_goes_from_offer_to_offer_is_held_up(tmp_path: Any) -> None:
    school = open_school("", tmp_path, guess_limit="3/hour")
    for _ in range(3):
        assert ask(school, offer(school), OTHER_DAY).status_code == 403
    made = offer(school)
    assert ask(school, made, born(school)).status_code == 429
    assert press(school, made, born(school)).status_code == 429
    school.deps.database.close_all()


def test_the_record_says_that_a_code_was_shown(school: School) -> None:
    made = offer(school)
    reveal_code(school.desk, TENANT, token_of(made), date.fromisoformat(born(school)))
    entries = str(AUDIT.view(TENANT, limit=50))
    assert entries.count("code_shown") == 1
    assert str(made.tx_code) not in entries


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_web_wallet_stands_beside_the_link(tmp_path: Any, language: str) -> None:
    school = open_school("", tmp_path, wallet_open_url="https://wallet.example/open")
    made = offer(school)
    page = school.client.get(f"/{TENANT}/claim/{token_of(made)}?lang={language}").text
    assert 'href="https://wallet.example/open?credential_offer_uri=http' in page
    assert 'href="openid-credential-offer://?credential_offer_uri=http' in page
    assert made.wallet_link.startswith("https://wallet.example/open?")
    school.deps.database.close_all()


def test_a_school_that_hands_codes_over_at_its_desk_shows_none(tmp_path: Any) -> None:
    careful = open_school("", tmp_path, code_by_birth_date=False)
    made = offer(careful)
    assert ask(careful, made, born(careful)).json()["code"] == "code_at_the_desk"
    page = careful.client.get(f"/{TENANT}/claim/{token_of(made)}?lang=en").text
    assert "in person" in page
    assert 'name="birth_date"' not in page
    careful.deps.database.close_all()
