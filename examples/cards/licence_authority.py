"""The police that sign driving licences, for tests: a CA with one signing certificate, which lies on no card. Nobody real trusts these."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


def _day(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.UTC)


def _name(unit: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tegata Test Police"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class PoliceAuthority:
    """unit: whose police sign. valid: when their certificate begins and ends. root_of: whose CA this is, with a signer of its own.

    Keys are made when they are first needed, and are in memory only.
    """

    unit: str = "Tokyo"
    valid: tuple[str, str] = ("2024-01-01", "2036-01-01")
    root_of: PoliceAuthority | None = field(default=None, repr=False)

    @cached_property
    def _stranger(self) -> PoliceAuthority:
        return PoliceAuthority(unit=self.unit)

    @cached_property
    def _expired(self) -> PoliceAuthority:
        return PoliceAuthority(unit=self.unit, valid=("2015-01-01", "2022-01-01"), root_of=self)

    def stranger(self) -> PoliceAuthority:
        """Other keys under the same names."""
        return self._stranger

    def expired(self) -> PoliceAuthority:
        """The same CA with a signer whose certificate ended at the beginning of 2022, before any sample licence was issued."""
        return self._expired

    @cached_property
    def _root_key(self) -> rsa.RSAPrivateKey:
        return self.root_of._root_key if self.root_of else rsa.generate_private_key(65537, 2048)

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65537, 2048)

    @cached_property
    def root(self) -> x509.Certificate:
        if self.root_of:
            return self.root_of.root
        name = _name("Root", "Test Licence Root CA")
        builder = self._builder(name, self._root_key, 1, ("2010-01-01", "2040-01-01"))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return builder.add_extension(_usage(ca=True), critical=True).sign(self._root_key, hashes.SHA256())

    @cached_property
    def certificate(self) -> x509.Certificate:
        """What verifiers hold: the licence only names its key."""
        serial = 2 if self.root_of is None else 3
        builder = self._builder(_name(self.unit, "Test Licence Signer"), self._key, serial, self.valid)
        return builder.add_extension(_usage(ca=False), critical=True).sign(self._root_key, hashes.SHA256())

    def _builder(
        self, subject: x509.Name, key: rsa.RSAPrivateKey, serial: int, valid: tuple[str, str]
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name("Root", "Test Licence Root CA"))
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
    def key_identifier(self) -> bytes:
        """The certificate's subject key identifier, 20 bytes."""
        return self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest

    @property
    def serial(self) -> str:
        """Sixteen hexadecimal digits, as the licence writes it."""
        return f"{self.certificate.serial_number:016X}"

    @property
    def certificate_der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def root_der(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.DER)

    def sign(self, signed: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256, 256 bytes."""
        return self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
