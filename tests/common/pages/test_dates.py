"""Dates in both languages, at the edges of the eras and of the day in Japan."""

from __future__ import annotations

import datetime as dt

import pytest

from common.pages.dates import show_date, show_instant, show_span


@pytest.mark.parametrize(
    ("day", "ja", "en"),
    [
        ("2026-04-01", "令和8年4月1日（2026年）", "1 April 2026"),
        ("2019-05-01", "令和元年5月1日（2019年）", "1 May 2019"),
        ("2019-04-30", "平成31年4月30日（2019年）", "30 April 2019"),
        ("1989-01-08", "平成元年1月8日（1989年）", "8 January 1989"),
        ("1989-01-07", "昭和64年1月7日（1989年）", "7 January 1989"),
        ("1926-12-24", "大正15年12月24日（1926年）", "24 December 1926"),
        ("1912-07-29", "明治45年7月29日（1912年）", "29 July 1912"),
        ("1868-10-23", "1868年10月23日（1868年）", "23 October 1868"),
    ],
)
def test_dates(day: str, ja: str, en: str) -> None:
    assert show_date(day, "ja") == ja
    assert show_date(dt.date.fromisoformat(day), "en") == en


def test_an_instant_is_shown_in_japan() -> None:
    eve = int(dt.datetime(2026, 3, 31, 15, 5, tzinfo=dt.UTC).timestamp())
    assert show_instant(eve, "ja") == "令和8年4月1日（2026年） 0:05"
    assert show_instant("2026-03-31T15:05:00Z", "en") == "1 April 2026, 0:05 JST"
    assert show_date(eve, "en") == "1 April 2026"
    assert show_date(dt.datetime(2026, 3, 31, 14, 59), "en") == "31 March 2026"


@pytest.mark.parametrize(
    ("seconds", "ja", "en"),
    [
        (0, "0秒", "0 seconds"),
        (1, "1秒", "1 second"),
        (61, "1分", "1 minute"),
        (7200, "2時間", "2 hours"),
        (90000, "1日", "1 day"),
    ],
)
def test_spans(seconds: int, ja: str, en: str) -> None:
    assert (show_span(seconds, "ja"), show_span(seconds, "en")) == (ja, en)
