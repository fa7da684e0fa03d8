"""The records of the My Number card: an object that holds others in a fixed order, some with a table of where they stand. cards.md §3.4."""

from __future__ import annotations

from collections.abc import Sequence

from common.cards.tlv import Tlv, need, parse_tlv
from common.errors import Malformed


def open_record(data: bytes, tag: int, tags: tuple[int, ...]) -> tuple[Tlv, ...]:
    """The objects inside the one object ``tag`` of a file: exactly ``tags``, each once, in this order. Tags have two bytes.

    Raises Malformed. Strict, since what is signed is told by its place: an object too many would be one that nobody signed.
    """
    whole = need(parse_tlv(data, tag_bytes=2, max_objects=1), tag)
    objects = parse_tlv(whole.value, tag_bytes=2, filler=False, max_objects=len(tags))
    if tuple(each.tag for each in objects) != tags:
        raise Malformed("record_malformed", "a record of the card does not hold what it should, in its order")
    return objects


def check_offsets(data: bytes, objects: Sequence[Tlv]) -> None:
    """Whether the first object, a table of 16-bit offsets from the file's start, says where the others stand. Raises Malformed.

    No signature covers the table and nothing here goes by it; a wrong one is a file that somebody has altered.
    """
    table, *others = objects
    whole = parse_tlv(data, tag_bytes=2, max_objects=1)[0]
    at = len(whole.raw) - len(whole.value) + len(table.raw)
    expected = b""
    for each in others:
        expected += min(at, 0xFFFF).to_bytes(2, "big")
        at += len(each.raw)
    if table.value != expected:
        raise Malformed("offsets_malformed", "a record of the card is not where its table says")
