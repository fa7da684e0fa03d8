"""Two implementations of P-256 verify with the same keys: they agree on every signature, good or bad."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import example, given
from hypothesis import strategies as st

from common.jose.p256 import is_signed, read_point

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FIELD = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
SCHEME = ec.ECDSA(hashes.SHA256())
PRIVATE = ec.derive_private_key(0x5A7C0DE5, ec.SECP256R1())
NUMBERS = PRIVATE.public_key().public_numbers()
POINT = read_point(NUMBERS.x.to_bytes(32, "big"), NUMBERS.y.to_bytes(32, "big"))
EDGES = st.sampled_from([0, 1, 2, ORDER - 1, ORDER, ORDER + 1, 2**255, 2**256 - 1, FIELD, FIELD - ORDER])
"""Where implementations have been wrong: zero, the order and its neighbours, what is congruent modulo the order."""


def openssl_says(signature: bytes, data: bytes) -> bool:
    try:
        PRIVATE.public_key().verify(signature, data, SCHEME)
    except InvalidSignature:
        return False
    return True


@given(st.binary(max_size=300))
def test_both_believe_what_was_signed(data: bytes) -> None:
    signature = PRIVATE.sign(data, SCHEME)
    assert is_signed(POINT, signature, data)
    assert not is_signed(POINT, signature, data + b"\0")


@given(EDGES | st.integers(0, 2**256), EDGES | st.integers(0, 2**256), st.binary(max_size=64))
@example(1, 1, b"")
def test_numbers_at_the_edges(r: int, s: int, data: bytes) -> None:
    signature = encode_dss_signature(r, s)
    assert is_signed(POINT, signature, data) is openssl_says(signature, data)


@given(st.binary(max_size=64), st.integers(0, 79), st.integers(1, 255))
def test_any_byte_changed(data: bytes, place: int, change: int) -> None:
    signature = bytearray(PRIVATE.sign(data, SCHEME))
    signature[place % len(signature)] ^= change
    assert is_signed(POINT, bytes(signature), data) is openssl_says(bytes(signature), data)


@given(EDGES | st.integers(0, 2**256 - 1), EDGES | st.integers(0, 2**256 - 1))
@example(NUMBERS.x, NUMBERS.y)
@example(NUMBERS.x, FIELD - NUMBERS.y)
@example(0, 0)
def test_points_off_the_curve(x: int, y: int) -> None:
    x, y = x % 2**256, y % 2**256
    try:
        ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        on_curve = True
    except ValueError:
        on_curve = False
    if on_curve:
        assert read_point(x.to_bytes(32, "big"), y.to_bytes(32, "big"))
    else:
        with pytest.raises(ValueError, match="not a point"):
            read_point(x.to_bytes(32, "big"), y.to_bytes(32, "big"))
