"""Card-verifiable certificates of the text and surface applications, and the RSA keys in them. cards.md §3.7 [C].

The authorities' keys are on no card and in no public certificate: the operator's table names them, and an unknown one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from common.cards.evidence import Environment
from common.cards.tlv import need, parse_tlv
from common.cards.trust import CardTrust
from common.errors import Malformed, Misconfigured
from common.x509.rejected import CertificateRejected

SCHEME = "my_number_cvc"
MAX_BYTES = 1024
KEY_ID_BYTES = 16
_TEMPLATE, _BODY, _SIGNATURE = 0x7F21, 0x5F4E, 0x5F37
_EXPONENT, _MODULUS = 0x90, 0x91
_RSA_BYTES = 256
_TEST_LEAD = b"6"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVerifiableCertificate:
    """As read, not verified. issuer, subject: key identifiers. signed: the bytes that the signature covers."""

    issuer: bytes
    subject: bytes
    public_key: rsa.RSAPublicKey = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedKey:
    """The key that signs an application's records, vouched for. anchor: the authority's name in evidence."""

    public_key: rsa.RSAPublicKey = field(repr=False)
    environment: Environment
    anchor: str


def parse_cvc(data: bytes) -> CardVerifiableCertificate:
    """``7F21{5F4E body, 5F37 signature}``; body: issuer's key identifier ‖ subject's ‖ key. Raises Malformed."""
    parts = parse_tlv(need(parse_tlv(data, max_objects=1), _TEMPLATE).value, filler=False, max_objects=2)
    body, signature = need(parts, _BODY).value, need(parts, _SIGNATURE).value
    if len(signature) != _RSA_BYTES or len(body) < 2 * KEY_ID_BYTES:
        raise Malformed("cvc_malformed", "a card-verifiable certificate of other sizes than it can have")
    return CardVerifiableCertificate(
        issuer=body[:KEY_ID_BYTES],
        subject=body[KEY_ID_BYTES : 2 * KEY_ID_BYTES],
        public_key=parse_public_key(body[2 * KEY_ID_BYTES :]),
        signed=body,
        signature=signature,
    )


def parse_public_key(data: bytes) -> rsa.RSAPublicKey:
    """``90 03 <exponent> 91 820100 <modulus>``, RSA-2048 and nothing after it. Raises Malformed."""
    parts = parse_tlv(data, tag_bytes=1, filler=False, max_objects=2)
    exponent, modulus = need(parts, _EXPONENT).value, need(parts, _MODULUS).value
    n = int.from_bytes(modulus, "big")
    if len(exponent) != 3 or len(modulus) != _RSA_BYTES or n.bit_length() != 8 * _RSA_BYTES:
        raise Malformed("public_key_malformed", "a key of the card is not RSA with 2048 bits")
    try:
        return rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), n).public_key()
    except ValueError:
        raise Malformed("public_key_malformed", "a key of the card is no RSA key") from None


def verify_cvc(certificate: CardVerifiableCertificate, trust: CardTrust) -> CertifiedKey:
    """The subject's key, once a key of the operator's table signed it.

    1. the table names the issuer's key: an unknown one is refused, not passed over      cards.md §3.7
    2. that key made the signature, RSASSA-PKCS1-v1_5 with SHA-256
    Identifiers that begin with 6 are of the test hierarchy, whatever the table says.
    Raises CertificateRejected("unknown_ca" | "bad_signature").
    """
    # 1 · table
    anchors = [anchor for anchor in trust.of_scheme(SCHEME) if anchor.key_id == certificate.issuer]
    if not anchors:
        raise CertificateRejected("unknown_ca", "untrusted_key", "no key of this authority is in the table")
    # 2 · signature
    for anchor in anchors:
        key = _read_anchor(anchor.material)
        if not is_signed(key, certificate.signed, certificate.signature):
            continue
        is_test = anchor.environment is Environment.TEST or certificate.issuer.startswith(_TEST_LEAD)
        return CertifiedKey(
            public_key=certificate.public_key,
            environment=Environment.TEST if is_test else Environment.PRODUCTION,
            anchor=anchor.label or "my_number_cvc_ca",
        )
    raise CertificateRejected("bad_signature", "untrusted_key", "the authority that it names did not sign it")


def is_signed(key: rsa.RSAPublicKey, data: bytes, signature: bytes) -> bool:
    """Whether a record is signed as all records of these applications are but the card face."""
    try:
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_anchor(material: bytes) -> rsa.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(material)
    except ValueError as unreadable:
        raise Misconfigured("bad_anchor", "a key of the table for my_number_cvc cannot be read") from unreadable
    if not isinstance(key, rsa.RSAPublicKey):
        raise Misconfigured("bad_anchor", "a key of the table for my_number_cvc is not RSA")
    return key
