"""Signing keys from their making to their end: on SQLite and PostgreSQL, with two processes, and with what verifiers remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from common.adapters.database import across_tenants, open_database
from common.adapters.key_file import open_key_file
from common.adapters.migrations import Migration, migrate
from common.did.contract import Resolved
from common.did.document import find_key
from common.did.history import find_key_with_history
from common.errors import Malformed, NotFound, Refused, Rejected, Unavailable, Unsupported
from common.formats.registry import FORMATS
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws
from common.status.token_status_list import parse_status_list_token
from common.x509.sandbox_ca import make_ca
from common.x509.x5c import parse_x5c
from issuer.app import build_app
from issuer.flows.change_keys import add_key, advance_keys, declare_compromised, ensure_key, rotate_key
from issuer.flows.desk import open_desk
from issuer.flows.list_keys import list_keys
from issuer.flows.make_offer import make_offer
from issuer.flows.publish_status_list import StatusListPublisher
from issuer.flows.renew_certificates import RENEW_DAYS, renew_certificates
from issuer.flows.run_jobs import run_jobs
from issuer.flows.signing_choice import choose_algorithm
from issuer.settings import DAY
from issuer.store.migrations import MIGRATIONS
from issuer.store.tables import Credential, SigningKey
from tests.fakes.clock import FixedClock
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school

OVERLAP = 3600


def issue(school: School, configuration: str = "enrolment_sd_jwt", student: str = "S001") -> str:
    type_name = configuration.partition("_")[0]
    formats = ["jwt_vc_json"] if configuration.endswith("w3c_jwt") else []
    made = make_offer(school.desk, TENANT, school.person(student), types=[type_name], formats=formats, actor="test")
    (text,) = Wallet(school).claim(made, configuration)
    return text


def kid_of(text: str) -> str:
    return str(parse_jws(text.partition("~")[0]).kid).rpartition("#")[2]


def key_set(school: School, alg: str = "ES256") -> list[dict[str, Any]]:
    """What a verifier that asks now is told of this algorithm."""
    found = school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}")
    assert found.status_code == 200
    return [key for key in found.json()["jwks"]["keys"] if key["alg"] == alg]


def verify(text: str, keys: list[dict[str, Any]], now: int) -> None:
    (jwk,) = [jwk for jwk in keys if jwk["kid"] == kid_of(text)]
    form = FORMATS["dc+sd-jwt"]
    form.verify(form.parse(text), parse_public_jwk(jwk), now=now)


def states(school: School) -> dict[str, str]:
    """Of the keys for ES256; an institution has others too."""
    return {key.kid: key.state for key in list_keys(school.desk, TENANT) if key.alg == "ES256"}


def second_process(school: School) -> School:
    """As another process of the same deployment: the same database, memories of its own."""
    master = open_key_file(school.deps.settings.key_path, strict=False)
    desk = open_desk(school.deps.settings, school.clock, school.deps.database, master, certify=school.desk.certify)
    deps = replace(school.deps, desk=desk, publisher=StatusListPublisher())
    return replace(school, deps=deps, client=TestClient(build_app(deps), base_url=BASE))


def test_a_rotation_from_its_announcement_to_its_end(any_school: School) -> None:
    school, clock = any_school, any_school.clock
    before = issue(school)
    (old,) = states(school)
    done = rotate_key(school.desk, TENANT, actor="test", overlap=OVERLAP)
    assert (done.replaces, done.made, done.active_from) == (old, True, clock.now() + OVERLAP)
    assert states(school) == {done.kid: "next", old: "active"}
    assert {key["kid"] for key in key_set(school)} == {old, done.kid}
    assert kid_of(issue(school)) == old
    clock.advance(OVERLAP)
    assert states(school) == {done.kid: "active", old: "retired"}, "no job needs to have run"
    after = issue(school)
    assert kid_of(after) == done.kid
    assert run_jobs(school.desk, None).keys == 1
    assert run_jobs(school.desk, None).keys == 0
    assert states(school) == {done.kid: "active", old: "retired"}
    row = SigningKey.get(SigningKey.tenant == TENANT, SigningKey.id == old)
    assert (row.state, row.retired_at) == ("retired", done.active_from)
    for text in (before, after):
        verify(text, key_set(school), clock.now())
    document = school.client.get(f"/{TENANT}/did.json").json()
    for kid in (old, done.kid):
        assert find_key(document, f"{document['id']}#{kid}", "assertionMethod").kid == kid


def test_issuing_goes_on_and_no_memory_is_ever_too_old(school: School) -> None:
    """Two processes issue all the time; verifiers remember key sets of the last five minutes. Every credential verifies everywhere."""
    one, two = school, second_process(school)
    clock, start = school.clock, school.clock.now()
    remembered: list[tuple[int, list[dict[str, Any]]]] = [(start, key_set(one))]
    issued: list[str] = []
    rotated = ""
    for minute in range(40):
        if minute == 7:
            rotated = rotate_key(one.desk, TENANT, actor="test", overlap=600).kid
        for process in (one, two):
            text = issue(process)
            issued.append(text)
            for fetched_at, keys in remembered:
                if clock.now() - fetched_at <= 300:
                    verify(text, keys, clock.now())
        remembered.append((clock.now(), key_set(two)))
        clock.advance(30 if minute != 20 else 60)
    assert {kid_of(text) for text in issued[-4:]} == {rotated}
    for text in issued:
        verify(text, key_set(two), clock.now())


def test_a_load_of_issuing_during_rotations(any_school: School) -> None:
    """Threads issue over HTTP while keys are rotated again and again: nothing fails, every certificate verifies."""
    school = any_school
    offers = [
        make_offer(school.desk, TENANT, school.person("S001"), types=["enrolment"], actor="test") for _ in range(24)
    ]

    def claim(made: Any) -> str:
        (text,) = Wallet(school).claim(made)
        return text

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(claim, made) for made in offers]
        for _ in range(4):
            rotate_key(school.desk, TENANT, actor="test", overlap=0)
        texts = [one.result() for one in working]
    keys = key_set(school)
    assert len(keys) == 5
    for text in texts:
        verify(text, keys, school.clock.now())


def test_two_who_rotate_at_once_make_one_key(any_school: School) -> None:
    (old,) = states(any_school)
    with ThreadPoolExecutor(6) as pool:
        done = list(
            pool.map(lambda _: rotate_key(any_school.desk, TENANT, actor="test", replacing=old, overlap=0), range(6))
        )
    assert len({one.kid for one in done}) == 1
    assert sum(one.made for one in done) == 1
    assert sorted(states(any_school).values()) == ["active", "retired"]


def test_two_who_add_at_once_make_one_key(any_school: School) -> None:
    with ThreadPoolExecutor(6) as pool:
        kids = set(pool.map(lambda _: add_key(any_school.desk, TENANT, "ES512", actor="test"), range(6)))
        assert len({ensure_key(any_school.desk, TENANT, "ES384").signer_for("ES384").kid for _ in range(3)}) == 1
    assert len(kids) == 1


def test_a_rotation_said_twice_and_brought_forward(school: School) -> None:
    (old,) = states(school)
    first = rotate_key(school.desk, TENANT, actor="test", overlap=OVERLAP)
    again = rotate_key(school.desk, TENANT, actor="test", overlap=2 * OVERLAP)
    assert (again.kid, again.made, again.active_from) == (first.kid, False, first.active_from)
    now = rotate_key(school.desk, TENANT, actor="test", overlap=0)
    assert (now.kid, now.made) == (first.kid, False)
    assert states(school)[first.kid] == "active"
    late = rotate_key(school.desk, TENANT, actor="test", replacing=old)
    assert (late.kid, late.made) == (first.kid, False)
    assert len(states(school)) == 2


def test_what_cannot_be_rotated(school: School) -> None:
    for options, kind in (
        ({"alg": "ES512"}, NotFound),
        ({"replacing": "nobody"}, NotFound),
        ({"overlap": -1}, Malformed),
    ):
        with pytest.raises(kind):
            rotate_key(school.desk, TENANT, actor="test", **options)
    with pytest.raises(NotFound):
        rotate_key(school.desk, "nobody", actor="test")
    for alg in ("none", "HS256", "RS256"):
        with pytest.raises(Unsupported):
            add_key(school.desk, TENANT, alg, actor="test")
    assert len(states(school)) == 1


@pytest.mark.parametrize("alg", ["ES384", "ES512", "EdDSA"])
def test_every_algorithm_issues(school: School, alg: str) -> None:
    choose_algorithm(school.desk, TENANT, "enrolment", alg, actor="test")
    for configuration in ("enrolment_sd_jwt", "enrolment_w3c_jwt"):
        text = issue(school, configuration)
        assert parse_jws(text.partition("~")[0]).alg == alg
        if configuration.endswith("sd_jwt"):
            verify(text, key_set(school, alg), school.clock.now())
    metadata = school.client.get(f"/.well-known/openid-credential-issuer/{TENANT}").json()
    supported = metadata["credential_configurations_supported"]
    assert supported["enrolment_sd_jwt"]["credential_signing_alg_values_supported"] == [alg]
    assert supported["graduation_sd_jwt"]["credential_signing_alg_values_supported"] == ["ES256"]


def test_no_key_no_use(school: School) -> None:
    identity = school.desk.keys.identity(TENANT)
    for use in (lambda: identity.signer_for("ES512"), lambda: identity.x5c_for("ES512"), identity.bbs_signer):
        with pytest.raises(Unavailable, match="no_signing_key"):
            use()
    with pytest.raises(Unsupported):
        choose_algorithm(school.desk, TENANT, "enrolment", "BBS", actor="test")
    with pytest.raises(Unsupported):
        choose_algorithm(school.desk, TENANT, "nothing", "ES256", actor="test")


def test_a_bbs_key_has_its_place(school: School) -> None:
    kid = add_key(school.desk, TENANT, "BBS", actor="test")
    signer = ensure_key(school.desk, TENANT, "BBS").bbs_signer()
    assert (signer.kid, signer.alg) == (kid, "BBS")
    school.desk.keys.forget(TENANT)
    assert school.desk.keys.identity(TENANT).bbs_signer().public_bytes == signer.public_bytes
    document = school.client.get(f"/{TENANT}/did.json").json()
    (method,) = [one for one in document["verificationMethod"] if one["type"] == "Multikey"]
    assert method["publicKeyMultibase"] == signer.public_multibase
    assert method["id"] in document["assertionMethod"]
    assert kid not in {key["kid"] for key in key_set(school)}
    rotated = rotate_key(school.desk, TENANT, alg="BBS", overlap=0, actor="test")
    assert school.desk.keys.identity(TENANT).bbs_signer().kid == rotated.kid


def test_a_compromised_key_falls_and_issuing_goes_on(any_school: School) -> None:
    school, clock = any_school, any_school.clock
    text = issue(school)
    (old,) = states(school)
    listed = school.client.get(f"/{TENANT}/status/{Credential.get(Credential.tenant == TENANT).list_id}")
    clock.advance(DAY)
    since = clock.now() - 3600
    done = declare_compromised(school.desk, TENANT, old, since=since, actor="test")
    assert (done.credentials, done.compromised_since) == (1, since)
    assert states(school) == {done.successor: "active", old: "compromised"}
    assert {key["kid"] for key in key_set(school)} == {done.successor}
    assert kid_of(issue(school)) == done.successor
    document = school.client.get(f"/{TENANT}/did.json").json()
    url = f"{document['id']}#{old}"
    with pytest.raises(Rejected):
        find_key(document, url, "assertionMethod")
    entry = find_key_with_history(Resolved(document=document), url, "assertionMethod").entry
    assert entry.compromised_since == since
    metadata = school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}").json()
    (historical,) = metadata["historical_keys"]["keys"]
    assert (historical["kid"], historical["revoked"]) == (kid_of(text), {"revoked_at": since, "reason": "compromised"})
    again = school.client.get(listed.request.url.path)
    assert parse_status_list_token(again.text).header["kid"] == done.successor, "lists too are signed anew at once"
    assert again.headers["etag"] != listed.headers["etag"]
    # said again: the earliest time counts, and nothing else is made
    later = declare_compromised(school.desk, TENANT, old, since=clock.now(), actor="test")
    earlier = declare_compromised(school.desk, TENANT, old, since=since - 5, actor="test")
    assert (later.compromised_since, earlier.compromised_since, later.successor) == (since, since - 5, "")
    assert len(states(school)) == 2


def test_the_published_successor_takes_over(school: School) -> None:
    (old,) = states(school)
    published = rotate_key(school.desk, TENANT, overlap=OVERLAP, actor="test")
    done = declare_compromised(school.desk, TENANT, old, since=school.clock.now(), actor="test")
    assert done.successor == published.kid
    assert advance_keys(school.desk, TENANT) == 0
    third = rotate_key(school.desk, TENANT, overlap=OVERLAP, actor="test")
    fallen = declare_compromised(school.desk, TENANT, third.kid, since=school.clock.now(), actor="test")
    assert fallen.successor == ""
    assert kid_of(issue(school)) == published.kid
    for kid, since, kind in (
        ("nobody", school.clock.now(), NotFound),
        (published.kid, school.clock.now() + 1, Malformed),
        (published.kid, 0, Malformed),
    ):
        with pytest.raises(kind):
            declare_compromised(school.desk, TENANT, kid, since=since, actor="test")


def test_another_process_hears_of_it_within_a_minute(school: School) -> None:
    other = second_process(school)
    assert kid_of(issue(other)) in states(school)
    done = rotate_key(school.desk, TENANT, overlap=0, actor="test")
    school.clock.advance(60)
    assert kid_of(issue(other)) == done.kid


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[Callable[..., School]]:
    """An institution of a deployment with a certificate authority. days: that the authority itself has."""
    opened: list[School] = []

    def make(days: int = 3650) -> School:
        authority = make_ca("Test authority", now=FixedClock().now(), days=days)
        (tmp_path / "ca.pem").write_bytes(authority.pem)
        (tmp_path / "ca.key").write_bytes(authority.key_pem)
        files = {"ca_certificate": tmp_path / "ca.pem", "ca_key": tmp_path / "ca.key"}
        opened.append(open_school(f"sqlite:///{tmp_path / 'db'}", tmp_path, **files))
        return opened[-1]

    yield make
    for school in opened:
        school.deps.database.close_all()


def test_certificates_are_renewed_in_time(certified: Callable[..., School]) -> None:
    school = certified()
    add_key(school.desk, TENANT, "EdDSA", actor="test")
    rotated = rotate_key(school.desk, TENANT, overlap=0, actor="test").kid
    before = {key.kid: key.certificate_until for key in list_keys(school.desk, TENANT)}
    assert len(before) == 3
    assert run_jobs(school.desk, None).certificates == 0
    school.clock.advance((365 - RENEW_DAYS) * DAY + DAY)
    assert run_jobs(school.desk, None).certificates == 2, "of the keys that sign, not of the retired one"
    assert run_jobs(school.desk, None).certificates == 0
    after = {key.kid: key.certificate_until for key in list_keys(school.desk, TENANT)}
    assert sum(after[kid] > before[kid] for kid in before) == 2
    text = issue(school)
    assert kid_of(text) == rotated
    hint = FORMATS["dc+sd-jwt"].parse(text).issuer_key_hint
    assert int(parse_x5c(hint.x5c)[0].not_valid_after_utc.timestamp()) == after[rotated]
    assert renew_certificates(school.desk, TENANT, actor="test", kid=rotated, always=True) == (rotated,)
    with pytest.raises(NotFound):
        renew_certificates(school.desk, TENANT, actor="test", kid="nobody", always=True)


def test_an_authority_near_its_end_renews_nothing(certified: Callable[..., School]) -> None:
    school = certified(days=20)
    for _ in range(3):
        assert run_jobs(school.desk, None).certificates == 0


def test_without_an_authority_there_is_nothing_to_renew(school: School) -> None:
    assert renew_certificates(school.desk, TENANT, actor="test") == ()
    with pytest.raises(Refused, match="no_authority"):
        renew_certificates(school.desk, TENANT, actor="test", always=True)


def test_an_older_database_keeps_its_key(database_url: str) -> None:
    """Step 2 of the schema, over what step 1 left: the one key is active, and signed everything."""
    database = open_database(database_url)
    first: tuple[Migration, ...] = MIGRATIONS[:1]
    migrate(database, first, now=1)
    with across_tenants("test"):
        database.execute_sql(
            "INSERT INTO signingkey (id, tenant, alg, public_jwk, sealed, x5c, created_at)"
            " VALUES ('k', 't', 'ES256', '{}', '', '[]', 5)"
        )
        database.execute_sql(
            "INSERT INTO credential (id, tenant, batch_id, grant_id, offer_id, person_id, type_name, configuration, list_id,"
            " list_index, holder_thumbprint, state, ended_by, superseded_by, received, issued_at, valid_until)"
            " VALUES ('c', 't', 'b', 'g', 'o', 'p', 'enrolment', 'x', 'l', 1, 'h', 'valid', '', '', '', 1, 2)"
        )
        migrate(database, MIGRATIONS[:2], now=2)
        key = "SELECT state, backend, purpose, published_at, active_from FROM signingkey"
        assert database.execute_sql(key).fetchall() == [("active", "software", "credentials", 5, 5)]
        assert database.execute_sql("SELECT kid FROM credential").fetchall() == [("k",)]
        with pytest.raises(Exception, match=r"(?i)unique"):
            database.execute_sql(
                "INSERT INTO signingkey SELECT 'k2', tenant, alg, public_jwk, sealed, x5c, created_at,"
                " retired_at, purpose, state, backend, token_object, published_at, active_from, compromised_since FROM signingkey"
            )
    database.close_all()
