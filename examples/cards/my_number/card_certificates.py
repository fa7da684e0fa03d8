"""Card-verifiable certificates of the text and surface applications, and who signs the records there. cards.md §3.7.

CA (text 33, surface 23) → a municipality's key (certified in EF 0004), which signs records and the card's own public key.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from examples.cards.keys import KeyRing, public_objects, sign
from examples.cards.tlv import tlv

TEXT, SURFACE = "33", "23"


def key_id(number: str, group: str = "001") -> bytes:
    """16 bytes: seven digits, 08 05, three digits, four zeros."""
    return number.encode() + b"\x08\x05" + group.encode() + bytes(4)


@dataclass(frozen=True, slots=True)
class CardCertificates:
    """One hierarchy. hierarchy: the first digit of its key identifiers, 5 production, 6 the test one. variant: other keys, same names."""

    keys: KeyRing
    hierarchy: str = "6"
    variant: str = ""

    def authority_id(self, application: str) -> bytes:
        return key_id(f"{self.hierarchy}0000{application}")

    def authority_key(self, application: str) -> rsa.RSAPrivateKey:
        return self.keys.rsa(f"card CA {self.hierarchy} {application} {self.variant}")

    def authority_spki(self, application: str) -> bytes:
        """What a verifier has to be told, since it is on no card: the CA's SubjectPublicKeyInfo, DER."""
        public = self.authority_key(application).public_key()
        return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def issuer_key(self) -> rsa.RSAPrivateKey:
        """The municipality's, for both applications."""
        return self.keys.rsa(f"municipality {self.hierarchy} {self.variant}")

    def certificate(self, application: str, municipality: str) -> bytes:
        """EF 0004: ``7F21{5F4E body, 5F37 signature}``, 568 bytes. municipality: five digits."""
        subject = key_id(f"{municipality}{municipality[:2]}", "000")
        body = self.authority_id(application) + subject + public_objects(self.issuer_key())
        return tlv(0x7F21, tlv(0x5F4E, body), tlv(0x5F37, sign(self.authority_key(application), body)))
