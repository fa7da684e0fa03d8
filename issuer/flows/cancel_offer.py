"""Takes an offer back that nobody has claimed; its code dies with it."""

from __future__ import annotations

from common.adapters.database import changed, transaction
from common.errors import Conflict
from issuer.flows.desk import Desk
from issuer.flows.find_people import find_offer
from issuer.store.audit import record
from issuer.store.tables import Grant, Offer, OutboxMail


def cancel_offer(desk: Desk, tenant: str, offer_id: str, *, actor: str) -> None:
    """Raises NotFound, Conflict("offer_over") where it was claimed, cancelled or guessed at before."""
    find_offer(tenant, offer_id)
    now = desk.now
    with transaction(desk.database, "cancel_offer"):
        mine = (Offer.tenant == tenant) & (Offer.id == offer_id) & Offer.state.in_(["open", "redeemed"])
        if not changed(Offer.update(state="cancelled", changed_at=now).where(mine)):
            raise Conflict("offer_over", "this offer was claimed or cancelled already")
        Grant.update(access_expires_at=0, refresh_expires_at=0, refresh_hash="").where(
            Grant.tenant == tenant, Grant.offer_id == offer_id
        ).execute()
        OutboxMail.update(state="cancelled", changed_at=now).where(
            OutboxMail.tenant == tenant, OutboxMail.offer_id == offer_id, OutboxMail.state == "queued"
        ).execute()
        record(tenant, at=now, actor=actor, act="offer_cancelled", subject=offer_id)
