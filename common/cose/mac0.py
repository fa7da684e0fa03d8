"""COSE_Mac0 with HMAC 256/256: one tag over a payload by a shared key. RFC 9052 §6.2, §6.3; RFC 9053 §3.1."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from common.cbor import Encoded, Tagged, encode, encode_array, encode_bytes
from common.cose.headers import ALG, MAX_BYTES, ParsedCose, encode_protected, parse_message, payload_of
from common.errors import Rejected

TAG = 17
HMAC_256_256 = 5
ParsedMac0 = ParsedCose
_CONTEXT = b"\x64MAC0"


def parse_mac0(data: object, *, max_bytes: int = MAX_BYTES) -> ParsedMac0:
    """Bytes, or the value that they were decoded to, with or without tag 17 → parts. Raises Malformed."""
    return parse_message(data, tag=TAG, max_bytes=max_bytes)


def _compute(protected_bytes: bytes, payload: bytes, external_aad: bytes, key: bytes) -> bytes:
    structure = b"\x84" + _CONTEXT + encode_bytes(protected_bytes) + encode_bytes(external_aad) + encode_bytes(payload)
    return hmac.digest(key, structure, "sha256")


def verify_mac0(parsed: ParsedMac0, key: bytes, *, external_aad: bytes = b"", payload: bytes | None = None) -> bytes:
    """The payload, once the tag is proven, in constant time. payload: the detached one.

    1. the protected header names HMAC 256/256, untruncated   RFC 9053 §3.1
    2. attached or detached, never both                       RFC 9052 §6.1
    3. the tag over the MAC_structure                         RFC 9052 §6.3
    Raises Rejected("algorithm_not_allowed" | "bad_signature") or Malformed.
    """
    # 1 · algorithm
    if type(parsed.protected.get(ALG)) is not int or parsed.protected[ALG] != HMAC_256_256:
        raise Rejected("algorithm_not_allowed", "a MAC here is HMAC with SHA-256 and all of its 256 bits")
    # 2 · payload
    content = payload_of(parsed, payload)
    # 3 · tag
    if not hmac.compare_digest(parsed.proof, _compute(parsed.protected_bytes, content, external_aad, key)):
        raise Rejected("bad_signature", "the MAC does not belong to this text and this key")
    return content


def create_mac0(
    payload: bytes,
    key: bytes,
    *,
    unprotected: Mapping[int | str, Any] | None = None,
    external_aad: bytes = b"",
    detached: bool = False,
    tagged: bool = False,
) -> bytes:
    """Payload → encoded COSE_Mac0 with HMAC 256/256."""
    protected_bytes = encode_protected({ALG: HMAC_256_256})
    message = encode_array(
        (
            encode_bytes(protected_bytes),
            encode(dict(unprotected or {})),
            encode(None) if detached else encode_bytes(payload),
            encode_bytes(_compute(protected_bytes, payload, external_aad, key)),
        )
    )
    return encode(Tagged(TAG, Encoded(message))) if tagged else message
