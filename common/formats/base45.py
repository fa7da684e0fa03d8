"""Base45: bytes in the characters that a QR code packs densest after digits. RFC 9285."""

from __future__ import annotations

from common.errors import Malformed

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def base45_encode(data: bytes) -> str:
    """Two bytes become three characters, a last single one two (§4)."""
    out: list[str] = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out.append(ALPHABET[digit])
    return "".join(out)


def base45_decode(text: str) -> bytes:
    """Raises Malformed: another character, a length that no bytes give, a group beyond its bytes (§4.2, §6)."""
    out = bytearray()
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        try:
            number = sum(_VALUES[character] * 45**place for place, character in enumerate(group))
            out += number.to_bytes(len(group) - 1 or -1, "big")
        except (KeyError, ValueError, OverflowError):
            raise Malformed("bad_base45", "not base45") from None
    return bytes(out)
