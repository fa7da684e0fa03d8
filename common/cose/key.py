"""COSE_Key ↔ public key. RFC 9052 §7, RFC 9053 §7. Kinds: EC2 with P-256, P-384, P-521; OKP with Ed25519."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from common.cbor import MAX_BYTES, decode, encode
from common.cose.headers import SIGNATURE_ALGS
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from common.jose import p256
from common.jose.jwk import CURVES, PublicKey, export_public_jwk, parse_public_jwk

KTY, KID, ALG, KEY_OPS = 1, 2, 3, 4
CRV, X, Y, D = -1, -2, -3, -4
_OKP, _EC2 = 1, 2
_VERIFY = 2
_CURVE_NAMES: Mapping[int, str] = MappingProxyType({1: "P-256", 2: "P-384", 3: "P-521"})
_CURVE_NUMBERS = {name: number for number, name in _CURVE_NAMES.items()}
_ED25519 = 6
_LABELS = frozenset((int, str))
_P256 = CURVES["P-256"]


def parse_cose_key(key: object) -> PublicKey:
    """COSE_Key (the decoded map, or its bytes) → public key, checked to lie on its curve. ``kid`` is left aside.

    Raises Malformed for anything that is no public key of a known kind, private keys included, and
    Rejected("algorithm_not_allowed") where its own ``alg`` or ``key_ops`` do not fit.
    """
    value = decode(key, max_bytes=MAX_BYTES) if isinstance(key, bytes) else key
    if not isinstance(value, Mapping):
        raise Malformed("bad_cose_key", "a COSE key is a map")
    if not _LABELS.issuperset(map(type, value)):
        raise Malformed("bad_cose_key", "labels of a key are numbers or texts")
    if D in value:
        raise Malformed("private_cose_key", "a private or symmetric key stands where a public key belongs")
    public = _read_p256(value) or parse_public_jwk(_to_jwk(value))
    alg, operations = value.get(ALG), value.get(KEY_OPS)
    if alg is not None and (not isinstance(alg, int) or SIGNATURE_ALGS.get(alg) != public.alg):
        raise Rejected("algorithm_not_allowed", "the COSE key's own alg does not fit its curve")
    if operations is not None and (not isinstance(operations, list) or _VERIFY not in operations):
        raise Rejected("algorithm_not_allowed", "the COSE key is not for verifying signatures")
    return public


def _read_p256(value: Mapping[Any, Any]) -> PublicKey | None:
    """The key that wallets have, without the way round by texts; None for every other, to be read (and refused) in the general way."""
    x, y = value.get(X), value.get(Y)
    if type(x) is not bytes or type(y) is not bytes or len(x) != _P256.size or len(y) != _P256.size:
        return None
    if type(value.get(KTY)) is not int or value[KTY] != _EC2 or type(value.get(CRV)) is not int or value[CRV] != 1:
        return None
    try:
        point = p256.read_point(x, y)
    except ValueError:
        return None
    jwk = {"kty": "EC", "crv": _P256.name, "x": b64url_encode(x), "y": b64url_encode(y)}
    return PublicKey(_P256.alg, jwk, point)


def _to_jwk(value: Mapping[Any, Any]) -> dict[str, Any]:
    kind, curve, x = value.get(KTY), value.get(CRV), value.get(X)
    if type(kind) is not int or type(curve) is not int or not isinstance(x, bytes):
        raise Malformed("bad_cose_key", "a COSE key here has kty, crv and the bytes x")
    if kind == _OKP and curve == _ED25519:
        return {"kty": "OKP", "crv": "Ed25519", "x": b64url_encode(x)}
    if kind != _EC2 or curve not in _CURVE_NAMES:
        raise Malformed("unsupported_cose_key", "known keys: EC2 with P-256, P-384 or P-521, and OKP with Ed25519")
    name, y = _CURVE_NAMES[curve], value.get(Y)
    if isinstance(y, bool):
        return _decompress(name, x, odd=y)
    if not isinstance(y, bytes):
        raise Malformed("bad_cose_key", "an EC2 key has y: bytes, or the sign of y")
    return {"kty": "EC", "crv": name, "x": b64url_encode(x), "y": b64url_encode(y)}


def _decompress(curve: str, x: bytes, *, odd: bool) -> dict[str, Any]:
    if len(x) != CURVES[curve].size:
        raise Malformed("bad_cose_key", f"coordinates of {curve} have {CURVES[curve].size} bytes")
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVES[curve].curve, (b"\x03" if odd else b"\x02") + x)
    except ValueError:
        raise Malformed("bad_cose_key", f"the point does not lie on {curve}") from None
    return export_public_jwk(point)


def build_cose_key(jwk: Mapping[str, Any]) -> dict[int, Any]:
    """Public JWK → COSE_Key with the key's own members only (no kid, no alg). Raises Malformed."""
    public = parse_public_jwk(jwk)
    x = b64url_decode(public.jwk["x"])
    if public.alg == "EdDSA":
        return {KTY: _OKP, CRV: _ED25519, X: x}
    return {KTY: _EC2, CRV: _CURVE_NUMBERS[public.jwk["crv"]], X: x, Y: b64url_decode(public.jwk["y"])}


def encode_cose_key(jwk: Mapping[str, Any]) -> bytes:
    """`build_cose_key`, encoded. A P-256 key, which is what wallets have, is written out directly."""
    if jwk.get("crv") != "P-256":
        return encode(build_cose_key(jwk))
    public = parse_public_jwk(jwk)
    x, y = b64url_decode(public.jwk["x"]), b64url_decode(public.jwk["y"])
    return b"\xa4\x01\x02\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y
