"""Verifiers and onlookers who compare notes: what must not tell two copies of a card, or two withdrawals, from each other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.jose.jwk import parse_public_jwk
from common.jose.jwt import parse_jwt
from common.jose.sd_jwt import parse_sd_jwt
from common.status.token_status_list import parse_status_list_token, verify_status_list_token
from issuer.flows.change_status import change_status
from issuer.flows.make_offer import make_offer
from issuer.settings import DAY
from issuer.store.tables import Credential
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path)
    made.clock.time -= made.clock.time % DAY  # midnight, so that an hour later is the same day
    yield made
    made.deps.database.close_all()


def test_copies_share_nothing_but_what_everybody_of_that_day_shares(school: School) -> None:
    """Times are those of the day, not of the second; keys, salts, digests and indices differ; no number names the copy."""
    found = []
    for number in ("S001", "S002"):
        wallet = Wallet(school)
        offer = make_offer(school.desk, TENANT, school.person(number), types=["enrolment"], actor="test")
        found += [parse_sd_jwt(text) for text in wallet.claim(offer, copies=2)]
        school.clock.advance(3600)
    claims = [one.token.claims for one in found]
    assert len({(one.get("iat"), one.get("nbf"), one["exp"]) for one in claims}) == 1
    assert all(value % DAY == 0 for one in claims for value in (one["iat"], one["nbf"], one["exp"]))
    assert not any({"jti", "sub"} & one.keys() for one in claims)
    for part in ("cnf", "_sd"):
        assert len({str(one[part]) for one in claims}) == 4
    assert len({one["status"]["status_list"]["idx"] for one in claims}) == 4
    indices = [one["status"]["status_list"]["idx"] for one in claims]
    neighbours = [abs(one - other) == 1 for one, other in itertools.pairwise(indices)]
    assert neighbours.count(True) < 2, "one pair in 131,072 may be neighbours by chance"
    disclosures = [text for one in found for text in one.disclosures]
    assert len(set(disclosures)) == len(disclosures)


def test_withdrawals_cannot_be_counted_from_the_list(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoys, which no certificate has, fall too."""
    wallet = Wallet(school)
    wallet.claim(make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test"))
    (row,) = Credential.select().where(Credential.tenant == TENANT)
    monkeypatch.setattr("issuer.flows.change_status.secrets.randbelow", lambda size: size - 1)
    change_status(school.desk, TENANT, row.id, "revoked", actor="test")
    text = school.client.get(f"/{TENANT}/status/{row.list_id}").text
    uri = f"{BASE}/{TENANT}/status/{row.list_id}"
    keys = school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}").json()["jwks"]["keys"]
    key = next(one for one in keys if one["kid"] == parse_status_list_token(text).kid)
    entries = verify_status_list_token(
        parse_status_list_token(text),
        parse_public_jwk(key),
        uri=uri,
        issuer=f"{BASE}/{TENANT}",
        now=school.clock.now(),
    ).entries
    fallen = [index for index in range(len(entries)) if entries[index]]
    assert row.list_index in fallen
    assert len(fallen) == 2
    assert parse_jwt(text).claims["sub"] == uri
