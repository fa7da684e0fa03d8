"""Moments as the data model writes them: ``xsd:dateTimeStamp`` (XML Schema 1.1 part 2 §3.4.28; VCDM 2.0 §4.9), and validity periods.

Python's datetime ends with the year 9999 and knows no ``24:00:00``; XML Schema knows both, so the calendar is counted here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from common.errors import Malformed, Rejected

_MOMENT = re.compile(
    r"(-?(?:[1-9]\d{3,8}|0\d{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"T(?:([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,32}))?|24:00:00(?:\.0{1,32})?)"
    r"(?:Z|([+-])(?:(0\d|1[0-3]):([0-5]\d)|14:00))\Z",
    re.ASCII,
)
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
"""How nearly every moment is written; datetime reads that the same way, and refuses what it does not know."""
_DAYS_TO_1970 = 719_468
"""From 1 March of the year 0 to 1 January 1970, in the proleptic Gregorian calendar that XML Schema uses."""


def format_moment(seconds: int) -> str:
    """Seconds since 1970 → ``2026-04-01T00:00:00Z``. Raises ValueError, OverflowError or OSError outside of the years 1 to 9999."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def parse_moment(value: object) -> int:
    """xsd:dateTimeStamp → seconds since 1970, fractions cut off towards the past. Raises Malformed; also for a time without zone."""
    if not isinstance(value, str):
        raise Malformed("bad_time", "a time is a text")
    if _USUAL.fullmatch(value) is not None:
        try:
            return int(datetime.fromisoformat(value).timestamp())
        except ValueError:
            pass  # the year 0, 24:00:00, or no time at all
    matched = _MOMENT.match(value)
    if matched is None:
        raise Malformed("bad_time", "a time is written like 2026-04-01T00:00:00Z")
    year, month, day = int(matched[1]), int(matched[2]), int(matched[3])
    if day > 28 and day > _days_in_month(year, month):
        raise Malformed("bad_time", "no such day")
    seconds = 86_400 * _days_since_1970(year, month, day)
    # 24:00:00 is the first moment of the day after
    seconds += 3600 * int(matched[4]) + 60 * int(matched[5]) + int(matched[6]) if matched[4] else 86_400
    if matched[8]:
        offset = 3600 * int(matched[9]) + 60 * int(matched[10]) if matched[9] else 14 * 3600
        seconds -= offset if matched[8] == "+" else -offset
    return seconds


def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _days_since_1970(year: int, month: int, day: int) -> int:
    """Counted in years that begin with March, so that a leap day is the last of its year."""
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1 - _DAYS_TO_1970


def check_order(valid_from: int | None, valid_until: int | None) -> None:
    """VCDM 2.0 §4.9. Raises Malformed when the end comes before the beginning."""
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise Malformed("bad_time", "validUntil comes before validFrom")


def check_validity(valid_from: int | None, valid_until: int | None, *, now: int, leeway: int) -> None:
    """VCDM 2.0 §4.9. Raises Rejected("expired" | "not_yet_valid"), and Malformed as `check_order` does. leeway: seconds of clock skew."""
    check_order(valid_from, valid_until)
    if valid_until is not None and now >= valid_until + leeway:
        raise Rejected("expired", "validUntil has passed")
    if valid_from is not None and now < valid_from - leeway:
        raise Rejected("not_yet_valid", "validFrom is still to come")
