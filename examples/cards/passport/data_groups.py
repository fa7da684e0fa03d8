"""The data groups of LDS1 (ICAO 9303-10 §4.6–4.7), EF.COM, and the files of the master file."""

from __future__ import annotations

from collections.abc import Iterable

from examples.cards.passport.mrz import Mrz
from examples.cards.tlv import tlv

TAGS = {1: 0x61, 2: 0x75, 3: 0x63, 7: 0x67, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70}


def com(numbers: Iterable[int], *, lds: str = "0107", unicode: str = "040000") -> bytes:
    """Versions, and the tags of what is there. Nobody signs it."""
    present = bytes(TAGS[number] for number in sorted(numbers))
    return tlv(0x60, tlv(0x5F01, lds.encode()), tlv(0x5F36, unicode.encode()), tlv(0x5C, present))


def dg1(mrz: Mrz) -> bytes:
    return tlv(TAGS[1], tlv(0x5F1F, "".join(mrz.lines()).encode("ascii")))


def dg2(record: bytes) -> bytes:
    """One face in the nested templates of ISO/IEC 7816-11 (9303-10 §4.7.2)."""
    header = tlv(0xA1, tlv(0x80, b"\x01\x01"), tlv(0x81, b"\x02"), tlv(0x87, b"\x01\x01"), tlv(0x88, b"\x00\x08"))
    template = tlv(0x7F60, header, tlv(0x5F2E, record))
    return tlv(TAGS[2], tlv(0x7F61, tlv(0x02, b"\x01"), template))


def dg3() -> bytes:
    """A place for fingerprints without any in it: nobody reads it here, but its hash stands in the SOD."""
    return tlv(TAGS[3], tlv(0x7F61, tlv(0x02, b"\x00"), tlv(0x53, b"no fingerprints")))


def _optional(tag: int, members: dict[int, bytes], groups: dict[int, tuple[bytes, ...]]) -> bytes:
    """A tag list and what it lists; repeated ones stand in an A0 template with their number (9303-10 §4.7.11)."""
    listed = b"".join(number.to_bytes(2 if number > 0xFF else 1, "big") for number in (*members, *groups))
    body = b"".join(tlv(number, value) for number, value in members.items())
    for number, values in groups.items():
        body += tlv(0xA0, tlv(0x02, bytes([len(values)])), *(tlv(number, value) for value in values))
    return tlv(tag, tlv(0x5C, listed), body)


def dg11(*, name: str, other_names: tuple[str, ...] = (), birth: str = "", place: str = "", address: str = "") -> bytes:
    """name: in national characters, surname and given names parted by two fillers. birth: YYYYMMDD with zeros for what is unknown."""
    members = {0x5F0E: name}
    members |= {tag: text for tag, text in ((0x5F2B, birth), (0x5F11, place), (0x5F42, address)) if text}
    groups = {0x5F0F: tuple(text.encode() for text in other_names)} if other_names else {}
    return _optional(TAGS[11], {tag: text.encode() for tag, text in members.items()}, groups)


def dg12(*, authority: str, issued: str) -> bytes:
    """issued: YYYYMMDD."""
    return _optional(TAGS[12], {0x5F19: authority.encode(), 0x5F26: issued.encode()}, {})


def dg7(image: bytes) -> bytes:
    """A displayed signature."""
    return tlv(TAGS[7], tlv(0x02, b"\x01"), tlv(0x5F43, image))


def dg14(security_infos: bytes) -> bytes:
    return tlv(TAGS[14], security_infos)


def dg15(public_info: bytes) -> bytes:
    return tlv(TAGS[15], public_info)


def directory(aids: Iterable[bytes]) -> bytes:
    """EF.DIR (9303-10 §3.11.3)."""
    return b"".join(tlv(0x61, tlv(0x4F, aid)) for aid in aids)


def atr_info(*, largest_command: int, largest_response: int) -> bytes:
    """EF.ATR/INFO (9303-10 §3.11.2): extended length, and how long an APDU may be either way. No lengths: short ones alone."""
    extended = largest_command > 261
    capabilities = tlv(0x47, b"\x94\x01", b"\x40" if extended else b"\x00")
    limits = (tlv(0x02, limit.to_bytes(4, "big").lstrip(b"\x00")) for limit in (largest_command, largest_response))
    return capabilities + (tlv(0x7F66, *limits) if extended else b"")
