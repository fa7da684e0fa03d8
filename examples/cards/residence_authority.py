"""The agency that signs residence cards, for tests: "ZairyuCard CA" (first generation, RSA) and "ZairyuCard CA2" (second, P-384).

A certificate of the signer lies on each card; the roots are what verifiers hold. Nobody real trusts these.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_COORDINATE = 48  # octets, P-384
_DER_SIZE = 103  # what DER may take beside a certificate of usual length, in a file of 704


def _day(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.UTC)


@dataclass(frozen=True, kw_only=True, eq=False)
class ResidenceAuthority:
    """One CA with one signer under it. generation: 1 or 2. valid: when the signer's certificate begins and ends (ISO dates).

    name: the last part of the CA's name; two authorities of one name have different keys. root_of: whose CA this is, with a signer of
    its own. Keys are made when they are first needed, and are in memory only.
    """

    generation: int
    name: str = "Test"
    valid: tuple[str, str] = ("2024-01-01", "2036-01-01")
    root_of: ResidenceAuthority | None = field(default=None, repr=False)

    @cached_property
    def _stranger(self) -> ResidenceAuthority:
        return ResidenceAuthority(generation=self.generation, name=self.name)

    @cached_property
    def _expired(self) -> ResidenceAuthority:
        return ResidenceAuthority(
            generation=self.generation, name=self.name, valid=("2021-01-01", "2022-01-01"), root_of=self
        )

    def stranger(self) -> ResidenceAuthority:
        """Another CA that bears the same name: who looks up issuers by name is taken in."""
        return self._stranger

    def expired(self) -> ResidenceAuthority:
        """The same CA with a signer whose certificate ended at the beginning of 2022."""
        return self._expired

    @cached_property
    def _root_key(self) -> PrivateKey:
        return self.root_of._root_key if self.root_of else self._new_key()

    @cached_property
    def _signer_key(self) -> PrivateKey:
        return self._new_key()

    def _new_key(self) -> PrivateKey:
        if self.generation == 1:
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return ec.generate_private_key(ec.SECP384R1())

    @property
    def _ca_name(self) -> x509.Name:
        series = "ZairyuCard CA" if self.generation == 1 else "ZairyuCard CA2"
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{series} {self.name}"),
            ]
        )

    @cached_property
    def delivery_key(self) -> rsa.RSAPrivateKey:
        """Its public half is published: session keys for 特定在留カード are sent under it. All cards of an authority have the same."""
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def delivery_key_der(self) -> bytes:
        """The public half, SubjectPublicKeyInfo."""
        return self.delivery_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @cached_property
    def root(self) -> x509.Certificate:
        """Self-signed."""
        if self.root_of:
            return self.root_of.root
        key = self._root_key
        builder = self._certificate(self._ca_name, key, serial=1, valid=("2021-01-01", "2039-07-20"))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return builder.add_extension(_usage(signs_certificates=True), critical=True).sign(key, hashes.SHA256())

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The signer's, as it lies on cards."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ZairyuCard")])
        builder = self._certificate(subject, self._signer_key, serial=2, valid=self.valid)
        return builder.add_extension(_usage(signs_certificates=False), critical=True).sign(
            self._root_key, hashes.SHA256()
        )

    def _certificate(
        self, subject: x509.Name, key: PrivateKey, *, serial: int, valid: tuple[str, str]
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._ca_name)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(_day(valid[0]))
            .not_valid_after(_day(valid[1]))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key()), critical=False
            )
        )

    @property
    def certificate_der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def root_der(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.DER)

    def sign(self, signed: bytes, *, der: bool = False) -> bytes:
        """The check code: RSASSA-PKCS1-v1_5 with SHA-256, or ECDSA with SHA-256 as r ‖ s (der: as the library writes it)."""
        key = self._signer_key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
        while der and len(signature) > _DER_SIZE:
            signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
        if der:
            return signature
        return b"".join(part.to_bytes(_COORDINATE, "big") for part in decode_dss_signature(signature))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
