"""An unlock that lasts a while: the vault key sealed under a key that exists only in the holder's cookie or bearer token.

The database keeps sha256(token) to find the row and the sealed vault key beside it; both are useless without the token. So a vault
is open for whoever carries the token, in any worker process, and for nobody else: not for the operator, not for a thief of the
database. Deleting the row locks the vault again.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from common.encoding import random_token
from common.errors import Malformed, Refused, Rejected
from common.ids import Tenant
from common.keys.sealed import open_sealed, seal
from wallet_agent.vault.open_vault import OpenVault, place

MAX_TOKEN = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """token goes to the holder and is kept nowhere; session_id and sealed_key go to the database."""

    token: str
    session_id: str
    sealed_key: bytes

    def __repr__(self) -> str:
        return "NewSession(…)"


def session_id(token: str) -> str:
    """The row's id for a token: tells nothing about the sealing key, which is derived with another label."""
    return _derive(token, b"tegata wallet session id").hex()


def _derive(token: str, label: bytes) -> bytes:
    return hmac.new(token.encode("utf-8", "replace")[:MAX_TOKEN], label, hashlib.sha256).digest()


def open_session(vault: OpenVault) -> NewSession:
    """A new session on an open vault."""
    token = random_token(32)
    row = session_id(token)
    key = _derive(token, b"tegata wallet session key")
    return NewSession(token=token, session_id=row, sealed_key=seal(key, vault.key, place("session", vault.tenant, row)))


def resume_session(tenant: Tenant, token: str, sealed_key: bytes) -> OpenVault:
    """The vault again. Raises Refused("locked") when token and row do not belong together."""
    key = _derive(token, b"tegata wallet session key")
    try:
        return OpenVault(tenant, open_sealed(key, bytes(sealed_key), place("session", tenant, session_id(token))))
    except (Rejected, Malformed) as error:
        raise Refused("locked", "the vault is locked") from error
