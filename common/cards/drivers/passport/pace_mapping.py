"""From PACE's nonce to the generator of one session. ICAO Doc 9303-11 §4.4.3.3 and App. B. Pure.

The generic mapping needs one more exchange of keys, the integrated one a nonce of the terminal's. Chip authentication mapping is the
generic one, whose key of the chip is bound to its static key afterwards (`verify_chip_mapping`).
"""

from __future__ import annotations

from common.cards.block_cipher import encrypt_aes
from common.cards.drivers.passport.curve import Curve, Point, multiply, multiply_add
from common.cards.drivers.passport.public_key import EcKey
from common.errors import CardError, Rejected

_C0 = {16: "a668892a7c41e3ca739f40b057d85904", 32: "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"}
_C1 = {16: "a4e136ac725f738b01c1f60217c188ad", 32: "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"}
"""The constants of §4.4.3.3.2, by the length of the nonce."""


def map_generic(curve: Curve, nonce: bytes, shared: Point) -> Point:
    """G′ = s·G + H. §4.4.3.3.1. Raises CardError("access_failed") if that is no generator."""
    return _generator(multiply_add(curve, int.from_bytes(nonce, "big"), curve.generator, shared))


def map_integrated(curve: Curve, nonce: bytes, terminal_nonce: bytes) -> Point:
    """G′ = f(R(s, t)). §4.4.3.3.2; for AES and fields with p ≡ 3 (mod 4). terminal_nonce: as long as the cipher's key."""
    return _generator(
        encode_to_point(
            curve, int.from_bytes(pseudo_random(nonce, terminal_nonce, curve.p.bit_length()), "big") % curve.p
        )
    )


def pseudo_random(nonce: bytes, terminal_nonce: bytes, bits: int) -> bytes:
    """R(s, t): blocks of AES-CBC under keys that follow from each other, until there are 64 bits more than the field has."""
    length, key_bytes = len(nonce), len(terminal_nonce)
    c0, c1 = bytes.fromhex(_C0[length]), bytes.fromhex(_C1[length])
    key, output = encrypt_aes(terminal_nonce, nonce), b""
    for _ in range(-(-(bits + 64) // (8 * length))):
        truncated = key[:key_bytes]
        output += encrypt_aes(truncated, c1)
        key = encrypt_aes(truncated, c0)
    return output


def encode_to_point(curve: Curve, t: int) -> Point | None:
    """A number of the field → a point of the curve. Doc 9303-11 App. B.2 (Brier, Coron, Icart, Madore, Randriam, Tibouchi); cofactor 1."""
    p, a, b = curve.p, curve.a, curve.b
    alpha = -t * t % p
    spread = (alpha + alpha * alpha) % p
    if not spread:
        return None
    x2 = -b * (1 + spread) * pow(a * spread, -1, p) % p
    h2 = (x2 * x2 * x2 + a * x2 + b) % p
    root = pow(h2, p - 1 - (p + 1) // 4, p)
    if root * root % p * h2 % p == 1:
        return x2, root * h2 % p
    return alpha * x2 % p, root * t * t * t * h2 % p


def verify_chip_mapping(curve: Curve, mapping_key: Point, data: bytes, chip_key: EcKey) -> None:
    """PK_Map,IC = CA_IC · PK_IC: whoever made the mapping key knows the chip's static key. §4.4.3.5.2. Raises Rejected("bad_signature").

    It proves that to who ran the handshake and to nobody else: afterwards anybody can make up such three values.
    """
    factor = int.from_bytes(data, "big")
    if (
        chip_key.curve is not curve
        or not 0 < factor < curve.n
        or multiply(curve, factor, chip_key.point) != mapping_key
    ):
        raise Rejected("bad_signature", "the chip does not know the key that its issuer signed")


def _generator(point: Point | None) -> Point:
    if point is None:
        raise CardError("access_failed", "the chip's answer leads to no generator")
    return point
