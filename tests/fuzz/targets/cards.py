"""What any card writes: answers and data objects."""

from __future__ import annotations

from common.cards.apdu import parse_response
from common.cards.tlv import parse_tlv, total_length
from tests.fuzz.target import of_bytes, reading


def _objects(data: bytes) -> object:
    """As BER has tags, and as Japanese cards have them."""
    total_length(data)
    return parse_tlv(data), parse_tlv(data, tag_bytes=1), parse_tlv(data, tag_bytes=2)


TARGETS = (
    of_bytes(parse_response, bytes.fromhex("0102039000")),
    reading(parse_tlv, _objects, bytes.fromhex("ffff")),
)
