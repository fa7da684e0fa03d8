"""Dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.pages.dates import show_date
from common.pages.read_date import read_date

DAY = date(2005, 11, 3)


@pytest.mark.parametrize(
    "text",
    [
        *("2005-11-03", "2005/11/3", "2005.11.03", "20051103", "2005年11月3日", "2005年 11月 3日", " 2005-11-03 "),
        *("２００５－１１－０３", "２００５年１１月３日", "２００５/１１/３", "2005−11−03", "２００５ー１１ー０３"),
        *("平成17年11月3日", "平成１７年１１月３日", "H17.11.3", "h17/11/3".upper(), "Ｈ１７．１１．３"),
        *("3 November 2005", "3 Nov 2005", "3rd November, 2005", "November 3, 2005"),
    ],
)
def test_the_same_day(text: str) -> None:
    assert read_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("明治45年7月29日", date(1912, 7, 29)),
        ("2004-02-29", date(2004, 2, 29)),
    ],
)
def test_edges_of_eras(text: str, day: date) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "11/03/2005",
        "2005-13-01",
        "2005-02-29",
        "昭和99年1月1日",
        "平成0年1月1日x",
        "2005-11-03-",
        "Foo 3 2005",
        "3 M 05",
    ],
)
def test_no_date(text: str) -> None:
    assert read_date(text) is None


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = read_date(text)
    assert found is None or isinstance(found, date)


@given(st.dates(min_value=date(1873, 1, 1), max_value=date(2100, 1, 1)))
def test_what_pages_show_can_be_typed(day: date) -> None:
    assert read_date(show_date(day, "ja").partition("（")[0]) == day
    assert read_date(show_date(day, "en")) == day
    assert read_date(day.isoformat()) == day
