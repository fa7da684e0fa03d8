"""A small issuing authority for mdocs: for sandboxes and tests. A deployment brings its own instead. ISO/IEC 18013-5 Annex B.1.

Serial numbers are random, times are whole seconds given by the caller. Roots are P-256; a document signer may have any key.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from common.x509.iaca import MDL_DS
from common.x509.sandbox_ca import DAY, CertificateAuthority, Leaf, PublicKeyObject, moment, usage_bits

LONGEST_SIGNER_DAYS = 457
"""Table B.3: fifteen months."""


def _name(name: str, country: str, state: str | None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, country)]
    if state is not None:
        attributes.append(x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, state))
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _distribution_points(address: str) -> x509.CRLDistributionPoints:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
    return x509.CRLDistributionPoints([point])


def make_iaca(
    name: str,
    *,
    country: str,
    address: str,
    now: int,
    state: str | None = None,
    crl_address: str | None = None,
    days: int = 3650,
) -> CertificateAuthority:
    """A new IACA root (table B.1), valid from an hour before ``now`` (seconds).

    country: two letters. address: of the authority, for its issuer alternative name. crl_address: where its revocation list will be.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, country, state)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(now - 3600))
        .not_valid_after(moment(now + days * DAY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage_bits(sign=False, certify=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.IssuerAlternativeName([x509.UniformResourceIdentifier(address)]), critical=False)
    )
    if crl_address is not None:
        builder = builder.add_extension(_distribution_points(crl_address), critical=False)
    return CertificateAuthority(certificate=builder.sign(key, hashes.SHA256()), key=key)


def issue_document_signer(
    iaca: CertificateAuthority,
    public_key: PublicKeyObject,
    *,
    name: str,
    address: str,
    now: int,
    crl_address: str | None = None,
    days: int = LONGEST_SIGNER_DAYS,
) -> Leaf:
    """A certificate for a document signer's key (table B.3): country and state are the root's.

    address: the issuer's, for the issuer alternative name; it is what a verifier names the issuer by.
    """
    root = iaca.certificate
    country, state = (root.subject.get_attributes_for_oid(oid) for oid in _PLACES)
    identifier = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name, str(country[0].value), str(state[0].value) if state else None))
        .issuer_name(root.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(now - 3600))
        .not_valid_after(min(moment(now + days * DAY), root.not_valid_after_utc))
        .add_extension(usage_bits(sign=True, certify=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ObjectIdentifier(MDL_DS)]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.IssuerAlternativeName([x509.UniformResourceIdentifier(address)]), critical=False)
    )
    if crl_address is not None:
        builder = builder.add_extension(_distribution_points(crl_address), critical=False)
    return Leaf(certificate=builder.sign(iaca.key, hashes.SHA256()), authority=root)


_PLACES = (NameOID.COUNTRY_NAME, NameOID.STATE_OR_PROVINCE_NAME)


def make_crl(
    iaca: CertificateAuthority, revoked: Sequence[x509.Certificate], *, now: int, days: int = 30
) -> x509.CertificateRevocationList:
    """A revocation list of the root's, in force from ``now`` (seconds)."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(iaca.certificate.subject)
        .last_update(moment(now))
        .next_update(moment(now + days * DAY))
        .add_extension(x509.CRLNumber(now), critical=False)
    )
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(moment(now)).build())
    return builder.sign(iaca.key, hashes.SHA256())
