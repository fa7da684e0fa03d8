"""Time-stamps: any bytes give a typed answer, and no changed bit makes a stamp believed for another digest, time or authority."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import TegataError
from common.x509.time_stamp import VerifiedTimeStamp, build_time_stamp_request, parse_time_stamp, verify_time_stamp
from tests.tsa import StampingAuthority, make_authority

DIGEST = sha256(b"x").digest()
Stamped = tuple[StampingAuthority, bytes, VerifiedTimeStamp]


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    authority = make_authority(tmp_path_factory.mktemp("tsa"))
    answer = authority.reply(build_time_stamp_request(DIGEST, nonce=5))
    return authority, answer, verify_time_stamp(parse_time_stamp(answer), digest=DIGEST, roots=[authority.root])


def believed(authority: StampingAuthority, data: bytes) -> VerifiedTimeStamp | None:
    try:
        return verify_time_stamp(parse_time_stamp(data), digest=DIGEST, roots=[authority.root])
    except TegataError:
        return None


@given(data=st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_are_no_stamp(data: bytes) -> None:
    with pytest.raises(TegataError):
        parse_time_stamp(data)


@given(position=st.integers(min_value=0, max_value=1 << 16), bit=st.integers(min_value=0, max_value=7))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_proves_nothing_new(stamped: Stamped, position: int, bit: int) -> None:
    """Some bits of the envelope are not signed (a status text, a version); what is proven stays what was signed."""
    authority, answer, proven = stamped
    data = bytearray(answer)
    data[position % len(data)] ^= 1 << bit
    assert believed(authority, bytes(data)) in (None, proven)


@given(
    start=st.integers(min_value=0, max_value=1 << 16),
    length=st.integers(min_value=0, max_value=40),
    filling=st.binary(max_size=40),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_replaced_piece_proves_nothing_new(stamped: Stamped, start: int, length: int, filling: bytes) -> None:
    authority, answer, proven = stamped
    start %= len(answer)
    assert believed(authority, answer[:start] + filling + answer[start + length :]) in (None, proven)
