"""ECDH with published generators: by `cryptography` where it has the curve (in constant time), by hand where it has not. TR-03111 §4.3.

PACE multiplies generators of its own, which is `curve.multiply`'s work.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from common.cards.drivers.passport.curve import Curve, Point, encode_x, multiply
from common.errors import CardError

Random = Callable[[int], bytes]
LIBRARY_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "P-192": ec.SECP192R1,
    "P-224": ec.SECP224R1,
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
    "brainpoolP512r1": ec.BrainpoolP512R1,
}


def draw_private_key(curve: Curve, random: Random) -> int:
    """Any number from 1 to n − 1, all as likely. Drawn bytes of the order's length are taken as they are where they are such a number, so
    that worked examples can be run; else 64 bits more are drawn and reduced (TR-03111 §4.1.1)."""
    drawn = int.from_bytes(random(curve.order_bytes), "big")
    if 0 < drawn < curve.n:
        return drawn
    return 1 + int.from_bytes(random(curve.order_bytes + 8), "big") % (curve.n - 1)


def public_point(curve: Curve, private: int) -> Point:
    """``private`` · G."""
    library = LIBRARY_CURVES.get(curve.name)
    if library is not None:
        try:
            numbers = ec.derive_private_key(private, library()).public_key().public_numbers()
        except UnsupportedAlgorithm:  # a curve that this build of OpenSSL leaves out
            pass
        else:
            return numbers.x, numbers.y
    return by_hand(curve, private, curve.generator)


def agree(curve: Curve, private: int, peer: Point) -> bytes:
    """The shared secret: the x-coordinate of ``private`` · ``peer``. ``peer`` is on the curve: the caller's parser saw to that."""
    library = LIBRARY_CURVES.get(curve.name)
    if library is not None:
        try:
            key = ec.EllipticCurvePublicNumbers(*peer, library()).public_key()
            return ec.derive_private_key(private, library()).exchange(ec.ECDH(), key)
        except UnsupportedAlgorithm:
            pass
    return encode_x(curve, by_hand(curve, private, peer))


def by_hand(curve: Curve, factor: int, point: Point) -> Point:
    """Raises CardError("access_failed") at infinity, where no key is."""
    found = multiply(curve, factor, point)
    if found is None:
        raise CardError("access_failed", "a key agreement ended nowhere")
    return found
