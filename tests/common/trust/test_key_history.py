"""An issuer's metadata tells the life of its keys: dates of OpenID Federation 1.0 §8.7, and compromised keys apart from the sound ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from common.did.document import build_document
from common.did.methods.webvh.write_log import update_log
from common.did.resolve import Resolver
from common.errors import Malformed, Rejected
from common.formats.credential import IssuerKeyHint
from common.keys.history import UNRECORDED, KeyEntry
from common.keys.software import SoftwareKey
from common.trust.anchors import TrustAnchors
from common.trust.issuer_key import FoundKey, IssuerKeyFinder
from common.trust.issuer_metadata import build_issuer_metadata, read_key_entry
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from tests.common.did.webvh_logs import ADDRESS as LOG_ADDRESS
from tests.common.did.webvh_logs import BEGIN, KEY, NEW_SIGNER, SIGNER, did_of, document, new_log
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

NOW, T = 1_790_000_000, 1_780_000_000
ISSUER = "https://issuer.example/sakuragawa"
ADDRESS = "https://issuer.example/.well-known/jwt-vc-issuer/sakuragawa"
DID = "did:web:issuer.example:sakuragawa"
DID_ADDRESS = "https://issuer.example/sakuragawa/did.json"
OLD, NEW = SoftwareKey.generate(kid="old"), SoftwareKey.generate(kid="new")
KEYS = [NEW.public_jwk(), OLD.public_jwk()]
HINT = IssuerKeyHint(format="dc+sd-jwt", iss=ISSUER, kid="old", x5c=(), alg="ES256")


def finder(pages: dict[str, Any], **anchors: Any) -> IssuerKeyFinder:
    fetch = FakeFetch(pages)
    return IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), TrustAnchors(**anchors))


def metadata(life: KeyEntry) -> dict[str, Any]:
    return {ADDRESS: json.dumps(build_issuer_metadata(ISSUER, KEYS, {"old": life})).encode()}


def did_document(life: KeyEntry) -> dict[str, Any]:
    return {DID_ADDRESS: json.dumps(build_document(DID, KEYS, history={"old": life})).encode()}


def found(life: KeyEntry, path: str) -> FoundKey:
    if path == "did":
        return finder(did_document(life)).find(replace(HINT, iss=DID), now=NOW)
    return finder(metadata(life)).find(HINT, now=NOW)


@pytest.mark.parametrize("path", ["did", "jwt_vc_issuer_metadata"])
@pytest.mark.parametrize(
    "dates", [{}, {"retired_at": T}, {"compromised_since": T}, {"retired_at": T - 5, "compromised_since": T}]
)
def test_a_life_that_is_published_is_found_again(dates: dict[str, int], path: str) -> None:
    life = KeyEntry(key_id="old", **dates)
    got = found(life, path)
    got.key.verify(OLD.sign(b"x"), b"x")
    assert got.path == path
    if path == "did":  # an `expires` would make others refuse what was signed before it
        life = replace(life, retired_at=None)
    assert (got.history.retired_at, got.history.compromised_since) == (life.retired_at, life.compromised_since)


def test_a_compromised_key_stands_where_others_do_not_look() -> None:
    life = {"old": KeyEntry(key_id="old", compromised_since=T)}
    published = build_issuer_metadata(ISSUER, KEYS, life)
    assert [jwk["kid"] for jwk in published["jwks"]["keys"]] == ["new"]
    (revoked,) = published["historical_keys"]["keys"]
    assert revoked["revoked"] == {"revoked_at": T, "reason": "compromised"}
    listed = build_document(DID, KEYS, history=life)
    assert listed["assertionMethod"] == [f"{DID}#new"]
    assert listed["verificationMethod"][1]["revoked"] == "2026-05-28T20:26:40Z"
    assert "historical_keys" not in build_issuer_metadata(ISSUER, KEYS)


def test_without_a_kid_nobody_means_a_compromised_key() -> None:
    pages = metadata(KeyEntry(key_id="old", compromised_since=T))
    assert finder(pages).find(replace(HINT, kid=None), now=NOW).key.kid == "new"


def test_a_compromised_key_vouches_for_no_status_list() -> None:
    pages = {
        **metadata(KeyEntry(key_id="old", compromised_since=T)),
        **did_document(KeyEntry(key_id="old", compromised_since=T)),
    }
    for hint in (HINT, replace(HINT, iss=DID)):
        with pytest.raises(Rejected) as error:
            finder(pages).key(hint, NOW)
        assert error.value.reason == "key_compromised"
    assert finder(metadata(KeyEntry(key_id="old", retired_at=T))).key(HINT, NOW).kid == "old"


def test_a_certificate_has_a_life_of_its_own() -> None:
    ca = make_ca("Root of a ministry", now=NOW)
    public = OLD.private_key().public_key()
    x5c = issue_leaf(ca, public, name="桜川大学", use=Use.ISSUER, now=NOW, uris=(ISSUER,)).x5c
    assert finder({}, roots=(ca.certificate,)).find(replace(HINT, x5c=x5c), now=NOW).history == UNRECORDED


def test_a_log_tells_the_life_of_a_key_without_a_word_of_it() -> None:
    log = new_log()
    did = did_of(log)
    log = update_log(log, KEY, now=BEGIN + 10, document=document(NEW_SIGNER, did=did))
    got = finder({LOG_ADDRESS: log}).find(replace(HINT, iss=did, kid="k11", alg="EdDSA"), now=NOW)
    got.key.verify(SIGNER.sign(b"x"), b"x")
    assert got.history == KeyEntry(key_id=f"{did}#k11", valid_from=BEGIN, retired_at=BEGIN + 10)


@pytest.mark.parametrize(
    ("members", "life"),
    [
        ({}, {}),
        ({"nbf": T, "exp": T + 1}, {"valid_from": T, "retired_at": T + 1}),
        ({"exp": T + 0.5}, {"retired_at": T}),
        ({"revoked": {"revoked_at": T}}, {"compromised_since": T}),
        ({"revoked": {"revoked_at": T, "reason": "unspecified"}}, {"compromised_since": T}),
        ({"revoked": {"revoked_at": T, "reason": "superseded"}}, {"retired_at": T}),
        ({"revoked": {"revoked_at": T, "reason": "superseded"}, "exp": T - 1}, {"retired_at": T - 1}),
        ({"revoked": {"revoked_at": T, "reason": ["compromised"]}}, {"compromised_since": T}),
    ],
)
def test_dates_of_a_key(members: dict[str, Any], life: dict[str, int]) -> None:
    assert read_key_entry({"kid": "old", **members}) == KeyEntry(key_id="old", **life)


@pytest.mark.parametrize(
    "members",
    [
        {"exp": "2026"},
        {"exp": True},
        {"exp": None},
        {"nbf": {}},
        {"revoked": True},
        {"revoked": {}},
        {"revoked": {"revoked_at": "x"}},
    ],
)
def test_dates_that_are_none_spoil_the_key(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_key_entry({"kid": "old", **members})


@pytest.mark.parametrize(
    "revoked",
    [
        [],
        {"keys": 7},
        {"keys": [OLD.public_jwk()]},
        {"keys": [{**OLD.public_jwk(), "revoked": {"revoked_at": T}}] * 2},
        {"keys": [{**OLD.public_jwk(), "nbf": T}]},
        {"keys": [{**OLD.private_jwk(), "revoked": {"revoked_at": T}}]},
    ],
)
def test_revoked_keys_that_are_none(revoked: object) -> None:
    body = {**build_issuer_metadata(ISSUER, [NEW.public_jwk()]), "historical_keys": revoked}
    with pytest.raises((Malformed, Rejected)):
        finder({ADDRESS: json.dumps(body).encode()}).find(HINT, now=NOW)


def test_historical_keys_may_have_been_rotated_out() -> None:
    body = {
        **build_issuer_metadata(ISSUER, [NEW.public_jwk()]),
        "historical_keys": {"keys": [{**OLD.public_jwk(), "exp": T}]},
    }
    assert finder({ADDRESS: json.dumps(body).encode()}).find(HINT, now=NOW).history.retired_at == T


def test_a_key_is_sound_or_revoked_and_not_both() -> None:
    body = build_issuer_metadata(ISSUER, KEYS)
    body["historical_keys"] = {"keys": [{**OLD.public_jwk(), "revoked": {"revoked_at": T, "reason": "compromised"}}]}
    with pytest.raises(Rejected):
        finder({ADDRESS: json.dumps(body).encode()}).find(HINT, now=NOW)
