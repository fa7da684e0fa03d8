"""Dates of cards: eras, parts that nobody knows, days that no calendar has."""

from __future__ import annotations

import datetime as dt
from datetime import date

import pytest

from common.cards.japanese_date import (
    CardDate,
    ages_of,
    parse_era_date,
    parse_full_width_era_date,
    parse_gregorian_date,
)
from common.errors import Malformed


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("1450729", "1912-07-29"),
        ("2151224", "1926-12-24"),
        ("3550217", "1980-02-17"),
        ("3640107", "1989-01-07"),
        ("4010108", "1989-01-08"),
        ("4310430", "2019-04-30"),
        ("4350221", "2023-02-21"),
        ("5010501", "2019-05-01"),
        ("5060229", "2024-02-29"),
    ],
)
def test_an_era_s_year(digits: str, day: str) -> None:
    parsed = parse_era_date(digits.encode())
    assert parsed is not None
    assert parsed.whole == dt.date.fromisoformat(day)
    assert parsed.text == day


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("3160000", "1941-00-00"),
        ("3160500", "1941-05-00"),
        ("3160015", "1941-00-15"),
        ("0000229", "0000-02-29"),
        ("0160229", "0000-02-29"),
        ("3000101", "0000-01-01"),
    ],
)
def test_parts_of_zeros_are_not_known(digits: str, text: str) -> None:
    parsed = parse_era_date(digits.encode())
    assert parsed is not None
    assert parsed.whole is None
    assert parsed.text == text


def test_all_zeros_is_no_date() -> None:
    assert parse_era_date(b"0000000") is None
    assert parse_gregorian_date(b"00000000") is None


@pytest.mark.parametrize(
    "digits",
    ["6010101", "5071301", "5070132", "5070229", "3160231", "3160431", "505010", "50501011", "505010a", "", "５"],
)
def test_what_is_no_era_date(digits: str) -> None:
    with pytest.raises(Malformed, match="card_date_malformed"):
        parse_era_date(digits.encode())


def test_full_width_digits() -> None:
    data = "５０５１２２４".encode("iso2022_jp").removeprefix(b"\x1b$B").removesuffix(b"\x1b(B")
    assert parse_full_width_era_date(data) == CardDate(year=2023, month=12, day=24)
    for wrong in (data[:-2], b"5051224" * 2, data.replace(b"\x23\x35", b"\x23\x41")):
        with pytest.raises(Malformed):
            parse_full_width_era_date(wrong)


def test_gregorian() -> None:
    assert parse_gregorian_date(b"19800217") == CardDate(year=1980, month=2, day=17)
    assert parse_gregorian_date(b"19410000") == CardDate(year=1941, month=None, day=None)
    for wrong in (b"19800230", b"1980021", b"1980021x"):
        with pytest.raises(Malformed):
            parse_gregorian_date(wrong)


def test_a_date_is_not_printed() -> None:
    assert "1980" not in repr(parse_gregorian_date(b"19800217"))


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((1941, None, None), {18: True, 20: True, 65: True}),
        ((2006, None, None), {18: True, 65: False}),  # 19 or 20 years old
        ((2006, 11, None), {18: True, 65: False}),
        ((2006, 10, None), {18: True, 20: True, 65: False}),
        ((2006, 12, None), {18: True, 20: False, 65: False}),
        ((2006, None, 21), {18: True, 65: False}),  # perhaps in December
        ((2005, None, 31), {18: True, 20: True, 65: False}),
        ((2008, 11, None), {20: False, 65: False}),
        ((2026, None, None), {18: False, 20: False, 65: False}),
        ((None, 3, 1), {}),
        ((None, None, None), {}),
    ],
)
def test_ages_are_told_that_are_the_same_for_every_day_it_can_be(
    parts: tuple[int | None, int | None, int | None], told: dict[int, bool]
) -> None:
    year, month, day = parts
    assert ages_of(CardDate(year=year, month=month, day=day), (18, 20, 65), TODAY) == told


@pytest.mark.parametrize(("today", "is_over"), [(date(2026, 2, 28), None), (date(2026, 3, 1), True)])
def test_the_last_day_of_an_unknown_one_is_the_months_own(today: date, is_over: bool | None) -> None:
    assert ages_of(CardDate(year=1961, month=2, day=None), (65,), date(2026, 2, 27)) == {}
    assert ages_of(CardDate(year=1961, month=2, day=None), (65,), date(2026, 2, 28)) == {65: True}
    leap = ages_of(CardDate(year=2008, month=2, day=None), (18,), today)
    assert leap.get(18) is is_over
