"""What a licence says, entry by entry, and what was written into it later."""

from __future__ import annotations

import pytest

from common.cards.drivers.driving_licence.changes import parse_changes, read_change
from common.cards.drivers.driving_licence.entries import parse_entries
from common.cards.drivers.mynumber_licence import parse_licence_information
from common.cards.police.categories import CATEGORIES
from common.cards.police.objects import parse_objects
from common.cards.tlv import encode_tlv
from common.errors import Malformed


def jis(text: str) -> bytes:
    return bytes(byte & 0x7F for byte in text.encode("euc_jp"))


ENTRIES = {
    0x11: b"3",
    0x12: jis("山田　太郎"),
    0x16: b"3550217",
    0x17: jis("東京都"),
    0x18: b"5060418",
    0x1B: b"5110505",
    0x1F: jis("眼鏡等"),
    0x21: b"301012345670",
    0x26: b"4220420",
    0x2B: b"0000000",
    0x22: b"0000000",
    0x23: b"4220420",
}


def written(values: dict[int, bytes]) -> bytes:
    return b"".join(encode_tlv(tag, value) for tag, value in values.items()) + b"\xff" * 20


def test_entries() -> None:
    told = parse_entries(written(ENTRIES))
    assert told.issued_on is not None
    assert told.issued_on.isoformat() == "2024-04-18"
    assert told.claims == {
        "name": "山田　太郎",
        "name_substitutes": "00000",
        "address": "東京都",
        "address_substitutes": "000",
        "birth_date": "1980-02-17",
        "issue_date": "2024-04-18",
        "expiry_date": "2029-05-05",
        "licence_number": "301012345670",
        "conditions": ("眼鏡等",),
        "categories": ("ordinary",),
        "category_dates": ("2010-04-20",),
        "other_since": "2010-04-20",
    }


@pytest.mark.parametrize("tag", [0x12, 0x16, 0x21])
def test_a_licence_has_a_name_a_birth_date_and_a_number(tag: int) -> None:
    for values in ({**ENTRIES, tag: b""}, {other: value for other, value in ENTRIES.items() if other != tag}):
        with pytest.raises(Malformed, match="licence_entry_missing"):
            parse_entries(written(values))


@pytest.mark.parametrize(
    ("tag", "value"),
    [(0x12, b"\x30"), (0x16, b"9550217"), (0x18, b"506041"), (0x21, b"30101234567x"), (0x26, b"4220431x")],
)
def test_what_is_no_entry(tag: int, value: bytes) -> None:
    with pytest.raises(Malformed):
        parse_entries(written({**ENTRIES, tag: value}))


def test_a_day_of_issue_that_is_not_told_whole() -> None:
    assert parse_entries(written({**ENTRIES, 0x18: b"5060400"})).issued_on is None
    assert parse_entries(written({**ENTRIES, 0x18: b"0000000"})).issued_on is None


def test_every_category_has_a_place_of_its_own() -> None:
    assert len({each.code for each in CATEGORIES}) == len({each.entry for each in CATEGORIES}) == 15
    assert sorted(each.entry for each in CATEGORIES) == list(range(0x25, 0x34))
    assert sorted(each.record for each in CATEGORIES) == list(range(0xEC, 0xFB))
    for each in CATEGORIES:
        told = parse_entries(written({**ENTRIES, 0x26: b"0000000", each.entry: b"5010501"})).claims
        assert (told["categories"], told["category_dates"]) == ((each.code,), ("2019-05-01",))


def change(text: str, *, day: str = "５０８０７０２", commission: str = "滋賀県公委") -> bytes:
    return b"\x33" + jis(day) + jis(text) + jis(commission)


def test_a_change() -> None:
    read = read_change(change("滋賀県大津市"))
    assert read.day is not None
    assert (read.day.text, read.text.text, read.commission) == ("2026-07-02", "滋賀県大津市", "滋賀県公委")


def test_a_change_whose_date_has_digits_of_one_byte() -> None:
    read = read_change(b"\x33" + b"5080702" + jis("滋賀県大津市") + jis("滋賀県公委"))
    assert read.day is not None
    assert (read.day.text, read.text.text) == ("2026-07-02", "滋賀県大津市")


@pytest.mark.parametrize(
    "value", [b"", b"\x33", b"\x33" + b"5080702", change("")[:-1], b"\x33" + jis("５０８０７３２") + jis("滋賀県公委")]
)
def test_what_is_no_change(value: bytes) -> None:
    with pytest.raises(Malformed):
        read_change(value)


def test_the_last_change_of_a_kind_counts() -> None:
    told = parse_changes(
        written(
            {
                0x50: b"\x01",
                0x60: change("鈴木　太郎", day="５０７０１０１"),
                0x70: change("大津市", day="５０７０１０１"),
                0x71: change("高島市"),
                0x78: change("普通車はＡＴ車に限る"),
                0x80: change("眼鏡等"),
                0x88: change("備考"),
            }
        )
    )
    assert told == {
        "name": "鈴木　太郎",
        "name_substitutes": "00000",
        "name_since": "2025-01-01",
        "address": "高島市",
        "address_substitutes": "000",
        "address_since": "2026-07-02",
        "conditions_added": ("普通車はＡＴ車に限る",),
        "conditions_lifted": ("眼鏡等",),
        "remarks": ("備考",),
    }


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 640, b"\x50\x01\x00" + b"\xff" * 637, b"\x50\x01\x00\x60\x04\xff\xff\xff\xff"]
)
def test_no_changes(data: bytes) -> None:
    assert parse_changes(data) == {}


def wide(values: dict[int, bytes]) -> bytes:
    """Tags of one byte up to FF, of two from 0100 on."""
    return b"".join(
        encode_tlv(tag, value) if tag < 0x100 else b"\x01" + encode_tlv(0x200 | tag & 0xFF, value)[1:]
        for tag, value in values.items()
    )


SIZES = {
    **dict.fromkeys((0xC2, 0xC5, 0xE9, 0xEA, 0xEB, *range(0xFB, 0x107)), 7),
    **dict.fromkeys((0xC3, *range(0xEC, 0xFB)), 1),
    **dict.fromkeys((*range(0xC6, 0xCA), *range(0xCC, 0xD4), *range(0xD7, 0xE7)), 80),
    **dict.fromkeys((0xCA, 0xCB, 0xD4, 0xD5, 0xD6), 256),
    0xC4: 6,
    0xE7: 12,
    0xE8: 12,
    0x107: 2000,
}


def test_the_published_lengths_add_up_to_the_file_only_with_tags_of_two_lengths() -> None:
    data = wide({tag: bytes(SIZES[tag]) for tag in range(0xC2, 0x108)})
    assert len(data) == 5845
    assert {tag: len(value) for tag, value in parse_objects(data).items()} == SIZES
    sizes = (256, 16, 48, 80, 130, 32)
    signature = wide({0x108 + at: bytes(size) for at, size in enumerate(sizes)})
    assert len(signature) + 1 == 584, "one length is written longer than it need be: 82 00 82"
    spelled = signature.replace(b"\x01\x0c\x81\x82", b"\x01\x0c\x82\x00\x82")
    assert [len(value) for value in parse_objects(spelled).values()] == list(sizes)


def test_licence_information() -> None:
    told = parse_licence_information(
        wide(
            {
                0xC2: b"5070324",
                0xC4: jis("優良"),
                0xC5: b"5110505",
                0xC6: jis("眼鏡等"),
                0xE7: b"301012345670",
                0xEA: b"4220420",
                0xED: b"\1",
                0xF2: b"\0",
            }
        )
    )
    assert told.recorded_on is not None
    assert told.recorded_on.isoformat() == "2025-03-24"
    assert told.claims["categories"] == ("ordinary",)
    assert told.claims["licence_record_number"] == "301012345670"


@pytest.mark.parametrize("mark", [b"\x02", b"1", b""])
def test_a_mark_that_says_neither_yes_nor_no(mark: bytes) -> None:
    with pytest.raises(Malformed, match="licence_category_malformed"):
        parse_licence_information(wide({0xED: mark}))
