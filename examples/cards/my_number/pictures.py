"""Pictures as the surface application holds them: PNG of one bit a dot (W3C PNG §11), the photo as grey JPEG 2000 in a JP2 file."""

from __future__ import annotations

import struct
import zlib

from examples.cards.lettering import Bitmap, packed, written
from examples.cards.portraits import MONOCHROME, portrait_of

_PNG = b"\x89PNG\r\n\x1a\n"
_JP2_SIGNATURE = b"\x0d\x0a\x87\x0a"
_GREY = 17
_PADDING = bytes.fromhex("7e6a1d1cb0cd4d2a9b0e5d7a8f0c3b21")
"""A UUID of our own for a box that decoders skip (ISO/IEC 15444-1 I.7.2): it makes a photo as long as a real one."""


def png(dots: Bitmap) -> bytes:
    """Black dots on white. Rows are a multiple of eight wide."""
    wide, high = len(dots[0]), len(dots)
    row = wide // 8
    bits = bytes(octet ^ 0xFF for octet in packed(dots))  # in grey of one bit, 0 is black
    rows = b"".join(b"\x00" + bits[at : at + row] for at in range(0, len(bits), row))
    header = struct.pack(">IIBBBBB", wide, high, 1, 0, 0, 0, 0)
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def writing(lines: tuple[str, ...], *, width: int = 376) -> bytes:
    """Lines as a picture. Characters that have no drawing here are boxes with their code points."""
    return png(written(lines, width=width))


def in_lines(text: str, most: int = 11) -> tuple[str, ...]:
    return tuple(text[at : at + most] for at in range(0, len(text), most))


def photo(holder: str, *, size: int = 0) -> bytes:
    """The drawn face, with the holder's key in a comment so that no two are alike. size: filled up to it, if that is longer."""
    stream = portrait_of(holder, MONOCHROME)
    high, wide = struct.unpack(">I", stream[12:16])[0], struct.unpack(">I", stream[8:12])[0]
    header = _box(b"ihdr", struct.pack(">IIHBBBB", high, wide, 1, 7, 7, 0, 0))
    colour = _box(b"colr", struct.pack(">BBBI", 1, 0, 0, _GREY))
    boxes = [
        _box(b"jP  ", _JP2_SIGNATURE),
        _box(b"ftyp", b"jp2 " + bytes(4) + b"jp2 "),
        _box(b"jp2h", header + colour),
        _box(b"jp2c", stream),
    ]
    missing = size - sum(len(box) for box in boxes)
    if missing > 24:
        boxes.insert(3, _box(b"uuid", _PADDING + bytes(missing - 24)))
    return b"".join(boxes)


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data
