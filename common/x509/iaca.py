"""Certificates of mdoc issuers: an issuing authority's root (IACA) and the document signers it vouches for. ISO/IEC 18013-5 Annex B.1.

A document signer is issued by its root directly: nothing stands between them. Roots of one name are told apart by key and signature.
Path validation is ``cryptography``'s, with the profile's rules as its extension policies. What was *read* from a signer's certificate is
remembered within a bound; whether it may be believed is decided anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from common.errors import Malformed, Rejected
from common.x509.names import common_name

MDL_DS = "1.0.18013.5.1.2"
"""id-mdl-kp-mdlDS: the extended key usage of document signers."""
MAX_CERTIFICATE_BYTES = 12288
_MAX_CHAIN = 3
_REMEMBERED = 512
_FORBIDDEN = frozenset(
    {
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.FRESHEST_CRL,
    }
)
"""Extensions that certificates of these profiles shall not have (tables B.1 and B.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerCertificate:
    """A document signer's certificate as read, not verified.

    issuer: the first address of its issuer alternative name, else its subject's name (RFC 4514). country, state: of its subject, None
    unless there is exactly one. not_before, not_after: seconds.
    """

    certificate: x509.Certificate = field(repr=False)
    public_key: Any = field(repr=False)
    issuer: str
    subject: str
    country: str | None
    state: str | None
    not_before: int
    not_after: int


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
        certificate = x509.load_der_x509_certificate(der)
        public_key = certificate.public_key()
        _ = certificate.issuer, certificate.extensions  # read lazily elsewhere, where nothing catches what they raise
        if certificate.serial_number <= 0 or der[-len(certificate.signature) - 1] != 0:
            raise ValueError("RFC 5280 §4.1.2.2; unused bits at the end of a signature, which nothing would cover")
        alternative = _alternative_names(certificate)
        return SignerCertificate(
            certificate=certificate,
            public_key=public_key,
            issuer=alternative[0] if alternative else certificate.subject.rfc4514_string(),
            subject=common_name(certificate),
            country=_only(certificate.subject, NameOID.COUNTRY_NAME),
            state=_only(certificate.subject, NameOID.STATE_OR_PROVINCE_NAME),
            not_before=int(certificate.not_valid_before_utc.timestamp()),
            not_after=int(certificate.not_valid_after_utc.timestamp()),
        )
    except (ValueError, OverflowError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise Malformed("bad_certificate", "not an X.509 certificate") from None
    except Exception as unreadable:  # cryptography's own UnsupportedAlgorithm and friends share no base below Exception
        raise Malformed("bad_certificate", "a certificate of an unknown kind") from unreadable


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


def _only(name: x509.Name, oid: ObjectIdentifier) -> str | None:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else None


class IacaRoots:
    """Trusted roots, made ready for checking. Roots that are no IACA do no harm: what they vouch for fails the profile."""

    def __init__(self, certificates: Iterable[x509.Certificate], *, key_usages: Iterable[str] = (MDL_DS,)) -> None:
        """key_usages: extended key usages of document signers that are accepted, as dotted numbers."""
        self.certificates = tuple(certificates)
        self._prints = {root.fingerprint(hashes.SHA256()) for root in self.certificates}
        self._usages = frozenset(ObjectIdentifier(usage) for usage in key_usages)
        self._builder = (
            PolicyBuilder()
            .store(Store(list(self.certificates)))
            .max_chain_depth(0)
            .extension_policies(ca_policy=_root_policy(), ee_policy=self._signer_policy())
            if self.certificates
            else None
        )

    def _signer_policy(self) -> ExtensionPolicy:
        """Table B.3."""

        def check_usages(_: Policy, __: x509.Certificate, usages: x509.ExtendedKeyUsage) -> None:
            if not self._usages.issuperset(usages) or not list(usages):
                raise ValueError("the extended key usage is not that of a document signer")

        return (
            _common_policy()
            .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _check_no_authority)
            .require_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
            .require_present(x509.KeyUsage, Criticality.CRITICAL, _check_signer_usage)
            .require_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, check_usages)
        )

    def verify(
        self, chain: Sequence[bytes], *, now: int, crls: Sequence[x509.CertificateRevocationList] = ()
    ) -> VerifiedDocumentSigner:
        """The document signer at the head of ``chain`` (DER), once a root of ours vouches for it.

        1. read; a copy of one of our roots may have come along, anything else may not     ISO/IEC 18013-5 B.1.1: path length 0
        2. validity of the signer at ``now`` (seconds)                                     RFC 5280 §6.1.3
        3. path: a root's key made the signature, its validity, the profile's extensions   RFC 5280 §6.1, tables B.1 and B.3
        4. key identifiers, country and, where either has one, state agree                 tables B.1 and B.3
        5. revocation, if the caller gives lists                                           RFC 5280 §6.3
        Left to the caller: what this issuer may issue.
        Raises Malformed, Rejected("untrusted_key" | "expired" | "not_yet_valid" | "revoked" | "status_unknown").
        """
        # 1 · read
        if not 0 < len(chain) <= _MAX_CHAIN:
            raise Malformed("bad_x5chain", f"a document signer's chain has at most {_MAX_CHAIN} certificates")
        signer = parse_signer(chain[0])
        for other in chain[1:]:
            if parse_signer(other).certificate.fingerprint(hashes.SHA256()) not in self._prints:
                raise Rejected("untrusted_key", "a document signer is issued by its root directly")
        if self._builder is None:
            raise Rejected("untrusted_key", "no roots are trusted here")
        # 2 · validity
        _check_validity(signer.not_before, signer.not_after, now)
        # 3 · path
        try:
            verifier = self._builder.time(datetime.fromtimestamp(now, UTC)).build_client_verifier()
            path = verifier.verify(signer.certificate, []).chain
        except VerificationError as failure:
            raise self._why(signer.certificate, now) from failure
        if len(path) != 2:
            raise Rejected("untrusted_key", "a root's own key does not sign documents")
        root = path[1]
        # 4 · names and key identifiers
        facts = _root_facts(root)
        _check_names(signer, facts)
        # 5 · revocation
        if crls:
            _check_revocation(signer.certificate, root, crls, now)
        return VerifiedDocumentSigner(signer=signer, root_subject=facts.subject, root_sha256=facts.sha256)

    def _why(self, certificate: x509.Certificate, now: int) -> Rejected:
        """An expired root is told from an unknown one: the operator can mend the first."""
        for root in self.certificates:
            if root.subject == certificate.issuer:
                try:
                    certificate.verify_directly_issued_by(root)
                    _check_validity(
                        int(root.not_valid_before_utc.timestamp()), int(root.not_valid_after_utc.timestamp()), now
                    )
                except Rejected as rejection:
                    return rejection
                except Exception:  # noqa: S112 - whatever is wrong with this root, it does not vouch
                    continue
        return Rejected("untrusted_key", "no trusted root vouches for this document signer")


@dataclass(frozen=True, slots=True)
class _RootFacts:
    subject: str
    sha256: str
    country: str | None
    state: str | None
    key_identifier: bytes


@lru_cache(maxsize=_REMEMBERED)
def _root_facts(root: x509.Certificate) -> _RootFacts:
    identifier = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return _RootFacts(
        common_name(root),
        root.fingerprint(hashes.SHA256()).hex(),
        _only(root.subject, NameOID.COUNTRY_NAME),
        _only(root.subject, NameOID.STATE_OR_PROVINCE_NAME),
        identifier.digest,
    )


def _check_validity(not_before: int, not_after: int, now: int) -> None:
    if now > not_after:
        raise Rejected("expired", "a certificate of the chain has expired")
    if now < not_before:
        raise Rejected("not_yet_valid", "a certificate of the chain is not valid yet")


def _check_names(signer: SignerCertificate, root: _RootFacts) -> None:
    if signer.country is None or signer.country != root.country:
        raise Rejected("untrusted_key", "the document signer and its root are not of one country")
    if signer.state != root.state:
        raise Rejected("untrusted_key", "the document signer and its root are not of one state or province")
    authority = signer.certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    if authority.key_identifier != root.key_identifier:
        raise Rejected("untrusted_key", "the document signer names another key than its root's")


def _common_policy() -> ExtensionPolicy:
    """What tables B.1 and B.3 share. An extension that is critical and not named in a policy ends the check."""
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.SubjectKeyIdentifier, Criticality.NON_CRITICAL, None)
        .require_present(x509.IssuerAlternativeName, Criticality.NON_CRITICAL, _check_alternative_name)
        .may_be_present(x509.CRLDistributionPoints, Criticality.NON_CRITICAL, _check_distribution_points)
    )


def _root_policy() -> ExtensionPolicy:
    """Table B.1."""
    return (
        _common_policy()
        .require_present(x509.BasicConstraints, Criticality.CRITICAL, _check_authority)
        .require_present(x509.KeyUsage, Criticality.CRITICAL, _check_root_usage)
    )


def _check_alternative_name(_: Policy, certificate: x509.Certificate, names: x509.IssuerAlternativeName) -> None:
    allowed = (x509.UniformResourceIdentifier, x509.RFC822Name)
    if not list(names) or not all(isinstance(name, allowed) for name in names):
        raise ValueError("the issuer alternative name is an address or a mail address")
    _check_extensions(certificate)


def _check_extensions(certificate: x509.Certificate) -> None:
    """Rides on an extension that every certificate of the profiles has, since a policy sees one extension at a time."""
    if any(extension.oid in _FORBIDDEN for extension in certificate.extensions):
        raise ValueError("an extension that this profile forbids")


def _check_distribution_points(_: Policy, __: x509.Certificate, points: x509.CRLDistributionPoints | None) -> None:
    if points is not None and any(point.reasons or point.crl_issuer for point in points):
        raise ValueError("reasons and cRLIssuer shall not be used")


def _check_authority(_: Policy, __: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca or constraints.path_length != 0:
        raise ValueError("an IACA root is an authority of path length 0")


def _check_no_authority(_: Policy, __: x509.Certificate, constraints: x509.BasicConstraints | None) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("a document signer is no authority")


def _check_root_usage(_: Policy, __: x509.Certificate, usage: x509.KeyUsage) -> None:
    if _set_bits(usage) != {"key_cert_sign", "crl_sign"}:
        raise ValueError("an IACA root's key signs certificates and revocation lists, nothing else")


def _check_signer_usage(_: Policy, __: x509.Certificate, usage: x509.KeyUsage) -> None:
    if _set_bits(usage) != {"digital_signature"}:
        raise ValueError("a document signer's key makes digital signatures, nothing else")


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign"),
)


def _set_bits(usage: x509.KeyUsage) -> set[str]:
    return {name for name in _USAGES if getattr(usage, name)}


def _check_revocation(
    certificate: x509.Certificate,
    root: x509.Certificate,
    crls: Sequence[x509.CertificateRevocationList],
    now: int,
) -> None:
    """By a list of the root's own that is in force. Without one nothing is known, and that is not good enough once lists are asked for."""
    moment = datetime.fromtimestamp(now, UTC)
    for crl in crls:
        until = crl.next_update_utc
        if crl.issuer != root.subject or crl.last_update_utc > moment or until is None or until < moment:
            continue
        if not crl.is_signature_valid(root.public_key()):  # type: ignore[arg-type]
            continue
        if crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            raise Rejected("revoked", "the document signer's certificate was revoked")
        return
    raise Rejected("status_unknown", "no revocation list of this root is in force")
