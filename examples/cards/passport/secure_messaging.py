"""Secure messaging, the chip's side (ICAO 9303-11 §9.8): what comes in is checked and deciphered, what goes out enciphered and sealed."""

from __future__ import annotations

import hmac

from examples.cards.command import Answer, Command, Refusal
from examples.cards.passport.ciphers import BadPadding, CipherSuite, pad, unpad
from examples.cards.tlv import objects, tlv

MISSING, INCORRECT = 0x6987, 0x6988


class PassportMessaging:
    """ssc: the send sequence counter before the first command, 8 octets of 3DES, 16 of AES, which start at zero except after BAC.

    A command outside of it, or one that does not hold, ends the session (§9.8.8).
    """

    survives_plain = False

    def __init__(self, cipher: CipherSuite, k_enc: bytes, k_mac: bytes, ssc: bytes | None = None) -> None:
        self.cipher = cipher
        self._k_enc, self._k_mac = k_enc, k_mac
        self.ssc = int.from_bytes(ssc, "big") if ssc is not None else 0
        self._odd = False

    @classmethod
    def of_secret(cls, cipher: CipherSuite, secret: bytes) -> PassportMessaging:
        """From what PACE or chip authentication agreed on."""
        return cls(cipher, cipher.derive(secret, 1), cipher.derive(secret, 2))

    def unwrap(self, command: Command) -> Command:
        self._count()
        raw = command.data
        if len(raw) < 10 or raw[-10:-8] != b"\x8e\x08":
            raise Refusal(MISSING)
        body, given = raw[:-10], raw[-8:]
        header = bytes([command.cla, command.ins, command.p1, command.p2])
        sealed = pad(header, self.cipher.block) + body if body else header
        if not hmac.compare_digest(given, self._seal(sealed)):
            raise Refusal(INCORRECT)
        self._odd = bool(command.ins & 1)
        try:
            found = list(objects(body))
        except ValueError:
            raise Refusal(INCORRECT) from None
        tags = [tag for tag, _ in found]
        cryptogram_tag = 0x85 if self._odd else 0x87
        if tags not in ([], [cryptogram_tag], [0x97], [cryptogram_tag, 0x97]):
            raise Refusal(INCORRECT)
        by_tag = dict(found)
        return Command(
            cla=command.cla & ~0x0C,
            ins=command.ins,
            p1=command.p1,
            p2=command.p2,
            data=self._decipher(by_tag[cryptogram_tag]) if cryptogram_tag in by_tag else b"",
            ne=_wanted(by_tag.get(0x97)),
            extended=command.extended,
        )

    def wrap(self, answer: Answer) -> Answer:
        data, sw = answer
        self._count()
        body = b""
        if data:
            body = self._encipher(data)
            body = tlv(0x85, body) if self._odd else tlv(0x87, b"\x01", body)
        body += tlv(0x99, sw.to_bytes(2, "big"))
        return body + tlv(0x8E, self._seal(body)), sw

    def _count(self) -> None:
        self.ssc = (self.ssc + 1) % (1 << 8 * self.cipher.block)

    def _counter(self) -> bytes:
        return self.ssc.to_bytes(self.cipher.block, "big")

    def _seal(self, octets: bytes) -> bytes:
        octets = self._counter() + octets
        # The retail MAC pads by itself; CMAC would pad in its own way, so that method 2 comes before it.
        return self.cipher.mac(self._k_mac, octets if self.cipher.block == 8 else pad(octets, 16))

    def _iv(self) -> bytes:
        return bytes(8) if self.cipher.block == 8 else self.cipher.block_cipher(self._k_enc, self._counter())

    def _encipher(self, data: bytes) -> bytes:
        return self.cipher.encipher(self._k_enc, pad(data, self.cipher.block), self._iv())

    def _decipher(self, value: bytes) -> bytes:
        if not self._odd:  # the padding indicator: 01, method 2
            if value[:1] != b"\x01":
                raise Refusal(INCORRECT)
            value = value[1:]
        if not value or len(value) % self.cipher.block:
            raise Refusal(INCORRECT)
        try:
            return unpad(self.cipher.decipher(self._k_enc, value, self._iv()))
        except BadPadding:
            raise Refusal(INCORRECT) from None


def _wanted(expected: bytes | None) -> int:
    """The Le of object 97: one octet, or two."""
    if expected is None:
        return 0
    if len(expected) not in {1, 2}:
        raise Refusal(INCORRECT)
    return int.from_bytes(expected, "big") or (256 if len(expected) == 1 else 65536)
