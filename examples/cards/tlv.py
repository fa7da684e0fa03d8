"""BER-TLV as these cards write it (ISO/IEC 7816-4 §5.2.2; X.690 definite lengths)."""

from __future__ import annotations

from collections.abc import Iterator


def length(size: int) -> bytes:
    """A length field in its shortest form."""
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag: int, *parts: bytes) -> bytes:
    """One data object. tag: as it is written, 0x86 or 0x5F4E."""
    value = b"".join(parts)
    return tag.to_bytes((max(tag.bit_length(), 1) + 7) // 8, "big") + length(len(value)) + value


def objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, value) one after the other, as a terminal sends them to a card. Raises ValueError."""
    at = 0
    while at < len(data):
        tag_ends = at + 1
        if data[at] & 0x1F == 0x1F:
            while data[tag_ends : tag_ends + 1] >= b"\x80":
                tag_ends += 1
            tag_ends += 1
        head = data[tag_ends : tag_ends + 1]
        if not head:
            raise ValueError("an object without a length")
        size, value = head[0], tag_ends + 1
        if size >= 0x80:
            octets = data[value : value + (size & 0x7F)]
            if size == 0x80 or len(octets) != size & 0x7F:
                raise ValueError("an object without a definite length")
            size, value = int.from_bytes(octets, "big"), value + len(octets)
        if value + size > len(data):
            raise ValueError("an object longer than what holds it")
        yield int.from_bytes(data[at:tag_ends], "big"), data[value : value + size]
        at = value + size
