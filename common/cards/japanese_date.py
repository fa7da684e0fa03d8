"""Dates as Japanese cards write them: in the era's year or in the Gregorian one, and with parts that nobody knows. Pure.

A part of zeros is a part that is not known (an old register, a foreigner's papers): such a date is a span of days, and tells an age only
where it is the same from the first of them to the last (`ages_of`).
Years run on beyond the end of their era, since a licence of 平成30 may be good until 平成35: an era gives its first year and no last one.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from common.errors import Malformed

YEAR_BEFORE = {"1": 1867, "2": 1911, "3": 1925, "4": 1988, "5": 2018}
"""The year before the first year of 明治, 大正, 昭和, 平成, 令和."""
_FULL_WIDTH_ZERO = 0x2330
"""０ in JIS X 0208; the other digits follow it."""
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDate:
    """A date by the Gregorian calendar. A part is None where the card has zeros. Its repr shows no part: it may be a birth date."""

    year: int | None = field(repr=False)
    month: int | None = field(repr=False)
    day: int | None = field(repr=False)

    @property
    def whole(self) -> date | None:
        """None where a part is not known: no age and no expiry follows from such a date."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)

    @property
    def span(self) -> tuple[date, date] | None:
        """The first and the last day that it can be; None where not even the year is known."""
        if self.year is None:
            return None
        last_month = self.month or 12
        last_day = self.day or calendar.monthrange(self.year, last_month)[1]
        return date(self.year, self.month or 1, self.day or 1), date(self.year, last_month, last_day)

    @property
    def text(self) -> str:
        """ISO 8601 with zeros for what is not known: 1941-00-00."""
        return f"{self.year or 0:04}-{self.month or 0:02}-{self.day or 0:02}"


def ages_of(birth: CardDate, ages: Iterable[int], today: date) -> dict[int, bool]:
    """Of each age whether it is completed. True only if it is for who was born on the last day that the date can be, False only if it is
    not for who was born on the first; an age between the two is left out. Born on 29 February: a year older on 1 March."""
    if birth.span is None:
        return {}
    first, last = (today.year - born.year - ((today.month, today.day) < (born.month, born.day)) for born in birth.span)
    return {age: last >= age for age in ages if (first >= age) == (last >= age)}


def parse_era_date(data: bytes) -> CardDate | None:
    """Seven digits of JIS X 0201: era, year of the era, month, day (``3550217``). All zeros: None, there is no such date.

    Raises Malformed("card_date_malformed").
    """
    digits = _digits(data, 7)
    if digits == "0000000":
        return None
    era, year = digits[0], int(digits[1:3])
    if era != "0" and era not in YEAR_BEFORE:
        raise Malformed("card_date_malformed", "a date of the card is of an unknown era")
    known = era != "0" and year != 0
    return _made(YEAR_BEFORE[era] + year if known else 0, int(digits[3:5]), int(digits[5:7]))


def parse_full_width_era_date(data: bytes) -> CardDate | None:
    """The same in seven digits of JIS X 0208, two bytes each. Raises Malformed("card_date_malformed")."""
    if len(data) != 14:
        raise Malformed("card_date_malformed", "a date of the card has not its seven digits")
    cells = [int.from_bytes(data[at : at + 2], "big") - _FULL_WIDTH_ZERO for at in range(0, 14, 2)]
    if not all(0 <= cell <= 9 for cell in cells):
        raise Malformed("card_date_malformed", "a date of the card is not made of digits")
    return parse_era_date("".join(map(str, cells)).encode("ascii"))


def parse_gregorian_date(data: bytes) -> CardDate | None:
    """Eight digits, YYYYMMDD. All zeros: None. Raises Malformed("card_date_malformed")."""
    digits = _digits(data, 8)
    return None if digits == "00000000" else _made(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _digits(data: bytes, length: int) -> str:
    if len(data) != length or not all(0x30 <= byte <= 0x39 for byte in data):
        raise Malformed("card_date_malformed", "a date of the card is not made of digits")
    return data.decode("ascii")


def _made(year: int, month: int, day: int) -> CardDate:
    """Zeros become None; what is there has to be a date that some year has."""
    if month > 12 or day > (_LONGEST_MONTHS[month - 1] if month else 31):
        raise Malformed("card_date_malformed", "a date of the card is on no calendar")
    if year and month and day:
        try:
            date(year, month, day)
        except ValueError:
            raise Malformed("card_date_malformed", "a date of the card is on no calendar") from None
    return CardDate(year=year or None, month=month or None, day=day or None)
