"""Chip Authentication over elliptic curves, the chip's side (ICAO 9303-11 §6.2): new keys that only DG14's private key can make."""

from __future__ import annotations

from dataclasses import dataclass, field

from examples.cards.command import DONE, Answer, Command, Refusal
from examples.cards.passport.ciphers import TRIPLE_DES, CipherSuite
from examples.cards.passport.curves import Curve, NotOnCurve
from examples.cards.passport.objects import members, oid_value
from examples.cards.passport.secure_messaging import PassportMessaging
from examples.cards.tlv import tlv

ECDH = "0.4.0.127.0.7.2.2.3.2"
"""id-CA-ECDH; the cipher's number follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipKey:
    """identifier: of several keys, as DG14 names it. ciphers: what DG14 offers it with."""

    curve: Curve
    private: int = field(repr=False)
    ciphers: tuple[CipherSuite, ...]
    identifier: int | None = None


class ChipAuthentication:
    """keys: those that the chip has, which are not those that its files name if it is a clone."""

    def __init__(self, keys: tuple[ChipKey, ...]) -> None:
        self.keys = keys
        self._chosen: tuple[ChipKey, CipherSuite] | None = None

    def forget(self) -> None:
        self._chosen = None

    @property
    def pending(self) -> bool:
        """Whether GENERAL AUTHENTICATE is now about this protocol."""
        return self._chosen is not None

    def set_key_agreement(self, command: Command) -> tuple[Answer, PassportMessaging]:
        """MSE:Set KAT (22 41 A6), 3DES alone: the terminal's point comes at once. Raises Refusal."""
        self._chosen = None
        given = members(command.data, allowed=(0x91, 0x84))
        if 0x91 not in given:
            raise Refusal(0x6A80)
        key = self._key(given.get(0x84), TRIPLE_DES)
        return DONE, self._agree(key, TRIPLE_DES, given[0x91])

    def set_template(self, command: Command) -> Answer:
        """MSE:Set AT (22 41 A4): protocol, and the key where there are several. Raises Refusal."""
        self._chosen = None
        given = members(command.data, allowed=(0x80, 0x84))
        ciphers = [
            cipher
            for key in self.keys
            for cipher in key.ciphers
            if oid_value(f"{ECDH}.{cipher.number}") == given.get(0x80)
        ]
        if not ciphers:
            raise Refusal(0x6A80)
        self._chosen = (self._key(given.get(0x84), ciphers[0]), ciphers[0])
        return DONE

    def authenticate(self, command: Command) -> tuple[Answer, PassportMessaging]:
        """GENERAL AUTHENTICATE 7C {80 point} → 7C 00. Raises Refusal."""
        chosen, self._chosen = self._chosen, None
        if chosen is None:
            raise Refusal(0x6985)
        if command.p1p2:
            raise Refusal(0x6A86)
        outer = members(command.data, allowed=(0x7C,))
        inner = members(outer.get(0x7C, b""), allowed=(0x80,))
        if 0x80 not in inner:
            raise Refusal(0x6A80)
        return (tlv(0x7C), 0x9000), self._agree(*chosen, inner[0x80])

    def _key(self, identifier: bytes | None, cipher: CipherSuite) -> ChipKey:
        usable = [key for key in self.keys if cipher in key.ciphers]
        if identifier is not None:
            usable = [key for key in usable if key.identifier == int.from_bytes(identifier[:8], "big")]
        if len(usable) != 1:  # none, or not said which
            raise Refusal(0x6A88)
        return usable[0]

    @staticmethod
    def _agree(key: ChipKey, cipher: CipherSuite, octets: bytes) -> PassportMessaging:
        try:
            shared = key.curve.multiply(key.private, key.curve.decode(octets))
        except NotOnCurve:
            raise Refusal(0x6A80) from None
        return PassportMessaging.of_secret(cipher, shared[0].to_bytes(key.curve.size, "big"))
