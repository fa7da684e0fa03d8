"""A PNG as its chunks (PNG, third edition, §5). Strict: every length in bounds, every CRC right, nothing after the end.

The pixels are not looked at: whoever shows the picture decodes it, and we never do.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from common.errors import Malformed

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 16_384
_MAX_LENGTH = (1 << 31) - 1  # §5.3
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_OVERHEAD = 12  # length, type, CRC


@dataclass(frozen=True, slots=True)
class Chunk:
    type: bytes
    data: bytes = field(repr=False)


def read_chunks(image: bytes) -> tuple[Chunk, ...]:
    """All chunks, IHDR first, IEND last. Raises Malformed("bad_png")."""
    if not image.startswith(SIGNATURE):
        raise _bad("it does not begin as a PNG does")
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while at < len(image):
        if len(chunks) == MAX_CHUNKS or (chunks and chunks[-1].type == b"IEND"):
            raise _bad("it has more chunks than a picture needs, or something after its end")
        length, name = int.from_bytes(image[at : at + 4], "big"), image[at + 4 : at + 8]
        end = at + _OVERHEAD + length
        if length > _MAX_LENGTH or end > len(image) or not _LETTERS.issuperset(name):
            raise _bad("a chunk has no type, or is longer than the file")
        if zlib.crc32(image[at + 4 : end - 4]) != int.from_bytes(image[end - 4 : end], "big"):
            raise _bad("the checksum of a chunk is wrong")
        chunks.append(Chunk(name, image[at + 8 : end - 4]))
        at = end
    if len(chunks) < 2 or chunks[0].type != b"IHDR" or len(chunks[0].data) != 13 or chunks[-1] != Chunk(b"IEND", b""):
        raise _bad("it has no header, or no end")
    return tuple(chunks)


def write_chunks(chunks: Iterable[Chunk]) -> bytes:
    """The file of these chunks."""
    return SIGNATURE + b"".join(
        len(chunk.data).to_bytes(4, "big")
        + chunk.type
        + chunk.data
        + zlib.crc32(chunk.type + chunk.data).to_bytes(4, "big")
        for chunk in chunks
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InternationalText:
    """The content of an iTXt chunk (§11.3.3.4)."""

    keyword: str
    compressed: bool
    text: bytes = field(repr=False)


def read_text(chunk: Chunk) -> InternationalText:
    """keyword NUL flag method language NUL keyword-in-that-language NUL text. Raises Malformed("bad_png")."""
    keyword, nul, rest = chunk.data.partition(b"\0")
    flags, after = rest[:2], rest[2:]
    _, second, after = after.partition(b"\0")
    _, third, text = after.partition(b"\0")
    if not (nul and second and third and 0 < len(keyword) < 80) or flags[:1] not in (b"\0", b"\1"):
        raise _bad("a chunk of text is not built as it should be")
    return InternationalText(keyword=keyword.decode("latin-1"), compressed=flags[0] == 1, text=text)


def write_text(keyword: str, text: str) -> Chunk:
    """Uncompressed, in no particular language."""
    return Chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8"))


def _bad(why: str) -> Malformed:
    return Malformed("bad_png", f"this picture cannot be read: {why}")
