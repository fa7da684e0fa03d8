"""xsd:dateTimeStamp (XML Schema 1.1 part 2 §3.4.28, §3.3.7) against Python's own calendar, and where that one ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed, Rejected
from common.formats.vcdm.moment import check_validity, format_moment, parse_moment


@given(st.integers(min_value=-62135596800, max_value=253402300799))
def test_round_trip(seconds: int) -> None:
    assert parse_moment(format_moment(seconds)) == seconds


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_like_the_library(moment: datetime, offset: int) -> None:
    zoned = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset)))
    text = zoned.isoformat()
    expected = (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert parse_moment(text) == expected
    assert parse_moment(text[:19] + ".987654321" + text[19:]) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T24:00:00Z", 0),
        ("1969-12-31T24:00:00.000Z", 0),
        ("1970-01-01T14:00:00+14:00", 0),
        ("1969-12-31T10:00:00-14:00", 0),
        ("2000-02-29T00:00:00Z", 951782400),
        ("0000-01-01T00:00:00Z", -62167219200),
        ("-0001-12-31T24:00:00Z", -62167219200),
        ("10000-01-01T00:00:00Z", 253402300800),
        ("0001-01-01T00:00:00Z", -62135596800),
    ],
)
def test_beyond_the_library(text: str, seconds: int) -> None:
    assert parse_moment(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01t00:00:00z",
        "2026-1-1T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:00+14:01",
        "2026-01-01T00:00:00+0900",
        "2026-01-01T00:00:00.Z",
        "02026-01-01T00:00:00Z",
        "9999999999-01-01T00:00:00Z",
        "+2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        "２０２６-01-01T00:00:00Z",
        None,
        5,
        ["2026-01-01T00:00:00Z"],
    ],
)
def test_no_moments(text: object) -> None:
    with pytest.raises(Malformed, match="bad_time"):
        parse_moment(text)


def test_validity() -> None:
    check_validity(None, None, now=0, leeway=0)
    check_validity(10, 20, now=10, leeway=0)
    check_validity(10, 20, now=79, leeway=60)
    with pytest.raises(Rejected, match="expired"):
        check_validity(10, 20, now=20, leeway=0)
    with pytest.raises(Rejected, match="not_yet_valid"):
        check_validity(10, 20, now=9, leeway=0)
    with pytest.raises(Malformed):
        check_validity(20, 10, now=15, leeway=60)


def _read(text: str) -> int | None:
    try:
        return parse_moment(text)
    except Malformed:
        return None


@given(st.from_regex(r"\A\d{4}-[0-3]\d-[0-4]\dT[0-3]\d:[0-7]\d:[0-7]\dZ\Z"))
def test_the_usual_spelling_is_read_as_any_other(text: str) -> None:
    assert _read(text) == _read(text[:-1] + ".0Z") == _read(text[:-1] + "+00:00")


def test_a_year_that_the_library_does_not_know() -> None:
    assert parse_moment("0000-01-01T00:00:00Z") == parse_moment("0001-01-01T00:00:00Z") - 366 * 86_400
