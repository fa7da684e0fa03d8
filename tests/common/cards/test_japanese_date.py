"""Dates of cards: eras, parts that nobody knows, days that no calendar has."""

from __future__ import annotations

import datetime as dt

import pytest

from common.cards.japanese_date import (
    CardDate,
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
