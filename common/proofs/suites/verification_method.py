"""Verification methods → keys: ``publicKeyMultibase`` (Multikey) or ``publicKeyJwk`` (JsonWebKey). W3C CID 1.0 §2.2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.multikey import decode_multikey


def read_public_key(method: Mapping[str, Any], algs: tuple[str, ...]) -> PublicKey:
    """The one key of the method. algs: JOSE names of which the key must bear one.

    Raises Malformed for none, two or unreadable keys, Rejected("algorithm_not_allowed") for a key of another algorithm,
    Rejected("untrusted_key") for one that is not for signatures.
    """
    multibase, jwk = method.get("publicKeyMultibase"), method.get("publicKeyJwk")
    if isinstance(multibase, str) and jwk is None:
        key = _read_multikey(multibase)
    elif isinstance(jwk, Mapping) and multibase is None:
        key = parse_public_jwk(jwk)
    else:
        raise Malformed(
            "bad_verification_method", "a verification method holds one key, as publicKeyJwk or publicKeyMultibase"
        )
    if key.jwk.get("use", "sig") != "sig":
        raise Rejected("untrusted_key", "the key is not for signatures")
    if key.alg not in algs:
        raise Rejected("algorithm_not_allowed", f"a key for {key.alg} cannot serve this cryptosuite")
    return key


@lru_cache(maxsize=4096)
def _read_multikey(text: str) -> PublicKey:
    return parse_public_jwk(decode_multikey(text))
