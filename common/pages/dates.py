"""Dates as people here read them: 令和8年4月1日（2026年） and 1 April 2026.

Instants are shown in Japan's time, which has no summer time.
"""

from __future__ import annotations

import datetime as dt

from common.pages.language import Language

JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")

# First day of each era (the years before 1873 followed the lunar calendar and do not occur here).
ERAS: tuple[tuple[dt.date, str], ...] = (
    (dt.date(2019, 5, 1), "令和"),
    (dt.date(1989, 1, 8), "平成"),
    (dt.date(1926, 12, 25), "昭和"),
    (dt.date(1912, 7, 30), "大正"),
    (dt.date(1873, 1, 1), "明治"),
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

When = dt.date | dt.datetime | int | str


def as_date(when: When) -> dt.date:
    """A date out of a date, an instant, seconds since 1970 or ISO 8601 text. Raises ValueError on other text."""
    if isinstance(when, str):
        return dt.date.fromisoformat(when) if len(when) == 10 else as_instant(when).date()
    if isinstance(when, dt.date) and not isinstance(when, dt.datetime):
        return when
    return as_instant(when).date()


def as_instant(when: When) -> dt.datetime:
    """An instant in Japan's time; one without a zone is taken as UTC."""
    if isinstance(when, int):
        return dt.datetime.fromtimestamp(when, JAPAN)
    if isinstance(when, str):
        when = dt.datetime.fromisoformat(when)
    if not isinstance(when, dt.datetime):
        return dt.datetime(when.year, when.month, when.day, tzinfo=JAPAN)
    return (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).astimezone(JAPAN)


def era_year(day: dt.date) -> str:
    """``令和8年``, the first year as ``元年``; before 1873 the plain year."""
    for first, name in ERAS:
        if day >= first:
            year = day.year - first.year + 1 if name != "明治" else day.year - 1867
            return f"{name}{'元' if year == 1 else year}年"
    return f"{day.year}年"


def show_date(when: When, language: Language) -> str:
    day = as_date(when)
    if language == "ja":
        return f"{era_year(day)}{day.month}月{day.day}日（{day.year}年）"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def show_instant(when: When, language: Language) -> str:
    instant = as_instant(when)
    clock = f"{instant.hour}:{instant.minute:02}"
    return (
        f"{show_date(instant.date(), language)} {clock}"
        if language == "ja"
        else f"{show_date(instant.date(), language)}, {clock} JST"
    )


def show_span(seconds: int, language: Language) -> str:
    """A length of time in its largest fitting unit: 45秒, 3分, 2時間, 5日; ``1 minute``."""
    seconds = max(0, seconds)
    for size, japanese, english in (
        (86400, "日", "day"),
        (3600, "時間", "hour"),
        (60, "分", "minute"),
        (1, "秒", "second"),
    ):
        if seconds >= size or size == 1:
            count = seconds // size
            return f"{count}{japanese}" if language == "ja" else f"{count} {english}{'' if count == 1 else 's'}"
    raise AssertionError("unreachable: a second is the smallest unit")
