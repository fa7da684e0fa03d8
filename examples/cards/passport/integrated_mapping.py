"""The integrated mapping of PACE over elliptic curves: two nonces become a generator (ICAO 9303-11 §4.4.3.3.2, App. B, App. H.1)."""

from __future__ import annotations

from examples.cards.passport.ciphers import CipherSuite
from examples.cards.passport.curves import Curve, Point

_CONSTANTS = {
    16: ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad"),
    32: (
        "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
        "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
    ),
}
"""c0 and c1 for nonces of 128 and of 256 bits."""


def nonce_size(cipher: CipherSuite) -> int:
    """Whole blocks, no fewer octets than the key."""
    return -(-cipher.key_size // cipher.block) * cipher.block


def map_to_generator(cipher: CipherSuite, curve: Curve, nonce: bytes, theirs: bytes) -> Point:
    """nonce: ours; theirs: the terminal's, as long as a key."""
    pseudo_random = pseudo_random_octets(cipher, curve.p.bit_length(), nonce, theirs)
    return encode_point(curve, int.from_bytes(pseudo_random, "big") % curve.p)


def pseudo_random_octets(cipher: CipherSuite, bits: int, nonce: bytes, theirs: bytes) -> bytes:
    """R(s, t): 64 bits more than the field has, at least. A key is the first octets of what was enciphered before."""
    c0, c1 = (bytes.fromhex(constant) for constant in _CONSTANTS[len(nonce)])
    state, out = cipher.encipher(theirs, nonce), b""
    while 8 * len(out) < bits + 64:
        key = state[: cipher.key_size]
        out += cipher.encipher(key, c1)
        state = cipher.encipher(key, c0)
    return out


def encode_point(curve: Curve, element: int) -> Point:
    """f_G of App. B.2 in affine coordinates, for p ≡ 3 mod 4, which all curves here are, and cofactor 1."""
    p = curve.p
    alpha = -element * element % p
    x2 = -curve.b * pow(curve.a, -1, p) * (1 + pow(alpha + alpha * alpha, -1, p)) % p
    h2 = (x2 * x2 * x2 + curve.a * x2 + curve.b) % p
    root = pow(h2, p - 1 - (p + 1) // 4, p)
    if root * root * h2 % p == 1:
        return x2, root * h2 % p
    return alpha * x2 % p, root * element * element * element * h2 % p
