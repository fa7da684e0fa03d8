"""COSE_Sign1: one signature over a payload. RFC 9052 §4.2, §4.4.

Does not find keys: ``kid``, ``x5chain`` and the rest of a header are never followed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.cbor import Encoded, Tagged, encode, encode_bytes
from common.cose.headers import (
    ALG,
    MAX_BYTES,
    SIGNATURE_ALGS,
    ParsedCose,
    cose_alg,
    encode_protected,
    parse_message,
    payload_of,
)
from common.errors import Rejected
from common.jose.jwk import PublicKey
from common.ports import Signer

TAG = 18
ParsedSign1 = ParsedCose
_NOTHING = Encoded(b"\xa0")
_ALG_ALONE = {number: encode_protected({ALG: number}) for number in SIGNATURE_ALGS}


def parse_sign1(data: object, *, max_bytes: int = MAX_BYTES) -> ParsedSign1:
    """Bytes, or the value that they were decoded to, with or without tag 18 → parts. Raises Malformed."""
    return parse_message(data, tag=TAG, max_bytes=max_bytes)


def to_be_signed(protected_bytes: bytes, payload: bytes, external_aad: bytes = b"") -> bytes:
    """The encoded Sig_structure (§4.4)."""
    aad = encode_bytes(external_aad) if external_aad else b"\x40"
    return b"\x84\x6aSignature1%b%b%b" % (encode_bytes(protected_bytes), aad, encode_bytes(payload))


def verify_sign1(
    parsed: ParsedSign1, key: PublicKey, *, external_aad: bytes = b"", payload: bytes | None = None
) -> bytes:
    """The payload, once the signature is proven. payload: the detached one.

    1. the protected header names an algorithm, and it is the key's   RFC 9052 §3.1, RFC 9053 §2
    2. attached or detached, never both                               RFC 9052 §4.1
    3. the signature over the Sig_structure                           RFC 9052 §4.4
    Left to the caller: that this key is the right one, and what the payload means.
    Raises Rejected("algorithm_not_allowed" | "bad_signature") or Malformed.
    """
    # 1 · algorithm
    if parsed.alg != key.alg:
        raise Rejected("algorithm_not_allowed", f"signed with {parsed.alg}, the key is for {key.alg}")
    # 2 · payload
    content = payload_of(parsed, payload)
    # 3 · signature
    key.verify(parsed.proof, to_be_signed(parsed.protected_bytes, content, external_aad))
    return content


def sign_sign1(
    payload: bytes,
    signer: Signer,
    *,
    protected: Mapping[int | str, Any] | None = None,
    unprotected: Mapping[int | str, Any] | Encoded = _NOTHING,
    external_aad: bytes = b"",
    detached: bool = False,
    tagged: bool = False,
) -> bytes:
    """Payload → encoded COSE_Sign1. The algorithm is set from the signer, in the protected header."""
    number = cose_alg(signer.alg)
    protected_bytes = encode_protected({**protected, ALG: number}) if protected else _ALG_ALONE[number]
    signature = signer.sign(to_be_signed(protected_bytes, payload, external_aad))
    message = b"\x84%b%b%b%b" % (
        encode_bytes(protected_bytes),
        encode(unprotected),
        b"\xf6" if detached else encode_bytes(payload),
        encode_bytes(signature),
    )
    return encode(Tagged(TAG, Encoded(message))) if tagged else message
