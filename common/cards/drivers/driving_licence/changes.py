"""DF1/EF04, what was written into a licence after its issue: a new address, a new name, conditions. Outside the signature (cards.md §5.2).

An entry supersedes what EF01 says, so EF01's address is the old one then; but nobody signed the new one. Form of an entry, as two
independent readers have it: one byte of the character set's edition, the day in seven full-width digits, the text, and the five characters
of the commission that wrote it. It is inferred from them and stands in `read_change` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from common.cards.contract import ClaimValue
from common.cards.drivers.driving_licence.entries import text_claims
from common.cards.japanese_date import CardDate, parse_era_date, parse_full_width_era_date
from common.cards.japanese_text import CardText, parse_jis_x_0208
from common.cards.police.objects import parse_objects
from common.errors import Malformed

_COMMISSION_BYTES = 10
_FULL_WIDTH_DATE, _DATE = 14, 7
_LATEST: Final = {"name": range(0x60, 0x68), "name_kana": range(0x68, 0x70), "address": range(0x70, 0x78)}
"""Of these the last entry counts."""
_LISTED: Final = {
    "conditions_added": range(0x78, 0x80),
    "conditions_lifted": range(0x80, 0x88),
    "remarks": range(0x88, 0x90),
}

CHANGEABLE: Final = frozenset({"name", "name_substitutes", "name_kana", "address", "address_substitutes", "conditions"})
"""Claims of EF01 that EF04 may supersede."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry. day: None where it is not told. commission: who wrote it."""

    day: CardDate | None
    text: CardText = field(repr=False)
    commission: str


def read_change(value: bytes) -> Change:
    """Raises Malformed. A date in digits of one byte is read too: the specification's own table names no character set for it."""
    body = value[1:]
    if body[:1] == b"\x23":
        day, rest = parse_full_width_era_date(body[:_FULL_WIDTH_DATE]), body[_FULL_WIDTH_DATE:]
    else:
        day, rest = parse_era_date(body[:_DATE]), body[_DATE:]
    if len(rest) < _COMMISSION_BYTES:
        raise Malformed("licence_change_malformed", "a change of the licence is cut off")
    return Change(
        day=day,
        text=parse_jis_x_0208(rest[:-_COMMISSION_BYTES]),
        commission=parse_jis_x_0208(rest[-_COMMISSION_BYTES:]).text,
    )


def parse_changes(data: bytes) -> dict[str, ClaimValue]:
    """The claims that changes make. An empty entry, or one of filler, is none. Raises Malformed."""
    objects = {tag: value for tag, value in parse_objects(data).items() if value.strip(b"\0\xff")}
    claims: dict[str, ClaimValue] = {}
    for name, tags in _LATEST.items():
        written = [objects[tag] for tag in tags if tag in objects]
        if written:
            last = read_change(written[-1])
            claims |= text_claims(name, last.text)
            if last.day is not None:
                claims[f"{name}_since"] = last.day.text
    for name, tags in _LISTED.items():
        listed = tuple(read_change(objects[tag]).text.text for tag in tags if tag in objects)
        if listed:
            claims[name] = listed
    return claims


def with_conditions(changes: dict[str, ClaimValue], signed: ClaimValue) -> dict[str, ClaimValue]:
    """Changes, with all conditions that hold now if one was added: then the signed list is not the whole any more.

    A condition that was only lifted leaves the signed list as it is, which is then stricter than need be, and proven.
    """
    added, lifted = changes.get("conditions_added"), changes.get("conditions_lifted", ())
    if not isinstance(added, tuple) or not isinstance(lifted, tuple) or not isinstance(signed, tuple):
        return changes
    return {**changes, "conditions": (*(each for each in signed if each not in lifted), *added)}
