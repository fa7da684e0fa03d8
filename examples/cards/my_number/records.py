"""Records behind a table of offsets, as the text and surface applications write them (cards.md §3.4, §3.5)."""

from __future__ import annotations

from examples.cards.tlv import length, tlv


def with_offsets(tag: int, table: int, *objects: bytes) -> bytes:
    """``tag L {table L offsets, objects}``: each offset is counted from the first byte of the file, 16 bits, big-endian."""
    header = tlv(table, bytes(2 * len(objects)))
    size = len(header) + sum(len(one) for one in objects)
    at = len(tag.to_bytes(2, "big")) + len(length(size)) + len(header)
    offsets = b""
    for one in objects:
        offsets += at.to_bytes(2, "big")
        at += len(one)
    return tlv(tag, tlv(table, offsets), *objects)
