"""Base45: bytes in the characters that a QR code packs densest after digits. RFC 9285.

Each text is one string of bytes and each string of bytes one text. A gate reads one with every ticket: groups are computed all at once.
"""

from __future__ import annotations

import struct
import sys
from array import array

from common.errors import Malformed

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE = len(ALPHABET)
_SQUARE = _BASE * _BASE
_NONE = 255
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
    try:
        values = text.encode("latin-1").translate(_VALUES)
        whole, rest = divmod(len(values), 3)
        if _NONE in values or rest == 1:
            raise ValueError
        end = 3 * whole
        groups = zip(values[0:end:3], values[1:end:3], values[2:end:3], strict=True)
        numbers = array("H", [low + _BASE * middle + _SQUARE * high for low, middle, high in groups])
        last = bytes((values[end] + _BASE * values[end + 1],)) if rest else b""
    except (ValueError, OverflowError):
        raise Malformed("bad_base45", "not base45") from None
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes() + last
