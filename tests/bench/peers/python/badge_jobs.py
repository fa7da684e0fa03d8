"""Open Badges with Data Integrity by the peers: each function takes what the job is set up with and gives what works on one input."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

Job = Callable[[Any], object]


def _openvc_badge(given: dict[str, Any], module: str, suite_name: str) -> Job:
    suite = getattr(import_module(module), suite_name)()
    more = {"extra_contexts": given["contexts"]} if suite_name == "DataIntegrityProofSuite" else {}

    def verify(document: dict[str, Any]) -> object:
        found = suite.verify(document, public_key_jwk=given["public"], **more)
        assert found.issuer == given["issuer"]
        return found

    return verify


def rdfc_verify_openvc(given: dict[str, Any]) -> Job:
    return _openvc_badge(given, "openvc.proof.data_integrity", "DataIntegrityProofSuite")


def jcs_verify_openvc(given: dict[str, Any]) -> Job:
    return _openvc_badge(given, "openvc.proof.di_jcs", "EddsaJcsProofSuite")


def rdfc_issue_openvc(given: dict[str, Any]) -> Job:
    from openvc.keys import Ed25519SigningKey
    from openvc.proof.data_integrity import DataIntegrityProofSuite

    suite, key = DataIntegrityProofSuite(), Ed25519SigningKey.from_jwk(given["private"], "key-1")

    def issue(document: dict[str, Any]) -> object:
        return suite.add_proof(
            document, signing_key=key, verification_method=given["method"], extra_contexts=given["contexts"]
        )

    return issue


_DIGITS = {digit: number for number, digit in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}


def _signature(proof: dict[str, Any]) -> bytes:
    number = 0
    for character in proof["proofValue"][1:]:
        number = number * 58 + _DIGITS[character]
    return number.to_bytes(64, "big")


def _public(given: dict[str, Any]) -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PublicKey.from_public_bytes(_octets(given["public"]["x"]))


def _split(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    proof = document["proof"]
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    return unsecured, {"@context": document["@context"], **options}, _signature(proof)


def _pyld_hash(given: dict[str, Any]) -> Callable[[dict[str, Any], dict[str, Any]], bytes]:
    from pyld import jsonld

    def load(address: str, _options: object) -> dict[str, Any]:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": address,
            "document": given["contexts"][address],
        }

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}

    def of(document: dict[str, Any], proof_options: dict[str, Any]) -> bytes:
        return b"".join(
            hashlib.sha256(jsonld.normalize(each, options).encode()).digest() for each in (proof_options, document)
        )

    return of


def rdfc_verify_pyld(given: dict[str, Any]) -> Job:
    digest, key = _pyld_hash(given), _public(given)

    def verify(document: dict[str, Any]) -> object:
        unsecured, options, signature = _split(document)
        key.verify(signature, digest(unsecured, options))
        return True

    return verify


def rdfc_issue_pyld(given: dict[str, Any]) -> Job:
    digest = _pyld_hash(given)
    key = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(given["secret"]))
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "verificationMethod": given["method"],
        "proofPurpose": "assertionMethod",
        "created": "2026-03-25T00:00:00Z",
    }

    def issue(document: dict[str, Any]) -> object:
        return key.sign(digest(document, {"@context": document["@context"], **proof}))

    return issue


def jcs_verify_rfc8785(given: dict[str, Any]) -> Job:
    import rfc8785

    key = _public(given)

    def verify(document: dict[str, Any]) -> object:
        unsecured, options, signature = _split(document)
        options["@context"] = document["proof"].get("@context", document["@context"])
        key.verify(signature, b"".join(hashlib.sha256(rfc8785.dumps(each)).digest() for each in (options, unsecured)))
        return True

    return verify


def _openvc_selective() -> Any:
    from openvc.proof.ecdsa_sd import EcdsaSdProofSuite

    return EcdsaSdProofSuite()


def no_base_verification(given: dict[str, Any]) -> Job:
    raise LookupError("it has no way to check a base proof on receipt")


def selective_derive_openvc(given: dict[str, Any]) -> Job:
    suite = _openvc_selective()
    return lambda document: suite.derive_proof(
        document, selective_pointers=given["shown"], extra_contexts=given["contexts"]
    )


def selective_verify_openvc(given: dict[str, Any]) -> Job:
    suite = _openvc_selective()
    return lambda document: (
        suite.verify(document, public_key_jwk=given["public"], extra_contexts=given["contexts"]).issuer
    )


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
