"""The resolver over a pretended internet: whose key, under which relationship, and for how long it is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.did.document import build_document, check_document, find_key
from common.did.resolve import Resolver
from common.errors import Malformed, Rejected, TegataError, Unavailable
from common.keys.software import SoftwareKey
from common.ports import Fetched
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

DID = "did:web:vc.example.ac.jp:sakuragawa"
ADDRESS = "https://vc.example.ac.jp/sakuragawa/did.json"


def document_of(*keys: SoftwareKey, **changes: Any) -> dict[str, Any]:
    return {**build_document(DID, [key.public_jwk() for key in keys]), **changes}


def served(document: dict[str, Any]) -> FakeFetch:
    return FakeFetch({ADDRESS: json.dumps(document).encode()})


def test_a_key_is_found_and_remembered_for_its_time() -> None:
    key, clock = SoftwareKey.generate(kid="k1"), FixedClock()
    fetch = served(document_of(key))
    resolver = Resolver(fetch, clock, ttl=300)
    resolver.key(f"{DID}#k1").verify(key.sign(b"x"), b"x")
    clock.advance(299)
    remembered = resolver.remembered_key(f"{DID}#k1")
    assert (remembered.obtained_at, remembered.dies_at) == (clock.now() - 299, clock.now() + 1)
    assert len(fetch.requests) == 1
    clock.advance(1)
    resolver.key(f"{DID}#k1")
    assert len(fetch.requests) == 2


def test_a_rotated_key_is_looked_for_again_but_not_all_the_time() -> None:
    old, new, clock = SoftwareKey.generate(kid="old"), SoftwareKey.generate(kid="new"), FixedClock()
    fetch = served(document_of(old))
    resolver = Resolver(fetch, clock)
    resolver.key(f"{DID}#old")
    fetch.pages[ADDRESS] = json.dumps(document_of(old, new)).encode()
    with pytest.raises(Rejected):
        resolver.key(f"{DID}#new")
    assert len(fetch.requests) == 1
    clock.advance(31)
    resolver.key(f"{DID}#new").verify(new.sign(b"x"), b"x")
    assert len(fetch.requests) == 2


def test_failures_are_repeated_shortly_without_asking() -> None:
    clock, fetch = FixedClock(), FakeFetch()
    resolver = Resolver(fetch, clock, failure_ttl=10)
    for _ in range(5):
        with pytest.raises(Unavailable):
            resolver.resolve(DID)
    assert len(fetch.requests) == 1
    fetch.pages[ADDRESS] = json.dumps(document_of(SoftwareKey.generate(kid="k"))).encode()
    clock.advance(10)
    assert resolver.resolve(DID)["id"] == DID


def test_the_cache_is_bounded() -> None:
    fetch = FakeFetch()
    resolver = Resolver(fetch, FixedClock(), capacity=3)
    for number in range(10):
        did = f"did:web:a{number}.example"
        fetch.pages[f"https://a{number}.example/.well-known/did.json"] = json.dumps({"id": did}).encode()
        resolver.resolve(did)
    assert len(resolver._documents) == 3


@pytest.mark.parametrize("status", [404, 410, 500, 302])
def test_an_http_error_is_no_document(status: int) -> None:
    body = json.dumps(document_of(SoftwareKey.generate(kid="k"))).encode()
    resolver = Resolver(FakeFetch({ADDRESS: Fetched(url=ADDRESS, status=status, body=body)}), FixedClock())
    with pytest.raises(Rejected if status in (404, 410) else Unavailable):
        resolver.resolve(DID)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"not json",
        b"{}",
        b'{"id": "did:web:other.example"}',
        json.dumps({"id": DID, "verificationMethod": "x"}).encode(),
        json.dumps({"id": DID, "verificationMethod": [{}]}).encode(),
        json.dumps({"id": DID, "verificationMethod": [{"id": 1}] * 101}).encode(),
        json.dumps({"id": DID, "assertionMethod": [7]}).encode(),
        json.dumps({"id": DID, "x": "y" * 70_000}).encode(),
        b'{"id": "%s", "id": "%s"}' % (DID.encode(), DID.encode()),
    ],
)
def test_a_bad_document_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        Resolver(FakeFetch({ADDRESS: body}), FixedClock()).resolve(DID)


def test_a_key_serves_only_what_it_is_listed_for() -> None:
    key = SoftwareKey.generate(kid="k")
    document = build_document(DID, [key.public_jwk()], relationships=("authentication",))
    assert find_key(document, f"{DID}#k", "authentication").kid == "k"
    with pytest.raises(Rejected) as error:
        find_key(document, f"{DID}#k", "assertionMethod")
    assert error.value.reason == "untrusted_key"


def test_relative_and_embedded_methods_are_understood() -> None:
    key = SoftwareKey.generate(kid="k")
    document = document_of(key)
    method = document["verificationMethod"][0]
    relative = {**document, "verificationMethod": [{**method, "id": "#k"}], "assertionMethod": ["#k"]}
    embedded = {"id": DID, "assertionMethod": [method]}
    for variant in (relative, embedded):
        check_document(variant, did=DID)
        find_key(variant, f"{DID}#k", "assertionMethod").verify(key.sign(b"x"), b"x")
    with pytest.raises(Rejected):
        find_key(embedded, f"{DID}#k", "authentication")


def crooked() -> list[tuple[str, dict[str, Any], str]]:
    document = document_of(SoftwareKey.generate(kid="k"))
    method = document["verificationMethod"][0]
    other = SoftwareKey.generate(kid="k").public_jwk()
    return [
        (
            "another controller",
            {**document, "verificationMethod": [{**method, "controller": "did:web:evil.example"}]},
            "#k",
        ),
        (
            "no controller",
            {**document, "verificationMethod": [{k: v for k, v in method.items() if k != "controller"}]},
            "#k",
        ),
        ("defined twice", {**document, "verificationMethod": [method, {**method, "publicKeyJwk": other}]}, "#k"),
        ("embedded beside", {**document, "assertionMethod": [{**method, "publicKeyJwk": other}]}, "#k"),
        ("unknown key", document, "#x"),
        ("no fragment", document, ""),
        ("with a query", document, "?versionId=1#k"),
        ("with a path", document, "/a#k"),
        ("two forms", {**document, "verificationMethod": [{**method, "publicKeyMultibase": "z6Mk"}]}, "#k"),
        ("no key", {**document, "verificationMethod": [{**method, "publicKeyJwk": None}]}, "#k"),
        ("private", {**document, "verificationMethod": [{**method, "publicKeyJwk": {**other, "d": "AA"}}]}, "#k"),
        (
            "for encryption",
            {**document, "verificationMethod": [{**method, "publicKeyJwk": {**method["publicKeyJwk"], "use": "enc"}}]},
            "#k",
        ),
        ("not a list", {**document, "assertionMethod": f"{DID}#k"}, "#k"),
    ]


@pytest.mark.parametrize(("document", "suffix"), [pytest.param(d, s, id=i) for i, d, s in crooked()])
def test_no_key_out_of_a_crooked_document(document: dict[str, Any], suffix: str) -> None:
    with pytest.raises((Malformed, Rejected)):
        find_key(document, DID + suffix, "assertionMethod")


def test_a_key_of_another_did_is_not_found_here() -> None:
    document = document_of(SoftwareKey.generate(kid="k"))
    with pytest.raises(Malformed):
        find_key(document, "did:web:evil.example#k", "assertionMethod")


@pytest.mark.parametrize("kids", [["k", "k"], ["a b"], [""], ["a#b"], ["学"]])
def test_kids_that_make_no_fragment_are_refused(kids: list[str]) -> None:
    keys = [{**SoftwareKey.generate().public_jwk(), "kid": kid} for kid in kids]
    with pytest.raises(Malformed):
        build_document(DID, keys)


def test_our_own_document_holds_no_private_key() -> None:
    with pytest.raises(TegataError):
        build_document(DID, [{**SoftwareKey.generate(kid="k").private_jwk(), "kid": "k"}])


def test_checking_changes_nothing() -> None:
    document = document_of(SoftwareKey.generate(kid="k"), alsoKnownAs=["https://vc.example.ac.jp/sakuragawa"])
    before = json.dumps(document)
    check_document(document, did=DID)
    assert json.dumps(document) == before
