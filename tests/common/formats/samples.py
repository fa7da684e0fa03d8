"""One certificate and its cast, for the tests of every format."""

from __future__ import annotations

from typing import Any

from common.formats.credential import CredentialContent, StatusReference
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey

NOW = 1_790_000_000
ISSUER, HOLDER, STRANGER = SoftwareKey.generate(kid="key-1"), SoftwareKey.generate(), SoftwareKey.generate()
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "nonce-1"
STATUS = StatusReference(uri="https://issuer.example/sakuragawa/status/1", index=42)
CLAIMS: dict[str, Any] = {
    "family_name": "髙橋",
    "given_name": "花子",
    "birthdate": "2005-04-02",
    "faculty": {"code": "E1", "name": "理工学部"},
    "nationalities": ["JP", "BR"],
}


def content(**change: Any) -> CredentialContent:
    return CredentialContent(
        **{
            "type_name": "enrolment",
            "vct": "https://issuer.example/types/enrolment",
            "w3c_types": ("EnrolmentCredential",),
            "contexts": ("https://issuer.example/contexts/v1",),
            "claims": CLAIMS,
            "always_disclosed": frozenset({"birthdate"}),
            "names": {"ja": "在学証明書", "en": "Certificate of Enrolment"},
            "issuer": "did:web:issuer.example:sakuragawa",
            "holder_jwk": HOLDER.public_jwk(),
            "issued_at": NOW,
            "valid_from": NOW - 10,
            "valid_until": NOW + 1000,
            "status": STATUS,
            **change,
        }
    )


def public(key: SoftwareKey) -> PublicKey:
    return parse_public_jwk(key.public_jwk())


_TERMS = "https://issuer.example/terms#"
_INLINE = {name: f"{_TERMS}{name}" for name in ("EnrolmentCredential", "code", *(set(CLAIMS) - {"name"}))}
_OF_FORMAT: dict[str, dict[str, Any]] = {
    # JSON-LD knows no term that its contexts do not define; its status stands in a bitstring
    "ldp_vc": {
        "contexts": (_INLINE,),
        "status": StatusReference(uri="https://issuer.example/sakuragawa/bits/1", index=42, purpose="revocation"),
    },
}


def content_for(format_name: str, **change: Any) -> CredentialContent:
    """The same certificate as this format can carry it."""
    return content(**{**_OF_FORMAT.get(format_name, {}), **change})
