"""``expand_message_xmd`` with SHA-256 (RFC 9380 §5.3.1), and what BBS signatures make of it: hashing to a scalar of BLS12-381."""

from __future__ import annotations

import hashlib

from py_arkworks_bls12381 import Scalar

_DIGEST = 32
_BLOCK = 64
_ZERO_BLOCK = bytes(_BLOCK)
SCALAR_EXPANSION = 48
"""Bytes expanded for one scalar: ceil((ceil(log2(r)) + 128) / 8), so that the remainder is as good as uniform (RFC 9380 §5)."""


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """``length`` uniform bytes of the message. dst: domain separation tag, at most 255 bytes. ValueError beyond the RFC's limits."""
    blocks = -(-length // _DIGEST)
    if not 0 < blocks <= 255 or length > 65535 or not 0 < len(dst) <= 255:
        raise ValueError("expand_message_xmd is asked for too many bytes, or with a tag of a wrong length")
    tag = dst + len(dst).to_bytes(1, "big")
    first = hashlib.sha256(_ZERO_BLOCK + message + length.to_bytes(2, "big") + b"\0" + tag).digest()
    block = hashlib.sha256(first + b"\1" + tag).digest()
    expanded, seed = [block], int.from_bytes(first, "big")
    for number in range(2, blocks + 1):
        mixed = (seed ^ int.from_bytes(block, "big")).to_bytes(_DIGEST, "big")
        block = hashlib.sha256(mixed + number.to_bytes(1, "big") + tag).digest()
        expanded.append(block)
    return b"".join(expanded)[:length]


def hash_to_scalar(message: bytes, dst: bytes) -> Scalar:
    """A scalar modulo the order of the groups of BLS12-381 (BBS draft §4.2.2)."""
    return Scalar.from_be_bytes_mod_order(expand_message_xmd(message, dst, SCALAR_EXPANSION))
