"""An unlocked vault: the vault key in memory, and the only two things it does with it.

Every row is sealed with its place (holder, table, row id) as associated data, so that whoever can write to the database can
neither read a row nor move it to another place. The cipher and its nonces are those of ``common.keys.sealed``.
"""

from __future__ import annotations

import secrets
from typing import Any

from common.encoding import MAX_DEPTH, compact_json, parse_json_object
from common.ids import Tenant
from common.keys.sealed import open_sealed, seal

KEY_BYTES = 32
_ROW_DEPTH = 2 * MAX_DEPTH
"""What came from outside is nested MAX_DEPTH deep at most; a row wraps a few levels around it."""


def place(*parts: str) -> bytes:
    """Associated data that names a place. JSON keeps the parts apart: ("a", "bc") and ("ab", "c") differ."""
    return compact_json(["tegata wallet", *parts])


class OpenVault:
    """The vault key of one holder. Lives as long as one request or one command; never pickled, never shown."""

    __slots__ = ("_key", "tenant")

    def __init__(self, tenant: Tenant, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a vault key has {KEY_BYTES} bytes")
        self.tenant = tenant
        self._key = key

    def __repr__(self) -> str:
        return "OpenVault(…)"

    def __reduce__(self) -> Any:
        raise TypeError("an open vault does not leave its process")

    @property
    def key(self) -> bytes:
        """The vault key itself: only for wrapping it anew (``wrapping``, ``session_key``)."""
        return self._key

    def seal(self, table: str, row_id: str, value: dict[str, Any]) -> bytes:
        """A JSON object → the bytes to store in that row."""
        return seal(self._key, compact_json(value), place("row", self.tenant, table, row_id))

    def open(self, table: str, row_id: str, sealed: bytes) -> dict[str, Any]:
        """The stored bytes of that row → the object. Raises Rejected when they were changed or belong elsewhere."""
        return parse_json_object(
            open_sealed(self._key, bytes(sealed), place("row", self.tenant, table, row_id)),
            max_bytes=1 << 24,
            max_depth=_ROW_DEPTH,
        )


def new_vault(tenant: Tenant) -> OpenVault:
    """A vault with a fresh random key. It exists only in memory until the key has been wrapped and stored."""
    return OpenVault(tenant, secrets.token_bytes(KEY_BYTES))
