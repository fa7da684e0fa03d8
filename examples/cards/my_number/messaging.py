"""Secure messaging of the text application: AES-128, confidentiality only, a counter for both directions. cards.md §3.8."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from examples.cards.command import Answer, Command, Refusal
from examples.cards.tlv import objects, tlv

_BAD_OBJECT, _MISSING_OBJECT = 0x6988, 0x6987


class TextMessaging:
    """key: 16 bytes. The counter is 1 for the first command; plain commands in between do not count."""

    survives_plain = True

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._counter = 0

    def _cipher(self) -> Cipher[modes.CBC]:
        count = Cipher(algorithms.AES(self._key), modes.CBC(bytes(16))).encryptor()
        return Cipher(algorithms.AES(self._key), modes.CBC(count.update(self._counter.to_bytes(16, "big"))))

    def unwrap(self, command: Command) -> Command:
        """READ BINARY has ``96 03 00 <Le>``, Le 0 for all there is; every other command ``86 L 01 <ciphertext>``. Exactly one object."""
        if command.cla & 0x0C != 0x08:
            raise Refusal(_MISSING_OBJECT)  # no checksum was agreed upon
        self._counter += 1
        if not command.data:
            raise Refusal(_MISSING_OBJECT)
        try:
            [(tag, value)] = objects(command.data)
        except ValueError:
            raise Refusal(_BAD_OBJECT) from None
        if command.ins == 0xB0:
            if tag != 0x96 or len(value) != 3 or value[0]:
                raise Refusal(_BAD_OBJECT)
            wanted = int.from_bytes(value, "big") or 65536
            return Command(cla=0x00, ins=0xB0, p1=command.p1, p2=command.p2, ne=wanted)
        if tag != 0x86 or value[:1] != b"\x01":
            raise Refusal(_BAD_OBJECT)
        return Command(cla=0x00, ins=command.ins, p1=command.p1, p2=command.p2, data=self._decrypted(value[1:]))

    def _decrypted(self, ciphertext: bytes) -> bytes:
        if not ciphertext or len(ciphertext) % 16:
            raise Refusal(_BAD_OBJECT)
        padded = self._cipher().decryptor().update(ciphertext).rstrip(b"\x00")
        if padded[-1:] != b"\x80":
            raise Refusal(_BAD_OBJECT)
        return padded[:-1]

    def wrap(self, answer: Answer) -> Answer:
        data, sw = answer
        if not data:
            return answer
        padded = data + b"\x80" + bytes(-(len(data) + 1) % 16)  # ISO/IEC 7816-4: always at least one byte
        return tlv(0x86, b"\x01", self._cipher().encryptor().update(padded)), sw
