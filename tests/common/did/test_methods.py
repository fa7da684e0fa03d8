"""did:key, did:jwk and did:web: published examples, and names that must not be believed."""

from __future__ import annotations

import pytest
from pydid import DIDDocument

from common.did.methods.jwk import did_of_jwk
from common.did.methods.jwk import key_id_of as jwk_key_id
from common.did.methods.key import did_of_key
from common.did.methods.key import key_id_of as key_key_id
from common.did.methods.web import did_for_address, document_address
from common.did.resolve import Resolver
from common.errors import Malformed, Refused, TegataError, Unavailable, Unsupported
from common.keys.software import SoftwareKey
from common.ports import Fetched
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

ED25519_DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"  # the did:key text's own first example
P256_DID = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"  # did:key test vectors, P-256
# did:jwk's own P-256 example (§ "Examples")
JWK_DID = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZX"
    "TXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(FakeFetch(), FixedClock())


@pytest.mark.parametrize("did", [ED25519_DID, P256_DID])
def test_did_key_examples_give_their_key(resolver: Resolver, did: str) -> None:
    key = resolver.key(key_key_id(did))
    assert did_of_key(dict(key.jwk)) == did
    assert DIDDocument.deserialize(dict(resolver.resolve(did))).id == did


def test_did_jwk_example_gives_its_key(resolver: Resolver) -> None:
    key = resolver.key(jwk_key_id(JWK_DID), "authentication")
    assert key.jwk["x"] == "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"
    assert did_of_jwk(key.jwk) == JWK_DID
    assert DIDDocument.deserialize(dict(resolver.resolve(JWK_DID))).id == JWK_DID


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_every_kind_of_key_round_trips(resolver: Resolver, alg: str) -> None:
    signer = SoftwareKey.generate(alg)
    signature = signer.sign(b"text")
    for url in (key_key_id(did_of_key(signer.public_jwk())), jwk_key_id(did_of_jwk(signer.public_jwk()))):
        resolver.key(url).verify(signature, b"text")


def test_one_key_has_one_did_jwk() -> None:
    jwk = SoftwareKey.generate(kid="a").public_jwk()
    assert did_of_jwk(jwk) == did_of_jwk({**dict(reversed(jwk.items())), "kid": "b", "use": "sig"})


def test_an_encryption_key_signs_nothing(resolver: Resolver) -> None:
    from common.encoding import b64url_encode, compact_json

    jwk = {**SoftwareKey.generate().public_jwk(), "use": "enc"}
    with pytest.raises(TegataError):
        resolver.key(f"did:jwk:{b64url_encode(compact_json(jwk))}#0")


def test_a_private_key_in_a_did_jwk_is_refused(resolver: Resolver) -> None:
    from common.encoding import b64url_encode, compact_json

    with pytest.raises(Malformed):
        resolver.resolve(f"did:jwk:{b64url_encode(compact_json(SoftwareKey.generate().private_jwk()))}")


@pytest.mark.parametrize(
    "did",
    [
        "did:key:",
        "did:key:z",
        "did:key:z6Mk",
        "did:key:u6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        ED25519_DID + "1",
        "did:key:z" + "1" * 300,
        "did:jwk:e30",
        "did:jwk:!!!",
        "did:jwk:bnVsbA",
        JWK_DID + "A",
    ],
)
def test_nonsense_is_malformed(resolver: Resolver, did: str) -> None:
    with pytest.raises(Malformed):
        resolver.resolve(did)


def test_an_unknown_method_names_the_known_ones(resolver: Resolver) -> None:
    with pytest.raises(Unsupported) as error:
        resolver.resolve("did:example:123")
    assert error.value.known == ("key", "jwk", "web", "webvh", "peer")


@pytest.mark.parametrize(
    ("did", "address"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:localhost%3A8101:sakuragawa", "http://localhost:8101/sakuragawa/did.json"),
    ],
)
def test_did_web_addresses(did: str, address: str) -> None:
    assert document_address(did, sandbox=True) == address


@pytest.mark.parametrize(
    "did",
    [
        "did:web:127.0.0.1",
        "did:web:127.0.0.1%3A8080",
        "did:web:2130706433",
        "did:web:0x7f.1",
        "did:web:127.1",
        "did:web:1.2.3.0x4",
        "did:web:%5B::1%5D",
        "did:web:intranet",
        "did:web:localhost",
        "did:web:example.com.",
        "did:web:.example.com",
        "did:web:-a.example.com",
        "did:web:example.com%3a443",
        "did:web:example.com%3A",
        "did:web:example.com%3A0",
        "did:web:example.com%3A0443",
        "did:web:example.com%3A65536",
        "did:web:example.com%3A443%3A1",
        "did:web:example.com%2Fevil",
        "did:web:user%40example.com",
        "did:web:example.com:..:secret",
        "did:web:example.com:.:a",
        "did:web:example.com:%2e%2e:a",
        "did:web:example.com:a%2Fb",
        "did:web:example.com::a",
        "did:web:example.com:" + ":".join("a" * 20),
        "did:web:" + "a" * 64 + ".example",
        "did:web:" + "a." * 130 + "example",
        "did:key:z6Mk",
    ],
)
def test_did_web_refuses_crooked_names(did: str) -> None:
    with pytest.raises(Malformed):
        document_address(did, sandbox=True)


def test_localhost_is_for_sandboxes() -> None:
    with pytest.raises(Malformed):
        document_address("did:web:localhost%3A8101:a", sandbox=False)


def test_did_for_address_is_the_way_back() -> None:
    assert did_for_address("http://localhost:8101", "sakuragawa") == "did:web:localhost%3A8101:sakuragawa"
    assert did_for_address("https://vc.example.ac.jp") == "did:web:vc.example.ac.jp"
    for wrong in (
        "http://vc.example.ac.jp",
        "https://127.0.0.1:8101",
        "https://a.example/x",
        "vc.example",
        "ftp://a.example",
    ):
        with pytest.raises(Malformed):
            did_for_address(wrong, "sakuragawa")


def test_the_network_says_no_in_its_own_words() -> None:
    class Forbidden(FakeFetch):
        def _answer(self, method: str, url: str, body: bytes) -> Fetched:
            raise Refused("address_not_allowed")

    with pytest.raises(Refused):
        Resolver(Forbidden(), FixedClock()).resolve("did:web:example.com")
    with pytest.raises(Unavailable):
        Resolver(FakeFetch(), FixedClock()).resolve("did:web:example.com")
