"""Points of an elliptic curve over a prime field, by hand: addition and multiplication, which PACE's mapping needs and no library offers.

y² = x³ + ax + b. Points are pairs of whole numbers, `None` is the point at infinity; inside, Jacobian coordinates (x = X/Z², y = Y/Z³), so
that a multiplication needs one inversion. Python's numbers do not take constant time: every secret that comes here is the terminal's own
and is used for one session. Formulas: Hankerson, Menezes, Vanstone, *Guide to Elliptic Curve Cryptography* §3.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from common.errors import Malformed

Point: TypeAlias = tuple[int, int]
_Jacobian: TypeAlias = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)
_WINDOW = 4
_UNCOMPRESSED = 0x04


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Domain parameters. number: ICAO's own (§9.5.1). n: order of the generator, prime; the cofactor is 1."""

    name: str
    number: int
    oid: str
    p: int
    a: int
    b: int
    generator: Point
    n: int

    @property
    def field_bytes(self) -> int:
        """Length of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    @property
    def order_bytes(self) -> int:
        """Length of a private key."""
        return (self.n.bit_length() + 7) // 8


def is_on_curve(curve: Curve, point: Point) -> bool:
    """Whether both coordinates are of the field and fulfil the equation."""
    x, y = point
    return 0 <= x < curve.p and 0 <= y < curve.p and (y * y - (x * x + curve.a) * x - curve.b) % curve.p == 0


def parse_point(curve: Curve, data: bytes) -> Point:
    """``04 ‖ x ‖ y`` (TR-03111 §3.2.1) → a point that is on the curve, not at infinity. Raises Malformed("bad_point")."""
    length = curve.field_bytes
    if len(data) != 1 + 2 * length or data[0] != _UNCOMPRESSED:
        raise Malformed("bad_point", "a public key is an uncompressed point of its curve")
    point = (int.from_bytes(data[1 : 1 + length], "big"), int.from_bytes(data[1 + length :], "big"))
    if not is_on_curve(curve, point):
        raise Malformed("bad_point", "a public key is not on its curve")
    return point


def encode_point(curve: Curve, point: Point) -> bytes:
    """``04 ‖ x ‖ y``, both coordinates in full length."""
    length = curve.field_bytes
    return bytes([_UNCOMPRESSED]) + point[0].to_bytes(length, "big") + point[1].to_bytes(length, "big")


def encode_x(curve: Curve, point: Point) -> bytes:
    """The shared secret of a key agreement: the x-coordinate in full length, with leading zeros (TR-03111 §3.1.3, FE2OS)."""
    return point[0].to_bytes(curve.field_bytes, "big")


def multiply(curve: Curve, factor: int, point: Point) -> Point | None:
    """``factor`` · ``point``; None if that is the point at infinity."""
    return _affine(curve, _multiply(curve, factor % curve.n, point))


def multiply_add(curve: Curve, factor: int, point: Point, summand: Point) -> Point | None:
    """``factor`` · ``point`` + ``summand``, as PACE's generic mapping needs it."""
    product = _multiply(curve, factor % curve.n, point)
    return _affine(curve, _add(curve, product, (summand[0], summand[1], 1)))


def add_products(curve: Curve, first: tuple[int, Point], second: tuple[int, Point]) -> Point | None:
    """k·P + l·Q, as the verification of an ECDSA signature needs it."""
    left = _multiply(curve, first[0] % curve.n, first[1])
    return _affine(curve, _add(curve, left, _multiply(curve, second[0] % curve.n, second[1])))


def _multiply(curve: Curve, factor: int, point: Point) -> _Jacobian:
    """Fixed windows of four bits, from the left: for every window four doublings and an addition from the table."""
    table = _multiples(curve, point)
    result = _INFINITY
    windows = (curve.n.bit_length() + _WINDOW - 1) // _WINDOW
    for index in range(windows - 1, -1, -1):
        for _ in range(_WINDOW):
            result = _double(curve, result)
        result = _add(curve, result, table[(factor >> (index * _WINDOW)) & 15])
    return result


def _multiples(curve: Curve, point: Point) -> list[_Jacobian]:
    """0·P to 15·P, with Z = 1 (by one inversion for all), since adding those is cheaper."""
    one = (point[0], point[1], 1)
    table = [_INFINITY, one, _double(curve, one)]
    while len(table) < 1 << _WINDOW:
        table.append(_add(curve, table[-1], one))
    p = curve.p
    finite = [index for index, (_, _, z) in enumerate(table) if z]
    products, running = [], 1
    for index in finite:
        products.append(running)
        running = running * table[index][2] % p
    inverse = pow(running, -1, p)
    for index, product in zip(reversed(finite), reversed(products), strict=True):
        x, y, z = table[index]
        z_inverse = inverse * product % p
        inverse = inverse * z % p
        square = z_inverse * z_inverse % p
        table[index] = (x * square % p, y * square * z_inverse % p, 1)
    return table


def _double(curve: Curve, point: _Jacobian) -> _Jacobian:
    x, y, z = point
    p = curve.p
    if not z or not y:
        return _INFINITY
    y2 = y * y % p
    s = 4 * x * y2 % p
    z2 = z * z % p
    m = 3 * (x - z2) * (x + z2) % p if curve.a == p - 3 else (3 * x * x + curve.a * z2 * z2) % p
    x3 = (m * m - 2 * s) % p
    return x3, (m * (s - x3) - 8 * y2 * y2) % p, 2 * y * z % p


def _add(curve: Curve, left: _Jacobian, right: _Jacobian) -> _Jacobian:
    """The sum of any two points, equal, opposite and infinite ones too."""
    x1, y1, z1 = left
    x2, y2, z2 = right
    if not z1:
        return right
    if not z2:
        return left
    p = curve.p
    z1_2 = z1 * z1 % p
    u2, s2 = x2 * z1_2 % p, y2 * z1_2 * z1 % p
    if z2 == 1:
        u1, s1 = x1, y1
    else:
        z2_2 = z2 * z2 % p
        u1, s1 = x1 * z2_2 % p, y1 * z2_2 * z2 % p
    h, r = (u2 - u1) % p, (s2 - s1) % p
    if not h:
        return _double(curve, left) if not r else _INFINITY
    h2 = h * h % p
    h3, v = h2 * h % p, u1 * h2 % p
    x3 = (r * r - h3 - 2 * v) % p
    return x3, (r * (v - x3) - s1 * h3) % p, (z1 * z2 * h) % p


def _affine(curve: Curve, point: _Jacobian) -> Point | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, curve.p)
    square = inverse * inverse % curve.p
    return x * square % curve.p, y * square * inverse % curve.p
