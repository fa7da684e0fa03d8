"""A virtual 特定在留カード: the residence application on a My Number card (特定在留カード等仕様書 1.1, as far as open sources tell it).

chip = build_specified_residence_card(NGUYEN, PEOPLE["nguyen"], authority=ResidenceAuthority(generation=2), my_number=MyNumberAuthorities())

Files and signature are the second generation's; JPKI and its keys stand on the same chip. What is known of the session: SET SESSION KEY
delivers an AES key under RSA-OAEP with a published delivery key; a counter and CMAC are part of it. How they are put together is a
hypothesis, and all of it is in `CountedMessaging` and `session_keys`.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from examples.cards.chip import SECURE, Application, Chip
from examples.cards.command import DONE, Answer, Command, Refusal
from examples.cards.files import File
from examples.cards.my_number.authorities import MyNumberAuthorities
from examples.cards.my_number.card import build_my_number
from examples.cards.passport.ciphers import AES_128, pad, unpad
from examples.cards.people import Person
from examples.cards.residence.files import PREFIX, root_second, second_generation
from examples.cards.residence.holders import ResidenceHolder
from examples.cards.residence.session import (
    CRYPTOGRAM,
    EXPECTED_LENGTH,
    MISMATCH,
    NUMBER,
    VERIFY_NUMBER,
    expected,
    sent_objects,
)
from examples.cards.residence_authority import ResidenceAuthority
from examples.cards.residence_card import altered, on_this_card, proof_of
from examples.cards.tlv import objects, tlv

AID = PREFIX + bytes([1]) + bytes(10)
CHECKSUM = 0x8E
CHECKSUM_SIZE = 8
_STATUS = 0x99
_DELIVERED = (0xA0, 0x80)
"""The object of the key, in its template: A0 22 80 20 <32 bytes>."""


def session_keys(delivered: bytes) -> tuple[bytes, bytes]:
    """The plaintext of what was delivered → keys for AES and CMAC. Raises ValueError. Hypothesis: 32 bytes, the halves in this order."""
    [(outer, template)] = objects(delivered)
    [(inner, key)] = objects(template)
    if (outer, inner) != _DELIVERED or len(key) != 32:
        raise ValueError("not a session key")
    return key[:16], key[16:]


class CountedMessaging:
    """Hypothesis: a counter that goes up by one for each command and each answer, from 1. IV: the counter enciphered.

    A checksum closes every command (over counter ‖ class, instruction, P1, P2 ‖ its objects) and every answer (over counter ‖ its object,
    if any ‖ 99 02 SW, which is not sent).
    """

    survives_plain = True

    def __init__(self, cipher_key: bytes, checksum_key: bytes) -> None:
        self._cipher_key, self._checksum_key = cipher_key, checksum_key
        self._count = 0

    def _next(self) -> bytes:
        self._count += 1
        return self._count.to_bytes(16, "big")

    def _checksum(self, counter: bytes, octets: bytes) -> bytes:
        return AES_128.mac(self._checksum_key, counter + octets)

    def unwrap(self, command: Command) -> Command:
        counter = self._next()
        given = sent_objects(command.data, {CRYPTOGRAM, EXPECTED_LENGTH, CHECKSUM})
        if CHECKSUM not in given:
            raise Refusal(0x6987)
        closing = tlv(CHECKSUM, given[CHECKSUM])
        if not command.data.endswith(closing):
            raise Refusal(0x6988)
        header = bytes([command.cla, command.ins, command.p1, command.p2])
        own = self._checksum(counter, header + command.data[: -len(closing)])
        if not hmac.compare_digest(own, given[CHECKSUM]):
            raise Refusal(0x6988)
        data = self._deciphered(given[CRYPTOGRAM], counter) if CRYPTOGRAM in given else b""
        return replace(command, cla=0, data=data, ne=expected(given.get(EXPECTED_LENGTH)))

    def _iv(self, counter: bytes) -> bytes:
        return AES_128.block_cipher(self._cipher_key, counter)

    def _deciphered(self, value: bytes, counter: bytes) -> bytes:
        try:
            if value[:1] != b"\x01":
                raise ValueError("another padding")
            return unpad(AES_128.decipher(self._cipher_key, value[1:], self._iv(counter)))
        except ValueError:
            raise Refusal(0x6988) from None

    def wrap(self, answer: Answer) -> Answer:
        data, sw = answer
        counter = self._next()
        ciphered = b""
        if data:
            whole = pad(data, AES_128.block)
            ciphered = tlv(CRYPTOGRAM, b"\x01", AES_128.encipher(self._cipher_key, whole, self._iv(counter)))
        status = tlv(_STATUS, sw.to_bytes(2, "big"))
        return ciphered + tlv(CHECKSUM, self._checksum(counter, ciphered + status)), sw


class ResidenceApplication(Application):
    """在留AP. Its three DFs are reached from inside it only. A session ends when it is left."""

    def __init__(
        self, *, number: bytes, delivery: rsa.RSAPrivateKey, files: list[File], inner: list[Application]
    ) -> None:
        super().__init__(aid=AID, files=files)
        self.number, self.delivery = number, delivery
        self.inner = {application.aid: application for application in inner}
        for application in inner:
            application.aid, application.parent = b"", self
        self._session: CountedMessaging | None = None

    def reset(self) -> None:
        super().reset()
        if self._session is not None and self.chip.messaging is self._session:
            self.chip.messaging = None
        self._session = None

    def handle(self, command: Command) -> Answer | None:
        match command.cla, command.ins:
            case 0x80, 0xAE:
                return self._set_session_key(command)
            case 0x00, 0x20:
                return self._verify(command)
            case 0x00, 0xA4 if command.p1 == 0x04 and command.data in self.inner:
                return self.chip.enter(self.inner[command.data], command.p2)
        return None

    def _set_session_key(self, command: Command) -> Answer:
        if command.p1p2:
            raise Refusal(0x6A86)
        if len(command.data) != self.delivery.key_size // 8:
            raise Refusal(0x6700)
        oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
        try:
            keys = session_keys(self.delivery.decrypt(command.data, oaep))
        except ValueError:
            raise Refusal(0x6A80) from None
        self.granted.clear()
        self.chip.messaging = self._session = CountedMessaging(*keys)
        return DONE

    def _verify(self, command: Command) -> Answer:
        """As on the cards of §6.2: the number, under the session, without a counter of tries."""
        if command.p1p2 != VERIFY_NUMBER:
            raise Refusal(0x6A86)
        if SECURE not in self.chip.granted():
            raise Refusal(0x6982)
        self.granted.discard(NUMBER)
        if not hmac.compare_digest(command.data, self.number):
            return b"", MISMATCH
        self.granted.add(NUMBER)
        return DONE


def build_specified_residence_card(
    holder: ResidenceHolder,
    person: Person,
    *,
    authority: ResidenceAuthority,
    my_number: MyNumberAuthorities,
    fault: str | None = None,
) -> Chip:
    """A My Number card of ``person`` that is the residence card of ``holder`` too. fault: a name of `residence_card.FAULTS` but "clone".

    Two different people make a card that no office issues: a reader has to notice. Raises ValueError for a fault that it cannot have.
    """
    if fault == "clone":
        raise ValueError("a copy of this card lacks its keys: that is a fault of the My Number card")
    on_card, number = on_this_card(holder, fault)
    inner = second_generation(on_card, proof_of(holder, authority, fault))
    application = ResidenceApplication(
        number=number,
        delivery=authority.delivery_key,
        files=[*root_second(b"08" if holder.special else b"07")],
        inner=inner,
    )
    altered(inner[0], authority.generation, fault)
    return build_my_number(person, authority=my_number, more=[application, *inner])
