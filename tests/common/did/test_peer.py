"""did:peer 2 and 4: the text's own examples, both ways; and identifiers that spell out nonsense."""

from __future__ import annotations

from typing import Any

import pytest

from common.did.methods.peer import build_peer_2, build_peer_4, short_form
from common.did.resolve import Resolver
from common.encoding import b64url_encode
from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.keys.multikey import base58btc_encode, encode_did_key
from common.keys.software import SoftwareKey
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

# did:peer, "Method 2": the example of "Resolving a did:peer:2".
VERIFICATION = "z6Mkj3PUd1WjvaDhNZhhhXQdz5UnZXmS7ehtx8bsPpD47kKc"
ENCRYPTION = "z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR"
SERVICE_1 = (
    "SeyJ0IjoiZG0iLCJzIjp7InVyaSI6Imh0dHA6Ly9leGFtcGxlLmNvbS9kaWRjb21tIiwiYSI6WyJkaWRjb21tL3YyIl0sInIiOlsiZGlkOmV4YW1wbGU6MTIzNDU2"
    "Nzg5YWJjZGVmZ2hpI2tleS0xIl19fQ"
)
SERVICE_2 = (
    "SeyJ0IjoiZG0iLCJzIjp7InVyaSI6Imh0dHA6Ly9leGFtcGxlLmNvbS9hbm90aGVyIiwiYSI6WyJkaWRjb21tL3YyIl0sInIiOlsiZGlkOmV4YW1wbGU6MTIzNDU2"
    "Nzg5YWJjZGVmZ2hpI2tleS0yIl19fQ"
)
PEER_2 = f"did:peer:2.V{VERIFICATION}.E{ENCRYPTION}.{SERVICE_1}.{SERVICE_2}"
# did:peer, "Method 4": the input document of "Creating a DID" and the short form of what is made from it.
INPUT_4: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/did/v1",
        "https://w3id.org/security/suites/x25519-2020/v1",
        "https://w3id.org/security/suites/ed25519-2020/v1",
    ],
    "verificationMethod": [
        {
            "id": "#6LSqPZfn",
            "type": "X25519KeyAgreementKey2020",
            "publicKeyMultibase": "z6LSqPZfn9krvgXma2icTMKf2uVcYhKXsudCmPoUzqGYW24U",
        },
        {
            "id": "#6MkrCD1c",
            "type": "Ed25519VerificationKey2020",
            "publicKeyMultibase": "z6MkrCD1csqtgdj8sjrsu8jxcbeyP6m7LiK87NzhfWqio5yr",
        },
    ],
    "authentication": ["#6MkrCD1c"],
    "assertionMethod": ["#6MkrCD1c"],
    "keyAgreement": ["#6LSqPZfn"],
    "capabilityInvocation": ["#6MkrCD1c"],
    "capabilityDelegation": ["#6MkrCD1c"],
    "service": [
        {
            "id": "#didcommmessaging-0",
            "type": "DIDCommMessaging",
            "serviceEndpoint": {"uri": "didcomm:transport/queue", "accept": ["didcomm/v2"], "routingKeys": []},
        }
    ],
}
SHORT_4 = "did:peer:4zQmd8CpeFPci817KDsbSAKWcXAE2mjvCQSasRewvbSF54Bd"


def endpoint(path: str, key: int) -> dict[str, Any]:
    return {
        "type": "DIDCommMessaging",
        "serviceEndpoint": {
            "uri": f"http://example.com/{path}",
            "accept": ["didcomm/v2"],
            "routingKeys": [f"did:example:123456789abcdefghi#key-{key}"],
        },
    }


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(FakeFetch(), FixedClock())


def test_form_2_resolves_to_the_document_of_the_text(resolver: Resolver) -> None:
    assert resolver.resolve(PEER_2) == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": PEER_2,
        "verificationMethod": [
            {"id": "#key-1", "controller": PEER_2, "type": "Multikey", "publicKeyMultibase": VERIFICATION},
            {"id": "#key-2", "controller": PEER_2, "type": "Multikey", "publicKeyMultibase": ENCRYPTION},
        ],
        "authentication": ["#key-1"],
        "keyAgreement": ["#key-2"],
        "service": [{**endpoint("didcomm", 1), "id": "#service"}, {**endpoint("another", 2), "id": "#service-1"}],
    }


def test_form_2_is_made_as_the_text_makes_it() -> None:
    keys = (("authentication", VERIFICATION), ("keyAgreement", ENCRYPTION))
    assert build_peer_2(keys, (endpoint("didcomm", 1), endpoint("another", 2))) == PEER_2  # type: ignore[arg-type]


def test_a_key_of_form_2_verifies_for_its_purpose_only(resolver: Resolver) -> None:
    signer = SoftwareKey.generate("EdDSA")
    did = build_peer_2([("assertionMethod", encode_did_key(signer.public_jwk()))])
    resolver.key(f"{did}#key-1").verify(signer.sign(b"x"), b"x")
    with pytest.raises(Rejected):
        resolver.key(f"{did}#key-1", "authentication")


def test_form_4_is_the_hash_of_its_document(resolver: Resolver) -> None:
    long_form = build_peer_4(INPUT_4)
    assert short_form(long_form) == SHORT_4
    document = resolver.resolve(long_form)
    assert document == {
        **INPUT_4,
        "id": long_form,
        "alsoKnownAs": [SHORT_4],
        "verificationMethod": [{**method, "controller": long_form} for method in INPUT_4["verificationMethod"]],
    }


def test_a_short_form_resolves_once_its_long_form_was_seen(resolver: Resolver) -> None:
    signer = SoftwareKey.generate("EdDSA")
    method = {"id": "#k", "type": "Multikey", "publicKeyMultibase": encode_did_key(signer.public_jwk())}
    long_form = build_peer_4({"verificationMethod": [method], "assertionMethod": ["#k"]})
    short = short_form(long_form)
    with pytest.raises(Rejected):
        resolver.resolve(short)
    resolver.resolve(long_form)
    later = Resolver(FakeFetch(), FixedClock())
    document = later.resolve(short)
    assert (document["id"], document["alsoKnownAs"]) == (short, [long_form])
    later.key(f"{short}#k").verify(signer.sign(b"x"), b"x")


def encoded(text: bytes) -> str:
    return "z" + base58btc_encode(b"\x80\x04" + text)


@pytest.mark.parametrize(
    "did",
    [
        "did:peer:2.",
        "did:peer:2.X" + VERIFICATION,
        "did:peer:2.V" + VERIFICATION[:20],
        "did:peer:2.Vu" + VERIFICATION[1:],
        "did:peer:2.S!!!",
        "did:peer:2.S" + b64url_encode(b"[]"),
        "did:peer:2.S" + b64url_encode(b'{"t":"dm","type":"x"}'),
        "did:peer:2.S" + b64url_encode(b'{"t":7}'),
        "did:peer:2" + f".V{VERIFICATION}" * 65,
        "did:peer:4zQm",
        SHORT_4 + ":",
        SHORT_4 + ":" + encoded(b"{}"),
        SHORT_4[:-1] + "e",
    ],
)
def test_nonsense_is_refused(resolver: Resolver, did: str) -> None:
    with pytest.raises((Malformed, Rejected)):
        resolver.resolve(did)


@pytest.mark.parametrize("did", ["did:peer:0" + VERIFICATION, "did:peer:1zQm", "did:peer:3zQm"])
def test_other_forms_are_not_read(resolver: Resolver, did: str) -> None:
    with pytest.raises(Unsupported) as error:
        resolver.resolve(did)
    assert error.value.known == ("2", "4")


@pytest.mark.parametrize(
    "document",
    [
        {"id": "did:web:a.example"},
        {"alsoKnownAs": "x"},
        {"verificationMethod": 7},
        {"verificationMethod": [{"id": "#k"}]},
        {"service": [{}]},
    ],
)
def test_what_is_no_document_is_no_did(document: dict[str, Any]) -> None:
    with pytest.raises(TegataError):
        build_peer_4(document)
