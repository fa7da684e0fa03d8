"""The rules for JPKI's CAs and leaves, one function a certificate, one word a rule. cards.md §3.3 and §4; RFC 5280 §4.2.

What J-LIS publishes of its profile was read through others' programs: the policy numbers stand in one table here, to be corrected there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from common.x509.rejected import CertificateRejected


class JpkiPurpose(StrEnum):
    """What a CA issues for: the person's signature, or their authentication."""

    SIGNATURE = "signature"
    AUTHENTICATION = "authentication"


_SIGN_CLASS, _TEST_SIGN_CLASS = "1.2.392.200149.8.5.1.1.20", "1.2.392.200149.8.5.1.0.20"
_AUTH_CLASS = "1.2.392.200149.8.5.1.3.30"
POLICIES: Mapping[tuple[JpkiPurpose, bool], frozenset[str]] = {
    (JpkiPurpose.SIGNATURE, False): frozenset({_SIGN_CLASS}),
    (JpkiPurpose.SIGNATURE, True): frozenset({_SIGN_CLASS, _TEST_SIGN_CLASS}),
    (JpkiPurpose.AUTHENTICATION, False): frozenset({_AUTH_CLASS}),
    (JpkiPurpose.AUTHENTICATION, True): frozenset({_AUTH_CLASS}),
}
"""Certificate policies by purpose and by whether the hierarchy is a test one. Cards only: what phones are reported to carry
(…1.1.40) is hearsay. The test environment's number for authentication was not found anywhere."""
_BITS = 2048
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)
"""Extensions that are enforced here or by whoever asks for revocation and attributes, or say nothing that restricts."""
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign"),
)
_LEAF_USAGES = {
    JpkiPurpose.SIGNATURE: {"digital_signature", "content_commitment"},
    JpkiPurpose.AUTHENTICATION: {"digital_signature"},
}
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


def check_ca(certificate: x509.Certificate) -> None:
    """Raises CertificateRejected: "ca_constraints", "ca_key_usage", "ca_critical_extension", "ca_key"."""
    constraints = _value(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise _broken("ca_constraints", "the issuer is not a CA")
    if "key_cert_sign" not in _usages(certificate):
        raise _broken("ca_key_usage", "the CA's key may not sign certificates")
    if _critical(certificate) - _UNDERSTOOD:
        raise _broken("ca_critical_extension", "the CA has a critical extension that is not understood")
    if not _has_right_key(certificate):
        raise _broken("ca_key", "the CA's key is not RSA with 2048 bits")


def check_leaf(certificate: x509.Certificate, *, purpose: JpkiPurpose, test: bool) -> None:
    """test: the CA's hierarchy. Raises CertificateRejected: "leaf_is_ca", "key_usage", "policy", "critical_extension", "key"."""
    constraints = _value(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise _broken("leaf_is_ca", "a person's certificate is not a CA's")
    # Exactly these: a certificate that may do more is one for something else.
    if _usages(certificate) != _LEAF_USAGES[purpose]:
        raise _broken("key_usage", "the key usage is not that of its purpose")
    policies = _value(certificate, x509.CertificatePolicies)
    named = [] if policies is None else [policy.policy_identifier.dotted_string for policy in policies]
    if len(named) != 1 or named[0] not in POLICIES[purpose, test]:
        raise _broken("policy", "the certificate policy is not that of its CA's purpose")
    understood = _UNDERSTOOD
    if purpose is JpkiPurpose.AUTHENTICATION:
        extended = _value(certificate, x509.ExtendedKeyUsage)
        if extended is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in extended:
            raise _broken("key_usage", "the extended key usage is not authentication")
        understood |= {ExtensionOID.EXTENDED_KEY_USAGE}
    if _critical(certificate) - understood:
        raise _broken("critical_extension", "a critical extension is not understood")
    if not _has_right_key(certificate):
        raise _broken("key", "the key is not RSA with 2048 bits")


def check_time(certificate: x509.Certificate, now: int, *, of_ca: bool) -> None:
    """Raises CertificateRejected: "expired", "not_yet_valid", "ca_expired", "ca_not_yet_valid"."""
    whose = "ca_" if of_ca else ""
    if now > certificate.not_valid_after_utc.timestamp():
        raise CertificateRejected(f"{whose}expired", "expired", "a certificate has expired")
    if now < certificate.not_valid_before_utc.timestamp():
        raise CertificateRejected(f"{whose}not_yet_valid", "not_yet_valid", "a certificate is not valid yet")


def _broken(check: str, detail: str) -> CertificateRejected:
    return CertificateRejected(check, "untrusted_key", detail)


def _value(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _usages(certificate: x509.Certificate) -> set[str]:
    usage = _value(certificate, x509.KeyUsage)
    return set() if usage is None else {name for name in _USAGES if getattr(usage, name)}


def _critical(certificate: x509.Certificate) -> set[x509.ObjectIdentifier]:
    return {extension.oid for extension in certificate.extensions if extension.critical}


def _has_right_key(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size == _BITS
