"""BER-TLV as cards write it. ISO/IEC 7816-4 §5.2.2, and the deviations of Japanese cards (plain one- and two-byte tags, filler). Pure.

No schema is known here: a value stays bytes, and who expects objects inside it parses it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from common.errors import Malformed
from common.record import Record

MAX_OBJECTS: Final = 512
_MAX_TAG_BYTES = 3
_MAX_LENGTH_BYTES = 3
_BER_LONG_TAG = 0x1F


class Tlv(Record, frozen=True):
    """One data object. tag: its bytes as one number (0x5F1F, 0xFF10). raw: all its bytes as they were, header and value."""

    tag: int
    value: bytes
    raw: bytes


def parse_tlv(
    data: bytes, *, tag_bytes: int | None = None, filler: bool = True, max_objects: int = MAX_OBJECTS
) -> tuple[Tlv, ...]:
    """The objects that stand one after the other in data, in their order; nested ones are left inside their values.

    tag_bytes: None reads tags as BER does; 1 or 2 where every tag of a file has that many bytes, whatever they are. filler: stop at
    the first 00 or FF that stands where a tag would (an FF that begins a tag such as FF10 is none); without it such bytes are an
    error. Lengths may be longer written than they need be: cards do that, and ``raw`` keeps it.

    Raises Malformed("tlv_malformed").
    """
    objects: list[Tlv] = []
    start, end = 0, len(data)
    while start < end:
        if filler and _is_filler(data, start, tag_bytes):
            break
        if len(objects) == max_objects:
            raise Malformed("tlv_malformed", "a file of the card holds too many objects")
        at = _tag_end(data, start) if tag_bytes is None else start + tag_bytes
        length, value = _length(data, at)
        stop = value + length
        if stop > end:
            raise Malformed("tlv_malformed", "an object of the card is longer than what holds it")
        tag = int.from_bytes(data[start:at], "big")
        objects.append(Tlv(tag, bytes(data[value:stop]), bytes(data[start:stop])))
        start = stop
    return tuple(objects)


def encode_tlv(tag: int, value: bytes) -> bytes:
    """One object, its length as short as can be. The tag is written as it is, without leading zeros."""
    n = len(value)
    if n >= 1 << 8 * _MAX_LENGTH_BYTES:
        raise ValueError("longer than an object of a card can be")
    length = bytes((n,)) if n < 0x80 else _long_length(n)
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big") + length + value


def find(objects: Iterable[Tlv], tag: int) -> Tlv | None:
    """The object of this tag; None where there is none. Raises Malformed where there are two: which of them counts is anybody's guess."""
    found = [each for each in objects if each.tag == tag]
    if len(found) > 1:
        raise Malformed("tlv_malformed", f"an object of the card stands twice: {tag:X}")
    return found[0] if found else None


def need(objects: Iterable[Tlv], tag: int) -> Tlv:
    """As `find`, but Malformed where there is none."""
    found = find(objects, tag)
    if found is None:
        raise Malformed("tlv_malformed", f"an object of the card is missing: {tag:X}")
    return found


def total_length(start: bytes, *, tag_bytes: int | None = None) -> int | None:
    """From a file's first bytes: how long its first object is, header included. None where they are too few to tell.

    Raises Malformed. The number is the card's own word: bound what you do with it.
    """
    try:
        at = _tag_end(start, 0) if tag_bytes is None else tag_bytes
        length, value = _length(start, at)
    except _TooShort:
        return None
    return value + length


class _TooShort(Malformed):
    """The header goes on beyond the bytes that are there."""

    def __init__(self) -> None:
        super().__init__("tlv_malformed", "an object of the card ends within its header")


def _is_filler(data: bytes, start: int, tag_bytes: int | None) -> bool:
    if tag_bytes is not None:
        lead = data[start : start + tag_bytes]
        return not any(lead) or all(byte == 0xFF for byte in lead)
    # FF leads a private tag of two bytes too (FF20 on the My Number card); FF FF and a last FF lead none.
    return data[start] == 0 or (data[start] == 0xFF and data[start + 1 : start + 2] in (b"", b"\xff"))


def _tag_end(data: bytes, start: int) -> int:
    """Where the length begins. ISO/IEC 8825-1 §8.1.2.4."""
    if start >= len(data):
        raise _TooShort
    at = start + 1
    if data[start] & _BER_LONG_TAG != _BER_LONG_TAG:
        return at
    while at < len(data):
        if at - start >= _MAX_TAG_BYTES or (at == start + 1 and data[at] & 0x7F == 0):
            raise Malformed("tlv_malformed", "an object of the card has a tag that none can have")
        at += 1
        if not data[at - 1] & 0x80:
            return at
    raise _TooShort


def _length(data: bytes, at: int) -> tuple[int, int]:
    """(how many bytes the value has, where it begins). ISO/IEC 7816-4 §5.2.2.2; the indefinite form is refused."""
    if at >= len(data):
        raise _TooShort
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first - 0x80
    if not 1 <= count <= _MAX_LENGTH_BYTES:
        raise Malformed("tlv_malformed", "an object of the card has a length that none can have")
    if at + 1 + count > len(data):
        raise _TooShort
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def _long_length(n: int) -> bytes:
    count = (n.bit_length() + 7) // 8
    return bytes((0x80 + count,)) + n.to_bytes(count, "big")
