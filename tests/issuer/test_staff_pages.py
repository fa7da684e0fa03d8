"""The registrar's pages over HTTP: what the walk in the browser does not press."""

from __future__ import annotations

import re

import pytest

from issuer.flows.find_people import find_offers, held_by
from issuer.flows.make_offer import make_offer
from tests.issuer.school import TENANT, School, Wallet

STAFF = f"/{TENANT}/staff"


class Desk:
    """A registrar who is logged in."""

    def __init__(self, school: School) -> None:
        self.school, self.http = school, school.client
        self.http.headers["accept-language"] = "en"
        self.post("/login", token=school.token)

    def get(self, path: str) -> str:
        answer = self.http.get(STAFF + path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, *, expect: int = 303, **form: str) -> str:
        """Where the browser goes next."""
        page = self.http.get(f"{STAFF}/login").text
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
        answer = self.http.post(STAFF + path, data={"csrf_token": token, **form}, follow_redirects=False)
        assert answer.status_code == expect, answer.text
        return answer.headers.get("location", answer.text)


@pytest.fixture
def desk(school: School) -> Desk:
    return Desk(school)


def with_certificate(school: School) -> str:
    """The id of a person who holds one."""
    person = school.person()
    Wallet(school).claim(make_offer(school.desk, TENANT, person, types=["enrolment"], actor="test"))
    return str(person.id)


def states(school: School, person_id: str) -> list[str]:
    return [one.state for one in held_by(school.desk, TENANT, [person_id])]


def test_a_certificate_is_suspended_and_resumed(school: School, desk: Desk) -> None:
    person = with_certificate(school)
    held = held_by(school.desk, TENANT, [person])[0].id
    for act, state in (("suspend", "suspended"), ("resume", "valid"), ("revoke", "revoked")):
        desk.post(f"/people/{person}/certificates/{held}", act=act)
        assert states(school, person) == [state]
        assert f"certificates/{held}" in desk.get(f"/people/{person}") or state == "revoked"
    desk.post(f"/people/{person}/certificates/{held}", act="erase", expect=400)


def test_a_lost_phone_ends_what_it_holds_and_offers_anew(school: School, desk: Desk) -> None:
    person = with_certificate(school)
    assert "Certificate of Enrolment" in desk.get(f"/people/{person}/lost")
    page = desk.post(f"/people/{person}/lost")
    assert page.startswith(f"{STAFF}/offers/")
    assert "new offer was made" in desk.get(page.removeprefix(STAFF))
    assert states(school, person) == ["revoked"]


def test_a_correction_is_judged_and_offers_the_certificate_anew(school: School, desk: Desk) -> None:
    person = with_certificate(school)
    assert "髙橋" in desk.get(f"/people/{person}/correct")
    refused = desk.post(f"/people/{person}/correct", family_name="新", birth_date="2005-02-30", expect=400)
    assert "Not a date of the calendar" in refused
    assert 'value="新"' in refused
    page = desk.post(f"/people/{person}/correct", family_name="新")
    assert page.endswith("?done=corrected")
    assert "新 花子" in desk.get(f"/people/{person}")


def test_an_offer_is_cancelled_and_shows_no_code_any_more(school: School, desk: Desk) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    assert str(made.tx_code) in desk.get(f"/offers/{made.id}")
    desk.post(f"/offers/{made.id}/cancel")
    assert str(made.tx_code) not in desk.get(f"/offers/{made.id}")
    assert find_offers(school.desk, TENANT).offers[0].state == "cancelled"
    desk.post(f"/offers/{made.id}/cancel", expect=409)


def test_the_claim_page_never_shows_the_transaction_code(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    page = school.client.get(made.claim_url, headers={"accept-language": "ja"}).text
    assert "在学証明書" in page
    assert str(made.tx_code) not in page
    assert "花子" not in page
    assert school.client.get(f"/{TENANT}/claim/unknown").status_code == 404


def test_the_roll_is_found_by_reading_in_any_width(desk: Desk) -> None:
    for query in ("タカハシ", "ﾀｶﾊｼ", "髙橋花子", "s001", "Ｓ００１"):
        assert "People: 1<" in desk.get(f"/roll?q={query}"), query
    assert "Nobody fits" in desk.get("/roll?q=nobody")
    assert "People: 1<" in desk.get("/roll?status=graduated")
    assert desk.get("/roll?page=99999")


def test_pages_of_the_staff_need_a_login(school: School) -> None:
    for path in ("/roll", "/import", "/offers", "/offers/many", "/record"):
        answer = school.client.get(STAFF + path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{STAFF}/login"), path
