"""Queries on presentation requests. A transition is one UPDATE on the revision that was read: of two
processes, one answers."""

from __future__ import annotations

from peewee import IntegrityError

from common.adapters.database import across_tenants, changed
from common.ids import Tenant
from wallet_agent.store.tables import PresentationRequest


def insert_request(
    tenant: Tenant, *, request_id: str, digest: str, link: str, state: str, sealed: bytes, now: int
) -> bool:
    """False when the same question is here already. Call it outside a transaction."""
    try:
        PresentationRequest.insert(
            tenant=tenant,
            id=request_id,
            digest=digest,
            link=link,
            state=state,
            revision=0,
            created_at=now,
            sealed=sealed,
        ).execute()
    except IntegrityError:
        return False
    return True


def find_request(tenant: Tenant, request_id: str) -> PresentationRequest | None:
    row: PresentationRequest | None = PresentationRequest.get_or_none(
        PresentationRequest.tenant == tenant, PresentationRequest.id == request_id
    )
    return row


def find_request_by_digest(tenant: Tenant, digest: str) -> PresentationRequest | None:
    row: PresentationRequest | None = PresentationRequest.get_or_none(
        PresentationRequest.tenant == tenant, PresentationRequest.digest == digest
    )
    return row


def find_request_by_link(tenant: Tenant, link: str) -> PresentationRequest | None:
    """The youngest that was read from that text."""
    rows = PresentationRequest
    query = rows.select().where(rows.tenant == tenant, rows.link == link).order_by(rows.created_at.desc())
    row: PresentationRequest | None = query.first()
    return row


def list_requests(tenant: Tenant) -> list[PresentationRequest]:
    """Newest first."""
    query = PresentationRequest.select().where(PresentationRequest.tenant == tenant)
    return list(query.order_by(PresentationRequest.created_at.desc(), PresentationRequest.id))


def move_request(row: PresentationRequest, *, state: str, sealed: bytes) -> bool:
    """The transition. False when the request has moved on since it was read."""
    rows = PresentationRequest
    if not changed(
        rows.update(state=state, sealed=sealed, revision=row.revision + 1).where(
            rows.tenant == row.tenant, rows.id == row.id, rows.revision == row.revision
        )
    ):
        return False
    row.state, row.sealed = state, sealed
    row.revision += 1
    return True


def delete_old_requests(*, before: int) -> int:
    with across_tenants("old requests"):
        return int(PresentationRequest.delete().where(PresentationRequest.created_at < before).execute())
