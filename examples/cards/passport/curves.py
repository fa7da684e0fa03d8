"""Point arithmetic on the curves of PACE, by hand: the generic mapping multiplies by a generator that no library knows.

Short Weierstrass curves y² = x³ + ax + b over a prime field, cofactor 1 (ICAO 9303-11 table 9: standardised domain parameters 12–18,
RFC 5639 and FIPS 186-4). Jacobian coordinates, plain double-and-add. Not constant in time: it is a make-believe chip, whose keys
protect nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

Point = tuple[int, int]
"""Affine (x, y). The point at infinity is never a Point: what would yield it raises."""


class NotOnCurve(ValueError):
    """Bytes that are no point of the curve, or arithmetic that ends at infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    name: str
    identifier: int
    """Of the standardised domain parameters."""
    p: int
    a: int
    b: int
    g: Point
    n: int
    named: Callable[[], ec.EllipticCurve]
    """The same curve in the cryptography library, for signatures and key files."""

    @property
    def size(self) -> int:
        """Octets of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    @property
    def scalar_size(self) -> int:
        return (self.n.bit_length() + 7) // 8

    def contains(self, point: Point) -> bool:
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - (x * x + self.a) * x - self.b) % self.p == 0

    def encode(self, point: Point) -> bytes:
        """Uncompressed: 04 ‖ x ‖ y."""
        return b"\x04" + point[0].to_bytes(self.size, "big") + point[1].to_bytes(self.size, "big")

    def decode(self, octets: bytes) -> Point:
        """Raises NotOnCurve."""
        if len(octets) != 1 + 2 * self.size or octets[0] != 4:
            raise NotOnCurve(f"no uncompressed point of {self.name}")
        point = (int.from_bytes(octets[1 : 1 + self.size], "big"), int.from_bytes(octets[1 + self.size :], "big"))
        if not self.contains(point):
            raise NotOnCurve(f"no point of {self.name}")
        return point

    def add(self, left: Point, right: Point) -> Point:
        """Raises NotOnCurve where the sum is the point at infinity."""
        return self._affine(self._add((*left, 1), (*right, 1)))

    def multiply(self, scalar: int, point: Point | None = None) -> Point:
        """scalar · point, or scalar · G. Raises NotOnCurve where that is the point at infinity."""
        base = (*(self.g if point is None else point), 1)
        total = (1, 1, 0)
        for bit in bin(scalar % self.n)[2:]:
            total = self._double(total)
            if bit == "1":
                total = self._add(total, base)
        return self._affine(total)

    def _affine(self, point: tuple[int, int, int]) -> Point:
        x, y, z = point
        if z == 0:
            raise NotOnCurve("the point at infinity")
        inverse = pow(z, -1, self.p)
        square = inverse * inverse % self.p
        return x * square % self.p, y * square * inverse % self.p

    def _double(self, point: tuple[int, int, int]) -> tuple[int, int, int]:
        x, y, z = point
        p = self.p
        if z == 0 or y == 0:
            return 1, 1, 0
        yy = y * y % p
        s = 4 * x * yy % p
        zz = z * z % p
        m = (3 * x * x + self.a * zz * zz) % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def _add(self, left: tuple[int, int, int], right: tuple[int, int, int]) -> tuple[int, int, int]:
        p = self.p
        x1, y1, z1 = left
        x2, y2, z2 = right
        if z1 == 0:
            return right
        if z2 == 0:
            return left
        zz1, zz2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * zz2 % p, x2 * zz1 % p
        s1, s2 = y1 * z2 * zz2 % p, y2 * z1 * zz1 % p
        if u1 == u2:
            return self._double(left) if s1 == s2 else (1, 1, 0)
        h, r = (u2 - u1) % p, (s2 - s1) % p
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p


def _curve(
    name: str, identifier: int, named: Callable[[], ec.EllipticCurve], p: str, a: str, b: str, g: str, n: str
) -> Curve:
    half = len(g) // 2
    return Curve(
        name=name,
        identifier=identifier,
        p=int(p, 16),
        a=int(a, 16),
        b=int(b, 16),
        g=(int(g[:half], 16), int(g[half:], 16)),
        n=int(n, 16),
        named=named,
    )


P256 = _curve(
    "P-256",
    12,
    ec.SECP256R1,
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
)
BRAINPOOL_P256R1 = _curve(
    "brainpoolP256r1",
    13,
    ec.BrainpoolP256R1,
    "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
    "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
    "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
    "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262"
    "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
    "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
)
P384 = _curve(
    "P-384",
    15,
    ec.SECP384R1,
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
    "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
)
BRAINPOOL_P384R1 = _curve(
    "brainpoolP384r1",
    16,
    ec.BrainpoolP384R1,
    "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
    "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
    "04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
    "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e"
    "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
    "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
)
BRAINPOOL_P512R1 = _curve(
    "brainpoolP512r1",
    17,
    ec.BrainpoolP512R1,
    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
    "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
    "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
    "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822"
    "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069",
)
P521 = _curve(
    "P-521",
    18,
    ec.SECP521R1,
    "01" + "f" * 130,
    "01" + "f" * 129 + "c",
    "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"
    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
)

CURVES = {curve.identifier: curve for curve in (P256, BRAINPOOL_P256R1, P384, BRAINPOOL_P384R1, BRAINPOOL_P512R1, P521)}
