"""The machine readable zone: three layouts, their check digits, and the part of it that opens the chip. ICAO Doc 9303-3 to -6. Pure.

A zone is read as it stands and judged: one wrong check digit and it is no zone. Dates stay as written; two digits of a year have no century
until somebody says which day it is.
"""

from __future__ import annotations

import re
from datetime import date

from common.cards.drivers.passport.check_digit import check_digit, is_checked
from common.cards.japanese_date import CardDate
from common.errors import Malformed
from common.record import Record

_CHARACTERS = re.compile(r"[0-9A-Z<]+")
_DATE = re.compile(r"(\d\d|<<)(0[1-9]|1[0-2]|<<)(0[1-9]|[12]\d|3[01]|<<)")
_NUMBER = re.compile(r"[0-9A-Z]+(<[0-9A-Z]+)*")
_SEX = {"M": "M", "F": "F", "<": "X", "X": "X"}
_SHORT_NUMBER = 9
_MAX_NUMBER = 22
"""Of an identity card of three lines: nine characters and what of the optional field goes on (Doc 9303-5 §4.2.4)."""


class Mrz(Record, frozen=True):
    """What a zone says. lines: as written. sex: M, F or X. birth, expiry: YYMMDD, of birth any pair may be ``<<`` (unknown).

    surname, given_names: transliterated, words with blanks between them; given_names empty where there are none.
    """

    lines: tuple[str, ...]
    document_code: str
    issuing_state: str
    number: str
    nationality: str
    birth: str
    sex: str
    expiry: str
    surname: str
    given_names: str
    optional: str

    @property
    def information(self) -> str:
        """What BAC and PACE derive their key from. Doc 9303-11 §4.3.2, §9.7.2."""
        return mrz_information(self.number, self.birth, self.expiry)

    @property
    def is_name_truncated(self) -> bool:
        """Whether the name fills its field to the last character: then it may go on (Doc 9303-3 §4.6)."""
        field = self.lines[2] if len(self.lines) == 3 else self.lines[0][5:]
        return not field.endswith("<")


def mrz_information(number: str, birth: str, expiry: str) -> str:
    """Document number (filled up to nine characters), birth and expiry (YYMMDD), each with its check digit. Doc 9303-11 §4.3.2.

    Raises Malformed("bad_mrz").
    """
    number = number.rstrip("<")
    if not _NUMBER.fullmatch(number) or len(number) > _MAX_NUMBER or not _is_date(birth) or not _is_date(expiry):
        raise Malformed("bad_mrz", "not a document number and two dates of six digits")
    number = number.ljust(_SHORT_NUMBER, "<")
    return "".join(field + check_digit(field) for field in (number, birth, expiry))


def parse_mrz(text: str) -> Mrz:
    """88, 72 or 90 characters, with or without line breaks (TD3, TD2, TD1). Raises Malformed("bad_mrz")."""
    zone = "".join(text.split())
    parse = {88: _parse_two_lines, 72: _parse_two_lines, 90: _parse_three_lines}.get(len(zone))
    if parse is None or not _CHARACTERS.fullmatch(zone):
        raise _bad("a machine readable zone has 88, 72 or 90 characters of 0-9, A-Z and <")
    return parse(zone)


def read_date(written: str, *, latest: date) -> CardDate | None:
    """YYMMDD → the last such day that is not after ``latest``; parts that are ``<<`` stay unknown. None for what is in no calendar.

    latest: for a birth the day of reading; for an expiry a day that lies far enough ahead (documents are valid for ten years at most).
    """
    year, month, day = (None if part == "<<" else int(part) for part in (written[:2], written[2:4], written[4:]))
    if year is None:
        return CardDate(year=None, month=month, day=day)
    century = latest.year - latest.year % 100
    for full_year in (century + year, century - 100 + year):
        try:  # an unknown part is taken as its first: the date may then be no later than what is asked
            first = date(full_year, month or 1, day or 1)
        except ValueError:
            continue
        if first <= latest:
            return CardDate(year=full_year, month=month, day=day)
    return None


def _parse_two_lines(zone: str) -> Mrz:
    """TD3 (44 characters) and TD2 (36): they differ in the lengths of names and optional data. Doc 9303-4 §4.2.2, 9303-6 §4.2.2."""
    width = len(zone) // 2
    first, second = zone[:width], zone[width:]
    optional = second[28:-1]
    number, rest = second[:9], optional
    if width == 44:
        if not is_checked(optional[:-1], optional[-1], may_be_empty=True):
            raise _bad("the optional data do not fit their check digit")
        _check(number, second[9])
        rest = optional[:-1]
    else:
        number, rest = _whole_number(number, second[9], optional)
    _check(second[13:19], second[19])
    _check(second[21:27], second[27])
    _check(second[:10] + second[13:20] + second[21:-1], second[-1])
    return _build(
        (first, second),
        first[:2],
        first[2:5],
        number,
        second[10:13],
        second[13:19],
        second[20],
        second[21:27],
        first[5:],
        rest,
    )


def _parse_three_lines(zone: str) -> Mrz:
    """TD1, identity cards. Doc 9303-5 §4.2.2."""
    first, second, third = zone[:30], zone[30:60], zone[60:]
    number, rest = _whole_number(first[5:14], first[14], first[15:])
    _check(second[:6], second[6])
    _check(second[8:14], second[14])
    _check(first[5:] + second[:7] + second[8:15] + second[18:29], second[29])
    return _build(
        (first, second, third), first[:2], first[2:5], number, second[15:18], second[:6], second[7], second[8:14], third,
        rest.rstrip("<") + second[18:29],
    )  # fmt: skip


def _whole_number(start: str, digit: str, optional: str) -> tuple[str, str]:
    """(number, the rest of the optional data). A number of more than nine characters goes on in the optional data, its check digit last."""
    if digit != "<":
        _check(start, digit)
        return start, optional
    more, _, rest = optional.partition("<")
    if len(more) < 2:
        raise _bad("a long document number lacks its end")
    number = start + more[:-1]
    _check(number, more[-1])
    return number, rest


def _build(
    lines: tuple[str, ...],
    code: str,
    state: str,
    number: str,
    nationality: str,
    birth: str,
    sex: str,
    expiry: str,
    names: str,
    optional: str,
) -> Mrz:
    number = number.rstrip("<")
    if sex not in _SEX or not _is_date(birth) or not _is_date(expiry) or not _NUMBER.fullmatch(number):
        raise _bad("a field holds what it cannot hold")
    surname, _, given = names.partition("<<")
    return Mrz(
        lines=lines,
        document_code=code.rstrip("<"),
        issuing_state=state.rstrip("<"),
        number=number,
        nationality=nationality.rstrip("<"),
        birth=birth,
        sex=_SEX[sex],
        expiry=expiry,
        surname=_words(surname),
        given_names=_words(given),
        optional=optional.rstrip("<"),
    )


def _words(field: str) -> str:
    return " ".join(word for word in field.split("<") if word)


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None


def _check(field: str, digit: str) -> None:
    if not is_checked(field, digit):
        raise _bad("a field does not fit its check digit")


def _bad(detail: str) -> Malformed:
    return Malformed("bad_mrz", detail)
