"""Portraits, as large as one wishes: an honest JPEG drawn with flat squares, and a JPEG 2000 file; ISO/IEC 19794-5 records around them."""

from __future__ import annotations

import hashlib
import struct

from examples.cards.portraits import COLOUR

_JPEG_DC = bytes([0, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, *range(12)])
"""Class and id, sixteen counts, symbols: the DC luminance table of JPEG Annex K.3.1."""
_JPEG_AC = bytes([0x10, 1, *[0] * 15, 0])
"""One code, 0: end of block."""


def portrait(*, seed: str, size: int = 0) -> bytes:
    """Baseline JPEG, greyscale: a head before a wall, each square of 8 × 8 of one shade. size: filled up to it with comments."""
    width, height = 240, 320
    tint = hashlib.sha256(seed.encode()).digest()
    shades = [
        [_shade(x / (width // 8), y / (height // 8), tint) for x in range(width // 8)] for y in range(height // 8)
    ]
    tables = _segment(0xDB, b"\x00" + b"\x08" * 64) + _segment(0xC4, _JPEG_DC) + _segment(0xC4, _JPEG_AC)
    frame = _segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0))
    scan = _segment(0xDA, bytes([1, 1, 0x00, 0, 63, 0])) + _entropy([shade for row in shades for shade in row])
    head = b"\xff\xd8" + _segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")
    rest = tables + frame + scan + b"\xff\xd9"
    return head + _filling(size - len(head) - len(rest), seed, marker=0xFE) + rest


def _shade(x: float, y: float, tint: bytes) -> int:
    """0 … 255: hair, face, eyes and mouth, shoulders, wall."""
    face = ((x - 0.5) / 0.22) ** 2 + ((y - 0.42) / 0.27) ** 2
    if face < 1:
        if y < 0.26 + tint[0] % 8 / 100:
            return 30 + tint[1] % 90
        eyes = abs(y - 0.40) < 0.02 and 0.05 < abs(x - 0.5) < 0.12
        mouth = abs(y - 0.56) < 0.02 and abs(x - 0.5) < 0.07
        return 70 if eyes or mouth else 170 + tint[2] % 40
    shoulders = ((x - 0.5) / 0.48) ** 2 + ((y - 1.05) / 0.32) ** 2
    return 50 + tint[3] % 60 if shoulders < 1 else 232


def _entropy(shades: list[int]) -> bytes:
    """DC differences alone. With a quantiser of 8, one step of a coefficient is one shade."""
    lengths = _JPEG_DC[1:17]
    codes, code, symbols = {}, 0, iter(_JPEG_DC[17:])
    for bits, count in enumerate(lengths, 1):
        for _ in range(count):
            codes[next(symbols)] = f"{code:0{bits}b}"
            code += 1
        code <<= 1
    before, out = 0, []
    for shade in shades:
        step, before = shade - 128 - before, shade - 128
        category = abs(step).bit_length()
        value = step if step > 0 else step + (1 << category) - 1
        out.append(codes[category] + (f"{value:0{category}b}" if category else "") + "0")
    text = "".join(out)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\x00")


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _filling(count: int, seed: str, *, marker: int) -> bytes:
    """Comment segments of `count` octets together, which look like entropy: nobody's chip compresses them away."""
    out = b""
    while count >= 5:
        part = min(count, 60000)
        if 0 < count - part < 5:
            part -= 5
        noise = hashlib.shake_128(f"{seed}{count}".encode()).digest(part - 4)
        out += _segment(marker, noise)
        count -= part
    return out


def portrait_2000(*, seed: str, size: int = 0) -> bytes:
    """The drawn face of all these cards in colour, as a JPEG 2000 file (ISO/IEC 15444-1 Annex I), filled up."""
    width, height = (int.from_bytes(COLOUR[at : at + 4], "big") for at in (8, 12))
    header = struct.pack(">IIHBBBB", height, width, 3, 7, 7, 0, 0)
    colour = b"\x01\x00\x00" + struct.pack(">I", 16)  # sRGB
    boxes = (
        _box(b"jP  ", b"\r\n\x87\n")
        + _box(b"ftyp", b"jp2 " + bytes(4) + b"jp2 ")
        + _box(b"jp2h", _box(b"ihdr", header) + _box(b"colr", colour))
    )
    tile = COLOUR.index(b"\xff\x90\x00\x0a")
    filling = _filling(size - len(boxes) - 8 - len(COLOUR), seed, marker=0x64)
    return boxes + _box(b"jp2c", COLOUR[:tile] + filling + COLOUR[tile:])


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def facial_record(image: bytes, *, jpeg_2000: bool = False) -> bytes:
    """ISO/IEC 19794-5:2005 §5: facial record header, facial information, image information, the image; no feature points."""
    width, height, colour_space = (105, 140, 1) if jpeg_2000 else (240, 320, 3)  # sRGB of 24 bits, grey of 8
    information = struct.pack(
        ">BBHHBBHH",
        1,  # full frontal
        1 if jpeg_2000 else 0,
        width,
        height,
        colour_space,
        2,  # static, from a digital camera
        0,
        0,
    )
    person = bytes(14)  # of gender, eyes, hair, expression, pose nothing is said
    facial = struct.pack(">IH", 4 + 2 + len(person) + len(information) + len(image), 0) + person
    body = facial + information + image
    return b"FAC\x00010\x00" + struct.pack(">IH", 14 + len(body), 1) + body
