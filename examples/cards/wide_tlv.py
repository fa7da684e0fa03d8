"""Data objects as the police and the immigration agency write them: plain tags, and lengths above 127 as ``82 xx xx``.

That no length is written ``81 xx`` is what the sizes of the files say: only so come the licence's signature file to 578 bytes, the one of
the マイナ免許証 to 584, each external character to 132, the second-generation residence card's DF2/EF03 to 207.
"""

from __future__ import annotations


def thing(tag: int, value: bytes) -> bytes:
    """One object. tag: as written, of one byte, or of two above FF."""
    head = tag.to_bytes(2 if tag > 0xFF else 1, "big")
    return head + (bytes([len(value)]) if len(value) < 0x80 else b"\x82" + len(value).to_bytes(2, "big")) + value


def filled(value: bytes, size: int, filler: bytes = b"\x00") -> bytes:
    """To its full size. Raises ValueError for what is longer."""
    if len(value) > size:
        raise ValueError(f"{len(value)} bytes do not fit into {size}")
    return value + filler * (size - len(value))
