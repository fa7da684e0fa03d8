"""Points by hand: the group law, the library's keys, OpenSSL's curves, and worked examples of the specification."""

from __future__ import annotations

import shutil
import subprocess
from itertools import count

import pytest
from asn1crypto import core, keys
from cryptography.hazmat.primitives.asymmetric import ec

from common.cards.drivers.passport.curve import (
    Curve,
    add_products,
    encode_point,
    encode_x,
    is_on_curve,
    multiply,
    multiply_add,
    parse_point,
)
from common.cards.drivers.passport.domain_parameters import BY_NAME, BY_NUMBER, BY_OID, CURVES
from common.cards.drivers.passport.key_agreement import (
    LIBRARY_CURVES,
    agree,
    by_hand,
    draw_private_key,
    public_point,
)
from common.errors import CardError, Malformed

SECRET = 0x7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99
every_curve = pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
OPENSSL_NAMES = {
    "P-192": "prime192v1",
    "P-224": "secp224r1",
    "P-256": "prime256v1",
    "P-384": "secp384r1",
    "P-521": "secp521r1",
}


@every_curve
def test_the_group(curve: Curve) -> None:
    """n·G is infinity, (n−1)·G is −G, and sums of products are products of sums."""
    g = curve.generator
    assert is_on_curve(curve, g)
    assert multiply(curve, curve.n, g) is None
    assert multiply(curve, 0, g) is None
    assert multiply(curve, curve.n - 1, g) == (g[0], curve.p - g[1])
    k, m = SECRET % curve.n, (SECRET * 3 + 5) % curve.n
    left, right = multiply(curve, k, g), multiply(curve, m, g)
    assert left is not None
    assert right is not None
    assert is_on_curve(curve, left)
    assert multiply_add(curve, k, g, right) == multiply(curve, k + m, g)
    assert add_products(curve, (k, g), (m, g)) == multiply(curve, k + m, g)
    assert multiply(curve, m, left) == multiply(curve, k, right)


@every_curve
def test_sums_of_equal_and_opposite_points(curve: Curve) -> None:
    g = curve.generator
    assert multiply_add(curve, 1, g, g) == multiply(curve, 2, g)
    assert multiply_add(curve, curve.n - 1, g, g) is None
    assert multiply_add(curve, 0, g, g) == g
    assert multiply_add(curve, 2, g, g) == multiply(curve, 3, g)


@pytest.mark.parametrize("name", LIBRARY_CURVES)
def test_the_same_keys_as_the_library(name: str) -> None:
    curve, library = BY_NAME[name], LIBRARY_CURVES[name]()
    for number in (1, 2, 15, 16, 17, SECRET % curve.n, curve.n - 2):
        numbers = ec.derive_private_key(number, library).public_key().public_numbers()
        assert multiply(curve, number, curve.generator) == (numbers.x, numbers.y) == public_point(curve, number)
    peer = public_point(curve, 12345)
    assert agree(curve, SECRET % curve.n, peer) == encode_x(curve, by_hand(curve, SECRET % curve.n, peer))


def test_curves_without_a_library() -> None:
    for name in ("brainpoolP192r1", "brainpoolP224r1", "brainpoolP320r1"):
        curve = BY_NAME[name]
        mine, theirs = SECRET % curve.n, 99991
        assert agree(curve, mine, public_point(curve, theirs)) == agree(curve, theirs, public_point(curve, mine))


def test_a_shared_secret_keeps_its_leading_zeros() -> None:
    """FE2OS: a secret that is shorter by chance would give other keys than the chip's, once in 256 sessions."""
    curve = BY_NAME["P-256"]
    secret = next(k for k in count(2) if public_point(curve, k)[0] >> 248 == 0)
    shared = agree(curve, secret, curve.generator)
    assert len(shared) == 32
    assert shared[0] == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
@every_curve
def test_the_numbers_are_openssl_s(curve: Curve) -> None:
    name = OPENSSL_NAMES.get(curve.name, curve.name)
    told = subprocess.run(
        ["openssl", "ecparam", "-name", name, "-param_enc", "explicit", "-outform", "DER"],
        capture_output=True,
        check=True,
    ).stdout
    domain = keys.SpecifiedECDomain.load(told)
    assert domain["field_id"]["parameters"].native == curve.p
    assert int.from_bytes(domain["curve"]["a"].native, "big") == curve.a
    assert int.from_bytes(domain["curve"]["b"].native, "big") == curve.b
    assert domain["base"].contents == encode_point(curve, curve.generator)
    assert (domain["order"].native, domain["cofactor"].native) == (curve.n, 1)
    named = subprocess.run(
        ["openssl", "ecparam", "-name", name, "-outform", "DER"], capture_output=True, check=True
    ).stdout
    assert core.ObjectIdentifier.load(named).dotted == curve.oid


def test_numbers_and_names_are_unique() -> None:
    assert len(BY_NUMBER) == len(BY_NAME) == len(BY_OID) == len(CURVES)
    assert {curve.number for curve in CURVES} == set(range(8, 19))


@every_curve
def test_points_that_are_none(curve: Curve) -> None:
    good = encode_point(curve, curve.generator)
    assert parse_point(curve, good) == curve.generator
    x, y = curve.generator
    size = curve.field_bytes
    for data in (
        b"",
        b"\x00",
        good[:-1],
        good + b"\x00",
        b"\x02" + good[1 : 1 + size],
        b"\x06" + good[1:],
        b"\x04" + bytes(2 * size),
        b"\x04" + x.to_bytes(size, "big") + ((y + 1) % curve.p).to_bytes(size, "big"),
        b"\x04" + b"\xff" * (2 * size),
    ):
        with pytest.raises(Malformed):
            parse_point(curve, data)


def test_a_coordinate_beyond_the_field_is_none() -> None:
    """x + p is the same residue: taken, it would be a second name for the same point."""
    curve = BY_NAME["P-521"]
    x, y = curve.generator
    data = b"\x04" + (x + curve.p).to_bytes(66, "big") + y.to_bytes(66, "big")
    with pytest.raises(Malformed):
        parse_point(curve, data)


def test_private_keys_are_in_range() -> None:
    curve = BY_NAME["brainpoolP256r1"]
    drawn = iter([b"\xff" * 32, b"\x00" * 40])
    assert draw_private_key(curve, lambda _: next(drawn)) == 1
    drawn = iter([bytes(32), b"\xff" * 40])
    assert 0 < draw_private_key(curve, lambda _: next(drawn)) < curve.n
    assert draw_private_key(curve, lambda _: SECRET.to_bytes(32, "big")) == SECRET


def test_infinity_is_no_key() -> None:
    curve = BY_NAME["P-256"]
    with pytest.raises(CardError):
        by_hand(curve, curve.n, curve.generator)
