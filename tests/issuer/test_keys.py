"""Signing keys from their making to their end: on SQLite and PostgreSQL, with two processes, and with what verifiers remember."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.adapters.database import across_tenants, open_database
from common.adapters.migrations import Migration, migrate
from common.did.document import find_key
from common.errors import Malformed, NotFound, Unavailable, Unsupported
from common.jose.jws import parse_jws
from issuer.flows.change_keys import add_key, ensure_key, rotate_key
from issuer.flows.make_offer import make_offer
from issuer.flows.run_jobs import run_jobs
from issuer.flows.signing_choice import choose_algorithm
from issuer.store.migrations import MIGRATIONS
from issuer.store.tables import SigningKey
from tests.issuer.school import TENANT, School, Wallet
from tests.issuer.signing import issue, key_set, kid_of, second_process, states, verify

OVERLAP = 3600


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


def test_another_process_hears_of_it_within_a_minute(school: School) -> None:
    other = second_process(school)
    assert kid_of(issue(other)) in states(school)
    done = rotate_key(school.desk, TENANT, overlap=0, actor="test")
    school.clock.advance(60)
    assert kid_of(issue(other)) == done.kid


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
