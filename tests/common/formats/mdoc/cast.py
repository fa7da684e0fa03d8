"""One authority, one institution, one holder: what the tests of mdocs share."""

from __future__ import annotations

from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric import ec

from common.formats.credential import CredentialContent, StatusReference
from common.formats.mdoc import Mdoc
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey
from common.x509.sandbox_iaca import issue_document_signer, make_iaca

NOW = 1_790_000_000
ADDRESS = "https://issuer.example/sakuragawa"
STUDENT = "tegata.student.1"
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "nonce-1"
CONTEXT = PresentationContext(response_uri="https://cafe.example/response", encryption_thumbprint=bytes(range(32)))
STATUS = StatusReference(uri="https://issuer.example/status/1", index=42)
MDOC = Mdoc()
IACA = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW)
ISSUER, HOLDER, STRANGER = SoftwareKey.generate(), SoftwareKey.generate(), SoftwareKey.generate()
CLAIMS: dict[str, Any] = {
    "issuing_authority": "桜川大学",
    "issuing_country": "JP",
    "family_name": "髙橋",
    "given_name": "花子",
    "family_name#ja-Kana-JP": "タカハシ",
    "birthdate": "2005-04-02",
    "age_equal_or_over": {"18": True, "20": True},
    "student_number": "S2600001",
    "portrait": b"\xff\xd8\xff",
}
ELEMENTS: dict[str, Any] = {
    "issuing_authority": "桜川大学",
    "issuing_country": "JP",
    "family_name": "髙橋",
    "given_name": "花子",
    "family_name_kana": "タカハシ",
    "birth_date": "2005-04-02",
    "age_over_18": True,
    "age_over_20": True,
    "student_number": "S2600001",
    "portrait": "_9j_",
}


def certificate(key: SoftwareKey = ISSUER, **options: Any) -> tuple[str, ...]:
    public_key = cast(ec.EllipticCurvePublicKey, key.private_key().public_key())
    values = {"name": "Sandbox signer", "address": ADDRESS, "now": NOW, **options}
    return issue_document_signer(IACA, public_key, **values).x5c


X5C = certificate()


def content(**change: Any) -> CredentialContent:
    return CredentialContent(
        **{
            "type_name": "enrolment",
            "doctype": STUDENT,
            "claims": CLAIMS,
            "issuer": ADDRESS,
            "holder_jwk": HOLDER.public_jwk(),
            "issued_at": NOW,
            "valid_from": NOW - 10,
            "valid_until": NOW + 100_000,
            "status": STATUS,
            **change,
        }
    )


def issued(**change: Any) -> str:
    return MDOC.issue(content(**change), ISSUER, x5c=X5C)


def presented(text: str | None = None, **change: Any) -> str:
    options = {
        "paths": None,
        "holder": HOLDER,
        "audience": AUDIENCE,
        "nonce": NONCE,
        "now": NOW,
        "context": CONTEXT,
        **change,
    }
    return MDOC.present(issued() if text is None else text, **options)


def public(key: SoftwareKey = ISSUER) -> PublicKey:
    return parse_public_jwk(key.public_jwk())
