"""BER-TLV as cards write it, filler and odd tags included."""

from __future__ import annotations

import pytest

from common.cards.tlv import Tlv, encode_tlv, find, need, parse_tlv, total_length
from common.errors import Malformed

NAME = "FF2065DF2108000E002000590064"  # the beginning of a My Number card's four attributes: a tag that begins with FF


@pytest.mark.parametrize(
    ("data", "tags"),
    [
        ("", []),
        ("6001AA6102BBCC", [0x60, 0x61]),
        ("5F1F00 DF2101AA", [0x5F1F, 0xDF21]),
        ("FF1001AA FFFFFF", [0xFF10]),
        ("6001AA 0000", [0x60]),
        ("6001AA FF", [0x60]),
        ("00 6001AA", []),
        ("7F8E0101AA", [0x7F8E01]),
        ("60810100", [0x60]),
        ("6082000100", [0x60]),
    ],
)
def test_objects(data: str, tags: list[int]) -> None:
    assert [each.tag for each in parse_tlv(bytes.fromhex(data))] == tags


def test_what_is_kept() -> None:
    assert parse_tlv(bytes.fromhex("608102AABB")) == (Tlv(0x60, b"\xaa\xbb", bytes.fromhex("608102AABB")),)


def test_one_byte_tags_of_a_licence() -> None:
    """1F and 3F are ordinary tags there; to BER they would lead longer ones."""
    data = bytes.fromhex("1E01AA 1F02BBCC 3F00 FFFF")
    assert [(each.tag, each.value.hex()) for each in parse_tlv(data, tag_bytes=1)] == [
        (0x1E, "aa"),
        (0x1F, "bbcc"),
        (0x3F, ""),
    ]


def test_two_byte_tags() -> None:
    data = bytes.fromhex("00C201AA 00FF00 010702BBCC 0000")
    assert [each.tag for each in parse_tlv(data, tag_bytes=2)] == [0xC2, 0xFF, 0x107]


@pytest.mark.parametrize(
    "data",
    [
        "60",
        "6002AA",
        "6080",
        "6084000000AA",
        "6082FF",
        "5F",
        "5F8F",
        "5F80AA",
        "5F8F8F8F01AA",
        "FF00",
        "5F0000",
        "6083FFFFFF00",
    ],
)
def test_malformed(data: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_tlv(bytes.fromhex(data))
    assert caught.value.code == "tlv_malformed"


def test_filler_where_none_may_be() -> None:
    with pytest.raises(Malformed):
        parse_tlv(bytes.fromhex("6001AA FF"), filler=False)


def test_too_many() -> None:
    with pytest.raises(Malformed):
        parse_tlv(bytes.fromhex("6000" * 9), max_objects=8)
    assert len(parse_tlv(bytes.fromhex("6000" * 8), max_objects=8)) == 8


def test_find() -> None:
    once, twice = parse_tlv(bytes.fromhex("600161 6100")), parse_tlv(bytes.fromhex("6000 6000"))
    assert (find(once, 0x60), find(once, 0x62)) == (once[0], None)
    assert need(once, 0x61) is once[1]
    for objects, tag in [(twice, 0x60), (once, 0x62)]:
        with pytest.raises(Malformed):
            need(objects, tag)


@pytest.mark.parametrize(
    ("start", "length"),
    [
        ("", None),
        ("60", None),
        ("6082", None),
        ("608201", None),
        ("60820100", 260),
        ("6005", 7),
        ("FF2065", 104),
        ("5F1F58", 91),
    ],
)
def test_length_of_a_file(start: str, length: int | None) -> None:
    assert total_length(bytes.fromhex(start)) == length


def test_length_that_none_can_have() -> None:
    with pytest.raises(Malformed):
        total_length(bytes.fromhex("6080"))


@pytest.mark.parametrize(
    ("n", "header"), [(0, "6000"), (127, "607F"), (128, "608180"), (256, "60820100"), (65536, "6083010000")]
)
def test_written(n: int, header: str) -> None:
    assert encode_tlv(0x60, bytes(n)) == bytes.fromhex(header) + bytes(n)
