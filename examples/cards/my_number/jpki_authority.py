"""Make-believe JPKI CAs: two purposes, three generations each that share one name, the first of them expired. cards.md §3.3, §4.

Their organisation says TEST, as that of J-LIS's own test hierarchy does. No certificate of theirs has ever been, or can be, a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from examples.cards.keys import KeyRing
from examples.cards.people import Person


class Purpose(StrEnum):
    SIGNATURE = "signature"
    AUTHENTICATION = "authentication"


_UNIT = {
    Purpose.SIGNATURE: "JPKI for digital signature",
    Purpose.AUTHENTICATION: "JPKI for user authentication",
}
POLICY = {
    Purpose.SIGNATURE: "1.2.392.200149.8.5.1.0.20",  # the test environment's
    Purpose.AUTHENTICATION: "1.2.392.200149.8.5.1.3.30",  # the production one's: no other is known
}
PRODUCTION_POLICY = {**POLICY, Purpose.SIGNATURE: "1.2.392.200149.8.5.1.1.20"}
"""What a hierarchy has that calls itself as the production one does."""
_ATTRIBUTE = "1.2.392.200149.8.5.5."
_YEAR = timedelta(days=365)
_LIFETIMES = {1: (-11, -1), 2: (-7, 3), 3: (-3, 7)}
"""Years from now, by generation."""
GENERATIONS = tuple(_LIFETIMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A certificate and its key. der: of the certificate."""

    der: bytes
    key: rsa.RSAPrivateKey = field(repr=False)
    serial: int = field(repr=False)


class JpkiAuthority:
    """One CA: its key, its certificate, and everybody whom it revoked.

    revoked: serial number → (since, reason). The same (ring, ring_name) is the same key.
    """

    def __init__(
        self,
        purpose: Purpose,
        *,
        now: datetime,
        keys: KeyRing,
        generation: int = 3,
        organisation: str = "JPKI-TEST",
        ring_name: str = "",
    ) -> None:
        self.purpose, self.generation, self.now = purpose, generation, now
        self.policy = (PRODUCTION_POLICY if organisation == "JPKI" else POLICY)[purpose]
        self.name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, _UNIT[purpose]),
                x509.NameAttribute(
                    NameOID.ORGANIZATIONAL_UNIT_NAME, "Japan Agency for Local Authority Information Systems"
                ),
            ]
        )
        self.key = keys.rsa(ring_name or f"jpki {purpose} {generation}")
        self.revoked: dict[int, tuple[datetime, x509.ReasonFlags]] = {}
        self.issued: set[int] = set()
        self.certificate = self._self_signed()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def _self_signed(self) -> x509.Certificate:
        first, last = _LIFETIMES[self.generation]
        public = self.key.public_key()
        builder = (
            x509.CertificateBuilder(self.name, self.name, public, self.generation)
            .not_valid_before(self.now + first * _YEAR)
            .not_valid_after(self.now + last * _YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )
        return builder.sign(self.key, hashes.SHA256())

    def issue(
        self,
        key: rsa.RSAPrivateKey,
        *,
        person: Person | None = None,
        policy: str | None = None,
        usage: x509.KeyUsage | None = None,
        age_in_days: int = 30,
        days: int = 5 * 365,
        attributes: Mapping[int, str] | None = None,
        says_issued_by: rsa.RSAPublicKey | None = None,
    ) -> Leaf:
        """A leaf of this CA's purpose, that began ``age_in_days`` ago and lasts ``days``. person: whose attributes go into it.

        policy, usage, attributes (by the last number of their OIDs) and says_issued_by (whose key's identifier it names as its issuer's)
        stand instead of what is right, for wrong certificates.
        """
        serial, issuer = x509.random_serial_number(), says_issued_by or self.key.public_key()
        begins = self.now - timedelta(days=age_in_days)
        builder = (
            x509.CertificateBuilder(self.name, _opaque(serial), key.public_key(), serial)
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=days))
            .add_extension(usage or leaf_usage(self.purpose), critical=True)
            .add_extension(_policies(policy or self.policy), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(_nowhere(self.name), critical=False)
        )
        held = attributes if attributes is not None else four_attributes(person) if person else {}
        if held:
            names = [_attribute(number, text) for number, text in held.items()]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self.issued.add(serial)
        certificate = builder.sign(self.key, hashes.SHA256())
        return Leaf(der=certificate.public_bytes(serialization.Encoding.DER), key=key, serial=serial)

    def revoke(
        self, serial: int, *, reason: x509.ReasonFlags = x509.ReasonFlags.affiliation_changed, days_ago: int = 1
    ) -> None:
        self.revoked[serial] = (self.now - timedelta(days=days_ago), reason)


def four_attributes(person: Person) -> dict[int, str]:
    """In the order in which a real certificate shows them: name, birth, sex, address, then the two rows of flags."""
    return {
        1: person.certificate_name,
        4: person.certificate_birth,
        3: person.sex,
        5: person.certificate_address,
        2: person.name_flags,
        6: person.address_flags,
    }


def leaf_usage(purpose: Purpose) -> x509.KeyUsage:
    return _usage(digital_signature=True, content_commitment=purpose is Purpose.SIGNATURE)


def _usage(**set_: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: set_.get(name, False) for name in names})


def _policies(oid: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), None)])


def _attribute(number: int, text: str) -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(_ATTRIBUTE + str(number)), core.UTF8String(text).dump())


def _opaque(serial: int) -> x509.Name:
    """A subject that says nothing about who it is."""
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "JP")
    return x509.Name([country, x509.NameAttribute(NameOID.COMMON_NAME, f"{serial % 10**20:020}A")])


def _nowhere(name: x509.Name) -> x509.CRLDistributionPoints:
    """Where the list of revoked certificates is: a name in a directory, not an address, so that nobody can fetch it (cards.md §4)."""
    point = x509.DirectoryName(x509.Name([*name, x509.NameAttribute(NameOID.COMMON_NAME, "CRLDP")]))
    return x509.CRLDistributionPoints([x509.DistributionPoint([point], None, None, None)])
