"""A small certificate authority: for sandboxes, for tests, and for https on a LAN. A deployment brings its own instead.

Serial numbers are random (RFC 5280 §4.1.2.2), times are whole seconds given by the caller. Everything is P-256.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from common.errors import Malformed
from common.x509.names import alternative_names, only_host

DAY = 86400
PublicKeyObject = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


class Use(Enum):
    """What a leaf is for."""

    ISSUER = "issuer"
    VERIFIER = "verifier"
    TLS_SERVER = "tls_server"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAuthority:
    """A root with its private key. ``key_pem`` is secret and stays out of the repr."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """PKCS#8, not encrypted: to be written with mode 0600, or sealed."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A certificate that the authority issued."""

    certificate: x509.Certificate
    authority: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def x5c(self) -> tuple[str, ...]:
        """For a JOSE header: the leaf alone, since the root never travels (HAIP 1.0 §6.1.1)."""
        return (base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode("ascii"),)

    @property
    def sha256(self) -> bytes:
        """What ``x509_hash`` carries, before base64url."""
        return self.certificate.fingerprint(hashes.SHA256())


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def usage_bits(*, sign: bool, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        key_cert_sign=certify,
        crl_sign=certify,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])


def make_ca(
    name: str, *, now: int, days: int = 3650, path_length: int | None = 0, only: str = ""
) -> CertificateAuthority:
    """A new self-signed root, valid from an hour before ``now`` (seconds). path_length 0: it issues leaves only.

    only: the one host that it may certify, with what is below it (RFC 5280 §4.2.1.10), so that its key is worth little to a thief.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(_subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(now - 3600))
        .not_valid_after(moment(now + days * DAY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(usage_bits(sign=False, certify=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if only:
        builder = builder.add_extension(only_host(only), critical=True)
    return CertificateAuthority(certificate=builder.sign(key, hashes.SHA256()), key=key)


def load_ca(certificate_pem: bytes, key_pem: bytes) -> CertificateAuthority:
    """What ``pem`` and ``key_pem`` gave. Raises Malformed when they cannot be read or do not belong together."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, None)
    except (ValueError, TypeError):
        raise Malformed("bad_pem", "not a certificate and its key in PEM") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise Malformed("bad_pem", "the key does not belong to the certificate")
    return CertificateAuthority(certificate=certificate, key=key)


def issue_leaf(
    ca: CertificateAuthority,
    public_key: PublicKeyObject,
    *,
    name: str,
    use: Use,
    now: int,
    dns_names: Sequence[str] = (),
    uris: Sequence[str] = (),
    days: int = 365,
) -> Leaf:
    """A certificate for somebody's key (`PublicKey.key` or `SoftwareKey.private_key().public_key()`).

    dns_names: host names (or IP addresses, for TLS). uris: for an issuer, its https identifier, which `iss` must equal.
    """
    alternatives = alternative_names(tuple(dns_names), tuple(uris))
    if not alternatives:
        raise ValueError("a leaf needs a name: dns_names or uris")
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(ca.certificate.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(now - 3600))
        .not_valid_after(min(moment(now + days * DAY), ca.certificate.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage_bits(sign=True, certify=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(authority_key, critical=False)
    )
    if use is Use.TLS_SERVER:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return Leaf(certificate=builder.sign(ca.key, hashes.SHA256()), authority=ca.certificate)
