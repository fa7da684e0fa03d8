"""Letters of five by seven dots, for what chips hold as pictures: names, card faces, characters outside of a character set.

A character that has no drawing here becomes a box with its code point in it, as fonts of last resort do.
"""

from __future__ import annotations

from collections.abc import Sequence

Bitmap = tuple[tuple[int, ...], ...]
"""Rows of dots, 1 is black."""
WIDE, HIGH = 5, 7
# Columns from left to right, the lowest bit is the top dot.
_COLUMNS = {
    " ": "0000000000", "\u3000": "0000000000", "-": "0808080808", ".": "0060600000", ",": "0050300000", "/": "2010080402",
    "'": "0005030000",
    "0": "3e5149453e", "1": "00427f4000", "2": "4261514946", "3": "2141454b31", "4": "1814127f10", "5": "2745454539",
    "6": "3c4a494930", "7": "0171090503", "8": "3649494936", "9": "064949291e", "A": "7e1111117e", "B": "7f49494936",
    "C": "3e41414122", "D": "7f4141221c", "E": "7f49494941", "F": "7f09090901", "G": "3e4149497a", "H": "7f0808087f",
    "I": "00417f4100", "J": "2040413f01", "K": "7f08142241", "L": "7f40404040", "M": "7f020c027f", "N": "7f0408107f",
    "O": "3e4141413e", "P": "7f09090906", "Q": "3e4151215e", "R": "7f09192946", "S": "4649494931", "T": "01017f0101",
    "U": "3f4040403f", "V": "1f2040201f", "W": "3f4038403f", "X": "6314081463", "Y": "0708700807", "Z": "6151494543",
}  # fmt: skip
BOX = 32
"""Dots along each side of a box with a code point in it."""


def glyph(character: str) -> Bitmap:
    """One letter, digit or sign. Raises KeyError for others."""
    columns = bytes.fromhex(_COLUMNS[character.upper()])
    return tuple(tuple(column >> row & 1 for column in columns) for row in range(HIGH))


def boxed(character: str) -> Bitmap:
    """BOX × BOX dots: a frame, and in it the code point, two hexadecimal digits a line."""
    digits = f"{ord(character):04X}"
    digits = digits if len(digits) % 2 == 0 else "0" + digits
    inside, edges = range(1, BOX - 1), {1, BOX - 2}
    canvas = [
        [int(x in inside and y in inside and not edges.isdisjoint((x, y))) for x in range(BOX)] for y in range(BOX)
    ]
    lines = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    top = (BOX - len(lines) * (HIGH + 2)) // 2 + 1
    for number, line in enumerate(lines):
        for place, digit in enumerate(line):
            _paint(canvas, glyph(digit), 9 + place * (WIDE + 3), top + number * (HIGH + 2), 1)
    return tuple(tuple(row) for row in canvas)


def _paint(canvas: list[list[int]], dots: Bitmap, left: int, top: int, scale: int) -> None:
    for y, row in enumerate(dots):
        for x, dot in enumerate(row):
            if dot:
                for dy in range(scale):
                    for dx in range(scale):
                        canvas[top + y * scale + dy][left + x * scale + dx] = 1


def written(lines: Sequence[str], *, width: int, scale: int = 2) -> Bitmap:
    """Lines of writing on white, one below the other. What does not fit into the width is left off. Boxes are as high as a line."""
    pitch = HIGH * scale + 4
    pitch = max(pitch, BOX + 2) if any(_is_boxed(character) for line in lines for character in line) else pitch
    canvas = [[0] * width for _ in range(pitch * len(lines) + 4)]
    for number, line in enumerate(lines):
        left = 2
        for character in line:
            boxed_one = _is_boxed(character)
            dots, by = (boxed(character), 1) if boxed_one else (glyph(character), scale)
            if left + len(dots[0]) * by > width - 2:
                break
            _paint(canvas, dots, left, 2 + number * pitch, by)
            left += (len(dots[0]) + (2 if boxed_one else 1)) * by
    return tuple(tuple(row) for row in canvas)


def _is_boxed(character: str) -> bool:
    return character.upper() not in _COLUMNS


def packed(dots: Bitmap) -> bytes:
    """Row by row, eight dots an octet, the leftmost highest. Rows are a multiple of eight wide."""
    return b"".join(int("".join(map(str, row)), 2).to_bytes(len(row) // 8, "big") for row in dots)
