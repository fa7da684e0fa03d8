"""Queries on unlock sessions."""

from __future__ import annotations

from common.adapters.database import across_tenants, changed
from common.ids import Tenant
from wallet_agent.store.tables import UnlockSession


def insert_session(tenant: Tenant, *, session_id: str, sealed_key: bytes, now: int, expires_at: int) -> None:
    UnlockSession.insert(
        tenant=tenant, id=session_id, sealed_key=sealed_key, created_at=now, expires_at=expires_at
    ).execute()


def find_session(tenant: Tenant, session_id: str, *, now: int) -> UnlockSession | None:
    row: UnlockSession | None = UnlockSession.get_or_none(
        UnlockSession.tenant == tenant, UnlockSession.id == session_id, UnlockSession.expires_at > now
    )
    return row


def delete_session(tenant: Tenant, session_id: str) -> bool:
    """Whether there was one."""
    return changed(UnlockSession.delete().where(UnlockSession.tenant == tenant, UnlockSession.id == session_id))


def delete_sessions(tenant: Tenant) -> int:
    """All of a holder's: locks every browser and phone. Answers how many there were."""
    return int(UnlockSession.delete().where(UnlockSession.tenant == tenant).execute())


def delete_expired_sessions(*, now: int) -> int:
    with across_tenants("expired sessions"):
        return int(UnlockSession.delete().where(UnlockSession.expires_at <= now).execute())
