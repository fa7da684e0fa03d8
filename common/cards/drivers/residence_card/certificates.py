"""Certificates of residence cards and of the agency's authorities, read with some patience and verified with none.

A card's certificate stands in a field of fixed length, filled up with zeros, and has been seen with a NULL in the identifier of its ECDSA
signature, which strict readers refuse (RFC 5758 §3.2 has nothing there). So it is read by asn1crypto; what is verified are the bytes as
they stand. Nothing but definite lengths is read: where the specification says "CER符号化" it means a file named .cer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from common.cards.tlv import total_length
from common.errors import Malformed

MAX_BYTES = 4096
RSA_BITS = 2048
_KNOWN_CRITICAL = {"basic_constraints", "key_usage", "extended_key_usage", "certificate_policies"}
Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCertificate:
    """What was read, not verified. subject, issuer: names made ready to be compared (RFC 4518 §2), whatever their encoding.

    signed, signature: the bytes that its issuer signed, and how. not_before, not_after: seconds.

    usage: names of its key usage, None if it has no such extension. is_authority: as its basic constraints say.
    """

    key: Key = field(repr=False)
    subject: str = field(repr=False)
    issuer: str = field(repr=False)
    not_before: int
    not_after: int
    is_authority: bool
    usage: frozenset[str] | None
    algorithm: str
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def parse_card_certificate(data: bytes) -> CardCertificate:
    """DER, and zeros behind it. Raises Malformed("bad_certificate")."""
    if len(data) > MAX_BYTES:
        raise Malformed("bad_certificate", "longer than such a certificate can be")
    try:
        end = total_length(data)
        if data[:1] != b"\x30" or end is None or end > len(data) or any(data[end:]):
            raise Malformed("bad_certificate", "not one X.509 certificate")
        return _read(x509.Certificate.load(data[:end], strict=True))
    except Exception as unreadable:  # asn1crypto and cryptography raise errors of many kinds for what they cannot read
        raise Malformed("bad_certificate", "not an X.509 certificate as cards have it") from unreadable


def _read(certificate: Any) -> CardCertificate:
    body = certificate["tbs_certificate"]
    algorithm = certificate["signature_algorithm"]["algorithm"].native
    # What no signature covers has to be as it must: the algorithm outside as inside, no unused bits in the signature.
    if (
        body["signature"].dump() != certificate["signature_algorithm"].dump()
        or certificate["signature_value"].contents[:1] != b"\0"
    ):
        raise Malformed("bad_certificate", "two algorithms of signature, or a signature of odd length")
    extensions: dict[str, Any] = {}
    for extension in body["extensions"]:
        name = extension["extn_id"].native
        if name in extensions or (extension["critical"].native and name not in _KNOWN_CRITICAL):
            raise Malformed("bad_certificate", "an extension that cannot be understood")
        extensions[name] = extension["extn_value"].parsed.native
    key = serialization.load_der_public_key(body["subject_public_key_info"].dump())
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise Malformed("bad_certificate", "a key of another kind than cards have")
    usage = extensions.get("key_usage")
    return CardCertificate(
        key=key,
        subject=body["subject"].hashable,
        issuer=body["issuer"].hashable,
        not_before=int(body["validity"]["not_before"].native.timestamp()),
        not_after=int(body["validity"]["not_after"].native.timestamp()),
        is_authority=bool((extensions.get("basic_constraints") or {}).get("ca")),
        usage=None if usage is None else frozenset(usage),
        algorithm=algorithm,
        signed=body.dump(),
        signature=certificate["signature_value"].native,
    )


def is_issued_by(certificate: CardCertificate, authority: CardCertificate) -> bool:
    """Whether name and signature say so. Nothing else is looked at."""
    if certificate.issuer != authority.subject:
        return False
    return holds(authority.key, certificate.signature, certificate.signed, algorithm=certificate.algorithm)


def holds(key: Key, signature: bytes, signed: bytes, *, algorithm: str) -> bool:
    """Whether a signature by SHA-256 with RSA-2048 (PKCS #1 v1.5) or ECDSA over P-384 holds. algorithm: ``sha256_rsa``, ``sha256_ecdsa``.

    Of ECDSA the signature is DER. A key of another kind or size than the algorithm's holds nothing.
    """
    try:
        if algorithm == "sha256_rsa" and isinstance(key, rsa.RSAPublicKey) and key.key_size == RSA_BITS:
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        elif (
            algorithm == "sha256_ecdsa"
            and isinstance(key, ec.EllipticCurvePublicKey)
            and isinstance(key.curve, ec.SECP384R1)
        ):
            key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
