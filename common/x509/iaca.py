"""Certificates of mdoc issuers: an issuing authority's root (IACA) and the document signers it vouches for. ISO/IEC 18013-5 Annex B.1.

A document signer is issued by its root directly, so a path has one link. Roots of one name are told apart by key and signature. What was
*read* from a certificate is remembered within a bound; whether a signer may be believed is decided anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID, ObjectIdentifier

from common.errors import Malformed, Rejected
from common.x509.iaca_profile import ProfileBroken, check_root, check_signer
from common.x509.names import common_name
from common.x509.wrapping import check_wrapping

MDL_DS = "1.0.18013.5.1.2"
"""id-mdl-kp-mdlDS: the extended key usage of document signers."""
MAX_CERTIFICATE_BYTES = 12288
_MAX_CHAIN = 3
_REMEMBERED = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerCertificate:
    """A document signer's certificate as read, not verified.

    issuer: the first address of its issuer alternative name, else its subject's name (RFC 4514). country, state: of its subject, None
    unless there is exactly one. not_before, not_after: seconds. flaw: the rule of the profile that it breaks, empty for none.
    """

    certificate: x509.Certificate = field(repr=False)
    public_key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey = field(repr=False)
    issuer: str
    subject: str
    country: str | None
    state: str | None
    not_before: int
    not_after: int
    flaw: str
    purposes: frozenset[str]
    root_name: bytes = field(repr=False)
    root_key_identifier: bytes | None = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    scheme: ec.ECDSA | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedDocumentSigner:
    """A signer that a trusted root vouches for, now. root_subject, root_sha256: which root it was."""

    signer: SignerCertificate
    root_subject: str
    root_sha256: str


@lru_cache(maxsize=_REMEMBERED)
def parse_signer(der: bytes) -> SignerCertificate:
    """DER → certificate. Raises Malformed."""
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise Malformed("bad_certificate", f"more than {MAX_CERTIFICATE_BYTES} bytes")
    try:
        return _read(der)
    except (ValueError, OverflowError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise Malformed("bad_certificate", "not an X.509 certificate") from None
    except Exception as unreadable:  # cryptography's own UnsupportedAlgorithm and friends share no base below Exception
        raise Malformed("bad_certificate", "a certificate of an unknown kind") from unreadable


def _read(der: bytes) -> SignerCertificate:
    certificate = x509.load_der_x509_certificate(der)
    key, scheme = certificate.public_key(), certificate.signature_algorithm_parameters
    if not isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        raise ValueError("a key that signs nothing here")
    check_wrapping(der, certificate)
    alternative = _alternative_names(certificate)
    return SignerCertificate(
        certificate=certificate,
        public_key=key,
        issuer=alternative[0] if alternative else certificate.subject.rfc4514_string(),
        subject=common_name(certificate),
        country=_only(certificate.subject, NameOID.COUNTRY_NAME),
        state=_only(certificate.subject, NameOID.STATE_OR_PROVINCE_NAME),
        not_before=int(certificate.not_valid_before_utc.timestamp()),
        not_after=int(certificate.not_valid_after_utc.timestamp()),
        flaw=_flaw(certificate),
        purposes=_purposes(certificate),
        root_name=certificate.issuer.public_bytes(),
        root_key_identifier=_authority_key_identifier(certificate),
        signed=certificate.tbs_certificate_bytes,
        signature=certificate.signature,
        scheme=scheme if isinstance(scheme, ec.ECDSA) else None,
    )


def _flaw(certificate: x509.Certificate) -> str:
    try:
        check_signer(certificate)
    except ProfileBroken as broken:
        return str(broken)
    return ""


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    """The addresses, then the mail addresses, of the issuer alternative name."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.IssuerAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [
        *names.get_values_for_type(x509.UniformResourceIdentifier),
        *(f"mailto:{address}" for address in names.get_values_for_type(x509.RFC822Name)),
    ]


def _authority_key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        return None


def _purposes(certificate: x509.Certificate) -> frozenset[str]:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(purpose.dotted_string for purpose in usage)


def _only(name: x509.Name, oid: ObjectIdentifier) -> str | None:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A root as read, once. flaw: why it is no IACA, empty for none."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePublicKey | None
    key_identifier: bytes | None
    subject: str
    sha256: str
    country: str | None
    state: str | None
    not_before: int
    not_after: int
    flaw: str


def _read_root(certificate: x509.Certificate) -> _Root:
    key, identifier, flaw = certificate.public_key(), None, ""
    try:
        check_root(certificate)
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (ProfileBroken, x509.ExtensionNotFound) as broken:
        flaw = str(broken)
    return _Root(
        certificate=certificate,
        key=key if isinstance(key, ec.EllipticCurvePublicKey) else None,
        key_identifier=identifier,
        subject=common_name(certificate),
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        country=_only(certificate.subject, NameOID.COUNTRY_NAME),
        state=_only(certificate.subject, NameOID.STATE_OR_PROVINCE_NAME),
        not_before=int(certificate.not_valid_before_utc.timestamp()),
        not_after=int(certificate.not_valid_after_utc.timestamp()),
        flaw=flaw,
    )


class IacaRoots:
    """Trusted roots, made ready for checking. Roots that are no IACA do no harm: nobody is believed by them here."""

    def __init__(self, certificates: Iterable[x509.Certificate], *, key_usages: Iterable[str] = (MDL_DS,)) -> None:
        """key_usages: extended key usages of document signers that are accepted, as dotted numbers."""
        self._by_name: dict[bytes, list[_Root]] = {}
        for certificate in certificates:
            self._by_name.setdefault(certificate.subject.public_bytes(), []).append(_read_root(certificate))
        self._prints = {root.sha256 for roots in self._by_name.values() for root in roots}
        self._usages = frozenset(key_usages)

    def verify(
        self, chain: Sequence[bytes], *, now: int, crls: Sequence[x509.CertificateRevocationList] = ()
    ) -> VerifiedDocumentSigner:
        """The document signer at the head of ``chain`` (DER), once a root of ours vouches for it.

        1. read; a copy of one of our roots may have come along, anything else may not       B.1.1: path length 0
        2. the signer: profile, purpose, validity at ``now`` (seconds)                       table B.3, RFC 5280 §6.1.3
        3. the root: by name and key identifier, and its key made the signature              RFC 5280 §6.1.3
        4. the root: profile, validity                                                       table B.1, RFC 5280 §6.1.4
        5. country and, where either has one, state agree                                    tables B.1 and B.3
        6. revocation, if the caller gives lists                                             RFC 5280 §6.3
        Left to the caller: what this issuer may issue.
        Raises Malformed, Rejected("untrusted_key" | "expired" | "not_yet_valid" | "revoked" | "status_unknown").
        """
        # 1 · read
        if not 0 < len(chain) <= _MAX_CHAIN:
            raise Malformed("bad_x5chain", f"a document signer's chain has at most {_MAX_CHAIN} certificates")
        signer = parse_signer(chain[0])
        for other in chain[1:]:
            if parse_signer(other).certificate.fingerprint(hashes.SHA256()).hex() not in self._prints:
                raise Rejected("untrusted_key", "a document signer is issued by its root directly")
        # 2 · signer
        if signer.flaw:
            raise Rejected("untrusted_key", signer.flaw)
        if not signer.purposes or not signer.purposes <= self._usages:
            raise Rejected("untrusted_key", "the extended key usage is not that of a document signer")
        _check_validity(signer.not_before, signer.not_after, now)
        # 3 · root
        root = self._find_root(signer)
        # 4 · root's profile
        if root.flaw:
            raise Rejected("untrusted_key", root.flaw)
        _check_validity(root.not_before, root.not_after, now)
        # 5 · places
        if signer.country is None or signer.country != root.country:
            raise Rejected("untrusted_key", "the document signer and its root are not of one country")
        if signer.state != root.state:
            raise Rejected("untrusted_key", "the document signer and its root are not of one state or province")
        # 6 · revocation
        if crls:
            _check_revocation(signer.certificate, root, crls, now)
        return VerifiedDocumentSigner(signer=signer, root_subject=root.subject, root_sha256=root.sha256)

    def _find_root(self, signer: SignerCertificate) -> _Root:
        for root in self._by_name.get(signer.root_name, ()):
            if root.key is None or signer.scheme is None or root.key_identifier != signer.root_key_identifier:
                continue
            try:
                root.key.verify(signer.signature, signer.signed, signer.scheme)
            except InvalidSignature:
                continue
            return root
        raise Rejected("untrusted_key", "no trusted root vouches for this document signer")


def _check_validity(not_before: int, not_after: int, now: int) -> None:
    if now > not_after:
        raise Rejected("expired", "a certificate of the chain has expired")
    if now < not_before:
        raise Rejected("not_yet_valid", "a certificate of the chain is not valid yet")


def _check_revocation(
    certificate: x509.Certificate, root: _Root, crls: Sequence[x509.CertificateRevocationList], now: int
) -> None:
    """By a list of the root's own that is in force. Without one nothing is known, and that is not good enough once lists are asked for."""
    moment = datetime.fromtimestamp(now, UTC)
    for crl in crls:
        until = crl.next_update_utc
        if crl.issuer != root.certificate.subject or crl.last_update_utc > moment or until is None or until < moment:
            continue
        if root.key is None or not crl.is_signature_valid(root.key):
            continue
        if crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            raise Rejected("revoked", "the document signer's certificate was revoked")
        return
    raise Rejected("status_unknown", "no revocation list of this root is in force")
