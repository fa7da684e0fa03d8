"""The data objects of a terminal's command by tag, and the DER that this chip's files are made of."""

from __future__ import annotations

from collections.abc import Collection

from asn1crypto.core import Integer, ObjectIdentifier

from examples.cards.command import Refusal
from examples.cards.tlv import objects, tlv


def members(octets: bytes, *, allowed: Collection[int]) -> dict[int, bytes]:
    """Each tag once and none but the allowed. Raises Refusal(6A80): incorrect parameters in the command data field."""
    try:
        found = list(objects(octets))
    except ValueError:
        raise Refusal(0x6A80) from None
    by_tag = dict(found)
    if len(by_tag) != len(found) or not by_tag.keys() <= set(allowed):
        raise Refusal(0x6A80)
    return by_tag


def oid(dotted: str) -> bytes:
    return bytes(ObjectIdentifier(dotted).dump())


def oid_value(dotted: str) -> bytes:
    """Without tag and length, as tag 80 of a template carries it."""
    return bytes(ObjectIdentifier(dotted).contents)


def integer(number: int) -> bytes:
    return bytes(Integer(number).dump())


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    """In DER's order (X.690 §11.6)."""
    return tlv(0x31, *sorted(parts))
