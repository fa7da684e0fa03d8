"""TIFF with MMR compression, the form of the black-and-white pictures on residence cards (ITU-T T.6; TIFF 6.0 §11, Compression = 4).

Only as much of the code tables as pictures of writing need: rows up to 703 dots, black runs up to 31.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from examples.cards.lettering import Bitmap


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# T.4 tables 2 and 3: runs of 0, 1, 2 … white dots, of 64, 128 … white dots, of 0, 1, 2 … black dots.
_WHITE = _codes(
    """
    00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101 101010
    101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010
    00000011 00011010 00011011 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001
    00101010 00101011 00101100 00101101 00000100 00000101 00001010 00001011 01010010 01010011 01010100
    01010101 00100100 00100101 01011000 01011001 01011010 01011011 01001010 01001011 00110010 00110011
    00110100
    """
)
_WHITE_SIXTY_FOURS = _codes(
    """
    11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111
    """
)
_BLACK = _codes(
    """
    0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111
    000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000
    00000010111 00000011000 000011001010 000011001011 000011001100 000011001101 000001101000 000001101001
    """
)
_VERTICAL = {
    0: "1",
    1: "011",
    2: "000011",
    3: "0000011",
    -1: "010",
    -2: "000010",
    -3: "0000010",
}  # a1 right (+) or left of b1
_PASS, _HORIZONTAL = "0001", "001"
_END = "000000000001" * 2


def _run(length: int, colour: int) -> str:
    if length >= (len(_BLACK) if colour else 64 * (len(_WHITE_SIXTY_FOURS) + 1)):
        raise ValueError(f"a run of {length} dots is longer than these tables know")
    if colour:
        return _BLACK[length]
    return (_WHITE_SIXTY_FOURS[length // 64 - 1] if length >= 64 else "") + _WHITE[length % 64]


def _changes(row: Sequence[int]) -> list[int]:
    """Where the colour changes, the first dot being preceded by white."""
    return [x for x, dot in enumerate(row) if dot != (row[x - 1] if x else 0)]


def _row(row: Sequence[int], above: Sequence[int]) -> Iterator[str]:
    """T.6 §2.2: one line, told by how it differs from the line above. a0, a1, a2, b1, b2 are the recommendation's names."""
    width = len(row)
    reference = _changes(above)
    a0, colour = -1, 0
    while a0 < width:
        a1 = next((x for x in range(max(a0, 0), width) if row[x] != colour), width)
        b1 = next((x for x in reference if x > a0 and above[x] != colour), width)
        b2 = next((x for x in reference if x > b1), width)
        if b2 < a1:
            yield _PASS
            a0 = b2
        elif abs(a1 - b1) <= 3:
            yield _VERTICAL[a1 - b1]
            a0, colour = a1, 1 - colour
        else:
            a2 = next((x for x in range(a1, width) if row[x] == colour), width)
            yield _HORIZONTAL + _run(a1 - max(a0, 0), colour) + _run(a2 - a1, 1 - colour)
            a0 = a2


def compressed(dots: Bitmap) -> bytes:
    """T.6 code of all lines, with the end-of-block code. Raises ValueError for a run that is too long."""
    above: Sequence[int] = [0] * len(dots[0])
    code: list[str] = []
    for row in dots:
        code.extend(_row(row, above))
        above = row
    bits = "".join(code) + _END
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def tiff(dots: Bitmap) -> bytes:
    """A TIFF file of one strip, little-endian, 1 is black."""
    strip = compressed(dots)
    fields = [
        (256, 4, len(dots[0])),  # ImageWidth
        (257, 4, len(dots)),  # ImageLength
        (258, 3, 1),  # BitsPerSample
        (259, 3, 4),  # Compression: T.6
        (262, 3, 0),  # PhotometricInterpretation: WhiteIsZero
        (273, 4, 8),  # StripOffsets
        (277, 3, 1),  # SamplesPerPixel
        (278, 4, len(dots)),  # RowsPerStrip
        (279, 4, len(strip)),  # StripByteCounts
    ]
    padding = bytes(len(strip) % 2)
    directory = struct.pack("<H", len(fields)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields
    )
    return b"II*\x00" + struct.pack("<I", 8 + len(strip) + len(padding)) + strip + padding + directory + bytes(4)
