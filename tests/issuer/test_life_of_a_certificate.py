"""Withdrawing, suspending, correcting, re-issuing: what the world sees on the status list, and what can still be claimed."""

from __future__ import annotations

import pytest

from common.errors import Conflict, Refused
from issuer.flows.change_status import change_status
from issuer.flows.correct_person import correct_person
from issuer.flows.find_people import held_by
from issuer.flows.make_offer import make_offer
from issuer.flows.reissue import reissue
from issuer.flows.withdraw import withdraw
from tests.issuer.school import ROLL, TENANT, School, Wallet
from tests.issuer.test_issuance import status_of, verify


def issue(school: School, number: str = "S001", kind: str = "enrolment") -> str:
    made = make_offer(school.desk, TENANT, school.person(number), types=[kind], actor="test")
    return Wallet(school).claim(made, f"{kind}_sd_jwt")[0]


def status(school: School, text: str) -> int:
    return status_of(school, verify(school, text, "dc+sd-jwt"))


def test_who_leaves_loses_the_certificate_and_every_claim(any_school: School) -> None:
    school = any_school
    text = issue(school)
    half_way = Wallet(school)
    half_way.redeem(make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test"))
    proofs = half_way.proofs()
    done = withdraw(school.desk, TENANT, school.person(), actor="test")
    assert (done.revoked, done.offers) == (1, 1)
    assert status(school, text) == 1
    assert half_way.ask("enrolment_sd_jwt", proofs, expect=401)["error"] == "invalid_token"
    with pytest.raises(Conflict):
        withdraw(school.desk, TENANT, school.person(), actor="test")
    with pytest.raises(Refused, match="not_entitled"):
        make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")


def test_a_roll_that_says_withdrawn_revokes_too(school: School) -> None:
    text = issue(school)
    report = school.import_text(ROLL.replace(",2024-04-01,,enrolled,,ja", ",2024-04-01,,withdrawn,2026-09-01,ja"))
    assert (report.changed, report.same, report.revoked) == (1, 2, 1)
    assert status(school, text) == 1


def test_suspended_and_reinstated(any_school: School) -> None:
    school = any_school
    text = issue(school)
    (held,) = held_by(school.desk, TENANT, [school.person().id])
    change_status(school.desk, TENANT, held.id, "suspended", actor="test")
    assert status(school, text) == 2
    change_status(school.desk, TENANT, held.id, "valid", actor="test")
    assert status(school, text) == 0
    change_status(school.desk, TENANT, held.id, "revoked", actor="test")
    with pytest.raises(Conflict):
        change_status(school.desk, TENANT, held.id, "valid", actor="test")
    assert status(school, text) == 1


def test_a_new_name_supersedes_when_the_new_certificate_is_claimed(any_school: School) -> None:
    school = any_school
    old = issue(school)
    done = correct_person(school.desk, TENANT, school.person(), {"family_name": "𠮷野"}, actor="test")
    assert done.changed == ("family_name",)
    assert done.offer is not None
    assert status(school, old) == 0  # nobody stands without a certificate
    (new,) = Wallet(school).claim(done.offer)
    assert verify(school, new, "dc+sd-jwt").subject["family_name"] == "𠮷野"
    assert (status(school, old), status(school, new)) == (1, 0)
    reasons = {one.reason for one in held_by(school.desk, TENANT, [school.person().id]) if one.state == "revoked"}
    assert reasons == {"superseded"}


def test_a_correction_is_judged_like_an_import(school: School) -> None:
    done = correct_person(school.desk, TENANT, school.person(), {"birth_date": "2005-02-30"}, actor="test")
    assert [problem.code for problem in done.problems] == ["not_a_date"]
    assert school.person().birth_date == "2005-04-02"


def test_a_new_address_needs_no_new_certificate(school: School) -> None:
    issue(school)
    done = correct_person(school.desk, TENANT, school.person(), {"email": "new@example.jp"}, actor="test")
    assert (done.changed, done.offer) == (("email",), None)


def test_a_lost_phone(any_school: School) -> None:
    school = any_school
    old = issue(school)
    made = reissue(school.desk, TENANT, school.person(), actor="test")
    assert status(school, old) == 1
    (new,) = Wallet(school).claim(made)
    assert status(school, new) == 0
    with pytest.raises(Conflict):
        reissue(school.desk, TENANT, school.person("S002"), actor="test")


def test_the_list_is_cached_until_it_changes(school: School) -> None:
    text = issue(school)
    uri = verify(school, text, "dc+sd-jwt").status.uri
    first = school.client.get(uri)
    assert first.headers["cache-control"] == "public, max-age=300"
    same = school.client.get(uri, headers={"If-None-Match": first.headers["etag"]})
    assert same.status_code == 304
    withdraw(school.desk, TENANT, school.person(), actor="test")
    changed = school.client.get(uri, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
