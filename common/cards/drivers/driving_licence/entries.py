"""DF1/EF01, what is written on a driving licence but for the registered domicile: names, dates, categories. 仕様書 010; cards.md §5.2.

There is no sex on the chip. A name with a character of the licence's own is given with 〓 in its place and a flag for it, never without.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from common.cards.contract import ClaimValue
from common.cards.japanese_date import CardDate, parse_era_date
from common.cards.japanese_text import CardText, parse_digits, parse_jis_x_0201, parse_jis_x_0208
from common.cards.police.categories import CATEGORIES, GROUPS
from common.cards.police.objects import parse_objects
from common.errors import Malformed

_NAME, _ADDRESS, _BIRTH, _ISSUE, _NUMBER = 0x12, 0x17, 0x16, 0x18, 0x21
_TEXTS: Final = {
    _NAME: "name",
    0x13: "name_kana",
    0x14: "name_alias",
    0x15: "name_unified_kana",
    _ADDRESS: "address",
    0x1A: "colour",
    0x20: "issuing_authority",
}
_DATES: Final = {_BIRTH: "birth_date", _ISSUE: "issue_date", 0x1B: "expiry_date"}
_CONDITIONS = (0x1C, 0x1D, 0x1E, 0x1F)
FLAGGED: Final = {"name": "name_substitutes", "address": "address_substitutes"}
"""Claims of which it is told, digit by digit, where a mark stands for a character: in the form of JPKI's flags."""
NUMBER_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """issued_on: None where the licence does not say it whole."""

    claims: dict[str, ClaimValue] = field(repr=False)
    issued_on: dt.date | None


def parse_entries(data: bytes) -> Entries:
    """The whole file. Raises Malformed: no name, no number, no birth date; texts and dates that are none."""
    objects = parse_objects(data)
    for tag in (_NAME, _BIRTH, _NUMBER):
        if not objects.get(tag):
            raise Malformed("licence_entry_missing", "the licence has no name, birth date or number")
    claims: dict[str, ClaimValue] = {}
    for tag, name in _TEXTS.items():
        written = parse_jis_x_0208(objects.get(tag, b""))
        if written.text:
            claims |= text_claims(name, written)
    dates = {name: _date(objects, tag) for tag, name in _DATES.items()}
    for name, day in dates.items():
        if day is not None:
            claims[name if name != "birth_date" or day.whole else "birth_date_incomplete"] = day.text
    claims["licence_number"] = parse_digits(objects[_NUMBER], NUMBER_DIGITS)
    claims["conditions"] = tuple(text for tag in _CONDITIONS if (text := parse_jis_x_0208(objects.get(tag, b"")).text))
    held = [(each, day) for each in CATEGORIES if (day := _date(objects, each.entry)) is not None]
    claims["categories"] = tuple(each.code for each, _ in held)
    claims["category_dates"] = tuple(day.text for _, day in held)
    for name, tag, _ in GROUPS:
        if (day := _date(objects, tag)) is not None:
            claims[name] = day.text
    issued = dates["issue_date"]
    return Entries(claims=claims, issued_on=None if issued is None else issued.whole)


def text_claims(name: str, text: CardText) -> dict[str, ClaimValue]:
    """The text, and for names and addresses the flags of what could not be written."""
    claims: dict[str, ClaimValue] = {name: text.text}
    if name in FLAGGED:
        claims[FLAGGED[name]] = text.flags
    return claims


def _date(objects: dict[int, bytes], tag: int) -> CardDate | None:
    value = objects.get(tag, b"")
    return parse_era_date(parse_jis_x_0201(value).encode()) if value.strip(b" \0\xff") else None
