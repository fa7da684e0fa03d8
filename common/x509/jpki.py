"""Certificates of the Japanese public personal authentication service (JPKI): whether one of its two CAs vouches for a leaf, now.

Two CAs (digital signature, user authentication) issue directly, in generations of one name: narrowed by name and key identifier, decided
by signature. RFC 5280 §6.1; J-LIS certificate profile as read by independent programs (cards.md §3.3, §4: policy numbers are [C]).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtensionOID, NameOID, SignatureAlgorithmOID

from common.errors import Malformed, Rejected
from common.x509.jpki_profile import JpkiPurpose, check_ca, check_leaf, check_time
from common.x509.rejected import CertificateRejected
from common.x509.unreadable import UNREADABLE
from common.x509.wrapping import check_wrapping

MAX_CERTIFICATE_BYTES = 8192
_REMEMBERED = 128
_PADDING, _SHA256 = padding.PKCS1v15(), hashes.SHA256()


@dataclass(frozen=True, slots=True, kw_only=True)
class JpkiRoot:
    """A CA that is trusted for one purpose. test: of a test hierarchy, by its own name or by the operator's word."""

    certificate: x509.Certificate = field(repr=False)
    purpose: JpkiPurpose
    test: bool
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedJpkiCertificate:
    """A leaf as read, not verified. It prints nothing: number and name of a certificate follow a person around."""

    certificate: x509.Certificate = field(repr=False)
    public_key: rsa.RSAPublicKey | None = field(repr=False)
    key_identifier_of_issuer: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedJpkiCertificate:
    """A leaf that a trusted CA of its purpose vouches for, now. Revocation is not in this."""

    certificate: x509.Certificate = field(repr=False)
    public_key: rsa.RSAPublicKey = field(repr=False)
    root: JpkiRoot


@lru_cache(maxsize=_REMEMBERED)
def make_root(der: bytes, *, purpose: JpkiPurpose, test: bool) -> JpkiRoot:
    """An operator's trusted certificate. Whoever says TEST in its name is of a test hierarchy, whatever the operator says.

    Raises Malformed.
    """
    certificate = _load(der)
    names = [
        str(attribute.value)
        for oid in (NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(oid)
    ]
    return JpkiRoot(
        certificate=certificate,
        purpose=purpose,
        test=test or any("test" in name.lower() for name in names),
        sha256=certificate.fingerprint(_SHA256).hex(),
    )


def parse_jpki_certificate(der: bytes) -> ParsedJpkiCertificate:
    """DER → certificate. Raises Malformed("bad_certificate")."""
    certificate = _load(der)
    key = certificate.public_key()
    try:
        issuer_key = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        issuer_key = None
    return ParsedJpkiCertificate(
        certificate=certificate,
        public_key=key if isinstance(key, rsa.RSAPublicKey) else None,
        key_identifier_of_issuer=issuer_key,
    )


def _load(der: bytes) -> x509.Certificate:
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise Malformed("bad_certificate", f"more than {MAX_CERTIFICATE_BYTES} bytes")
    try:
        certificate = x509.load_der_x509_certificate(der)
        check_wrapping(der, certificate)
        _ = certificate.extensions, certificate.public_key(), certificate.subject, certificate.issuer
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except UNREADABLE as unreadable:
        raise Malformed("bad_certificate", "not an X.509 certificate, or one of an unknown kind") from unreadable
    return certificate


def find_issuer(parsed: ParsedJpkiCertificate, roots: Iterable[JpkiRoot], *, purpose: JpkiPurpose) -> JpkiRoot:
    """The trusted CA whose key made the signature: from here on the leaf's key is known to be certified, whatever else is wrong.

    1. narrow by purpose, name and key identifier       RFC 5280 §6.1.3 (a)(4), §4.2.1.1
    2. decide by signature, sha256WithRSAEncryption     RFC 5280 §6.1.3 (a)(1)
    Raises CertificateRejected: "untrusted_issuer", "algorithm", "bad_signature".
    """
    # 1 · narrow
    narrowed = [
        root
        for root in roots
        if root.purpose is purpose
        and root.certificate.subject == parsed.certificate.issuer
        and parsed.key_identifier_of_issuer in (None, _key_identifier(root.certificate))
    ]
    if not narrowed:
        raise CertificateRejected("untrusted_issuer", "untrusted_key", "no trusted CA of this purpose is named by it")
    # 2 · decide
    certificate = parsed.certificate
    if certificate.signature_algorithm_oid != SignatureAlgorithmOID.RSA_WITH_SHA256:
        raise CertificateRejected("algorithm", "algorithm_not_allowed", "not signed by RSA with SHA-256")
    for root in narrowed:
        key = root.certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            continue
        try:
            key.verify(certificate.signature, certificate.tbs_certificate_bytes, _PADDING, _SHA256)
            certificate.verify_directly_issued_by(root.certificate)  # also: algorithm outside as inside
        except (InvalidSignature, *UNREADABLE):
            continue
        return root
    raise CertificateRejected("bad_signature", "untrusted_key", "none of the CAs that it names made its signature")


def verify_jpki(
    parsed: ParsedJpkiCertificate, roots: Iterable[JpkiRoot], *, purpose: JpkiPurpose, now: int
) -> VerifiedJpkiCertificate:
    """The leaf, once a trusted CA of ``purpose`` vouches for it at ``now`` (seconds).

    1. the CA: by name and key identifier, and its key made the signature           `find_issuer`
    2. the CA: basicConstraints, keyCertSign, no unknown critical extension,
       RSA-2048; validity                                                           RFC 5280 §6.1.4
    3. the leaf: not a CA, key usage, policy of this purpose (of the same hierarchy,
       production or test), no unknown critical extension, RSA-2048                 cards.md §3.3, §4
    4. the leaf: validity                                                           RFC 5280 §6.1.3 (a)(2)
    Left to the caller: revocation, the four attributes, and whether a test hierarchy will do.
    Raises CertificateRejected, its ``check`` a word of its own for each.
    """
    # 1 · the CA's signature
    root = find_issuer(parsed, roots, purpose=purpose)
    # 2 · the CA
    check_ca(root.certificate)
    check_time(root.certificate, now, of_ca=True)
    # 3 · the leaf
    check_leaf(parsed.certificate, purpose=purpose, test=root.test)
    # 4 · its validity
    check_time(parsed.certificate, now, of_ca=False)
    if parsed.public_key is None:
        raise Rejected("untrusted_key", "not an RSA key")
    return VerifiedJpkiCertificate(certificate=parsed.certificate, public_key=parsed.public_key, root=root)


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_KEY_IDENTIFIER).value
    except x509.ExtensionNotFound:
        return None
    return found.digest if isinstance(found, x509.SubjectKeyIdentifier) else None
