"""From a card to a credential: what is offered, what is kept of it and for how long, and what a revoked card takes along."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from common.cards.binding import SharedSession
from common.cards.contract import Authenticated
from common.cards.evidence import Environment
from common.cards.evidence_json import parse_evidence
from common.errors import Conflict, Malformed, Misconfigured, NotFound, Refused, Unsupported
from common.oid4vci.issuer_metadata import parse_issuer_metadata
from common.x509.revocation import Standing
from issuer.catalogue.card_samples import LICENCE_SAMPLE, MY_NUMBER_SAMPLE
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.catalogue.registry import CATALOGUE
from issuer.deps import open_deps
from issuer.flows.accept_card import find_accepted
from issuer.flows.card_judgement import judge_card, last_day
from issuer.flows.change_status import change_status
from issuer.flows.credential_content import end_of_validity
from issuer.flows.find_people import find_offer, held_by
from issuer.flows.make_offer import make_offer
from issuer.flows.offer_many import offer_many
from issuer.flows.open_card_session import find_card_session, is_card_token
from issuer.flows.reissue_roll import reissue_roll
from issuer.flows.run_jobs import run_jobs
from issuer.flows.send_offers import queue_mail
from issuer.flows.watch_revocation import watch_revocation
from issuer.settings import DAY, IssuerSettings
from issuer.store.base import bind
from issuer.store.tables import CardReading, Credential
from tests.cards.my_number_reader import trust
from tests.fakes.clock import FixedClock
from tests.issuer.card_desk import (
    Told,
    accept,
    accept_my_number,
    offer,
    open_card_school,
    open_session,
    read_my_number,
    told,
)
from tests.issuer.school import BASE, TENANT, School, Wallet, settings_for
from tests.issuer.test_issuance import status_of, verify
from tests.issuer.test_staff_pages import Desk


@pytest.fixture(scope="module")
def one_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """One for all: whatever a test needs of its card it does to a card of its own; time only goes on, by hours."""
    made = open_card_school(tmp_path_factory.mktemp("cards"))
    yield made
    made.deps.database.close_all()


@pytest.fixture
def cards(one_school: School) -> School:
    """The tables have one database at a time: tests in between have opened others."""
    bind(one_school.deps.database)
    return one_school


def row_of(reading_id: str) -> Any:
    return CardReading.get(CardReading.tenant == TENANT, CardReading.id == reading_id)


def test_a_card_becomes_credentials(cards: School) -> None:
    accepted = accept_my_number(cards)
    assert accepted.types == ("identity", "age", "residence")
    assert accepted.refusals == dict.fromkeys(("driving_privileges", "residence_status", "nationality"), "not_told")
    assert find_accepted(cards.desk, TENANT, accepted.id).claims == accepted.claims
    assert find_accepted(cards.desk, TENANT, accepted.id).evidence == accepted.evidence
    made = offer(cards, accepted)
    assert (made.person_id, made.tx_code) == (accepted.id, None)
    wallet = Wallet(cards)
    (text,) = wallet.claim(made, "identity_sd_jwt")
    assert wallet.refresh_token == ""
    credential = verify(cards, text, "dc+sd-jwt")
    assert credential.subject["name"] == "山田　花子"
    assert credential.subject["birthdate"] == "1990-03-03"
    assert credential.subject["sex"] == 2
    assert credential.subject["name_substituted"] is False
    evidence = parse_evidence(credential.claims["evidence"])
    assert evidence.read_at == cards.clock.now() - cards.clock.now() % DAY
    told_of = {origin.claim for source in evidence.sources for origin in source.origins}
    assert told_of == {"name", "family_name", "given_name", "birth_date", "sex", "address", "name_substitutes"}


def test_the_evidence_names_nobody(cards: School) -> None:
    """Nothing of what the card says about its holder stands in it, and no copy's differs from another's."""
    accepted = accept_my_number(cards)
    texts = Wallet(cards).claim(offer(cards, accepted, "identity"), "identity_sd_jwt", copies=2)
    told_twice = [json.dumps(verify(cards, text, "dc+sd-jwt").claims["evidence"], ensure_ascii=False) for text in texts]
    assert told_twice[0] == told_twice[1]
    for value in accepted.claims.values():
        assert not isinstance(value, str) or value == "00000" or value not in told_twice[0]


def test_the_age_certificate_has_no_date(cards: School) -> None:
    (text,) = Wallet(cards).claim(offer(cards, accept_my_number(cards), "age"), "age_sd_jwt")
    credential = verify(cards, text, "dc+sd-jwt")
    assert credential.subject["age_equal_or_over"] == {"18": True, "20": True, "65": False}
    assert "1990-" not in json.dumps(credential.claims), "digits alone stand in a digest too"
    assert set(credential.subject) - {"evidence"} == {"age_equal_or_over", "issuing_authority", "issuing_country"}


def test_an_age_of_the_other_parts_of_the_card_is_worked_out_and_says_so(cards: School) -> None:
    session = open_session(cards)
    found = accept(cards, session, read_my_number(session.challenge, parts=["surface"]))
    origin = next(one for one in found.evidence.source_of("age_over_20").origins if one.claim == "age_over_20")
    assert (origin.derived, found.claims["age_over_20"], found.types) == (True, True, ("age",))


@pytest.mark.parametrize("types", [["driving_privileges"], ["enrolment"], ["identity", "nationality"]])
def test_what_the_card_does_not_prove_is_not_offered(cards: School, types: list[str]) -> None:
    accepted = accept_my_number(cards)
    with pytest.raises(Refused, match="does not prove"):
        offer(cards, accepted, *types)
    with pytest.raises(Unsupported):
        offer(cards, accepted, "diploma")
    assert "identity_sd_jwt" in offer(cards, accepted, "identity").configurations


def test_a_card_is_offered_once_and_in_time(cards: School) -> None:
    accepted, late = accept_my_number(cards), accept_my_number(cards)
    offer(cards, accepted)
    with pytest.raises(Conflict):
        offer(cards, accepted)
    assert find_accepted(cards.desk, TENANT, accepted.id).types == ()
    cards.clock.advance(cards.desk.settings.card_session_seconds)
    with pytest.raises(Conflict):
        offer(cards, late)


def test_of_two_who_answer_at_once_one_is_heard(any_database: School) -> None:
    school = any_database
    session = open_session(school)
    reading = read_my_number(session.challenge)
    outcomes, gate = [], threading.Barrier(4)

    def answer() -> None:
        gate.wait()
        try:
            outcomes.append(accept(school, session, reading).id)
        except Conflict as over:
            outcomes.append(over.code)
        finally:
            school.deps.database.close()

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted([session.id, *["card_session_over"] * 3])


@pytest.fixture
def any_database(database_url: str, tmp_path: Path) -> Iterator[School]:
    made = open_card_school(tmp_path, url=database_url)
    yield made
    made.deps.database.close_all()


def test_the_roll_knows_nothing_of_cards(cards: School) -> None:
    with pytest.raises(Refused, match="does not entitle"):
        make_offer(cards.desk, TENANT, cards.person(), types=["identity"], actor="test")
    for many in (offer_many, reissue_roll):
        with pytest.raises(Unsupported):
            many(cards.desk, TENANT, "identity", actor="test", mail=False)


def test_sessions_are_found_by_whoever_goes_on_with_them(cards: School) -> None:
    session = open_session(cards)
    assert find_card_session(cards.desk, TENANT, session.id) == session
    assert is_card_token(cards.desk, TENANT, session.id, session.token)
    assert not is_card_token(cards.desk, TENANT, session.id, session.token[::-1])
    assert session.token not in repr(session)
    with pytest.raises(Conflict) as waiting:
        find_accepted(cards.desk, TENANT, session.id)
    assert waiting.value.code == "card_not_read"
    accept(cards, session, read_my_number(session.challenge))
    with pytest.raises(Conflict):
        find_card_session(cards.desk, TENANT, session.id)
    for find in (find_card_session, find_accepted):
        with pytest.raises(NotFound):
            find(cards.desk, TENANT, "nowhere")


def test_a_lost_answer_is_replaced_while_the_token_lives(cards: School) -> None:
    wallet = Wallet(cards)
    wallet.claim(offer(cards, accept_my_number(cards), "identity"), "identity_sd_jwt")
    run_jobs(cards.desk, None)
    again = wallet.ask("identity_sd_jwt", wallet.proofs())
    assert status_of(cards, verify(cards, again["credentials"][0]["credential"], "dc+sd-jwt")) == 0


def test_nothing_of_the_person_stands_in_the_clear(tmp_path: Path) -> None:
    cards = open_card_school(tmp_path)
    accepted = accept_my_number(cards)
    offer(cards, accepted)
    cards.deps.database.close_all()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("issuer.sqlite3*"))
    for value in ("山田", "新宿区", "1990-03-03", "certificate_chain"):
        assert value.encode() not in stored


def test_what_a_card_proved_is_deleted_when_its_offer_is_over(cards: School) -> None:
    desk, settings = cards.desk, cards.desk.settings
    unread, unused, expired, taken = open_session(cards).id, *(accept_my_number(cards).id for _ in range(3))
    accepted = {one: find_accepted(desk, TENANT, one) for one in (expired, taken)}
    offer(cards, accepted[expired], "age")
    wallet = Wallet(cards)
    wallet.claim(offer(cards, accepted[taken], "age"), "age_sd_jwt")
    run_jobs(desk, None)
    assert [row_of(one).claims is not None for one in (unread, unused, expired, taken)] == [False, True, True, True]
    cards.clock.advance(settings.card_session_seconds)
    run_jobs(desk, None)
    assert [row_of(one).state for one in (unused, expired, taken)] == ["over", "offered", "over"]
    assert wallet.ask("age_sd_jwt", ["x"], expect=401)["error"] == "invalid_token"
    cards.clock.advance(settings.card_offer_seconds)
    run_jobs(desk, None)
    rows = [row_of(one) for one in (unused, expired, taken)]
    assert [(row.state, row.claims, row.nonce) for row in rows] == [("over", None, None)] * 3
    assert all(row.record is not None for row in rows)
    assert find_accepted(desk, TENANT, taken).claims == {}
    assert find_accepted(desk, TENANT, taken).evidence.card == "my_number"


def test_evidence_is_kept_for_its_time_and_then_deleted(tmp_path: Path) -> None:
    school = open_card_school(tmp_path, evidence_retention=100 * DAY, offer_retention=30 * DAY)
    reading = accept_my_number(school)
    Wallet(school).claim(offer(school, reading, "age"), "age_sd_jwt")
    school.clock.advance(99 * DAY)
    run_jobs(school.desk, None)
    assert row_of(reading.id).record is not None
    assert row_of(reading.id).questions is None  # the certificate lived for 90 days: nothing stands any more
    school.clock.advance(2 * DAY)
    forgotten = run_jobs(school.desk, None).forgotten[TENANT]
    assert (forgotten.records, forgotten.rows) == (1, 1)
    with pytest.raises(NotFound):
        find_accepted(school.desk, TENANT, reading.id)
    school.deps.database.close_all()


@pytest.mark.parametrize("suspends", [True, False])
def test_a_revoked_certificate_is_an_event(tmp_path: Path, suspends: bool) -> None:
    source = Told()
    school = open_card_school(tmp_path, believed=told(source), card_revoked_suspends=suspends)
    desk, reading = school.desk, accept_my_number(school)
    (text,) = Wallet(school).claim(offer(school, reading, "identity"), "identity_sd_jwt")
    credential = verify(school, text, "dc+sd-jwt")
    asked = source.asked
    assert watch_revocation(desk).asked == 0  # not yet due
    school.clock.advance(DAY)
    source.standing = Standing.UNKNOWN
    report = run_jobs(desk, None).cards
    assert report is not None
    assert (report.asked, report.unknown, report.revoked) == (1, 1, 0)
    assert status_of(school, credential) == 0
    school.clock.advance(DAY)
    source.standing, source.reason = Standing.REVOKED, "affiliationChanged"
    report = run_jobs(desk, None).cards
    assert report is not None
    assert (report.revoked, report.suspended) == (1, 1 if suspends else 0)
    assert source.asked == asked + 2
    (held,) = held_by(desk, TENANT, [reading.id])
    assert held.state == ("suspended" if suspends else "valid")
    assert status_of(school, credential) & 0x03 == (2 if suspends else 0)
    school.clock.advance(DAY)
    assert watch_revocation(desk).asked == 0  # the event is over
    if suspends:
        change_status(desk, TENANT, held.id, "valid", actor="test")
        assert held_by(desk, TENANT, [reading.id])[0].state == "valid"
    told_of = row_of(reading.id)
    assert (told_of.revoked_at, told_of.questions) == (school.clock.now() - DAY - 60, None)
    school.deps.database.close_all()


def test_a_revocation_between_offer_and_issue_stops_it(tmp_path: Path) -> None:
    source = Told()
    school = open_card_school(tmp_path, believed=told(source), card_revocation_seconds=60)
    wallet, waiting = Wallet(school), offer(school, accept_my_number(school), "identity")
    wallet.redeem(offer(school, accept_my_number(school), "identity"))
    school.clock.advance(60)
    source.standing = Standing.REVOKED
    assert watch_revocation(school.desk).revoked == 2
    assert find_offer(TENANT, waiting.id).state == "cancelled"
    assert wallet.ask("identity_sd_jwt", ["x"], expect=401)["error"] == "invalid_token"
    assert Credential.select().where(Credential.tenant == TENANT).count() == 0
    school.deps.database.close_all()


def test_a_setting_that_changed_meanwhile_counts(tmp_path: Path) -> None:
    of_test = trust(environment=Environment.TEST)
    school = open_card_school(tmp_path, believed=of_test, card_environment="test")
    wallet = Wallet(school)
    wallet.redeem(offer(school, accept_my_number(school), "identity"))
    object.__setattr__(school.desk, "settings", settings_for("", tmp_path))
    proofs = wallet.proofs()
    assert wallet.ask("identity_sd_jwt", proofs, expect=400)["error"] == "credential_request_denied"
    school.deps.database.close_all()


def test_offers_from_cards_on_the_pages(cards: School) -> None:
    made = offer(cards, accept_my_number(cards), "identity", tx_code=True)
    claim = cards.client.get(made.claim_url.removeprefix("http://localhost:8101"))
    assert claim.status_code == 200
    assert "山田" not in claim.text
    assert "生年月日" not in claim.text
    told_of = cards.client.get(f"/{TENANT}/api/claims/{made.claim_url.rpartition('/')[2]}").json()
    assert (told_of["family_name"], told_of["types"], told_of["state"]) == ("", ["identity"], "open")
    asked = cards.client.post(
        f"/{TENANT}/api/claims/{made.claim_url.rpartition('/')[2]}/code", json={"birth_date": "1990-03-03"}
    )
    assert asked.json()["code"] == "code_at_the_desk"
    listed = cards.client.get(f"/{TENANT}/api/offers", headers=cards.staff).json()
    assert made.id in [one["id"] for one in listed["offers"]]


def test_test_hierarchies_are_believed_in_a_sandbox_only(tmp_path: Path) -> None:
    settings = settings_for(
        f"sqlite:///{tmp_path / 'i.sqlite3'}",
        tmp_path,
        environment="production",
        public_url="https://issuer.example",
        card_environment="test",
    )
    with pytest.raises(Misconfigured) as wrong:
        open_deps(settings, clock=FixedClock())
    assert wrong.value.code == "card_environment"


def test_offers_from_cards_on_the_staff_s_pages(cards: School) -> None:
    """They see which kind of card it was, and not whose."""
    made, staff = offer(cards, accept_my_number(cards), "identity"), Desk(cards)
    for page in (staff.get("/offers"), staff.get(f"/offers/{made.id}")):
        assert "My Number card" in page
        assert "山田" not in page
    assert "/staff/people/" not in staff.get(f"/offers/{made.id}")
    assert staff.post(f"/offers/{made.id}/cancel").endswith("?done=cancelled")
    taken = offer(cards, accept_my_number(cards), "identity")
    Wallet(cards).claim(taken, "identity_sd_jwt")
    (held,) = held_by(cards.desk, TENANT, [taken.person_id])
    for act, state in (("suspend", "suspended"), ("resume", "valid"), ("revoke", "revoked")):
        assert f'value="{act}"' in staff.get(f"/offers/{taken.id}")
        staff.post(f"/offers/{taken.id}/certificates/{held.id}", act=act)
        assert held_by(cards.desk, TENANT, [taken.person_id])[0].state == state
    for path, act in (
        (f"/offers/{made.id}/certificates/{held.id}", "revoke"),
        (f"/offers/{taken.id}/certificates/x", ""),
    ):
        staff.post(path, expect=404, act=act)
    with pytest.raises(Refused):
        queue_mail(cards.desk, TENANT, find_offer(TENANT, made.id), actor="test")


def test_metadata_names_the_certificates_of_cards_and_their_evidence(cards: School) -> None:
    address = f"/.well-known/openid-credential-issuer/{TENANT}"
    listed = parse_issuer_metadata(cards.client.get(address).content, credential_issuer=f"{BASE}/{TENANT}")
    of_cards = {one.id for one in CONFIGURATIONS if one.type.source == "card" and one.format != "mso_mdoc"}
    assert of_cards <= set(listed.configurations)
    for name in of_cards:
        assert ("evidence",) in {claim.path for claim in listed.configurations[name].claims}
    described = cards.client.get("/types/age").json()
    (evidence,) = (claim for claim in described["claims"] if claim["path"] == ["evidence"])
    assert (evidence["sd"], evidence["mandatory"]) == ("never", True)


def test_a_certificate_ends_with_the_card_that_it_speaks_of() -> None:
    """Where it states until when that is valid; others live their time, and a card that has ended gives nothing."""
    now = 1_775_001_600  # 2026-04-01, 09:00 in Japan
    soon = {**LICENCE_SAMPLE.claims, "expiry_date": "2026-04-20"}
    licence, age = CATALOGUE["driving_privileges"], CATALOGUE["age"]
    facts = replace(LICENCE_SAMPLE, claims=soon)
    assert end_of_validity(licence, facts, now) == 1_776_697_200  # 2026-04-21, 00:00 in Japan
    assert end_of_validity(licence, LICENCE_SAMPLE, now) == now - now % DAY + 90 * DAY
    assert end_of_validity(age, MY_NUMBER_SAMPLE, now) == now - now % DAY + 90 * DAY
    found = Authenticated(claims=soon, evidence=LICENCE_SAMPLE.evidence)
    for day, why in ((date(2026, 4, 20), None), (date(2026, 4, 21), "card_expired")):
        setting = IssuerSettings(environment="sandbox", card_environment="test")
        verdict = judge_card(found, shared=SharedSession.OWN_READER, settings=setting, today=day)
        assert verdict["driving_privileges"] == why
    with pytest.raises(Malformed):
        last_day({"card_expiry": "2026-02-30"})
