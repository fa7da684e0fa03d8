"""Bytes that only the holder of a 32-byte key can read or change: XSalsa20-Poly1305 (NaCl secretbox), bound to a context.

A secretbox has no associated data; so the key of each box is derived from the caller's key and the context (BLAKE2b keyed hash).
Something sealed as one tenant's key number 7 does not open as another tenant's, or as number 8.
"""

from __future__ import annotations

from hashlib import blake2b

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from common.errors import Rejected

KEY_BYTES = 32
_VERSION = b"\x01"


def _box(key: bytes, context: bytes) -> SecretBox:
    if len(key) != KEY_BYTES:
        raise ValueError("a sealing key has 32 bytes")
    return SecretBox(blake2b(context, digest_size=32, key=key, person=b"tegata.seal.v1").digest())


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """key: 32 secret bytes. context: names what and whose this is; needed again to open. Adds 41 bytes."""
    return _VERSION + bytes(_box(key, context).encrypt(plaintext))


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What was sealed. Raises Rejected("bad_signature") for another key, another context, or a single changed bit."""
    if sealed[:1] != _VERSION:
        raise Rejected("bad_signature", "not sealed by this program")
    try:
        return _box(key, context).decrypt(sealed[1:])
    except (CryptoError, ValueError, TypeError):
        raise Rejected("bad_signature", "sealed with another key or for another purpose, or damaged") from None
