"""Queries on the gate passes of tickets. A transition is one UPDATE on the revision that was read."""

from __future__ import annotations

from common.adapters.database import changed
from common.encoding import random_token
from common.ids import Tenant
from wallet_agent.store.tables import Pass

_DIGITS = 4


def insert_pass(tenant: Tenant, *, pass_id: str, card_id: str, sealed: bytes, now: int) -> None:
    Pass.insert(
        tenant=tenant, id=pass_id, card_id=card_id, revision=0, created_at=now, lease_until=0, sealed=sealed
    ).execute()


def find_pass(tenant: Tenant, pass_id: str) -> Pass | None:
    row: Pass | None = Pass.get_or_none(Pass.tenant == tenant, Pass.id == pass_id)
    return row


def list_passes(tenant: Tenant) -> list[Pass]:
    """Newest first; within a second the one that came last, by its id (`next_pass_id`)."""
    return list(Pass.select().where(Pass.tenant == tenant).order_by(Pass.created_at.desc(), Pass.id.desc()))


def next_pass_id(tenant: Tenant, *, now: int) -> str:
    """Nobody guesses it, and of one second's it sorts last. Inside the transaction that inserts it."""
    before = Pass.select().where(Pass.tenant == tenant, Pass.created_at == now).order_by(Pass.id.desc()).first()
    head = before.id.partition("-")[0] if before is not None else ""
    number = int(head) + 1 if len(head) == _DIGITS and head.isascii() and head.isdigit() else 0
    return f"{number:0{_DIGITS}}-{random_token(12)}"


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
