"""CBOR: the examples of RFC 8949 Appendix A, what deterministic encoding sorts and shortens, and what decoding refuses."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from common.cbor import Encoded, Tagged, decode, decode_each, embed, embedded, encode, unembed
from common.errors import Malformed

# RFC 8949 Appendix A, those that are in preferred serialization and hold no tag that others would interpret away
APPENDIX_A: list[tuple[Any, str]] = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (255, "18ff"),
    (256, "190100"),
    (65535, "19ffff"),
    (65536, "1a00010000"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (-1, "20"),
    (-1000, "3903e7"),
    (0.0, "f90000"),
    (-0.0, "f98000"),
    (1.1, "fb3ff199999999999a"),
    (1.5, "f93e00"),
    (65504.0, "f97bff"),
    (100000.0, "fa47c35000"),
    (3.4028234663852886e38, "fa7f7fffff"),
    (1.0e300, "fb7e37e43c8800759c"),
    (5.960464477539063e-8, "f90001"),
    (math.inf, "f97c00"),
    (-math.inf, "f9fc00"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (Tagged(0, "2013-03-21T20:04:00Z"), "c074323031332d30332d32315432303a30343a30305a"),
    (Tagged(1, 1363896240), "c11a514b67b0"),
    (Tagged(2, bytes.fromhex("010000000000000000")), "c249010000000000000000"),
    (Tagged(24, bytes.fromhex("6449455446")), "d818456449455446"),
    (b"", "40"),
    (b"\1\2\3\4", "4401020304"),
    ("IETF", "6449455446"),
    ('"\\', "62225c"),
    ("ü", "62c3bc"),
    ("水", "63e6b0b4"),
    ("𐅑", "64f0908591"),
    ([], "80"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"),
    ({1: 2, 3: 4}, "a201020304"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
]


@pytest.mark.parametrize(("value", "text"), APPENDIX_A, ids=[text[:20] for _, text in APPENDIX_A])
def test_examples_of_the_rfc(value: Any, text: str) -> None:
    assert encode(value).hex() == text
    read = decode(bytes.fromhex(text))
    assert read == value
    assert type(read) is type(value)


def test_nan_has_one_encoding() -> None:
    assert encode(math.nan).hex() == "f97e00"
    assert math.isnan(decode(bytes.fromhex("fb7ff8000000000001")))


def test_keys_are_sorted_by_their_bytes() -> None:
    """RFC 8949 §4.2.1 gives this very order: 10, 100, -1, "z", "aa"; the older length-first order would differ."""
    keys = {"aa": 5, "z": 4, -1: 3, 100: 2, 10: 1}
    assert encode(keys).hex() == "a5" + "0a01" + "186402" + "2003" + "617a04" + "62616105"


@pytest.mark.parametrize("size", [23, 24, 255, 256, 65535, 65536])
def test_lengths_at_the_edges(size: int) -> None:
    for value in (b"x" * size, "x" * size):
        assert decode(encode(value), max_bytes=1 << 17) == value
    array = [0] * min(size, 65000)
    assert decode(encode(array), max_bytes=1 << 17) == array


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("0000", id="two items"),
        pytest.param("a2010201 03".replace(" ", ""), id="ends early"),
        pytest.param("a201020103", id="key twice"),
        pytest.param("a20102180103", id="key twice, once in a longer form"),
        pytest.param("a2616101616102", id="text key twice"),
        pytest.param("a1810100", id="array as key"),
        pytest.param("a1a000", id="map as key"),
        pytest.param("a1f500", id="truth as key"),
        pytest.param("a1f6f6", id="nothing as key"),
        pytest.param("a1f93c0000", id="float as key"),
        pytest.param("a1c2410100", id="big number as key"),
        pytest.param("9f01ff", id="array without length"),
        pytest.param("bf0102ff", id="map without length"),
        pytest.param("5f4101ff", id="bytes without length"),
        pytest.param("7f6161ff", id="text without length"),
        pytest.param("61ff", id="not UTF-8"),
        pytest.param("63edb880", id="half of a surrogate pair in UTF-8"),
        pytest.param("1c", id="reserved head"),
        pytest.param("f818", id="simple value in two bytes"),
        pytest.param("ff", id="break alone"),
        pytest.param("9bffffffffffffffff", id="array of 2^64"),
        pytest.param("9b0000000fffffffff00", id="array of 2^36"),
        pytest.param("bb7fffffffffffffff", id="map of 2^63"),
        pytest.param("5bffffffffffffffff", id="bytes of 2^64"),
        pytest.param("7b000000ffffffffff", id="text of 2^40"),
        pytest.param("81" * 17 + "00", id="17 arrays deep"),
        pytest.param("d818" * 17 + "00", id="17 tags deep"),
        pytest.param("c6" * 5000, id="5000 tags deep"),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decode(bytes.fromhex(text))


def test_lengths_may_be_left_open_where_the_caller_says_so() -> None:
    assert decode(bytes.fromhex("bf61619f0102ffff"), allow_indefinite=True) == {"a": [1, 2]}
    assert decode(bytes.fromhex("5f42010243030405ff"), allow_indefinite=True) == b"\1\2\3\4\5"
    with pytest.raises(Malformed):
        decode(bytes.fromhex("bf616101616102ff"), allow_indefinite=True)


@pytest.mark.parametrize("content", [1, "1", b"1", [], [1, 2], {}, None])
def test_no_tag_is_interpreted(content: Any) -> None:
    """Asked of cbor2 for every tag that is likely to be registered, so that a new release of it cannot bring a new reader unnoticed."""
    for tag in (*range(1100), 43000, 43001, 55799, 55800, 65535, 65536, 1 << 32, (1 << 64) - 1):
        read = decode(encode(Tagged(tag, content)))
        assert isinstance(read, Tagged)
        assert read.tag == tag
        assert read.value == (
            tuple(content) if isinstance(read.value, tuple) and isinstance(content, list) else content
        )


@pytest.mark.parametrize("tag", [0, 16, 17, 18, 61, 96, 97, 98])
def test_what_cose_tags_is_as_it_would_be_untagged(tag: int) -> None:
    assert decode(encode(Tagged(tag, [b"", {1: [2]}]))) == Tagged(tag, [b"", {1: [2]}])


@pytest.mark.parametrize("text", ["a1810100", "a1f500", "a1f6f6", "a1f93c0000"])
def test_callers_may_look_at_the_keys_themselves(text: str) -> None:
    assert len(decode(bytes.fromhex(text), any_keys=True)) == 1
    with pytest.raises(Malformed):
        decode(bytes.fromhex("a2" + text[2:] + text[2:]), any_keys=True)


def test_embedded_bytes_are_kept() -> None:
    inner = bytes.fromhex("a201020304")
    assert embed(inner) == encode(Tagged(24, inner))
    assert embedded(decode(embed(inner))) == inner
    assert encode([Encoded(inner)]) == b"\x81" + inner
    for other in (inner, Tagged(25, inner), Tagged(24, "text"), None):
        with pytest.raises(Malformed):
            embedded(other)


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65535, 65536, 70000])
def test_embeddings_are_opened(size: int) -> None:
    assert unembed(embed(bytes(size)), max_bytes=1 << 20) == bytes(size)
    for broken in (embed(bytes(size))[:-1], embed(bytes(size)) + b"\0"):
        with pytest.raises(Malformed):
            unembed(broken, max_bytes=1 << 20)


def test_embeddings_with_longer_heads_are_opened_too() -> None:
    assert unembed(bytes.fromhex("d81859000501020304 05".replace(" ", ""))) == bytes([1, 2, 3, 4, 5])
    for broken in (b"", b"\xd8", b"\x41\0", b"\xd8\x18\x61a", b"\xd8\x19\x41a"):
        with pytest.raises(Malformed):
            unembed(broken)


def test_several_at_once() -> None:
    texts = [encode(value) for value in ({"a": 1}, [1, 2], "x", {1: {"b": b"c"}}, Tagged(24, b"d"))]
    assert decode_each(texts) == [decode(text) for text in texts]
    assert decode_each([]) == []
    for at, text in enumerate(texts):
        for broken in (text + b"\0", text[:-1], b"", text + text, b"\x9f", b"\xff", b"\xa1\xf5\0"):
            with pytest.raises(Malformed):
                decode_each([*texts[:at], broken, *texts[at + 1 :]])
    with pytest.raises(Malformed):
        decode_each([b"\x81", b"\0"])
    with pytest.raises(Malformed):
        decode_each([b"\x9f", b"\xff"], allow_indefinite=True)
    with pytest.raises(Malformed):
        decode_each([bytes(40000), bytes(40000)])


@pytest.mark.parametrize(
    "value", [object(), 1 << 64, -(1 << 64) - 1, {1.5: 0}, {(1,): 0}, {True: 0}, {None: 0}, "\ud800", {1}]
)
def test_what_cannot_be_written(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - UnicodeEncodeError is one
        encode(value)


def _map_of(keys: list[bytes]) -> bytes:
    return b"\xba" + len(keys).to_bytes(4, "big") + b"".join(key + b"\0" for key in keys)


@pytest.mark.parametrize("count", [700, 20000])
def test_keys_that_collide_take_no_time(count: int) -> None:
    """Arrays of numbers with one and the same hash: each is a multiple of 2^61-1."""
    collide = [b"\x82\x1b" + (index % 8 * ((1 << 61) - 1)).to_bytes(8, "big") + encode(index) for index in range(count)]
    shared_low_bits = [b"\x1b" + (index << 44).to_bytes(8, "big") for index in range(count)]
    started = time.process_time()
    with pytest.raises(Malformed):
        decode(_map_of(collide), max_bytes=1 << 20)
    assert len(decode(_map_of(shared_low_bits), max_bytes=1 << 20)) == count
    assert time.process_time() - started < 2


def test_many_items_and_many_bytes() -> None:
    with pytest.raises(Malformed) as refused:
        decode(b"\x9a\x00\x02\x00\x00" + b"\x80" * 0x20000, max_bytes=1 << 20)
    assert refused.value.code == "bad_cbor"
    with pytest.raises(Malformed) as refused:
        decode(bytes(65537))
    assert refused.value.code == "too_large"
    large = encode({"portrait": bytes(200_000), "rest": [{"a": 1}, Tagged(24, b"x")]})
    assert decode(large, max_bytes=1 << 20)["portrait"] == bytes(200_000)
    with pytest.raises(Malformed):
        decode(large + b"\0", max_bytes=1 << 20)


@pytest.mark.parametrize("size", [23, 24, 30, 31, 32])
def test_a_length_of_31_is_no_missing_length(size: int) -> None:
    """31 in a head means that no length is given; 31 after it is one like any other, in a large input as in a small one."""
    for value in (bytes(size), "x" * size, [0] * size, dict.fromkeys(range(size), 0), size):
        large = [value, bytes(1 << 14)]
        assert decode(encode(large)) == large
