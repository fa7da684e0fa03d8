"""Whose key signed: the issuer's own, listed for the purpose; found in DID documents, controller documents, or by the caller."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected
from common.formats.data_integrity.issue import add_proof
from common.formats.data_integrity.policy import Policy, Profile
from common.formats.data_integrity.verification_methods import VerificationMethods, known_method
from common.jose.jwk import parse_public_jwk
from common.keys.software import SoftwareKey
from tests.common.formats.data_integrity.cast import (
    ISSUER,
    OTHER,
    P256,
    check,
    credential,
    did_of,
    options,
    signed,
    url_of,
)

PROOF_ONLY = Policy(profile=Profile.PROOF_ONLY)


def test_the_signer_has_to_be_the_issuer() -> None:
    """Anybody can sign a document that names somebody else as its issuer."""
    forged = signed(credential(ISSUER), OTHER)
    with pytest.raises(Rejected, match="untrusted_key"):
        check(forged)
    assert check(forged, policy=PROOF_ONLY).proofs[0].controller == did_of(OTHER)


def test_others_may_sign_beside_the_issuer() -> None:
    document = add_proof(signed(), OTHER, options(OTHER))
    assert {each.controller for each in check(document).proofs} == {did_of(ISSUER), did_of(OTHER)}


DID = "did:web:school.example"


def did_document(**change: Any) -> dict[str, Any]:
    method = {"id": f"{DID}#k", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": P256.public_jwk()}
    return {"id": DID, "verificationMethod": [method], "assertionMethod": [f"{DID}#k"], **change}


def by_resolver(document: dict[str, Any]) -> VerificationMethods:
    return VerificationMethods(resolve={DID: document}.__getitem__)


def by_document(document: dict[str, Any]) -> VerificationMethods:
    return VerificationMethods(documents={DID: document})


@pytest.mark.parametrize("methods", [by_resolver, by_document])
def test_a_did_document_lists_the_key_for_the_purpose(methods: Any) -> None:
    document = signed({**credential(), "issuer": DID}, P256, verification_method=f"{DID}#k")
    check(document, methods=methods(did_document()))
    for other in (
        did_document(assertionMethod=[]),
        did_document(assertionMethod=[], authentication=[f"{DID}#k"]),
        did_document(verificationMethod=[]),
        did_document(
            verificationMethod=[{**did_document()["verificationMethod"][0], "controller": "did:web:other.example"}]
        ),
    ):
        with pytest.raises(Rejected, match="untrusted_key"):
            check(document, methods=methods(other))


BEFORE, AFTER = "2026-09-21T14:12:20Z", "2026-09-21T14:12:21Z"
"""The proofs of these tests were made at the first of these seconds."""


@pytest.mark.parametrize("methods", [by_resolver, by_document])
def test_a_key_that_was_rotated_out_or_revoked(methods: Any) -> None:
    """CID 1.0 §2.2. What a retired key had signed before still holds; a revoked key vouches for nothing."""
    (method,) = did_document()["verificationMethod"]

    def at(**change: str) -> VerificationMethods:
        found: VerificationMethods = methods(did_document(verificationMethod=[{**method, **change}]))
        return found

    document = signed({**credential(), "issuer": DID}, P256, verification_method=f"{DID}#k")
    check(document, methods=at(expires=AFTER))
    with pytest.raises(Rejected, match="key_retired"):
        check(document, methods=at(expires=BEFORE))
    timeless = signed({**credential(), "issuer": DID}, P256, verification_method=f"{DID}#k", created=None)
    check(timeless, methods=at(expires="2027-01-01T00:00:00Z"))
    with pytest.raises(Rejected, match="key_retired"):
        check(timeless, methods=at(expires=AFTER))
    with pytest.raises(Malformed):
        check(document, methods=at(expires="soon"))
    with pytest.raises(Rejected, match="key_compromised"):
        check(document, methods=at(revoked=BEFORE))


def test_a_controller_document_with_an_https_address() -> None:
    controller = "https://school.example/issuer"
    method = {
        "id": f"{controller}#k",
        "type": "Multikey",
        "controller": controller,
        "publicKeyMultibase": url_of(ISSUER).partition("#")[2],
    }
    document = signed({**credential(), "issuer": controller}, verification_method=f"{controller}#k")
    good: dict[str, Any] = {"id": controller, "verificationMethod": [method], "assertionMethod": [f"{controller}#k"]}

    def at(**change: Any) -> VerificationMethods:
        return VerificationMethods(documents={controller: {**good, **change}})

    check(document, methods=at())
    check(document, methods=at(verificationMethod=[], assertionMethod=[method]))
    check(document, methods=at(verificationMethod=[{**method, "revoked": "2027-01-01T00:00:00Z"}]))
    with pytest.raises(Rejected, match="key_compromised"):
        check(document, methods=at(verificationMethod=[{**method, "revoked": AFTER}]))
    for change in (
        {"assertionMethod": []},
        {"assertionMethod": "text"},
        {"id": "https://other.example"},
        {"verificationMethod": [method, method]},
        {"verificationMethod": [{**method, "controller": "https://other.example"}]},
        {"verificationMethod": None},
    ):
        with pytest.raises(Rejected, match="untrusted_key"):
            check(document, methods=at(**change))
    with pytest.raises(Rejected, match="untrusted_key"):
        check(document)


def test_a_key_that_the_caller_has_found() -> None:
    url = f"{DID}#k"
    document = signed({**credential(), "issuer": DID}, P256, verification_method=url)

    def known(key: SoftwareKey) -> VerificationMethods:
        found = known_method(url, controller=DID, key=parse_public_jwk(key.public_jwk()))
        return VerificationMethods(known={(url, "assertionMethod"): found})

    check(document, methods=known(P256))
    with pytest.raises(Rejected, match="bad_signature"):
        check(document, methods=known(SoftwareKey.generate("ES256")))
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        check(document, methods=known(ISSUER))
