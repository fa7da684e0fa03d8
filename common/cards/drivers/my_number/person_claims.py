"""Claims about a person from what a My Number card says: names, dates, ages without the date, residence without the address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from common.cards.drivers.my_number.municipality import parse_residence
from common.cards.japanese_date import CardDate, ages_of, parse_gregorian_date
from common.errors import Malformed

AGES = (18, 20, 65)
_SEXES = {"0": 0, "1": 1, "2": 2, "9": 9}
"""ISO/IEC 5218, which is JIS X 0303 too: not known, male, female, not applicable."""
_JPKI_UNKNOWN_SEX = "3"
_YEARS = {"1": (1868, 1912), "2": (1912, 1926), "3": (1926, 1989), "4": (1989, 2019), "5": (2019, 9999)}
"""First and last Gregorian year of 明治, 大正, 昭和, 平成, 令和."""
_JAPAN = timedelta(hours=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonClaims:
    """values: by claim. derived: those that were worked out, not read."""

    values: Mapping[str, str | bool | int] = field(repr=False)
    derived: frozenset[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))


def parse_jpki_birth_date(text: str) -> CardDate | None:
    """``EYYYYMMDD``: the era's digit, then the Gregorian date; 0 for an era that is not known. None where nothing is known.

    Raises Malformed: no digits, no such era, a year that is not of the era (by year: the day of a change has been written both ways).
    """
    if len(text) != 9 or not text.isascii() or not text.isdigit():
        raise Malformed("card_date_malformed", "a birth date is an era and a date")
    parsed = parse_gregorian_date(text[1:].encode("ascii"))
    if text[0] == "0":
        return parsed
    if text[0] not in _YEARS:
        raise Malformed("card_date_malformed", "a birth date is of an unknown era")
    first, last = _YEARS[text[0]]
    if parsed is not None and parsed.year is not None and not first <= parsed.year <= last:
        raise Malformed("card_date_malformed", "a birth date is not of its era")
    return parsed


def parse_sex(digit: str) -> int:
    """→ ISO/IEC 5218. JPKI's own 3 is *not known*. Raises Malformed."""
    if digit == _JPKI_UNKNOWN_SEX:
        return 0
    if digit not in _SEXES:
        raise Malformed("sex_malformed", "the attribute for sex is none of its values")
    return _SEXES[digit]


def build_person_claims(
    *, name: str | None, birth_date: CardDate | None, sex: int, address: str | None, now: int
) -> PersonClaims:
    """The claims of one person. A date with parts that nobody knows is *birth_date_incomplete*; ages follow from it as far
    as they are the same for every day that it can be.

    age_over_N: of the day in Japan at ``now`` (seconds); one who was born on 29 February is a year older on 1 March.
    """
    values: dict[str, str | bool | int] = {"sex": sex}
    derived: dict[str, str | bool | int] = {}
    if name is not None:
        values["name"] = name
        parts = name.split("\u3000")
        if len(parts) == 2 and all(parts):
            derived |= {"family_name": parts[0], "given_name": parts[1]}
    if birth_date is not None:
        values["birth_date" if birth_date.whole is not None else "birth_date_incomplete"] = birth_date.text
        told = ages_of(birth_date, AGES, today_in_japan(now))
        derived |= {f"age_over_{age}": is_over for age, is_over in told.items()}
    if address is not None:
        values["address"] = address
        residence = parse_residence(address)
        if residence is not None:
            derived |= {"prefecture": residence.prefecture, "municipality": residence.municipality}
    return PersonClaims(values=values | derived, derived=frozenset(derived))


def today_in_japan(now: int) -> date:
    return (datetime.fromtimestamp(now, UTC) + _JAPAN).date()
