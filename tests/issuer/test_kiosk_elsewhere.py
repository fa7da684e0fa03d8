"""Kiosks of other institutions: one that reads no cards, one in production; and the staff API that a kiosk speaks to."""

from __future__ import annotations

from pathlib import Path

import pytest

from common import cbor
from common.cards.reading import MAX_BYTES, Reading, encode_reading
from issuer.kiosk.trouble import Trouble
from tests.issuer.kiosk_world import PASSWORD, Script, deal, open_card_school, open_counter
from tests.issuer.school import TENANT, School

SESSIONS = f"/{TENANT}/api/cards/sessions"
CBOR = {"Content-Type": "application/cbor"}


@pytest.fixture
def cards(tmp_path: Path) -> School:
    return open_card_school(tmp_path)


def test_an_issuer_that_reads_no_cards(tmp_path: Path) -> None:
    school = open_card_school(tmp_path, card_trust=(), card_environment="production")
    person = Script()
    assert open_counter(school, deal("my-number"), person).serve() == Trouble(key="cards_not_set_up")
    answer = school.client.post(SESSIONS, headers=school.staff)
    assert (answer.status_code, answer.json()["code"]) == (403, "cards_not_set_up")


def test_a_test_card_makes_nothing_in_production(tmp_path: Path) -> None:
    school = open_card_school(tmp_path, card_environment="production")
    person = Script(secrets={PASSWORD: ["ABC123"]})
    trouble = open_counter(school, deal("my-number"), person).serve()
    assert trouble is not None
    assert trouble.key == "nothing_to_issue"
    assert person.offer is None


def test_the_api_tells_what_is_made_from_cards(cards: School) -> None:
    told = cards.client.get(f"/{TENANT}/api/cards", headers=cards.staff).json()
    names = {kind["name"]: kind for kind in told["types"]}
    assert {"identity", "age", "driving_privileges"} <= names.keys()
    assert "enrolment" not in names, "the registrar's word comes from no card"
    assert "birth_date" in names["identity"]["needs"]
    assert told["delivery_key"], "for the residence card on a My Number card"


def test_every_route_needs_a_token_of_this_institution(cards: School) -> None:
    for method, path in (
        ("GET", f"/{TENANT}/api/cards"),
        ("POST", SESSIONS),
        ("POST", f"{SESSIONS}/x/readings"),
        ("GET", f"{SESSIONS}/x"),
        ("GET", f"{SESSIONS}/x/result"),
        ("POST", f"{SESSIONS}/x/offer"),
    ):
        assert cards.client.request(method, path).status_code == 401, path
        stranger = {"Authorization": "Bearer tgt_nobody"}
        assert cards.client.request(method, path, headers=stranger).status_code == 401, path


def test_readings_that_are_none(cards: School) -> None:
    made = cards.client.post(SESSIONS, headers=cards.staff).json()
    address = f"{SESSIONS}/{made['id']}/readings"
    assert made["challenge"]["session"] == made["id"]
    one = encode_reading(Reading(card="my_number"))

    def post(body: bytes, headers: dict[str, str] = CBOR) -> tuple[int, str]:
        answer = cards.client.post(address, content=body, headers={**cards.staff, **headers})
        return answer.status_code, answer.json()["code"]

    assert post(cbor.encode([])) == (400, "bad_readings")
    assert post(cbor.encode([one, one, one])) == (400, "bad_readings")
    assert post(cbor.encode([{"card": "my_number"}])) == (400, "bad_readings")
    assert post(cbor.encode([b"\x00"])) == (400, "bad_reading")
    assert post(b"\xff")[0] == 400
    assert post(cbor.encode([one])) == (400, "empty_reading")
    assert post(cbor.encode([one]), {"Content-Type": "application/json"}) == (400, "invalid_request")
    assert post(cbor.encode([encode_reading(Reading(card="library_card"))]))[0] == 400
    assert post(bytes(2 * MAX_BYTES + 1))[0] == 413
    state = cards.client.get(f"{SESSIONS}/{made['id']}", headers=cards.staff).json()
    assert state == {"state": "open", "offer": ""}, "what says nothing takes nobody's session away"
    result = cards.client.get(f"{SESSIONS}/{made['id']}/result", headers=cards.staff)
    assert (result.status_code, result.json()["code"]) == (409, "card_not_read")
    nothing = cards.client.post(f"{SESSIONS}/{made['id']}/offer", json={"types": ["identity"]}, headers=cards.staff)
    assert nothing.status_code == 403


def test_a_session_of_nobody(cards: School) -> None:
    for method, path in (("GET", ""), ("GET", "/result"), ("POST", "/offer")):
        body = {"types": ["identity"]} if method == "POST" else None
        answer = cards.client.request(method, f"{SESSIONS}/nobody{path}", headers=cards.staff, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_card_session")
