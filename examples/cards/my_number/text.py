"""券面事項入力補助AP: the four attributes as text, signed by the municipality, and a key that answers challenges. cards.md §3.4."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from examples.cards.command import DONE, Answer, Command, Refusal
from examples.cards.files import Application, Internal, Pin, Transparent, any_of
from examples.cards.keys import KeyRing, public_objects, sign
from examples.cards.my_number.card_certificates import TEXT, CardCertificates, key_id
from examples.cards.my_number.messaging import TextMessaging
from examples.cards.my_number.records import with_offsets
from examples.cards.my_number.signing import compute_signature, is_compute_signature
from examples.cards.people import Person
from examples.cards.tlv import objects, tlv

AID = bytes.fromhex("d3921000310001010408")
NUMBER, ATTRIBUTES, INTEGRITY, CERTIFICATE, BASIC, SESSION_KEY, CARD_KEY = range(1, 8)
PIN, SPARE, SIGNING_KEY, CODE_A, CODE_B = 0x0011, 0x0012, 0x0013, 0x0014, 0x0015
NO_NUMBER = b"000000000000"
"""Stands where a card has its holder's number: no number is like that. It is here so that a test can see that nobody reads it."""
_SEX = {"1": b"1", "2": b"2", "3": b"0"}
"""JIS X 0303 has 0 for what is not known; the certificate has 3."""


class TextApplication(Application):
    """card_key signs challenges. session_key is what session keys for secure messaging are delivered under."""

    def __init__(
        self, person: Person, *, issuer: CardCertificates, keys: KeyRing, ring_name: str, pin: bytes = b"1234"
    ) -> None:
        self.card_key = keys.rsa(f"text {ring_name}")
        self.session_key = keys.rsa("text session")
        number = Transparent(fid=NUMBER, content=tlv(0xFF10, NO_NUMBER), size=17, read=any_of("pin", "code_a"))
        attributes = attributes_record(person)
        signer = issuer.issuer_key()
        card_key = tlv(0xDF51, public_objects(self.card_key))
        anybody = any_of("pin", "code_a", "code_b")
        super().__init__(
            aid=AID,
            files=[
                number,
                Transparent(fid=ATTRIBUTES, content=attributes, size=1024, read=any_of("pin", "code_b")),
                Transparent(fid=INTEGRITY, content=integrity_record(number.stored(), attributes, signer), read=anybody),
                Transparent(fid=CERTIFICATE, content=issuer.certificate(TEXT, person.municipality)),
                Transparent(fid=BASIC, content=_basic(issuer)),
                Transparent(fid=SESSION_KEY, content=tlv(0xA1, public_objects(self.session_key)), read=anybody),
                Transparent(
                    fid=CARD_KEY, content=tlv(0xFF50, card_key, tlv(0xDF52, sign(signer, card_key))), read=anybody
                ),
                Pin(fid=PIN, name="pin", value=pin, limit=3),
                Pin(fid=SPARE, name="spare", value=b"", limit=3, left=0),  # blocked from the start on every card
                Internal(fid=SIGNING_KEY),
                Pin(fid=CODE_A, name="code_a", value=NO_NUMBER, limit=10),
                Pin(fid=CODE_B, name="code_b", value=person.printed_code.encode(), limit=10),
            ],
        )

    def reset(self) -> None:
        super().reset()
        if isinstance(self.chip.messaging, TextMessaging):
            self.chip.messaging = None

    def handle(self, command: Command) -> Answer | None:
        if is_compute_signature(command):
            if command.p2 not in {0x00, 0x80 | SIGNING_KEY}:
                raise Refusal(0x6A86)
            return compute_signature(self.card_key, command)
        if (command.cla, command.ins) == (0x80, 0xAE):
            return self._set_session_key(command)
        return None

    def _set_session_key(self, command: Command) -> Answer:
        """``80 AE 00 00``: RSA-OAEP-SHA256 of ``A0 22 80 20 <32 bytes>``, after the PIN in the clear. cards.md §3.8."""
        if command.p1p2:
            raise Refusal(0x6A86)
        if "pin" not in self.granted:
            raise Refusal(0x6982)
        if int.from_bytes(command.data, "big") >= self.session_key.public_key().public_numbers().n:
            raise Refusal(0x6F00)
        self.chip.messaging = TextMessaging(_delivered(self.session_key, command.data))
        return DONE


def _delivered(key: rsa.RSAPrivateKey, ciphertext: bytes) -> bytes:
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    try:
        [(outer, delivery)] = objects(key.decrypt(ciphertext, oaep))
        [(inner, seed)] = objects(delivery)
    except ValueError:
        raise Refusal(0x6A80) from None
    if (outer, inner, len(seed)) != (0xA0, 0x80, 32):
        raise Refusal(0x6A80)
    return seed[:16]


def attributes_record(person: Person) -> bytes:
    """EF 0002. Names as in the register: nothing is substituted here."""
    return with_offsets(
        0xFF20,
        0xDF21,
        tlv(0xDF22, person.name.encode()),
        tlv(0xDF23, person.address.encode()),
        tlv(0xDF24, person.birth.encode()),
        tlv(0xDF25, _SEX[person.sex]),
    )


def integrity_record(number_file: bytes, attributes: bytes, signer: rsa.RSAPrivateKey) -> bytes:
    """EF 0003. number_file: as stored, with its filler. Of the attributes everything behind the table of offsets is hashed."""
    [(_, value)] = objects(attributes)
    covered = value[value.index(b"\xdf\x22") :]
    digests = tlv(0xDF31, hashlib.sha256(number_file).digest()) + tlv(0xDF32, hashlib.sha256(covered).digest())
    return tlv(0xFF30, digests, tlv(0xDF33, sign(signer, digests)))


def _basic(issuer: CardCertificates) -> bytes:
    """EF 0005. Of its last object nothing is known but its size, and that most of it is filler."""
    other = key_id(f"{issuer.hierarchy}000034")
    return tlv(
        0xFF40, tlv(0xDF41, bytes.fromhex("01030e01")), tlv(0xDF42, other), tlv(0xDF43, bytes(32) + b"\xff" * 96)
    )
