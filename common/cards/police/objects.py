"""Data objects as the police writes them: tags of one byte, and two from 0100 on. 運転免許証及び運転免許証作成システム等仕様書 010.

They look like BER-TLV and are not: ``1F``, ``DF`` and ``FF`` are tags of one byte here, and lengths may be longer written than they need be
(``82 00 82``). That tags above FF are written with two bytes is inferred: only then do the published lengths add up to the size of the
files, 5845 and 584 bytes (cards.md §5.5).
"""

from __future__ import annotations

from typing import Final

from common.cards.tlv import parse_tlv, total_length
from common.errors import Malformed

MAX_BYTES: Final = 8192
_TWO_BYTE_LEAD = 0x01
"""The first byte of a tag of two bytes. No tag of one byte in these files is as low."""
_FILLER = 0xFF


def parse_objects(data: bytes) -> dict[int, bytes]:
    """Values by tag, in their order; filler (FF or 00) ends them. Raises Malformed, also where a tag stands twice."""
    if len(data) > MAX_BYTES:
        raise Malformed("tlv_malformed", "a file of the card is longer than such a file can be")
    objects: dict[int, bytes] = {}
    start = 0
    while start < len(data) and not _is_filler(data, start):
        width = 2 if data[start] == _TWO_BYTE_LEAD else 1
        length = total_length(data[start : start + 6], tag_bytes=width)
        if length is None:
            raise Malformed("tlv_malformed", "an object of the card ends within its header")
        one = parse_tlv(data[start : start + length], tag_bytes=width, filler=False)[0]
        if one.tag in objects:
            raise Malformed("tlv_malformed", "an object of the card stands twice")
        objects[one.tag] = one.value
        start += length
    return objects


def _is_filler(data: bytes, start: int) -> bool:
    # FF is a tag too (a reserved one, with a length of 7): filler is what goes on with FF, or ends.
    return data[start] == 0 or (data[start] == _FILLER and data[start + 1 : start + 2] in (b"", b"\xff"))
