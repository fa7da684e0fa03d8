"""What the bytes of a Japanese card say, and that it is told where no text can say it."""

from __future__ import annotations

import pytest

from common.cards.japanese_text import (
    GETA,
    Absence,
    CardText,
    parse_digits,
    parse_jis_x_0201,
    parse_jis_x_0208,
    parse_utf_8,
)
from common.errors import Malformed


def raw(text: str) -> bytes:
    """JIS X 0208 by the other way that Python knows: ISO-2022-JP without its escapes."""
    return text.encode("iso2022_jp").removeprefix(b"\x1b$B").removesuffix(b"\x1b(B")


@pytest.mark.parametrize(
    "text", ["山田　太郎", "ヤマダ　タロウ", "東京都千代田区霞が関１−１", "優良", "眼鏡等", "〜−‖"]
)
def test_jis_x_0208(text: str) -> None:
    parsed = parse_jis_x_0208(raw(text))
    assert parsed.text == text
    assert parsed.is_whole
    assert parsed.flags == "0" * len(text)


def test_a_character_of_the_licence_s_own_is_a_mark_and_is_told() -> None:
    parsed = parse_jis_x_0208(raw("渡") + b"\xff\xf1" + raw("　") + b"\xff\xf7\xff\xfa" + raw("子"))
    assert parsed.text == f"渡{GETA}　{GETA}{GETA}子"
    assert not parsed.is_whole
    assert parsed.flags == "010110"
    assert [(each.position, each.code, each.absence) for each in parsed.absent] == [
        (1, 0xFFF1, Absence.EXTERNAL),
        (3, 0xFFF7, Absence.EXTERNAL),
        (4, 0xFFFA, Absence.MISSING),
    ]


@pytest.mark.parametrize("code", ["2022", "2180", "7e7e", "fff0", "fff8", "0a0a", "a4a2"])
def test_a_code_that_is_no_character_is_absent_too(code: str) -> None:
    parsed = parse_jis_x_0208(bytes.fromhex(code) + raw("子"))
    assert parsed.text == f"{GETA}子"
    assert [each.absence for each in parsed.absent] == [Absence.UNKNOWN]


@pytest.mark.parametrize("filler", ["2121", "0000", "ffff", "212100000000ffff"])
def test_filler_at_the_end_is_no_text(filler: str) -> None:
    assert parse_jis_x_0208(raw("優良") + bytes.fromhex(filler)).text == "優良"


def test_nothing_is_no_text() -> None:
    assert parse_jis_x_0208(b"") == CardText(text="")


@pytest.mark.parametrize("data", [b"\x30", b"\x21" * 5000], ids=["half a character", "endless"])
def test_what_is_not_jis_x_0208(data: bytes) -> None:
    with pytest.raises(Malformed, match="card_text_malformed"):
        parse_jis_x_0208(data)


def test_a_text_is_not_printed() -> None:
    assert "山田" not in repr(parse_jis_x_0208(raw("山田")))


def test_jis_x_0201() -> None:
    assert parse_jis_x_0201(b"AB 12\\~\xb1\xb2  \x00\xff") == "AB 12¥‾ｱｲ"


@pytest.mark.parametrize("data", [b"\x80", b"a\x1b", b"\x7f", b"0" * 5000], ids=["high", "escape", "delete", "endless"])
def test_what_is_not_jis_x_0201(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_jis_x_0201(data)


@pytest.mark.parametrize("data", [b"", b"12345", b"12a4", "１２３４".encode(), b"-123"])
def test_what_is_not_digits(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_digits(data, 4)


def test_digits() -> None:
    assert parse_digits(b"0123", 4) == "0123"


def test_utf_8_filled_up_with_zeros() -> None:
    assert parse_utf_8("東京都　".encode() + bytes(9)) == "東京都"


@pytest.mark.parametrize(
    "data", [b"\xe6\x9d", b"a\x00b", b"a\nb", b"\xff", b"a" * 5000], ids=["cut", "zero", "newline", "ff", "endless"]
)
def test_what_is_not_utf_8_of_a_card(data: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        parse_utf_8(data)
    assert refused.value.__cause__ is None, "its cause would quote what stands there"
