"""JSON Web Keys: reading public keys strictly, thumbprints, and verifying a raw signature. RFC 7517, 7518 §6, 7638, 8037.

P-256, P-384, P-521 and Ed25519. RSA and symmetric keys are not read here: nothing in Tegata may be signed with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError

from common.encoding import b64url_decode, b64url_encode, compact_json
from common.errors import Malformed, Rejected
from common.jose import p256
from common.record import Record


@dataclass(frozen=True, slots=True)
class Curve:
    """One elliptic curve as JOSE names it. size: bytes of one coordinate. alg: its only signature algorithm here."""

    name: str
    alg: str
    size: int
    curve: ec.EllipticCurve
    scheme: ec.ECDSA


CURVES = MappingProxyType(
    {
        "P-256": Curve("P-256", "ES256", 32, ec.SECP256R1(), ec.ECDSA(hashes.SHA256())),
        "P-384": Curve("P-384", "ES384", 48, ec.SECP384R1(), ec.ECDSA(hashes.SHA384())),
        "P-521": Curve("P-521", "ES512", 66, ec.SECP521R1(), ec.ECDSA(hashes.SHA512())),
    }
)
# EdDSA means Ed25519 here. RFC 9864 calls the same thing ``Ed25519``; both names are read, EdDSA is written.

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CACHE_SIZE = 4096


class PublicKey(Record, frozen=True):
    """A public key that was read and found to lie on its curve. alg: ES256, ES384, ES512 or EdDSA. kid may be None.

    jwk: the key as given, private members were refused. checker: what verifies with it, by alg: a point of `p256`, a key of
    ``cryptography``, or the 32 bytes that libsodium takes.
    """

    alg: str
    jwk: Mapping[str, Any]
    checker: p256.Point | ec.EllipticCurvePublicKey | bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.alg == other.alg and self.jwk == other.jwk

    __hash__ = None  # type: ignore[assignment]  # a JWK is a mapping

    @property
    def key(self) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey:
        """The key as ``cryptography`` knows it, for certificates and key agreement."""
        jwk = self.jwk
        return _read_ec_key(jwk["crv"], jwk["x"], jwk["y"]) if jwk["kty"] == "EC" else _read_ed25519_key(jwk["x"])

    @property
    def kid(self) -> str | None:
        kid = self.jwk.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def thumbprint(self) -> str:
        """RFC 7638 with SHA-256, base64url."""
        return thumbprint(self.jwk)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises Rejected("bad_signature"). signature as JOSE writes it: for ECDSA r ‖ s, each as long as the curve's field."""
        checker: Any = self.checker
        if self.alg == "ES256":
            good = p256.is_signed(checker, ecdsa_to_der(signature, 32), data)
        elif self.alg == "EdDSA":
            good = _is_signed_ed25519(checker, signature, data)
        else:
            good = _is_signed_ec(checker, ecdsa_to_der(signature, _BY_ALG[self.alg].size), data, _BY_ALG[self.alg])
        if not good:
            raise Rejected("bad_signature", "the signature does not belong to this text and this key")


def _is_signed_ed25519(key: bytes, signature: bytes, data: bytes) -> bool:
    """By libsodium: 1.6 × as fast as OpenSSL, and it refuses keys and points of small order."""
    try:
        return len(signature) == 64 and crypto_sign_open(signature + data, key) is not None
    except CryptoError:
        return False


def _is_signed_ec(key: ec.EllipticCurvePublicKey, der: bytes, data: bytes, curve: Curve) -> bool:
    try:
        key.verify(der, data, curve.scheme)
    except InvalidSignature:
        return False
    return True


_BY_ALG = {curve.alg: curve for curve in CURVES.values()}


def _der_integer(big_endian: bytes) -> bytes:
    number = big_endian.lstrip(b"\0") or b"\0"
    if number[0] & 0x80:
        number = b"\0" + number
    return b"\x02" + len(number).to_bytes(1, "big") + number


_DER_P256 = {
    (long_r << 7) + long_s: b"".join(
        (
            bytes((0x30, 0x44 + long_r + long_s)),
            *(b"\x02" + (b"\x21\0" if is_long else b"\x20") + b"%b" for is_long in (long_r, long_s)),
        )
    )
    for long_r in (0, 1)
    for long_s in (0, 1)
}
"""The DER around two numbers of 32 bytes each, by whether the first bit of r (128) and of s (1) is set: then a zero byte goes before."""


def ecdsa_to_der(signature: bytes, size: int) -> bytes:
    """r ‖ s, each of ``size`` bytes (RFC 7518 §3.4) → DER. Raises Rejected("bad_signature") for any other length."""
    if len(signature) != 2 * size:
        raise Rejected("bad_signature", f"an ECDSA signature of this curve has {2 * size} bytes, not {len(signature)}")
    r, s = signature[:size], signature[size:]
    if size == 32 and r[0] and s[0]:  # all but one in 128: both numbers are of full length
        return _DER_P256[(r[0] & 0x80) + (s[0] >> 7)] % (r, s)
    body = _der_integer(r) + _der_integer(s)
    length = len(body)
    return (b"\x30" + bytes((length,)) if length < 0x80 else b"\x30\x81" + bytes((length,))) + body


def forget_parsed_keys() -> None:
    """Empties the caches of parsed keys. For measurements; nothing is ever stale in them."""
    for read in (_read_ec_point, _read_ec_key, _read_ed25519, _read_ed25519_key):
        read.cache_clear()


def parse_public_jwk(jwk: object, *, alg: str | None = None) -> PublicKey:
    """A JWK (JSON object) → public key, checked to lie on its curve. alg: what it must be able to verify, if the caller knows.

    Raises Malformed for anything that is no public key of a known kind, private members included (whoever sent a private key
    by mistake must hear of it), and Rejected("algorithm_not_allowed") when the key is of another algorithm than ``alg``.
    """
    if jwk.__class__ is not dict and not isinstance(jwk, Mapping):
        raise Malformed("bad_jwk", "a JWK is a JSON object")
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise Malformed("private_jwk", "a private or symmetric key stands where a public key belongs")
    names: tuple[str, ...]
    kty, crv, x = jwk.get("kty"), jwk.get("crv"), jwk.get("x")
    if not isinstance(crv, str) or not isinstance(x, str):
        raise Malformed("bad_jwk", "a JWK here has text members crv and x (kty EC or OKP)")
    if kty == "EC" and crv in CURVES:
        curve = CURVES[crv]
        y = jwk.get("y")
        if not isinstance(y, str):
            raise Malformed("bad_jwk", "an EC key has a text member y")
        key_alg, names = curve.alg, (curve.alg,)
        checker: p256.Point | ec.EllipticCurvePublicKey | bytes = _read_ec_point(crv, x, y)
    elif kty == "OKP" and crv == "Ed25519":
        key_alg, names = "EdDSA", ("EdDSA", "Ed25519")
        checker = _read_ed25519(x)
    else:
        raise Malformed("unsupported_jwk", "known keys: EC with P-256, P-384 or P-521, and OKP with Ed25519")
    if alg is not None and alg not in names:
        raise Rejected("algorithm_not_allowed", f"a key for {key_alg} cannot serve {alg}")
    if "alg" in jwk and jwk["alg"] not in names and not _is_key_agreement(jwk):
        raise Rejected("algorithm_not_allowed", "the JWK's own alg does not fit its curve")
    return PublicKey(key_alg, dict(jwk), checker)


def _is_key_agreement(jwk: Mapping[str, Any]) -> bool:
    return isinstance(jwk.get("alg"), str) and jwk["alg"].startswith("ECDH-ES")


@lru_cache(_CACHE_SIZE)  # bounded, because strangers choose the keys that come in
def _read_ec_point(crv: str, x: str, y: str) -> p256.Point | ec.EllipticCurvePublicKey:
    curve = CURVES[crv]
    x_bytes, y_bytes = b64url_decode(x), b64url_decode(y)
    if len(x_bytes) != curve.size or len(y_bytes) != curve.size:  # RFC 7518 §6.2.1.2: full length, leading zeros kept
        raise Malformed("bad_jwk", f"coordinates of {curve.name} have {curve.size} bytes")
    if crv != "P-256":
        return _read_ec_key(crv, x, y)
    try:
        return p256.read_point(x_bytes, y_bytes)
    except ValueError:
        raise Malformed("bad_jwk", f"the point does not lie on {curve.name}") from None


@lru_cache(_CACHE_SIZE)
def _read_ec_key(crv: str, x: str, y: str) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(
            CURVES[crv].curve, b"\x04" + b64url_decode(x) + b64url_decode(y)
        )
    except ValueError:
        raise Malformed("bad_jwk", f"the point does not lie on {crv}") from None


@lru_cache(_CACHE_SIZE)
def _read_ed25519(x: str) -> bytes:
    raw = b64url_decode(x)
    if len(raw) != 32:
        raise Malformed("bad_jwk", "an Ed25519 key has 32 bytes")
    return raw


@lru_cache(_CACHE_SIZE)
def _read_ed25519_key(x: str) -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PublicKey.from_public_bytes(_read_ed25519(x))


def export_public_jwk(key: object) -> dict[str, Any]:
    """A ``cryptography`` public key → JWK without kid and alg. Raises Malformed for a kind not known here."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64url_encode(key.public_bytes_raw())}
    if isinstance(key, ec.EllipticCurvePublicKey):
        for curve in CURVES.values():
            if isinstance(key.curve, type(curve.curve)):
                numbers = key.public_numbers()
                x, y = (b64url_encode(n.to_bytes(curve.size, "big")) for n in (numbers.x, numbers.y))
                return {"kty": "EC", "crv": curve.name, "x": x, "y": y}
    raise Malformed("unsupported_key", "known keys: P-256, P-384, P-521, Ed25519")


def public_part(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """A JWK without its private members."""
    return {name: value for name, value in jwk.items() if name not in _PRIVATE_MEMBERS}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638 with SHA-256: base64url of the hash over the required members in lexical order."""
    names = ("crv", "kty", "x", "y") if jwk.get("kty") == "EC" else ("crv", "kty", "x")
    required = {name: jwk.get(name) for name in names}
    if not all(isinstance(value, str) and value.isascii() for value in required.values()):
        raise Malformed("bad_jwk", "the JWK lacks a member that its thumbprint needs")
    return b64url_encode(hashlib.sha256(compact_json(required)).digest())


def same_key(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two JWKs name the same public key, whatever else they say."""
    return all(one.get(name) == other.get(name) for name in ("kty", "crv", "x", "y"))
