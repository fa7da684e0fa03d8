"""Public keys as one text: multicodec prefix + key in base58btc multibase, as in did:key and Multikey. W3C CID 1.0 §2.2.2, did:key §4.

The codes come by name from the ``multiformats`` table. Its base58 is slow (quarter of a millisecond), so ours stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from multiformats import multicodec, varint

from common.encoding import b64url_encode
from common.errors import Malformed
from common.jose.jwk import CURVES, export_public_jwk, parse_public_jwk

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_FOREIGN = 255
_VALUES = bytes(_ALPHABET.find(chr(code)) % 256 for code in range(256))
_MAX_TEXT = 200

_CODEC_OF_CURVE = {"P-256": "p256-pub", "P-384": "p384-pub", "P-521": "p521-pub", "Ed25519": "ed25519-pub"}
_PREFIX_OF_CURVE = {crv: varint.encode(multicodec.get(name).code) for crv, name in _CODEC_OF_CURVE.items()}
_CURVE_OF_PREFIX = {prefix: crv for crv, prefix in _PREFIX_OF_CURVE.items()}
"""Each of the prefixes has two bytes."""


_AT_ONCE = 128
"""Digits that `_number_of` puts together."""
_STEPS = tuple(
    (width, sum(((1 << width) - 1) << at for at in range(0, 8 * _AT_ONCE, 2 * width)), 58 ** (width // 8))
    for width in (8, 16, 32, 64, 128, 256, 512)
)


def _number_of(digits: bytes) -> int:
    """Digits in base 58, a byte each → number. Neighbours are joined all at once: digits to pairs, pairs to fours, and so on.

    A lane that holds 2ⁿ digits is 8·2ⁿ bits wide and 58 < 2⁸, so that no sum leaves its lane.
    """
    number = int.from_bytes(digits, "big")
    for width, lower, weight in _STEPS[: (len(digits) - 1).bit_length()]:
        number = (number & lower) + (number >> width & lower) * weight
    return number


def base58btc_encode(data: bytes) -> str:
    """Bytes → base58 with Bitcoin's alphabet, without the multibase letter."""
    number, groups = int.from_bytes(data, "big"), []
    while number:  # ten digits at a time, in pairs: all but the first division stay within two machine words
        number, group = divmod(number, 58**10)
        group, e = divmod(group, 3364)
        group, d = divmod(group, 3364)
        group, c = divmod(group, 3364)
        a, b = divmod(group, 3364)
        groups.append(_PAIRS[a] + _PAIRS[b] + _PAIRS[c] + _PAIRS[d] + _PAIRS[e])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(groups)).lstrip("1")


def base58btc_decode(text: str, *, longest: int = _MAX_TEXT) -> bytes:
    """The reverse. Raises Malformed on a foreign character or more than ``longest`` of them (the work grows with its square)."""
    if len(text) > longest:
        raise Malformed("bad_base58", f"more than {longest} characters")
    digits = text.encode("latin-1", "replace").translate(_VALUES)  # "?" is as foreign as what it replaces
    if _FOREIGN in digits:
        raise Malformed("bad_base58", "not base58btc text")
    number = 0
    for start in range(0, len(digits), _AT_ONCE):
        part = digits[start : start + _AT_ONCE]
        number = number * 58 ** len(part) + _number_of(part)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_did_key(jwk: Mapping[str, Any]) -> str:
    """Public JWK → ``z…``, the method-specific part of its did:key. Elliptic points are compressed. Raises Malformed."""
    public = parse_public_jwk(jwk)
    prefix = _PREFIX_OF_CURVE[jwk["crv"]]
    if isinstance(public.key, ec.EllipticCurvePublicKey):
        raw = public.key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    else:
        raw = public.key.public_bytes_raw()
    return "z" + base58btc_encode(prefix + raw)


def decode_multikey(text: str) -> dict[str, Any]:
    """``z…`` → public JWK without kid. Raises Malformed: another multibase, an unknown code, a wrong length, a point off its curve."""
    if text[:1] != "z":
        raise Malformed("bad_multikey", "a multikey here is base58btc: it begins with z")
    data = base58btc_decode(text[1:])
    crv = _CURVE_OF_PREFIX.get(data[:2])
    if crv is not None:
        return _read_key(crv, data[2:])
    raise Malformed("unsupported_key", f"known codes: {', '.join(_CODEC_OF_CURVE.values())}")


def _read_key(crv: str, raw: bytes) -> dict[str, Any]:
    if crv == "Ed25519":
        if len(raw) != 32:
            raise Malformed("bad_multikey", "an Ed25519 key has 32 bytes")
        return {"kty": "OKP", "crv": crv, "x": b64url_encode(raw)}
    curve = CURVES[crv]
    if len(raw) != curve.size + 1 or raw[0] not in (2, 3):
        raise Malformed("bad_multikey", f"a {crv} key is a compressed point of {curve.size + 1} bytes")
    try:
        return export_public_jwk(ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, raw))
    except ValueError:
        raise Malformed("bad_multikey", f"the point does not lie on {crv}") from None
