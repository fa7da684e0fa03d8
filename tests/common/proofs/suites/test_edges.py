"""What the suites refuse: signatures of the wrong form, contexts that were changed, keys that are not for this."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected
from common.keys.multikey import base58btc_decode, base58btc_encode, encode_did_key
from common.keys.software import SoftwareKey
from common.proofs.suites.contract import Cryptosuite
from common.proofs.suites.registry import SUITES

V2 = "https://www.w3.org/ns/credentials/v2"
TERMS = {"motto": "https://school.example/terms#motto"}
SIGNERS = {alg: SoftwareKey.generate(alg) for alg in ("EdDSA", "ES256", "ES384")}
DOCUMENT: dict[str, Any] = {
    "@context": [V2, TERMS],
    "id": "urn:example:1",
    "type": "VerifiableCredential",
    "issuer": "did:example:school",
    "credentialSubject": {"id": "did:example:pupil", "motto": "学而時習之"},
}
PAIRS = [
    ("eddsa-rdfc-2022", "EdDSA"),
    ("eddsa-jcs-2022", "EdDSA"),
    ("ecdsa-rdfc-2019", "ES256"),
    ("ecdsa-rdfc-2019", "ES384"),
    ("ecdsa-jcs-2019", "ES256"),
    ("ecdsa-jcs-2019", "ES384"),
]
ALL = pytest.mark.parametrize(("name", "alg"), PAIRS)


def options(name: str, **change: Any) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": name,
        "created": "2026-09-21T00:00:00Z",
        "verificationMethod": "did:example:school#key-1",
        "proofPurpose": "assertionMethod",
        **change,
    }


def signed(name: str, alg: str, **change: Any) -> tuple[Cryptosuite, dict[str, Any], Any]:
    suite = SUITES[name]
    proof = suite.create_proof(DOCUMENT, options(name, **change), SIGNERS[alg])
    return suite, proof, suite.read_key({"publicKeyJwk": SIGNERS[alg].public_jwk()})


@ALL
def test_round_trip_with_a_key_in_either_form(name: str, alg: str) -> None:
    suite, proof, key = signed(name, alg, domain="school.example", challenge="c", nonce="n")
    suite.verify_proof(DOCUMENT, proof, key)
    multikey = suite.read_key({"publicKeyMultibase": encode_did_key(SIGNERS[alg].public_jwk())})
    suite.verify_proof(DOCUMENT, proof, multikey)


@ALL
def test_signatures_of_another_form(name: str, alg: str) -> None:
    suite, proof, key = signed(name, alg)
    raw = base58btc_decode(proof["proofValue"][1:])
    half = len(raw) // 2
    for broken in (b"", raw[:-1], raw + b"\0", b"\0" * len(raw), b"\xff" * len(raw), raw[half:] + raw[:half]):
        with pytest.raises(Rejected, match="bad_signature"):
            suite.verify_proof(DOCUMENT, {**proof, "proofValue": "z" + base58btc_encode(broken)}, key)
    for text in ("", "z0", "u" + proof["proofValue"][1:], proof["proofValue"][1:], None, 7, "z" * 100_000):
        with pytest.raises((Malformed, Rejected)):
            suite.verify_proof(DOCUMENT, {**proof, "proofValue": text}, key)


@pytest.mark.parametrize("name", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
def test_r_or_s_zero(name: str) -> None:
    suite, proof, key = signed(name, "ES256")
    raw = base58btc_decode(proof["proofValue"][1:])
    for broken in (b"\0" * 32 + raw[32:], raw[:32] + b"\0" * 32):
        with pytest.raises(Rejected, match="bad_signature"):
            suite.verify_proof(DOCUMENT, {**proof, "proofValue": "z" + base58btc_encode(broken)}, key)


def test_ed25519_s_beyond_the_order() -> None:
    suite, proof, key = signed("eddsa-jcs-2022", "EdDSA")
    raw = base58btc_decode(proof["proofValue"][1:])
    order = 2**252 + 27742317777372353535851937790883648493
    moved = raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(Rejected, match="bad_signature"):
        suite.verify_proof(DOCUMENT, {**proof, "proofValue": "z" + base58btc_encode(moved)}, key)


@pytest.mark.parametrize(
    "method",
    [
        {},
        {"publicKeyMultibase": "z6Mk"},
        {"publicKeyMultibase": 5},
        {"publicKeyJwk": "text"},
        {"publicKeyJwk": {"kty": "oct", "k": "AAAA"}},
        {"publicKeyJwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
        {"publicKeyJwk": SIGNERS["EdDSA"].private_jwk()},
        {
            "publicKeyJwk": SIGNERS["EdDSA"].public_jwk(),
            "publicKeyMultibase": encode_did_key(SIGNERS["EdDSA"].public_jwk()),
        },
    ],
)
def test_methods_without_one_public_key(method: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        SUITES["eddsa-rdfc-2022"].read_key(method)


def test_a_key_for_encryption() -> None:
    with pytest.raises(Rejected, match="untrusted_key"):
        SUITES["eddsa-jcs-2022"].read_key({"publicKeyJwk": {**SIGNERS["EdDSA"].public_jwk(), "use": "enc"}})


@ALL
def test_a_key_of_another_algorithm(name: str, alg: str) -> None:
    other = "ES256" if alg == "EdDSA" else "EdDSA"
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        SUITES[name].read_key({"publicKeyJwk": SIGNERS[other].public_jwk()})
    with pytest.raises(ValueError, match="signed with"):
        SUITES[name].create_proof(DOCUMENT, options(name), SIGNERS[other])
    with pytest.raises(ValueError, match="all or nothing"):
        SUITES[name].create_proof(DOCUMENT, options(name), SIGNERS[alg], mandatory_pointers=["/issuer"])


@pytest.mark.parametrize("name", ["eddsa-jcs-2022", "ecdsa-jcs-2019"])
def test_jcs_contexts_may_only_be_added_behind(name: str) -> None:
    """§3.3.2 step 4: the document's contexts begin with those in the proof, which were signed."""
    suite, proof, key = signed(name, SUITES[name].algs[0])
    assert proof["@context"] == DOCUMENT["@context"]
    suite.verify_proof({**DOCUMENT, "@context": [V2, TERMS, "https://more.example"]}, proof, key)
    for contexts in ([TERMS, V2], [V2], ["https://more.example", V2, TERMS], V2, None, []):
        with pytest.raises(Rejected, match="bad_signature"):
            suite.verify_proof({**DOCUMENT, "@context": contexts}, proof, key)
    without = {member: value for member, value in proof.items() if member != "@context"}
    with pytest.raises(Rejected, match="bad_signature"):
        suite.verify_proof(DOCUMENT, without, key)


@pytest.mark.parametrize("name", ["eddsa-jcs-2022", "ecdsa-jcs-2019"])
def test_jcs_signs_documents_that_are_no_json_ld(name: str) -> None:
    suite = SUITES[name]
    alg = suite.algs[0]
    document = {"myWebsite": "https://hello.world.example/"}
    proof = suite.create_proof(document, options(name), SIGNERS[alg])
    assert "@context" not in proof
    suite.verify_proof(document, proof, suite.read_key({"publicKeyJwk": SIGNERS[alg].public_jwk()}))


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"])
def test_rdfc_reads_the_proof_under_the_documents_contexts(name: str) -> None:
    suite, proof, key = signed(name, SUITES[name].algs[0])
    suite.verify_proof(DOCUMENT, {**proof, "@context": DOCUMENT["@context"]}, key)
    with pytest.raises(Malformed, match="bad_context"):
        suite.verify_proof(DOCUMENT, {**proof, "@context": [V2]}, key)
    with pytest.raises(Malformed, match="bad_context"):
        suite.verify_proof({member: value for member, value in DOCUMENT.items() if member != "@context"}, proof, key)


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"])
def test_rdfc_loses_nothing_in_silence(name: str) -> None:
    """VC Data Integrity 1.0 §5.1: undefined terms, types and options are errors, when signing and when verifying."""
    suite, proof, key = signed(name, SUITES[name].algs[0])
    alg = SUITES[name].algs[0]
    for document in (
        {**DOCUMENT, "credentialSubject": {**DOCUMENT["credentialSubject"], "undefined": "x"}},
        {**DOCUMENT, "type": ["VerifiableCredential", "Undefined"]},
    ):
        with pytest.raises(Malformed):
            suite.create_proof(document, options(name), SIGNERS[alg])
        with pytest.raises(Malformed):
            suite.verify_proof(document, proof, key)
    with pytest.raises(Malformed):
        suite.create_proof(DOCUMENT, options(name, undefined="x"), SIGNERS[alg])
    with pytest.raises(Malformed):
        suite.verify_proof(DOCUMENT, {**proof, "undefined": "x"}, key)
