"""Secrets at rest: sealed with the deployment's key file, bound to the relying party and the purpose they were sealed for."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from common.encoding import compact_json, parse_json
from common.keys.sealed import open_sealed, seal

Purpose = Literal["signing key", "decryption key", "response", "claims"]


class SealedBox:
    """master: the 32 bytes of the key file. Its repr shows nothing."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def __repr__(self) -> str:
        return "SealedBox()"

    def close(self, value: Any, *, tenant: str, purpose: Purpose, what: str) -> bytes:
        """A JSON value → sealed bytes. what: the session or key that it belongs to."""
        return seal(self._master, compact_json(value), _context(tenant, purpose, what))

    def open(self, sealed: bytes, *, tenant: str, purpose: Purpose, what: str) -> Any:
        """Raises Rejected("bad_signature") under another key file, tenant, purpose or thing."""
        return parse_json(open_sealed(self._master, bytes(sealed), _context(tenant, purpose, what)))


def _context(tenant: str, purpose: Purpose, what: str) -> bytes:
    return "\x1f".join(("tegata.verifier.v1", tenant, purpose, what)).encode()


def digest(secret: str) -> bytes:
    """What is stored of a random secret, to compare with."""
    return hashlib.sha256(secret.encode()).digest()
