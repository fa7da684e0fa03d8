"""How a badge looks. The SVG has the achievement's name, the issuer's and its seal; the PNG, which we draw dot by dot, a cap in a seal.

The SVG holds no script and refers to nothing; names from issuers stand in it as text alone.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from functools import lru_cache
from xml.sax.saxutils import escape

from common.formats.open_badges.png import Chunk, write_chunks
from common.pages.seal import SIDE, seal_glyphs

PAPER, RED = (0xFD, 0xFA, 0xF2), (0xB6, 0x2A, 0x1E)
PNG_SIDE = 128
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_TEXT = 48
_WIDE = re.compile("[\u1100-\uffff\U00010000-\U0010ffff]")


def draw_svg(*, title: str, issuer: str, seal: str) -> bytes:
    """A square of 512. Names that are too long are cut."""
    paper, red = (f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in (PAPER, RED))
    glyphs = "".join(
        f'<text x="{glyph.x}" y="{glyph.y}" font-size="{glyph.size}" text-anchor="middle" dominant-baseline="central">'
        f"{_text(glyph.text)}</text>"
        for glyph in seal_glyphs(_NOT_XML.sub("", seal))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" role="img"><title>{_text(title)}</title>'
        f'<rect x="8" y="8" width="496" height="496" rx="48" fill="{paper}" stroke="{red}" stroke-width="10"/>'
        f'<g transform="translate(136 64) scale({240 / SIDE})" fill="{red}" font-family="serif" font-weight="bold">'
        f'<rect x="4" y="4" width="92" height="92" rx="9" fill="none" stroke="{red}" stroke-width="5"/>{glyphs}</g>'
        f"{_line(title, 372, 40)}{_line(issuer, 436, 28)}</svg>\n"
    ).encode()


def _line(text: str, y: int, size: int) -> str:
    """A centred line, smaller the longer it is. East Asian characters are about twice as wide."""
    shown = text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
    width = 0.55 * len(shown) + 0.5 * len(_WIDE.findall(shown))
    fitting = min(size, int(440 / max(width, 1)))
    return (
        f'<text x="256" y="{y}" font-size="{fitting}" text-anchor="middle" font-family="sans-serif" fill="#222222">'
        f"{_text(shown)}</text>"
    )


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


Point = tuple[float, float]
_CAP: tuple[tuple[Point, ...], ...] = (
    ((64, 35), (111, 56), (64, 77), (17, 56)),  # the board
    ((38, 71), (64, 83), (64, 99), (38, 89)),  # what the head goes into: left
    ((64, 83), (90, 71), (90, 89), (64, 99)),  # and right
    ((103, 59), (107, 57), (107, 88), (103, 88)),  # the cord
)
"""A graduate's cap: convex shapes, corners clockwise."""


@lru_cache(maxsize=1)
def draw_png() -> bytes:
    """A square of PNG_SIDE dots, RGBA, the same for every badge: letters would need a font."""
    rows = b"".join(b"\0" + b"".join(_dot(x + 0.5, y + 0.5) for x in range(PNG_SIDE)) for y in range(PNG_SIDE))
    header = struct.pack(">IIBBBBB", PNG_SIDE, PNG_SIDE, 8, 6, 0, 0, 0)
    return write_chunks((Chunk(b"IHDR", header), Chunk(b"IDAT", zlib.compress(rows, 9)), Chunk(b"IEND", b"")))


def _dot(x: float, y: float) -> bytes:
    """Paper in a red frame with round corners, clear outside of it, the cap in red."""
    inside = _cover(_rounded(x, y, half=62, radius=18))
    ink = 1 - _cover(_rounded(x, y, half=57, radius=13))
    for shape in _CAP:
        ink = max(ink, _cover(_convex(x, y, shape)))
    colour = (round(p + (r - p) * ink) for p, r in zip(PAPER, RED, strict=True))
    return bytes((*colour, round(255 * inside)))


def _cover(distance: float) -> float:
    """How much of a dot is covered by a shape whose edge is so far away: inside is negative."""
    return min(1.0, max(0.0, 0.5 - distance))


def _rounded(x: float, y: float, *, half: float, radius: float) -> float:
    centre = PNG_SIDE / 2
    over_x, over_y = abs(x - centre) - half + radius, abs(y - centre) - half + radius
    return math.hypot(max(over_x, 0.0), max(over_y, 0.0)) + min(max(over_x, over_y), 0.0) - radius


def _convex(x: float, y: float, corners: tuple[Point, ...]) -> float:
    """How far outside of it, by its edges; with the corners clockwise (y grows downwards) the inside is to their right."""
    furthest = -math.inf
    for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
        across = (x - ax) * (by - ay) - (y - ay) * (bx - ax)
        furthest = max(furthest, across / math.hypot(bx - ax, by - ay))
        if furthest > 1:  # no part of the dot is in it
            break
    return furthest
