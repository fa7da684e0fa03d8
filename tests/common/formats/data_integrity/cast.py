"""Who signs in these tests, and what: one credential, three issuers' keys, one holder, and the way to their keys."""

from __future__ import annotations

from typing import Any

from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.data_integrity.policy import STRICT, Policy
from common.formats.data_integrity.verification_methods import VerificationMethods
from common.formats.data_integrity.verify import VerifiedDocument, verify_credential
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey

NOW = 1_790_000_000
V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"
DI = "https://w3id.org/security/data-integrity/v2"
TERMS = {
    "EnrolmentCredential": "https://school.example/terms#EnrolmentCredential",
    "motto": "https://school.example/terms#motto",
}


def did_of(key: SoftwareKey) -> str:
    return f"did:key:{encode_did_key(key.public_jwk())}"


def url_of(key: SoftwareKey) -> str:
    return f"{did_of(key)}#{encode_did_key(key.public_jwk())}"


ISSUER, OTHER, HOLDER = (SoftwareKey.generate("EdDSA") for _ in range(3))
P256, P384 = SoftwareKey.generate("ES256"), SoftwareKey.generate("ES384")
SUITE_KEYS = [
    ("eddsa-rdfc-2022", ISSUER),
    ("eddsa-jcs-2022", ISSUER),
    ("ecdsa-rdfc-2019", P256),
    ("ecdsa-jcs-2019", P256),
    ("ecdsa-rdfc-2019", P384),
    ("ecdsa-jcs-2019", P384),
]
NOBODY_ELSE = VerificationMethods()
"""did:key alone."""


def credential(issuer: SoftwareKey = ISSUER, **change: Any) -> dict[str, Any]:
    document = {
        "@context": [V2, TERMS],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "EnrolmentCredential"],
        "issuer": did_of(issuer),
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00+09:00",
        "credentialSubject": {"id": did_of(HOLDER), "motto": "学而時習之"},
        **change,
    }
    return {name: value for name, value in document.items() if value is not None}


def options(key: SoftwareKey = ISSUER, **change: Any) -> ProofOptions:
    return ProofOptions(**{"verification_method": url_of(key), "created": NOW - 60, **change})


def signed(document: dict[str, Any] | None = None, key: SoftwareKey = ISSUER, **change: Any) -> dict[str, Any]:
    return issue_credential(credential(key) if document is None else document, key, options(key, **change))


def check(document: dict[str, Any], *, policy: Policy = STRICT, **change: Any) -> VerifiedDocument:
    return verify_credential(document, **{"methods": NOBODY_ELSE, "now": NOW, "policy": policy, **change})
