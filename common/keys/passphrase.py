"""A passphrase → a 32-byte key, slowly: Argon2id (RFC 9106) by libsodium. The text is normalised so that 髙 typed twice is one key."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from nacl.pwhash import argon2id
from nacl.utils import random as random_bytes

from common.errors import Unavailable

KEY_BYTES = 32
SALT_BYTES: int = argon2id.SALTBYTES
OPS_DEFAULT = 3
MEMORY_DEFAULT = 64 << 20
"""64 MiB and 3 passes: RFC 9106 §4, second recommended option, as far as libsodium (one lane) goes."""
OPS_MAX = 20
MEMORY_MAX = 1 << 30
MEMORY_AT_ONCE = 512 << 20
"""Bytes that all derivations of this process together may hold: passphrases come from strangers, many at a time."""
PATIENCE = 5.0
"""Seconds that a derivation waits for its memory."""

_room = Condition()
_taken = 0


def new_salt() -> bytes:
    """16 random bytes."""
    return random_bytes(SALT_BYTES)


def derive_key(passphrase: str, salt: bytes, ops: int = OPS_DEFAULT, mem: int = MEMORY_DEFAULT) -> bytes:
    """32 bytes. salt: 16 bytes. ops: passes over the memory. mem: bytes of memory.

    Raises ValueError for parameters beyond `OPS_MAX` and `MEMORY_MAX` (a restored file must not exhaust the machine) or too small, and
    Unavailable("busy") when too many others are at it.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("an Argon2id salt has 16 bytes")
    if not argon2id.OPSLIMIT_MIN <= ops <= OPS_MAX or not argon2id.MEMLIMIT_MIN <= mem <= MEMORY_MAX:
        raise ValueError("Argon2id parameters out of bounds")
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    with _memory(mem):
        return bytes(argon2id.kdf(KEY_BYTES, secret, salt, opslimit=ops, memlimit=mem))


@contextmanager
def _memory(size: int) -> Iterator[None]:
    """Waits until this much fits beside what others hold; alone, everything fits."""
    global _taken
    with _room:
        if not _room.wait_for(lambda: not _taken or _taken + size <= MEMORY_AT_ONCE, PATIENCE):
            raise Unavailable("busy", "too many passphrases are being tried at this moment", retry_after=5)
        _taken += size
    try:
        yield
    finally:
        with _room:
            _taken -= size
            _room.notify_all()
