"""Throw-away JPKI authorities for the reader's own tests: generations of one name, leaves, lists, a responder. Keys live in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = 1_790_000_000
DAY = 86400
ARC = "1.2.392.200149.8.5.5."
SIGN_POLICY, TEST_POLICY = "1.2.392.200149.8.5.1.1.20", "1.2.392.200149.8.5.1.0.20"
AUTH_POLICY = "1.2.392.200149.8.5.1.3.30"
SIGN_OU, AUTH_OU = "JPKI for digital signature", "JPKI for user authentication"
SIGN_USAGE = frozenset({"digital_signature", "content_commitment"})
AUTH_USAGE = frozenset({"digital_signature"})
PERSON = {
    ARC + "1": "髙橋　花子",
    ARC + "2": "10000",
    ARC + "3": "2",
    ARC + "4": "319800217",
    ARC + "5": "東京都千代田区霞が関１丁目",
    ARC + "6": "0000000000000",
}


@cache
def key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a name for the whole run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def distinguished(ou: str, organisation: str = "JPKI") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, ou),
            x509.NameAttribute(
                NameOID.ORGANIZATIONAL_UNIT_NAME, "Japan Agency for Local Authority Information Systems"
            ),
        ]
    )


def usage_of(names: frozenset[str]) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: name in names for name in every})


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return der(self.certificate)


def der(thing: Any) -> bytes:
    encoded: bytes = thing.public_bytes(serialization.Encoding.DER)
    return encoded


def make_authority(
    generation: str,
    *,
    ou: str = SIGN_OU,
    organisation: str = "JPKI",
    start: int = NOW - 400 * DAY,
    end: int = NOW + 3000 * DAY,
    ca: bool = True,
    usage: frozenset[str] = frozenset({"key_cert_sign", "crl_sign"}),
    bits: int = 2048,
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> Authority:
    own = key(f"ca {generation}", bits)
    name = distinguished(ou, organisation)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(own.public_key())
        .serial_number(1)
        .not_valid_before(moment(start))
        .not_valid_after(moment(end))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage_of(usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    )
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    return Authority(builder.sign(own, hashes.SHA256()), own)


def utf8(text: str) -> bytes:
    data = text.encode()
    if len(data) < 0x80:
        return b"\x0c" + bytes([len(data)]) + data
    count = 1 if len(data) < 0x100 else 2
    return b"\x0c" + bytes([0x80 + count]) + len(data).to_bytes(count, "big") + data


def other_names(person: Mapping[str, str]) -> list[x509.GeneralName]:
    return [x509.OtherName(x509.ObjectIdentifier(oid), utf8(value)) for oid, value in person.items()]


def issue(
    authority: Authority,
    *,
    names: Sequence[x509.GeneralName] | None = None,
    policy: str | None = SIGN_POLICY,
    usage: frozenset[str] | None = SIGN_USAGE,
    start: int = NOW - 30 * DAY,
    end: int = NOW + 1000 * DAY,
    serial: int = 1234567,
    ca: bool | None = None,
    leaf_key: Any = None,
    signed_by: Any = None,
    hash_algorithm: hashes.SHA512 | None = None,
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
    aki: bytes | None = b"own",
) -> x509.Certificate:
    """A leaf; what is not named is right. names: of the subjectAltName, the sample person's by default, () for none."""
    own = leaf_key or key("leaf")
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key()).digest
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "0123456789ABCDEF1300001234567A")]))
        .issuer_name(authority.certificate.subject)
        .public_key(own.public_key())
        .serial_number(serial)
        .not_valid_before(moment(start))
        .not_valid_after(moment(end))
    )
    if usage is not None:
        builder = builder.add_extension(usage_of(usage), critical=True)
    if policy is not None:
        information = x509.PolicyInformation(x509.ObjectIdentifier(policy), None)
        builder = builder.add_extension(x509.CertificatePolicies([information]), critical=True)
    alternative = other_names(PERSON) if names is None else list(names)
    if alternative:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    if aki is not None:
        named = identifier if aki == b"own" else aki
        builder = builder.add_extension(x509.AuthorityKeyIdentifier(named, None, None), critical=False)
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signed_by or authority.key, hash_algorithm or hashes.SHA256())


def make_list(
    authority: Authority,
    revoked: Mapping[int, x509.ReasonFlags | None],
    *,
    start: int = NOW - 3600,
    end: int | None = NOW + DAY,
    signed_by: Any = None,
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
    name: x509.Name | None = None,
    aki: bool = True,
) -> bytes:
    """A CRL in DER. revoked: serial number → reason."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name or authority.certificate.subject)
        .last_update(moment(start))
        .next_update(moment(end if end is not None else start + DAY))
        .add_extension(x509.CRLNumber(7), critical=False)
    )
    if aki:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    for serial, reason in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment(NOW - 5 * DAY))
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return der(builder.sign(signed_by or authority.key, hashes.SHA256()))


def make_responder(
    authority: Authority,
    *,
    purposes: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.OCSP_SIGNING,),
    no_check: bool = True,
    signed_by: Any = None,
    end: int = NOW + DAY,
) -> Authority:
    """A delegated OCSP responder."""
    own = ec_key("responder")
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "responder")]))
        .issuer_name(authority.certificate.subject)
        .public_key(own.public_key())
        .serial_number(99)
        .not_valid_before(moment(NOW - DAY))
        .not_valid_after(moment(end))
        .add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=True)
    )
    if no_check:
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return Authority(builder.sign(signed_by or authority.key, hashes.SHA256()), own)


def answer(
    request: bytes,
    leaf: x509.Certificate,
    authority: Authority,
    *,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    responder: Authority | None = None,
    nonce: bytes | str | None = "theirs",
    this_update: int = NOW - 60,
    next_update: int | None = NOW + 600,
    algorithm: hashes.HashAlgorithm | None = None,
    along: bool = True,
) -> bytes:
    """An OCSP response in DER to a request. nonce: "theirs" repeats the request's, None leaves it out, bytes are bytes."""
    asked = ocsp.load_der_ocsp_request(request)
    signer = responder or authority
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf,
        issuer=authority.certificate,
        algorithm=algorithm or hashes.SHA1(),
        cert_status=status,
        this_update=moment(this_update),
        next_update=None if next_update is None else moment(next_update),
        revocation_time=moment(NOW - 5 * DAY) if revoked else None,
        revocation_reason=x509.ReasonFlags.affiliation_changed if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    if responder is not None and along:
        builder = builder.certificates([responder.certificate])
    if nonce == "theirs":
        nonce = asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    if isinstance(nonce, bytes):
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return der(builder.sign(signer.key, hashes.SHA256()))
