"""Base45: bytes in the characters that a QR code packs densest after digits. RFC 9285.

Each text is one string of bytes and each string of bytes one text. A gate reads one with every ticket: groups are computed all at once.
"""

from __future__ import annotations

import struct

from common.errors import Malformed

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE = len(ALPHABET)
_SQUARE = _BASE * _BASE
_NONE = 255
_LANE = 4
_VALUES = bytes(ALPHABET.find(chr(code)) & _NONE for code in range(256))
_TWO = tuple(ALPHABET[number % _BASE] + ALPHABET[number // _BASE] for number in range(_SQUARE))


def base45_encode(data: bytes) -> str:
    """Two bytes become three characters, a last single one two (§4)."""
    pairs = len(data) // 2
    numbers = struct.unpack_from(f">{pairs}H", data)
    out = [_TWO[number % _SQUARE] + ALPHABET[number // _SQUARE] for number in numbers]
    if len(data) % 2:
        out.append(_TWO[data[-1]])
    return "".join(out)


def base45_decode(text: str) -> bytes:
    """Raises Malformed: another character, a length that no bytes give, a group beyond its bytes (§4.2, §6)."""
    values = text.encode("latin-1", "replace").translate(_VALUES)
    whole, rest = divmod(len(values), 3)
    end = 3 * whole
    total = sum(_lanes(values[place:end:3]) * weight for place, weight in enumerate((1, _BASE, _SQUARE)))
    groups = total.to_bytes(_LANE * whole, "little")
    last = values[end] + _BASE * values[end + 1] if rest == 2 else 0
    if _NONE in values or rest == 1 or last > _NONE or groups[2::_LANE].strip(b"\0"):
        raise Malformed("bad_base45", "not base45")
    out = bytearray(2 * whole)
    out[0::2], out[1::2] = groups[1::_LANE], groups[0::_LANE]
    return bytes(out) + bytes((last,)) * (rest == 2)


def _lanes(values: bytes) -> int:
    """One long number with each value in four bytes of its own: added and multiplied, all are at once, and none spills into the next."""
    spread = bytearray(_LANE * len(values))
    spread[0::_LANE] = values
    return int.from_bytes(spread, "little")
