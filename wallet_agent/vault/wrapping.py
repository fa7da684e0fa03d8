"""The vault key at rest: wrapped under a passphrase (Argon2id), and, if the holder wants unattended use, under a key file.

The vault key itself never changes when a passphrase does: only the wrapping is made anew. A wrapping carries its own Argon2id
cost, so that the cost can be raised later and old wrappings still open. Costs read from outside (a backup file) are bounded
before they are believed, or a hostile file could ask for all the memory there is.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Refused, Rejected
from common.keys.passphrase import derive_key
from common.keys.sealed import open_sealed, seal
from wallet_agent.vault.open_vault import place

SALT_BYTES = 16
MIN_PASSPHRASE = 8
MAX_PASSPHRASE = 1024
MAX_OPS = 16
MAX_MEMORY = 256 << 20
"""A file from elsewhere may ask for this much at most: four times what new wrappings take."""
MIN_MEMORY = 8 << 10
"""Argon2's own least memory, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Argon2id cost. ops: passes; memory: bytes. The default takes about 0.15 s and 64 MiB (RFC 9106 §4, second choice)."""

    ops: int = 3
    memory: int = 64 << 20

    def __post_init__(self) -> None:
        if not (1 <= self.ops <= MAX_OPS and MIN_MEMORY <= self.memory <= MAX_MEMORY):
            raise Malformed("passphrase_cost", "the cost of the passphrase derivation is outside what is allowed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseWrapping:
    """A key sealed under a passphrase, with all that is needed to try one. Holds no secret."""

    salt: bytes
    cost: Cost
    sealed_key: bytes

    def as_json(self) -> dict[str, Any]:
        return {
            "kdf": "argon2id",
            "ops": self.cost.ops,
            "memory": self.cost.memory,
            "salt": b64url_encode(self.salt),
            "sealed_key": b64url_encode(self.sealed_key),
        }

    @classmethod
    def from_json(cls, value: Any) -> PassphraseWrapping:
        """Raises Malformed on anything but what as_json writes, with a cost inside the bounds."""
        try:
            if value["kdf"] != "argon2id" or type(value["ops"]) is not int or type(value["memory"]) is not int:
                raise Malformed("wrapping", "unknown passphrase derivation")
            salt, sealed_key = b64url_decode(value["salt"]), b64url_decode(value["sealed_key"])
            cost = Cost(ops=value["ops"], memory=value["memory"])
        except (KeyError, TypeError, AttributeError):
            raise Malformed("wrapping", "not a passphrase wrapping") from None
        if len(salt) != SALT_BYTES:
            raise Malformed("wrapping", f"a salt has {SALT_BYTES} bytes")
        return cls(salt=salt, cost=cost, sealed_key=sealed_key)


def normalise_passphrase(passphrase: str) -> str:
    """NFKC: the same words typed full-width, half-width or with composed marks open the same vault."""
    return unicodedata.normalize("NFKC", passphrase)


def check_new_passphrase(passphrase: str, *, tenant: str) -> None:
    """Raises Malformed when a new passphrase is too short, too long, or the holder's own name.

    Length is the only rule (NIST SP 800-63B §3.1.1.2): composition rules make people choose worse ones.
    """
    text = normalise_passphrase(passphrase)
    if len(text) < MIN_PASSPHRASE:
        raise Malformed("passphrase_too_short", f"a passphrase needs at least {MIN_PASSPHRASE} characters")
    if len(text) > MAX_PASSPHRASE:
        raise Malformed("passphrase_too_long", f"a passphrase has at most {MAX_PASSPHRASE} characters")
    if text.casefold() == tenant.casefold() or len(set(text)) < 3:
        raise Malformed("passphrase_too_simple", "the passphrase is the wallet's own name or one character repeated")


def wrap_with_passphrase(key: bytes, passphrase: str, *, label: str, cost: Cost) -> PassphraseWrapping:
    """Seals key under Argon2id(passphrase). label: what the wrapping belongs to (vault id, "backup"); must be given again to open."""
    salt = secrets.token_bytes(SALT_BYTES)
    kek = derive_key(normalise_passphrase(passphrase), salt, cost.ops, cost.memory)
    return PassphraseWrapping(salt=salt, cost=cost, sealed_key=seal(kek, key, place("wrapped by passphrase", label)))


def unwrap_with_passphrase(wrapping: PassphraseWrapping, passphrase: str, *, label: str) -> bytes:
    """The key. Raises Refused("wrong_passphrase"); a tampered wrapping cannot be told from a wrong passphrase."""
    if len(passphrase) > MAX_PASSPHRASE:
        raise Refused("wrong_passphrase", "this passphrase does not open the vault")
    kek = derive_key(normalise_passphrase(passphrase), wrapping.salt, wrapping.cost.ops, wrapping.cost.memory)
    try:
        return open_sealed(kek, wrapping.sealed_key, place("wrapped by passphrase", label))
    except (Rejected, Malformed) as error:
        raise Refused("wrong_passphrase", "this passphrase does not open the vault") from error


def wrap_with_key_file(key: bytes, file_key: bytes, *, label: str) -> bytes:
    """Seals key under the 32 bytes of a key file."""
    return seal(file_key, key, place("wrapped by key file", label))


def unwrap_with_key_file(sealed_key: bytes, file_key: bytes, *, label: str) -> bytes:
    """The key. Raises Refused("wrong_key_file")."""
    try:
        return open_sealed(file_key, bytes(sealed_key), place("wrapped by key file", label))
    except (Rejected, Malformed) as error:
        raise Refused("wrong_key_file", "this key file does not open the vault") from error
