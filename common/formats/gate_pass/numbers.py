"""Whole numbers of deterministic CBOR as patterns of bytes: each by its shortest head alone (RFC 8949 §4.2.1).

For formats of one shape, which are matched and not decoded: the gate pass, and the entry of a gate's journal.
"""

from __future__ import annotations

BYTE = rb"[\x00-\x17]|\x18[\x18-\xff]"
WORD = BYTE + rb"|\x19[\x01-\xff].|\x1a(?!\0\0).{4}"
TIME = WORD + rb"|\x1b(?!\0\0\0\0)\0[\x00-\x1f].{6}"
"""To 255, 2^32 - 1 and 2^53 - 1. With ``re.DOTALL``."""


def read_number(encoded: bytes) -> int:
    """What one of these matched."""
    return encoded[0] if len(encoded) == 1 else int.from_bytes(encoded[1:], "big")
