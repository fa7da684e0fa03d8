"""Algorithm agility on the 300-row roll: every graduation certificate signed anew with another suite, and nobody without one meanwhile."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from common import failpoints
from common.encoding import compact_json
from common.errors import Unsupported
from common.formats.registry import FORMATS
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws
from common.keys.software import SoftwareKey
from common.oid4vci.proof_jwt import build_proof_jwt
from common.oid4vci.token_request import PreAuthorizedCodeRequest
from issuer.connectors.csv_file import read_rows
from issuer.deps import open_deps
from issuer.flows.change_keys import declare_compromised
from issuer.flows.import_roll import import_roll
from issuer.flows.issue_credential import issue_credential
from issuer.flows.issue_nonce import issue_nonce
from issuer.flows.make_offer import describe_offer, make_offer
from issuer.flows.offer_many import offer_many
from issuer.flows.redeem_code import redeem_code
from issuer.flows.reissue_roll import RenewalReport, holders_of, reissue_roll
from issuer.store.tables import Credential, Offer, OutboxMail, Person
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.issuer.school import BASE, TENANT, School, open_school, settings_for

ROLL = Path("examples/registrar/roll.csv")
HOLDER = SoftwareKey.generate()


def claim(school: School, offer: Any) -> list[str]:
    """As a wallet does, without HTTP between: the credentials of all configurations of the offer."""
    desk, made = school.desk, describe_offer(school.desk, TENANT, offer)
    code = desk.secrets.token(TENANT, "pre-authorised code", offer.id)
    token = redeem_code(desk, TENANT, PreAuthorizedCodeRequest(code=code, tx_code=made.tx_code)).access_token
    texts: list[str] = []
    for configuration in made.configurations:
        nonce = issue_nonce(desk, TENANT)
        proof = build_proof_jwt(HOLDER, issuer=f"{BASE}/{TENANT}", nonce=nonce, now=desk.now)
        asked = {"credential_configuration_id": configuration, "proofs": {"jwt": [proof]}}
        texts += issue_credential(desk, TENANT, token, compact_json(asked)).credentials
    return texts


def offers(school: School, **wanted: Any) -> list[Any]:
    query = Offer.select().where(Offer.tenant == TENANT).order_by(Offer.id)
    return [row for row in query if all(getattr(row, name) == value for name, value in wanted.items())]


def valid_algs(school: School) -> Counter[str]:
    """Algorithm of the signing key → copies that stand valid."""
    by_kid = {jwk["kid"]: jwk["alg"] for jwk in school.desk.keys.identity(TENANT).public_jwks}
    rows = Credential.select(Credential.kid).where(Credential.tenant == TENANT, Credential.state == "valid")
    return Counter(by_kid[kid] for (kid,) in rows.tuples())


@pytest.fixture
def graduates(school: School) -> School:
    """The roll of the example, whose graduates have claimed their certificates."""
    with ROLL.open("rb") as file:
        import_roll(school.desk, TENANT, read_rows(file), actor="test")
    assert Person.select().where(Person.tenant == TENANT).count() == 300
    offer_many(school.desk, TENANT, "graduation", actor="test", mail=False)
    for offer in offers(school, state="open"):
        claim(school, offer)
    return school


def test_the_whole_roll_is_signed_anew(graduates: School) -> None:
    school, desk = graduates, graduates.desk
    holders = holders_of(desk, TENANT, "graduation")
    assert holders == 97
    assert valid_algs(school) == {"ES256": holders}
    looked = reissue_roll(desk, TENANT, "graduation", alg="EdDSA", actor="test", mail=False, dry_run=True)
    assert (looked.people, looked.offered) == (holders, holders)
    assert offers(school, reason="renewal") == []
    assert not desk.keys.identity(TENANT).choices

    class Stopped(Exception):
        pass

    def stop(report: RenewalReport) -> None:
        if report.people == 40:
            raise Stopped

    with pytest.raises(Stopped):
        reissue_roll(desk, TENANT, "graduation", alg="EdDSA", actor="test", mail=False, progress=stop)
    assert len(offers(school, reason="renewal")) == 40
    seen: list[int] = []
    rest = reissue_roll(
        desk, TENANT, "graduation", alg="EdDSA", actor="test", mail=False, progress=lambda now: seen.append(now.people)
    )
    assert (rest.waiting, rest.offered, seen[-1]) == (40, holders - 40, holders)
    made = offers(school, reason="renewal")
    assert Counter(Counter(row.person_id for row in made).values()) == {1: holders}

    # nobody stands without a certificate while the offers lie there
    assert valid_algs(school) == {"ES256": holders}
    keys = {jwk["kid"]: parse_public_jwk(jwk) for jwk in desk.keys.identity(TENANT).public_jwks}
    for offer in made[:60]:
        (text,) = claim(school, offer)
        parsed = parse_jws(text.partition("~")[0])
        assert parsed.alg == "EdDSA"
        form = FORMATS["dc+sd-jwt"]
        form.verify(form.parse(text), keys[str(parsed.kid)], now=desk.now)
    assert valid_algs(school) == {"EdDSA": 60, "ES256": holders - 60}
    fallen = Credential.select().where(Credential.tenant == TENANT, Credential.state == "revoked")
    assert {row.ended_by for row in fallen} == {"superseded"}
    again = reissue_roll(desk, TENANT, "graduation", actor="test", mail=False)
    assert (again.renewed, again.waiting, again.offered) == (60, holders - 60, 0)

    # an offer that nobody took is made anew after its time
    school.clock.advance(desk.settings.offer_seconds)
    late = reissue_roll(desk, TENANT, "graduation", actor="test", mail=False)
    assert (late.renewed, late.waiting, late.offered) == (60, 0, holders - 60)

    # what is offered for other reasons is signed with it, too; other types are not
    person = next(row for row in Person.select().where(Person.tenant == TENANT, Person.status == "enrolled"))
    graduate = Person.get(Person.tenant == TENANT, Person.student_number == "G003")
    for who, type_name, alg in ((person, "enrolment", "ES256"), (graduate, "graduation", "EdDSA")):
        fresh = make_offer(desk, TENANT, who, types=[type_name], actor="test")
        (text,) = claim(school, Offer.get(Offer.tenant == TENANT, Offer.id == fresh.id))
        assert parse_jws(text.partition("~")[0]).alg == alg


def one_holder(school: School) -> str:
    made = make_offer(school.desk, TENANT, school.person("S001"), types=["enrolment"], actor="test")
    claim(school, Offer.get(Offer.tenant == TENANT, Offer.id == made.id))
    return str(Credential.get(Credential.tenant == TENANT).kid)


def test_another_format(school: School) -> None:
    one_holder(school)
    report = reissue_roll(school.desk, TENANT, "enrolment", form="jwt_vc_json", actor="test")
    assert (report.offered, report.mailed) == (1, 1)
    (offer,) = offers(school, reason="renewal")
    assert offer.configurations == '["enrolment_w3c_jwt"]'
    assert OutboxMail.get(OutboxMail.tenant == TENANT).offer_id == offer.id
    with pytest.raises(Unsupported):
        reissue_roll(school.desk, TENANT, "enrolment", form="mso", actor="test")
    with pytest.raises(Unsupported):
        reissue_roll(school.desk, TENANT, "enrolment", alg="HS256", actor="test")
    with pytest.raises(Unsupported):
        reissue_roll(school.desk, TENANT, "nothing", actor="test")


def test_after_a_key_fell(school: School) -> None:
    kid = one_holder(school)
    assert reissue_roll(school.desk, TENANT, "enrolment", actor="test").renewed == 1
    declare_compromised(school.desk, TENANT, kid, since=school.clock.now(), actor="test")
    assert reissue_roll(school.desk, TENANT, "enrolment", actor="test").offered == 1
    (offer,) = offers(school, reason="renewal")
    claim(school, offer)
    (live,) = Credential.select().where(Credential.tenant == TENANT, Credential.state == "valid")
    assert live.kid != kid
    assert reissue_roll(school.desk, TENANT, "enrolment", actor="test").renewed == 1


def test_who_cannot_be_offered_one(school: School) -> None:
    one_holder(school)
    mine = (Person.tenant == TENANT) & (Person.student_number == "S001")
    Person.update(email="").where(mine).execute()
    assert reissue_roll(school.desk, TENANT, "enrolment", alg="ES384", actor="test").without_mail == 1
    Person.update(status="withdrawn").where(mine).execute()
    assert reissue_roll(school.desk, TENANT, "enrolment", actor="test", mail=False).not_entitled == 1
    assert offers(school, reason="renewal") == []


def _child(folder: str, at: str) -> None:
    school = open_school(f"sqlite:///{folder}/db", Path(folder))
    offer_many(school.desk, TENANT, "enrolment", actor="test", mail=False)
    for offer in offers(school, state="open"):
        claim(school, offer)
    failpoints.arm(at)
    reissue_roll(school.desk, TENANT, "enrolment", alg="ES384", actor="test", mail=False)


ROLL_POINTS = ("add_key", "choose_algorithm", "reissue_roll")


@pytest.mark.parametrize("at", ROLL_POINTS)
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_killed_and_run_again(tmp_path: Path, at: str, moment: str) -> None:
    child = Forks.Process(target=_child, args=(str(tmp_path), f"{at}.{moment}"))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    deps = open_deps(settings_for(f"sqlite:///{tmp_path}/db", tmp_path), clock=FixedClock())
    reissue_roll(deps.desk, TENANT, "enrolment", alg="ES384", actor="test", mail=False)
    renewals = list(Offer.select().where(Offer.tenant == TENANT, Offer.reason == "renewal"))
    assert len(renewals) == len({row.person_id for row in renewals}) == 2
    algs = [jwk["alg"] for jwk in deps.desk.keys.identity(TENANT).public_jwks]
    assert (algs.count("ES384"), algs.count("ES256")) == (1, 1)
    deps.database.close_all()
