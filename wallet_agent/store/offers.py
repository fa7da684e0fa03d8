"""Queries on offers. A transition is one UPDATE on the revision that was read: of two processes, one makes it."""

from __future__ import annotations

from collections.abc import Collection

from peewee import IntegrityError

from common.adapters.database import across_tenants, changed
from common.ids import Tenant
from wallet_agent.store.tables import Offer


def insert_offer(tenant: Tenant, *, offer_id: str, digest: str, link: str, state: str, sealed: bytes, now: int) -> bool:
    """False when the same offer is here already. Call it outside a transaction."""
    try:
        Offer.insert(
            tenant=tenant,
            id=offer_id,
            digest=digest,
            link=link,
            state=state,
            revision=0,
            created_at=now,
            lease_until=0,
            sealed=sealed,
        ).execute()
    except IntegrityError:
        return False
    return True


def find_offer(tenant: Tenant, offer_id: str) -> Offer | None:
    row: Offer | None = Offer.get_or_none(Offer.tenant == tenant, Offer.id == offer_id)
    return row


def find_offer_by_digest(tenant: Tenant, digest: str) -> Offer | None:
    row: Offer | None = Offer.get_or_none(Offer.tenant == tenant, Offer.digest == digest)
    return row


def find_offer_by_link(tenant: Tenant, link: str) -> Offer | None:
    """The youngest that was read from that text."""
    query = Offer.select().where(Offer.tenant == tenant, Offer.link == link).order_by(Offer.created_at.desc())
    row: Offer | None = query.first()
    return row


def list_offers(tenant: Tenant, *, states: Collection[str] | None = None) -> list[Offer]:
    """Newest first."""
    query = Offer.select().where(Offer.tenant == tenant)
    if states is not None:
        query = query.where(Offer.state.in_(list(states)))
    return list(query.order_by(Offer.created_at.desc(), Offer.id))


def lease_offer(offer: Offer, *, now: int, until: int) -> bool:
    """Takes the offer to work on it, if nobody else does and it is as it was read. Counts as a revision."""
    if not changed(
        Offer.update(lease_until=until, revision=offer.revision + 1).where(
            Offer.tenant == offer.tenant,
            Offer.id == offer.id,
            Offer.revision == offer.revision,
            Offer.lease_until <= now,
        )
    ):
        return False
    offer.revision += 1
    offer.lease_until = until
    return True


def move_offer(offer: Offer, *, state: str, sealed: bytes, lease_until: int) -> bool:
    """The transition. False when the offer has moved on since it was read."""
    if not changed(
        Offer.update(state=state, sealed=sealed, revision=offer.revision + 1, lease_until=lease_until).where(
            Offer.tenant == offer.tenant, Offer.id == offer.id, Offer.revision == offer.revision
        )
    ):
        return False
    offer.state, offer.sealed, offer.lease_until = state, sealed, lease_until
    offer.revision += 1
    return True


def release_offer(offer: Offer) -> None:
    """Gives the lease back, if it is still ours."""
    Offer.update(lease_until=0).where(
        Offer.tenant == offer.tenant, Offer.id == offer.id, Offer.revision == offer.revision
    ).execute()


def delete_old_offers(*, before: int, states: Collection[str]) -> int:
    with across_tenants("old offers"):
        return int(Offer.delete().where(Offer.created_at < before, Offer.state.in_(list(states))).execute())
