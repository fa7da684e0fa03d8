"""``proofValue`` as a signature: multibase base58btc, so ``z`` and then the signature. VC Data Integrity 1.0 §2.1, CID 1.0 §2.4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed, Rejected
from common.keys.multikey import base58btc_decode, base58btc_encode


def encode_signature(signature: bytes) -> str:
    return "z" + base58btc_encode(signature)


def decode_signature(proof: Mapping[str, Any], *, size: int | None = None) -> bytes:
    """The signature of a proof. size: its length in bytes, None where any will do.

    Raises Malformed where ``proofValue`` is no base58btc text, Rejected("bad_signature") where it has another length.
    """
    text = proof.get("proofValue")
    if not isinstance(text, str) or text[:1] != "z":
        raise Malformed("bad_proof_value", "proofValue is base58btc text: it begins with z")
    signature = base58btc_decode(text[1:])
    if size is not None and len(signature) != size:
        raise Rejected("bad_signature", f"a signature of this key has {size} bytes, not {len(signature)}")
    return signature


def without_proof_value(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The proof's options: the proof without ``proofValue``."""
    return {name: value for name, value in proof.items() if name != "proofValue"}
