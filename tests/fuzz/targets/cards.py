"""What any card writes: answers and data objects; and what stands on the line of a relay, from either end."""

from __future__ import annotations

from common.cards.apdu import parse_response
from common.cards.relay import (
    Begin,
    Read,
    Sign,
    build_frame,
    build_text,
    parse_frame,
    parse_from_holder,
    parse_from_issuer,
)
from common.cards.tlv import parse_tlv, total_length
from tests.fuzz.target import of_bytes, of_text, reading


def _objects(data: bytes) -> object:
    """As BER has tags, and as Japanese cards have them."""
    total_length(data)
    return parse_tlv(data), parse_tlv(data, tag_bytes=1), parse_tlv(data, tag_bytes=2)


_BEGIN = build_text(Begin((Read("my_number", ("jpki_signature",)),)))
_SIGN = build_text(Sign(3, "jpki_signature", "s-1", "AAAAAAAAAAAAAAAAAAAAAA"))

TARGETS = (
    of_bytes(parse_frame, build_frame(7, bytes.fromhex("00b0000000"))),
    of_text(parse_from_holder, _BEGIN),
    of_text(parse_from_issuer, _SIGN),
    of_bytes(parse_response, bytes.fromhex("0102039000")),
    reading(parse_tlv, _objects, bytes.fromhex("ffff")),
)
