"""What is carved into an issuer's seal: two to four characters of its name, set as seals are, from the right column to the left."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

PRODUCT_SEAL = "手形"
"""Ours, where no institution speaks. A seal keeps its characters in every language."""
SIDE = 100  # of the seal's box, in units of its SVG


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """One character, centred on (x, y), ``size`` high."""

    text: str
    x: int
    y: int
    size: int


def seal_text(name: str) -> str:
    """桜川大学 → 桜川大学, 喫茶てがた → 喫茶, Sakuragawa University → SU."""
    name = unicodedata.normalize("NFKC", name).strip()
    words = name.split()
    if words and all(word.isascii() for word in words):
        initials = "".join(word[0] for word in words if word[0].isalnum()).upper()
        return initials[:4] if len(initials) >= 2 else (words[0][:2].upper() or "印")
    letters = "".join(words)
    if len(letters) <= 4:
        return letters or "印"
    ideographs = letters
    for i, letter in enumerate(letters):
        if not "\u3400" <= letter <= "\u9fff":
            ideographs = letters[:i]
            break
    return ideographs[:4] if len(ideographs) >= 2 else letters[:4]


def seal_glyphs(name: str) -> tuple[Glyph, ...]:
    """Where each character of the seal stands in a box of SIDE by SIDE."""
    text = seal_text(name)
    if text.isascii():
        size = 46 if len(text) <= 2 else 32
        step = SIDE // (len(text) + 1)
        return tuple(Glyph(text=c, x=step * (i + 1), y=50, size=size) for i, c in enumerate(text))
    if len(text) == 1:
        return (Glyph(text=text, x=50, y=50, size=62),)
    if len(text) == 2:
        return tuple(Glyph(text=c, x=50, y=30 + 40 * i, size=40) for i, c in enumerate(text))
    return _column(text[:2], 70) + _column(text[2:], 30)


def _column(part: str, x: int) -> tuple[Glyph, ...]:
    if len(part) == 1:
        return (Glyph(text=part, x=x, y=50, size=38),)
    return tuple(Glyph(text=c, x=x, y=30 + 40 * i, size=38) for i, c in enumerate(part))
