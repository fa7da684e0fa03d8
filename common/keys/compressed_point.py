"""P-256 keys as gates know them: the compressed point of 33 bytes, and names made of its hash. SEC 1 §2.3.3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from common.encoding import b64url_decode
from common.errors import Malformed, Rejected
from common.jose import p256
from common.jose.jwk import ecdsa_to_der, parse_public_jwk
from common.record import Record

SIZE = 33


class PointKey(Record, frozen=True):
    """A P-256 key that was found to lie on its curve. point: compressed. digest: SHA-256 of it, whose beginnings name the key."""

    point: bytes
    digest: bytes
    checker: p256.Point


def compress(jwk: Mapping[str, Any]) -> bytes:
    """Public JWK of P-256 → compressed point. Raises Malformed, Rejected("algorithm_not_allowed") for another curve."""
    public = parse_public_jwk(jwk, alg="ES256")
    return bytes((2 + (b64url_decode(public.jwk["y"])[-1] & 1),)) + b64url_decode(public.jwk["x"])


def read_point_key(point: bytes) -> PointKey:
    """Compressed point → key. Raises Malformed: of another form, or not on the curve."""
    try:
        return PointKey(point, hashlib.sha256(point).digest(), p256.read_compressed_point(point))
    except ValueError:
        raise Malformed("bad_point", "not a compressed point of P-256") from None


known_point_key = lru_cache(1024)(read_point_key)
"""`read_point_key` for keys that come again and again, as an issuer's and a gate's do; holders' do not."""


def check_point_signature(checker: p256.Point, signature: bytes, data: bytes) -> None:
    """ES256, r ‖ s of 64 bytes; s may lie in either half. Raises Rejected("bad_signature")."""
    if not p256.is_signed(checker, ecdsa_to_der(signature, 32), data):
        raise Rejected("bad_signature", "the signature does not belong to this text and this key")
