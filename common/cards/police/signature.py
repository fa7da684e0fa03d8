"""The signature of a public safety commission over a licence's data, and whose key made it. 仕様書 010; cards.md §5.3.

No certificate is on the card. The police's certificates are not published: who may have them configures them as trust anchors of the scheme
``driving_licence``, and the card names one by its subject key identifier. Nobody can be asked whether a licence was withdrawn.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from common.cards.evidence import Environment, Finding, failed, proven
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Malformed, Misconfigured

SCHEME: Final = "driving_licence"
BY: Final = "police_signature"
SIGNATURE_BYTES: Final = 256
_MIN_IDENTIFIER = 8
_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliceSignature:
    """value: RSA-2048, PKCS #1 v1.5, SHA-256. key_identifier: 32 bytes, zeros behind a shorter one [I]."""

    value: bytes = field(repr=False)
    key_identifier: bytes = field(repr=False)


def read_signature(objects: dict[int, bytes], first: int) -> PoliceSignature:
    """From the objects of DF1/EF07 (first tag B1) or 001C (108): signature, serial number, reserved, issuer, subject, key identifier.

    Serial number and names are left alone: nothing is decided by them. Raises Malformed("police_signature_malformed").
    """
    value, identifier = objects.get(first, b""), objects.get(first + 5, b"")
    if len(value) != SIGNATURE_BYTES or not identifier:
        raise Malformed("police_signature_malformed", "the signature of the licence is not as it should be")
    return PoliceSignature(value=value, key_identifier=identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliceKey:
    """A trust anchor as read. not_before, not_after: days of its certificate, None for a bare key."""

    key: rsa.RSAPublicKey = field(repr=False)
    key_identifier: bytes
    environment: Environment
    label: str
    not_before: dt.date | None = None
    not_after: dt.date | None = None

    def is_named(self, identifier: bytes) -> bool:
        return (
            len(self.key_identifier) <= len(identifier)
            and self.key_identifier.ljust(len(identifier), b"\0") == identifier
        )


def read_police_key(anchor: TrustAnchor) -> PoliceKey:
    """A certificate or a SubjectPublicKeyInfo, DER. A certificate brings its identifier if the anchor has none. Raises Misconfigured."""
    try:
        certificate = x509.load_der_x509_certificate(anchor.material)
    except ValueError:
        certificate = None
    try:
        key = serialization.load_der_public_key(anchor.material) if certificate is None else certificate.public_key()
        identifier = anchor.key_id or _identifier(certificate)
    except (ValueError, x509.ExtensionNotFound) as unreadable:
        raise Misconfigured(
            "bad_police_certificate", "a police certificate cannot be read, or has no key identifier"
        ) from unreadable
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != _RSA_BITS or len(identifier) < _MIN_IDENTIFIER:
        raise Misconfigured(
            "bad_police_certificate", "a police certificate has another key than RSA-2048, or no key identifier"
        )
    return PoliceKey(
        key=key,
        key_identifier=identifier,
        environment=anchor.environment,
        label=anchor.label or f"key {identifier.hex()[:16]}",
        not_before=None if certificate is None else certificate.not_valid_before_utc.date(),
        not_after=None if certificate is None else certificate.not_valid_after_utc.date(),
    )


def _identifier(certificate: x509.Certificate | None) -> bytes:
    if certificate is None:
        return b""
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSignature:
    """What became of it. anchor: the key's label, empty for a key that nobody here knows."""

    finding: Finding
    environment: Environment = Environment.NONE
    anchor: str = ""


def judge_signature(
    signature: PoliceSignature, signed: bytes, *, trust: CardTrust, issued_on: dt.date | None
) -> JudgedSignature:
    """Whether a key that we know signed these bytes while it was in force.

    1. The key, by the identifier that the licence names. Several of one identifier: the one that holds.
    2. The signature over ``signed``.
    3. The day of issue within the certificate's days [I]: a licence outlives the certificate that signed it, so *now* decides nothing.
       A date that is not known fails; a bare key has no days and is always in force.

    Left to the caller: that the day of issue stands in what is signed. Raises Misconfigured for anchors that cannot be read.
    """
    # 1
    keys = [key for key in map(read_police_key, trust.of_scheme(SCHEME)) if key.is_named(signature.key_identifier)]
    if not keys:
        return JudgedSignature(finding=failed(BY, "untrusted_issuer"))
    # 2
    holding = [key for key in keys if _holds(key, signature.value, signed)]
    key = (holding or keys)[0]
    finding = proven(BY)
    if not holding:
        finding = failed(BY, "bad_signature")
    # 3
    elif key.not_before is not None and key.not_after is not None:
        if issued_on is None or issued_on < key.not_before:
            finding = failed(BY, "not_yet_valid")
        elif issued_on > key.not_after:
            finding = failed(BY, "expired")
    return JudgedSignature(finding=finding, environment=key.environment, anchor=key.label)


def _holds(key: PoliceKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
