"""Object identifiers as bare contents, without tag: how command data name protocols. ISO/IEC 8825-1 §8.19."""

from __future__ import annotations

from functools import lru_cache

from asn1crypto import core


@lru_cache(maxsize=64)
def encode_oid(dotted: str) -> bytes:
    """``0.4.0.127.…`` → contents octets."""
    return bytes(core.ObjectIdentifier(dotted).contents)
