"""A residence card's master file: who knows the printed number may read, most of it only enciphered (仕様書 §3.4, §4.2).

GET CHALLENGE, MUTUAL AUTHENTICATE, VERIFY of the number under the session key, READ BINARY plain or enciphered. Nothing after the handshake
has a MAC, and no counter stops guessing. Both is how these cards are.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import replace

from examples.cards.chip import SECURE, Application
from examples.cards.command import DONE, Answer, Command, Refusal
from examples.cards.files import File
from examples.cards.passport.ciphers import CipherSuite, pad, unpad
from examples.cards.residence.handshake import CRYPTOGRAM_SIZE, KEY_SIZE, MAC_SIZE, NONCE_SIZE, HandshakeFailed, agree
from examples.cards.tlv import objects, tlv

NUMBER = "number"
"""Granted to who has verified the card's number."""
MISMATCH = 0x6300
CRYPTOGRAM = 0x86
EXPECTED_LENGTH = 0x96
VERIFY_NUMBER = 0x0086
"""P1-P2 of VERIFY."""


class NumberMessaging:
    """Class 08: the data of a command as ``86 L 01 cryptogram``, or ``96 02 Le``; an answer's data as ``86 L 01 cryptogram``."""

    survives_plain = True

    def __init__(self, suite: CipherSuite, key: bytes) -> None:
        self.suite, self.key = suite, key

    def unwrap(self, command: Command) -> Command:
        given = sent_objects(command.data, {CRYPTOGRAM, EXPECTED_LENGTH})
        data = self._decipher(given[CRYPTOGRAM]) if CRYPTOGRAM in given else b""
        return replace(command, cla=0, data=data, ne=expected(given.get(EXPECTED_LENGTH)))

    def _decipher(self, value: bytes) -> bytes:
        try:
            if value[:1] != b"\x01":
                raise ValueError("another padding")
            return unpad(self.suite.decipher(self.key, value[1:]))
        except ValueError:
            raise Refusal(0x6988) from None

    def wrap(self, answer: Answer) -> Answer:
        data, sw = answer
        if not data:
            return answer
        return tlv(CRYPTOGRAM, b"\x01", self.suite.encipher(self.key, pad(data, self.suite.block))), sw


def sent_objects(data: bytes, known: set[int]) -> dict[int, bytes]:
    """The secure-messaging objects of a command, each at most once. Raises Refusal: 6987 for none at all, 6988 for others."""
    try:
        given = list(objects(data))
    except ValueError:
        raise Refusal(0x6988) from None
    if not given:
        raise Refusal(0x6987)
    found = dict(given)
    if len(found) != len(given) or not found.keys() <= known:
        raise Refusal(0x6988)
    return found


def expected(value: bytes | None) -> int:
    """How much is wanted: 96 with one or two octets, zeros for all there is."""
    if value is None:
        return 0
    if len(value) not in {1, 2}:
        raise Refusal(0x6988)
    return int.from_bytes(value, "big") or 65536


class ResidenceRoot(Application):
    """The master file. number: what is printed on the card. suite: the generation's cipher."""

    def __init__(self, *, number: bytes, suite: CipherSuite, files: Iterable[File]) -> None:
        super().__init__(files=files)
        self.number, self.suite = number, suite
        self._given = b""

    def reset(self) -> None:
        super().reset()
        self._given = b""

    def control_information(self) -> bytes:
        return b""

    def handle(self, command: Command) -> Answer | None:
        challenge, self._given = self._given, b""  # it serves the very next command, or none
        if command.cla:
            return None
        match command.ins:
            case 0x84:
                return self._get_challenge(command)
            case 0x82:
                return self._mutual_authenticate(command, challenge)
            case 0x20:
                return self._verify(command)
        return None

    def _get_challenge(self, command: Command) -> Answer:
        if command.p1p2:
            raise Refusal(0x6A86)
        if command.data or command.ne != NONCE_SIZE:
            raise Refusal(0x6700)
        self._given = self.chip.random(NONCE_SIZE)
        return self._given, 0x9000

    def _mutual_authenticate(self, command: Command, challenge: bytes) -> Answer:
        if command.p1p2:
            raise Refusal(0x6A86)
        if not challenge:
            raise Refusal(0x6985)
        if len(command.data) != CRYPTOGRAM_SIZE + MAC_SIZE or not command.ne:
            raise Refusal(0x6700)
        try:
            agreed = agree(self.suite, self.number, challenge, command.data, self.chip.random(KEY_SIZE))
        except HandshakeFailed:
            return b"", MISMATCH
        self.granted.clear()
        self.chip.messaging = NumberMessaging(self.suite, agreed.session_key)
        return agreed.answer, 0x9000

    def _verify(self, command: Command) -> Answer:
        """Only under the session key; the state after it is what this comparison said, whatever it was before (§4.2.2)."""
        if command.p1p2 != VERIFY_NUMBER:
            raise Refusal(0x6A86)
        if SECURE not in self.chip.granted():
            raise Refusal(0x6982)
        self.granted.discard(NUMBER)
        if not hmac.compare_digest(command.data, self.number):
            return b"", MISMATCH
        self.granted.add(NUMBER)
        return DONE
