"""What data groups say: DG1 (the machine readable zone), DG11 and DG12 (what else is printed). ICAO Doc 9303-10 §4.7. Pure, not verified.

DG2 is in `face_image.py`. The personal number of DG11 (5F10) is left alone: several countries' is a national number of persons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from common.cards.drivers.passport.mrz import Mrz, parse_mrz
from common.cards.tlv import Tlv, find, need, parse_tlv
from common.errors import Malformed
from common.record import Record

TAGS: Mapping[int, int] = {
    1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68,
    9: 0x69, 10: 0x6A, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70,
}  # fmt: skip
"""The outermost tag of each data group."""
_MRZ = 0x5F1F
_FULL_NAME, _BIRTH, _BIRTH_PLACE, _ADDRESS = 0x5F0E, 0x5F2B, 0x5F11, 0x5F42
_AUTHORITY, _ISSUED = 0x5F19, 0x5F26
_DAY = re.compile(r"\d{8}")
_MAX_TEXT = 1024


class PersonalDetails(Record, frozen=True):
    """DG11, as far as it goes. Empty for what it does not say. full_name: in the state's own script, surname first, as written.

    birth_date: YYYY-MM-DD. birth_place, address: lines.
    """

    full_name: str
    birth_date: str
    birth_place: tuple[str, ...]
    address: tuple[str, ...]


class DocumentDetails(Record, frozen=True):
    """DG12, as far as it goes. issue_date: YYYY-MM-DD."""

    issuing_authority: str
    issue_date: str


def parse_dg1(file: bytes) -> Mrz:
    """Raises Malformed."""
    try:
        text = need(_inside(file, 1), _MRZ).value.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("bad_mrz", "DG1 holds other characters than a machine readable zone") from None
    return parse_mrz(text)


def parse_dg11(file: bytes) -> PersonalDetails:
    """Raises Malformed."""
    objects = _inside(file, 11)
    return PersonalDetails(
        full_name=_name(_text(objects, _FULL_NAME)),
        birth_date=_day(objects, _BIRTH),
        birth_place=_lines(objects, _BIRTH_PLACE),
        address=_lines(objects, _ADDRESS),
    )


def parse_dg12(file: bytes) -> DocumentDetails:
    """Raises Malformed."""
    objects = _inside(file, 12)
    return DocumentDetails(issuing_authority=_text(objects, _AUTHORITY), issue_date=_day(objects, _ISSUED))


def _inside(file: bytes, number: int) -> tuple[Tlv, ...]:
    return parse_tlv(need(parse_tlv(file), TAGS[number]).value)


def _text(objects: tuple[Tlv, ...], tag: int) -> str:
    found = find(objects, tag)
    if found is None:
        return ""
    if len(found.value) > _MAX_TEXT:
        raise Malformed("bad_data_group", "a text that is longer than any")
    try:
        text = found.value.decode("utf-8")
    except UnicodeDecodeError:
        text = found.value.decode("latin-1")  # documents from before Doc 9303's 7th edition
    if not all(character.isprintable() for character in text):
        raise Malformed("bad_data_group", "a text with characters that none has")
    return text


def _name(field: str) -> str:
    """``SMITH<<JOHN<T`` → ``SMITH JOHN T``."""
    return " ".join(word for word in field.split("<") if word)


def _lines(objects: tuple[Tlv, ...], tag: int) -> tuple[str, ...]:
    return tuple(line for line in _text(objects, tag).split("<") if line)


def _day(objects: tuple[Tlv, ...], tag: int) -> str:
    """YYYYMMDD as eight digits, or two of them in each byte (older documents); empty if it is neither or no day of the calendar."""
    found = find(objects, tag)
    if found is None:
        return ""
    digits = found.value.hex() if len(found.value) == 4 else found.value.decode("latin-1")
    if not _DAY.fullmatch(digits) or not digits.isascii():
        return ""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return ""
