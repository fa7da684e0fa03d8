"""Queries on the gate passes of tickets. A transition is one UPDATE on the revision that was read."""

from __future__ import annotations

from common.adapters.database import changed
from common.ids import Tenant
from wallet_agent.store.tables import Pass


def insert_pass(tenant: Tenant, *, pass_id: str, card_id: str, sealed: bytes, now: int) -> None:
    Pass.insert(
        tenant=tenant, id=pass_id, card_id=card_id, revision=0, created_at=now, lease_until=0, sealed=sealed
    ).execute()


def find_pass(tenant: Tenant, pass_id: str) -> Pass | None:
    row: Pass | None = Pass.get_or_none(Pass.tenant == tenant, Pass.id == pass_id)
    return row


def list_passes(tenant: Tenant) -> list[Pass]:
    """Newest first."""
    return list(Pass.select().where(Pass.tenant == tenant).order_by(Pass.created_at.desc(), Pass.id))


def lease_pass(row: Pass, *, now: int, until: int) -> bool:
    """Takes the pass to ask its issuer, if nobody else does and it is as it was read. Counts as a revision."""
    if not changed(
        Pass.update(lease_until=until, revision=row.revision + 1).where(
            Pass.tenant == row.tenant, Pass.id == row.id, Pass.revision == row.revision, Pass.lease_until <= now
        )
    ):
        return False
    row.revision += 1
    return True


def move_pass(row: Pass, *, sealed: bytes) -> bool:
    """False when the pass has moved on since it was read, or was deleted."""
    if not changed(
        Pass.update(sealed=sealed, revision=row.revision + 1).where(
            Pass.tenant == row.tenant, Pass.id == row.id, Pass.revision == row.revision
        )
    ):
        return False
    row.sealed = sealed
    row.revision += 1
    return True


def release_pass(row: Pass) -> None:
    """Gives the lease back, if it is still ours."""
    Pass.update(lease_until=0).where(
        Pass.tenant == row.tenant, Pass.id == row.id, Pass.revision == row.revision
    ).execute()
