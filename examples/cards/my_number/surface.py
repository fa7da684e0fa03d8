"""券面事項確認AP: the face of the card as pictures, signed by the municipality, and a key that answers challenges. cards.md §3.5."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import rsa

from examples.cards.command import Answer, Command, Refusal
from examples.cards.files import Application, Internal, Pin, Transparent, any_of
from examples.cards.keys import KeyRing, public_objects, sign, sign_padded
from examples.cards.my_number.card_certificates import SURFACE, CardCertificates, key_id
from examples.cards.my_number.pictures import in_lines, photo, writing
from examples.cards.my_number.records import with_offsets
from examples.cards.my_number.signing import compute_signature, is_compute_signature
from examples.cards.my_number.text import NO_NUMBER
from examples.cards.people import Person
from examples.cards.tlv import tlv

AID = bytes.fromhex("d3921000310001010402")
AGE, FACE, BASIC, CERTIFICATE, NUMBER_PICTURE = range(1, 6)
BIRTH_DATE, CODE_B, CODE_A, SIGNING_KEY = 0x0011, 0x0012, 0x0013, 0x001A
_THREE_DIGESTS = bytes.fromhex("3071300d060960864801650304020105000460")
"""The DigestInfo of three SHA-256 digests side by side, as if they were one of 96 bytes."""
PHOTO_SIZE = 7000
_SEX = {"1": b"1", "2": b"2", "3": b"0"}


class SurfaceApplication(Application):
    """card_key signs challenges; the records name its public half. photo: JPEG 2000, by default a drawn face of PHOTO_SIZE."""

    def __init__(
        self, person: Person, *, issuer: CardCertificates, keys: KeyRing, ring_name: str, portrait: bytes = b""
    ) -> None:
        self.card_key = keys.rsa(f"surface {ring_name}")
        signer = issuer.issuer_key()
        face = face_record(person, self.card_key, signer, portrait or photo(person.key, size=PHOTO_SIZE))
        number = tlv(0xDF41, writing((NO_NUMBER.decode(),), width=160)) + tlv(0xDF42, public_objects(self.card_key))
        super().__init__(
            aid=AID,
            files=[
                Transparent(fid=AGE, content=age_record(person, self.card_key, signer), read=any_of("birth_date")),
                Transparent(fid=FACE, content=face, size=max(len(face), 16384), read=any_of("code_a", "code_b")),
                Transparent(fid=BASIC, content=_basic(person, issuer)),
                Transparent(fid=CERTIFICATE, content=issuer.certificate(SURFACE, person.municipality)),
                Transparent(
                    fid=NUMBER_PICTURE,
                    content=tlv(0xFF40, number, tlv(0xDF43, sign(signer, number))),
                    read=any_of("code_a"),
                ),
                Pin(fid=BIRTH_DATE, name="birth_date", value=person.era_birth.encode(), limit=10),
                Pin(fid=CODE_B, name="code_b", value=person.printed_code.encode(), limit=10),
                Pin(fid=CODE_A, name="code_a", value=NO_NUMBER, limit=10),
                Internal(fid=SIGNING_KEY),
            ],
        )

    def handle(self, command: Command) -> Answer | None:
        if (command.cla, command.ins) == (0x80, 0xAE):
            raise Refusal(0x66F1)
        if not is_compute_signature(command):
            return None
        if command.p2 not in {0x00, 0x80 | SIGNING_KEY}:
            raise Refusal(0x6A86)
        return compute_signature(self.card_key, command)


def age_record(person: Person, card_key: rsa.RSAPrivateKey, signer: rsa.RSAPrivateKey) -> bytes:
    """EF 0001: the signature is over all objects before it."""
    covered = tlv(0xDF11, person.birth.encode()) + tlv(0xDF12, public_objects(card_key))
    return tlv(0xFF10, covered, tlv(0xDF13, sign(signer, covered)))


def face_record(
    person: Person, card_key: rsa.RSAPrivateKey, signer: rsa.RSAPrivateKey, portrait: bytes, *, expires: str = ""
) -> bytes:
    """EF 0002. Expiry and the picture of the security code stand behind the signature, which does not cover them."""
    birth, sex = tlv(0xDF22, person.birth.encode()), tlv(0xDF23, _SEX[person.sex])
    key = tlv(0xDF24, public_objects(card_key))
    name = tlv(0xDF25, writing(in_lines(person.name)))
    address = tlv(0xDF26, writing(in_lines(person.address)))
    face = tlv(0xDF27, portrait)
    digests = b"".join(hashlib.sha256(group).digest() for group in (birth + sex + key, name + address, face))
    return with_offsets(
        0xFF20,
        0xDF21,
        *(birth, sex, key, name, address, face),
        tlv(0xDF28, sign_padded(signer, _THREE_DIGESTS + digests)),
        tlv(0xDF29, (expires or person.card_expires).encode()),
        tlv(0xDF2A, writing((person.security_code,), width=64)),
    )


def _basic(person: Person, issuer: CardCertificates) -> bytes:
    """EF 0003: the municipality's code, and a block under a key that nobody outside knows."""
    return tlv(
        0xFF30,
        tlv(0xDF31, bytes.fromhex("06030e01")),
        tlv(0xDF32, key_id(f"{issuer.hierarchy}000024")),
        tlv(0xDF33, b"\x00"),
        tlv(0xDF34, person.municipality.encode()),
        tlv(0xDF35, key_id(f"{issuer.hierarchy}900025"[:7]), hashlib.sha256(person.key.encode()).digest() * 8),
    )
