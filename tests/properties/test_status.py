"""Lists round-trip, random bytes are Malformed, and the permutation is a bijection for every size and key."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed, TegataError
from common.jose.jwk import parse_public_jwk
from common.keys.software import SoftwareKey
from common.status.allocation import permute
from common.status.bits import ENTRY_BITS, StatusList, inflate
from common.status.token_status_list import build_status_list_token, parse_status_list_token, verify_status_list_token

KEY = SoftwareKey.generate(kid="k1")
TOKEN = build_status_list_token(
    StatusList.of_size(64, bits=2, statuses={3: 1}),
    KEY,
    uri="https://a.example/1",
    issued_at=1000,
    expires_at=2000,
    ttl=9,
)


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 3000), key=st.binary(min_size=16, max_size=64))
def test_permute_is_a_bijection(size: int, key: bytes) -> None:
    assert sorted(permute(position, size=size, key=key) for position in range(size)) == list(range(size))


@settings(deadline=None)
@given(size=st.integers(1, 1 << 40), key=st.binary(min_size=32, max_size=32), data=st.data())
def test_large_lists_have_no_collisions_either(size: int, key: bytes, data: st.DataObject) -> None:
    positions = data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=50))
    indices = {permute(position, size=size, key=key) for position in positions}
    assert len(indices) == len(positions)
    assert all(0 <= index < size for index in indices)


@given(bits=st.sampled_from(ENTRY_BITS), data=st.data())
def test_what_is_set_is_read_after_the_round_trip(bits: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    statuses = data.draw(st.dictionaries(st.integers(0, size - 1), st.integers(0, (1 << bits) - 1)))
    made = StatusList.of_size(size, bits=bits, statuses=statuses)
    read = inflate(bits, made.deflate())
    assert [read[index] for index in range(size)] == [statuses.get(index, 0) for index in range(size)]
    assert [read.reader()(index) for index in range(size)] == [read[index] for index in range(size)]
    for outside in (-1, len(read)):
        with pytest.raises(IndexError):
            read.reader()(outside)
    assert size <= len(read) < size + 8


@given(bits=st.sampled_from((*ENTRY_BITS, 0, 3, 16)), noise=st.binary(max_size=200))
def test_random_bytes_are_malformed(bits: int, noise: bytes) -> None:
    with pytest.raises(Malformed):
        inflate(bits, noise)


@given(cut=st.integers(1, 40), tail=st.binary(max_size=4))
def test_a_cut_or_lengthened_list_is_malformed(cut: int, tail: bytes) -> None:
    whole = zlib.compress(bytes(range(256)))
    with pytest.raises(Malformed):
        inflate(8, whole[:-cut] + tail if whole[:-cut] + tail != whole else b"")


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from("AZaz09-_."))
def test_a_token_changed_anywhere_is_refused(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed == TOKEN:
        return
    with pytest.raises(TegataError):
        verify_status_list_token(
            parse_status_list_token(changed),
            parse_public_jwk(KEY.public_jwk()),
            uri="https://a.example/1",
            issuer="https://a.example",
            now=1500,
        )
