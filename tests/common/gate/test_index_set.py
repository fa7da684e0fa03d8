"""Coded sets of indices: values coded by hand, every set comes back, every other string of bytes is refused."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed
from common.gate.index_set import MAX_COUNT, IndexSet, decode_index_set, encode_index_set

LAST = (1 << 32) - 1


@pytest.mark.parametrize(
    ("indices", "coded"),
    [
        ((), "00 00"),
        ((0,), "00 01 00"),  # gap 0: a zero, and seven to fill the byte
        ((0, 1, 2), "00 03 00"),  # gaps 0, 0, 0
        ((2,), "00 01 c0"),  # gap 2; m = 14 // 10 = 1, k = 0: 110
        ((3,), "01 01 a0"),  # gap 3; m = 21 // 10 = 2, k = 1: 10 1
        ((5, 12), "01 02 de00"),  # gaps 5, 6; m = 77 // 20 = 3, k = 1: 110 1, 1110 0
        ((LAST,), "1e 01 efffffffc0"),  # k = 31 would be too large; quotient 3, thirty ones: 1110 1…1
        (range(128), "00 8001 " + "00" * 16),  # a count of two bytes
    ],
)
def test_by_hand(indices: tuple[int, ...], coded: str) -> None:
    data = bytes.fromhex(coded)
    assert encode_index_set(IndexSet(indices)) == data
    assert tuple(decode_index_set(data)) == tuple(indices)


@pytest.mark.parametrize(
    "coded",
    [
        "",
        "00",
        "1f 01 00000000",  # k of 31
        "00 80",  # a count that does not end
        "00 8000",  # a count in more bytes than it takes
        "00 8080808001 00",
        "00 01",  # a bit is missing
        "01 01 ff",  # no end of the quotient
        "00 01 01",  # the filling is not zeros
        "00 01 0000",  # a byte too many
        "00 00 00",
        "1e 01 f000000000",  # 2^32
        "1e 02 efffffffc0 00000000",  # the one after the last
        "00 80ade204 00",  # more than there may be
    ],
)
def test_refusals(coded: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode_index_set(bytes.fromhex(coded))
    assert caught.value.code == "bad_index_set"


indices = st.one_of(
    st.sets(st.integers(0, LAST), max_size=60),
    st.sets(st.integers(0, 300), max_size=200),
    st.builds(lambda start, count: set(range(start, start + count)), st.integers(0, LAST - 300), st.integers(0, 300)),
)


@given(indices)
def test_there_and_back(wanted: set[int]) -> None:
    coded = encode_index_set(IndexSet(wanted))
    found = decode_index_set(coded)
    assert list(found) == sorted(wanted)
    assert len(found) == len(wanted)
    assert all(index in found for index in wanted)
    assert [index in found for index in range(-2, 320)] == [index in wanted for index in range(-2, 320)]


@given(st.binary(max_size=40))
def test_any_bytes_are_a_set_or_refused(data: bytes) -> None:
    try:
        found = decode_index_set(data)
    except Malformed:
        return
    ordered = list(found)
    assert ordered == sorted(set(ordered))
    assert decode_index_set(encode_index_set(found)) == found


@settings(max_examples=40)
@given(indices, indices)
def test_a_change_leads_from_one_to_the_other(before: set[int], after: set[int]) -> None:
    added, removed = IndexSet(after - before), IndexSet(before - after)
    assert IndexSet(before).changed(added=added, removed=removed) == IndexSet(after)
    if added != IndexSet():
        with pytest.raises(Malformed):
            IndexSet(after).changed(added=added, removed=IndexSet())
        with pytest.raises(Malformed):
            IndexSet(before).changed(added=IndexSet(), removed=added)


def test_what_is_no_index() -> None:
    for wrong in (-1, LAST + 1):
        with pytest.raises(ValueError, match="32 bits"):
            IndexSet([wrong])
    assert "3" not in IndexSet([3])


def test_the_fill_of_a_large_event() -> None:
    """One in a hundred of a million: 8.1 bits each, by the entropy of the gaps 8.08; bounded time for the most that a file may claim."""
    drawn = random.Random(5).sample(range(1_000_000), 10_000)
    coded = encode_index_set(IndexSet(drawn))
    assert len(coded) < 10_250
    began = time.process_time()
    assert len(decode_index_set(b"\0" + b"\x80\x80\x40" + bytes(1 << 17))) == 1 << 20
    assert time.process_time() - began < 5
    assert MAX_COUNT == 4_000_000
