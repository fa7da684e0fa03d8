"""Who signs the seeds. The keys are always the same, so that what the fuzzer found yesterday still verifies today."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from common.formats.credential import CredentialContent, StatusReference
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import parse_public_jwk
from common.keys.software import SoftwareKey
from common.x509.sandbox_ca import CertificateAuthority, usage_bits
from common.x509.sandbox_iaca import issue_document_signer

NOW = 1_790_000_000
ADDRESS = "https://issuer.example/sakuragawa"
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "nonce-1"
CONTEXT = PresentationContext(response_uri="https://cafe.example/response")
STATUS = StatusReference(uri="https://issuer.example/status/1", index=42)


def ec_key(number: int, curve: type[ec.EllipticCurve] = ec.SECP256R1) -> SoftwareKey:
    return SoftwareKey(ec.derive_private_key(number, curve()), kid=f"k{number}")


ISSUER, HOLDER = ec_key(1001), ec_key(1002)
SCHOOL = SoftwareKey(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1"), kid="school")
P384 = ec_key(1003, ec.SECP384R1)
PUBLIC, SCHOOL_PUBLIC = (parse_public_jwk(key.public_jwk()) for key in (ISSUER, SCHOOL))


def content(**change: Any) -> CredentialContent:
    return CredentialContent(
        **{
            "type_name": "enrolment",
            "vct": "https://issuer.example/types/enrolment",
            "w3c_types": ("EnrolmentCredential",),
            "contexts": ("https://issuer.example/contexts/v1",),
            "claims": {"family_name": "髙橋", "given_name": "花子", "nationalities": ["JP", "BR"]},
            "names": {"en": "Certificate of Enrolment"},
            "issuer": "did:web:issuer.example:sakuragawa",
            "holder_jwk": HOLDER.public_jwk(),
            "issued_at": NOW,
            "valid_from": NOW - 10,
            "valid_until": NOW + 100_000,
            "status": STATUS,
            **change,
        }
    )


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _authority() -> CertificateAuthority:
    """As `common.x509.sandbox_iaca.make_iaca` makes it, from a key and a serial number that are always the same."""
    key = ec.derive_private_key(1004, ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name("Sandbox IACA"))
        .issuer_name(_name("Sandbox IACA"))
        .public_key(key.public_key())
        .serial_number(1004)
        .not_valid_before(_moment(NOW - 3600))
        .not_valid_after(_moment(NOW + 3650 * 86_400))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage_bits(sign=False, certify=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.IssuerAlternativeName([x509.UniformResourceIdentifier(ADDRESS)]), critical=False)
    )
    return CertificateAuthority(certificate=builder.sign(key, hashes.SHA256()), key=key)


IACA = _authority()
"""The only root of the mdocs here. Its key is the same in every run, its signature need not be."""
X5C = issue_document_signer(
    IACA, ISSUER.private_key().public_key(), name="Sandbox signer", address=ADDRESS, now=NOW
).x5c
