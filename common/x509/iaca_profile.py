"""The profiles of ISO/IEC 18013-5 Annex B.1, IACA root (table B.1) and document signer (table B.3), as facts about one certificate.

Whether anybody vouches for the certificate is decided in ``iaca``. Of the tables, the lists of revocation lists are not demanded: who wants
revocation checked brings the list.
"""

from __future__ import annotations

from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)
_SHARED = {
    ExtensionOID.KEY_USAGE,
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.ISSUER_ALTERNATIVE_NAME,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
    ExtensionOID.EXTENDED_KEY_USAGE,
}
"""Extensions whose meaning is enforced here. Any other one that is critical ends the check (RFC 5280 §4.2)."""
_FORBIDDEN = {
    ExtensionOID.POLICY_MAPPINGS,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.POLICY_CONSTRAINTS,
    ExtensionOID.INHIBIT_ANY_POLICY,
    ExtensionOID.FRESHEST_CRL,
}
_SMALLEST_KEY = 256
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign"),
)


class ProfileBroken(ValueError):
    """One English sentence: which rule."""


def check_root(certificate: x509.Certificate) -> None:
    """Table B.1. Raises ProfileBroken."""
    _check_shared(certificate)
    constraints = _value(certificate, x509.BasicConstraints, critical=True)
    if constraints is None or not constraints.ca or constraints.path_length != 0:
        raise ProfileBroken("an IACA root is an authority of path length 0")
    if _set_bits(certificate) != {"key_cert_sign", "crl_sign"}:
        raise ProfileBroken("an IACA root's key signs certificates and revocation lists, nothing else")


def check_signer(certificate: x509.Certificate) -> None:
    """Table B.3, but for which extended key usage it is. Raises ProfileBroken."""
    _check_shared(certificate)
    constraints = _value(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise ProfileBroken("a document signer is no authority")
    if _set_bits(certificate) != {"digital_signature"}:
        raise ProfileBroken("a document signer's key makes digital signatures, nothing else")
    authority = _value(certificate, x509.AuthorityKeyIdentifier)
    if authority is None or authority.key_identifier is None:
        raise ProfileBroken("a document signer names its root's key")


def _check_shared(certificate: x509.Certificate) -> None:
    for extension in certificate.extensions:
        if extension.oid in _FORBIDDEN or (extension.critical and extension.oid not in _SHARED):
            raise ProfileBroken("an extension that the profile forbids, or that is critical and not known here")
    if certificate.version is not x509.Version.v3:
        raise ProfileBroken("a certificate of version 3 is needed")
    if not isinstance(certificate.signature_algorithm_parameters, ec.ECDSA) or not isinstance(
        certificate.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512
    ):
        raise ProfileBroken("the certificate is not signed with ECDSA and a SHA-2 hash")
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < _SMALLEST_KEY:
        raise ProfileBroken("the key is too small")
    if _value(certificate, x509.SubjectKeyIdentifier) is None:
        raise ProfileBroken("the subject key identifier is missing")
    names = _value(certificate, x509.IssuerAlternativeName)
    if not names or not all(isinstance(name, x509.UniformResourceIdentifier | x509.RFC822Name) for name in names):
        raise ProfileBroken("the issuer alternative name is an address or a mail address")
    points = _value(certificate, x509.CRLDistributionPoints)
    if points is not None and any(point.reasons or point.crl_issuer for point in points):
        raise ProfileBroken("reasons and cRLIssuer shall not be used")


def _value(certificate: x509.Certificate, kind: type[_Kind], *, critical: bool = False) -> _Kind | None:
    try:
        extension = certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
    if critical and not extension.critical:
        raise ProfileBroken("an extension that must be critical is not")
    return extension.value


def _set_bits(certificate: x509.Certificate) -> set[str]:
    usage = _value(certificate, x509.KeyUsage, critical=True)
    return set() if usage is None else {name for name in _USAGES if getattr(usage, name)}
