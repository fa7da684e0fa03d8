"""Machine readable zones: the examples of Doc 9303 parts 4 to 6 and 11, and whatever one altered character makes of them."""

from __future__ import annotations

from datetime import date

import pytest

from common.cards.drivers.passport.check_digit import check_digit, is_checked
from common.cards.drivers.passport.mrz import mrz_information, parse_mrz, read_date
from common.cards.drivers.passport.password import (
    PATTERN,
    PasswordKind,
    can_password,
    mrz_password,
    parse_password,
)
from common.errors import Malformed

TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<D231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
LONG_TD2 = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<D23145890<UTO3407127M95071227349<<<8"
LONG_TD1 = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<"
ALL = [TD3, TD2, TD1, LONG_TD2, LONG_TD1]
IDS = ["TD3", "TD2", "TD1", "long TD2", "long TD1"]


@pytest.mark.parametrize(("field", "digit"), [("520727", "3"), ("AB2134<<<", "5"), ("<<<<<<<<<<<<<<", "0")])
def test_check_digits_of_the_text(field: str, digit: str) -> None:
    assert check_digit(field) == digit


def test_an_empty_field_may_have_no_digit() -> None:
    assert is_checked("<<<", "<", may_be_empty=True)
    assert not is_checked("<<<", "<")
    assert not is_checked("A<<", "<", may_be_empty=True)


def test_td3() -> None:
    zone = parse_mrz(TD3)
    assert (zone.document_code, zone.issuing_state, zone.number, zone.nationality) == ("P", "UTO", "L898902C3", "UTO")
    assert (zone.surname, zone.given_names, zone.sex) == ("ERIKSSON", "ANNA MARIA", "F")
    assert (zone.birth, zone.expiry, zone.optional) == ("740812", "120415", "ZE184226B")
    assert zone.information == "L898902C3674081221204159"
    assert not zone.is_name_truncated
    assert "ERIKSSON" not in repr(zone)


@pytest.mark.parametrize("zone", [TD2, TD1], ids=["TD2", "TD1"])
def test_identity_cards(zone: str) -> None:
    parsed = parse_mrz(zone)
    assert (parsed.number, parsed.surname, parsed.given_names) == ("D23145890", "ERIKSSON", "ANNA MARIA")
    assert parsed.information == "D23145890774081221204159"


@pytest.mark.parametrize("zone", [LONG_TD2, LONG_TD1], ids=["TD2", "TD1"])
def test_a_number_that_goes_on_in_the_optional_data(zone: str) -> None:
    """Doc 9303-11 App. D.2: the same information whatever the layout."""
    parsed = parse_mrz(zone)
    assert parsed.number == "D23145890734"
    assert parsed.information == "D23145890734934071279507122"


def test_line_breaks_are_not_part_of_it() -> None:
    assert parse_mrz(TD3[:44] + "\r\n" + TD3[44:] + "\n") == parse_mrz(TD3)


@pytest.mark.parametrize("zone", ALL, ids=IDS)
def test_no_altered_digit_passes(zone: str) -> None:
    """Whatever a check digit covers. Names, state and code are covered by none; a digit that becomes 10 more is the same modulo 10."""
    parsed = parse_mrz(zone)
    for place, character in enumerate(zone):
        if character.isdigit():
            for other in "0123456789":
                altered = zone[:place] + other + zone[place + 1 :]
                if other != character:
                    with pytest.raises(Malformed):
                        parse_mrz(altered)
    assert parsed == parse_mrz(zone)


@pytest.mark.parametrize(
    "zone",
    ["", TD3[:-1], TD3 + "<", TD3.lower(), TD3.replace("<", " "), TD3[:20] + "é" + TD3[21:], "<" * 88, "0" * 90],
    ids=["empty", "short", "long", "lower", "blanks", "accent", "fillers", "zeros"],
)
def test_no_zone(zone: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_mrz(zone)
    assert "ERIKSSON" not in str(caught.value)


def test_a_name_that_fills_its_field() -> None:
    names = "P<UTO" + "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"
    zone = names.ljust(44, "X") + TD3[44:]
    assert parse_mrz(zone).is_name_truncated


@pytest.mark.parametrize(
    ("written", "text", "whole"),
    [
        ("740812", "1974-08-12", True),
        ("261121", "2026-11-21", True),
        ("261122", "1926-11-22", True),
        ("000229", "2000-02-29", True),
        ("41<<<<", "1941-00-00", False),
        ("41<<07", "1941-00-07", False),
        ("<<<<<<", "0000-00-00", False),
    ],
)
def test_dates_have_the_last_century_that_fits(written: str, text: str, whole: bool) -> None:
    found = read_date(written, latest=date(2026, 11, 21))
    assert found is not None
    assert found.text == text
    assert (found.whole is not None) == whole


def test_a_day_of_no_calendar() -> None:
    assert read_date("230229", latest=date(2026, 1, 1)) is None
    assert read_date("010230", latest=date(2026, 1, 1)) is None


def test_information_of_what_a_person_types() -> None:
    assert mrz_information("L898902C", "690806", "940623") == "L898902C<369080619406236"
    for number, birth, expiry in [
        ("", "690806", "940623"),
        ("<<", "690806", "940623"),
        ("A" * 23, "690806", "940623"),
        ("L89 902C", "690806", "940623"),
        ("L898902C", "69080", "940623"),
        ("L898902C", "691306", "940623"),
        ("L898902C", "690806", "1994-06-23"),
        ("L898902ｃ", "690806", "940623"),
    ]:
        with pytest.raises(Malformed):
            mrz_information(number, birth, expiry)


@pytest.mark.parametrize(
    "typed",
    ["L898902C 690806 940623", " l898902c,690806,940623\n", "L898902C / 690806 / 940623", "L898902C< 690806 940623"],
)
def test_passwords_as_typed(typed: str) -> None:
    import re

    password = parse_password(typed.encode())
    assert password.kind is PasswordKind.MRZ
    assert password.bac_seed() == mrz_password("L898902C", "690806", "940623").bac_seed()
    assert re.fullmatch(PATTERN, typed)


@pytest.mark.parametrize("zone", ALL, ids=IDS)
def test_passwords_as_scanned(zone: str) -> None:
    import re

    third = len(zone) // (3 if len(zone) == 90 else 2)
    lines = "\n".join(zone[start : start + third] for start in range(0, len(zone), third))
    assert parse_password(lines.encode()).pace_secret() == parse_password(zone.encode()).pace_secret()
    assert re.fullmatch(PATTERN, lines)
    assert re.fullmatch(PATTERN, zone)


def test_access_numbers() -> None:
    password = parse_password(b"123456")
    assert password.kind is PasswordKind.CAN
    assert password.pace_secret() == b"123456"
    for wrong in ("12345", "1234567", "12345a", "１２３４５６"):
        with pytest.raises(Malformed) as caught:
            can_password(wrong)
        assert wrong not in str(caught.value)


def test_a_password_shows_itself_nowhere() -> None:
    password = mrz_password("L898902C", "690806", "940623")
    assert repr(password) == "Password(MRZ)"
    password.forget()
    with pytest.raises(ValueError, match="forgotten"):
        password.pace_secret()


@pytest.mark.parametrize("typed", [b"", b"\xff\xfe", b"L898902C 690806", b"a b c d", b"L898902C 690806 940623 1"])
def test_no_password(typed: bytes) -> None:
    with pytest.raises(Malformed):
        parse_password(typed)
