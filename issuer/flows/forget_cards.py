"""Forgets cards: what they proved when nothing can be issued of it any more, their evidence when its time is over. A job, safe to repeat.

1. sessions and readings whose time is over                       open, read → over, the claims deleted
2. readings whose offer is over, and whose grants have ended      offered → over, the claims deleted
3. certificates to be asked about, when nothing stands that was issued of them; then the holder's address, once no mail waits for it
4. the evidence, ``evidence_retention`` after the reading, and the address with it, whatever waits
5. the row, when nothing is in it and no offer names it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.adapters.database import transaction
from issuer.flows.desk import Desk
from issuer.store.audit import record
from issuer.store.tables import WAITING, CardReading, Credential, Grant, Offer, OutboxMail


@dataclass(slots=True, kw_only=True)
class Forgotten:
    """Counts: of readings that are over, of records of evidence and of rows that were deleted."""

    over: int = 0
    records: int = 0
    rows: int = 0


def forget_cards(desk: Desk, tenant: str) -> Forgotten:
    """One tenant's sweep, in one transaction."""
    now, done = desk.now, Forgotten()
    mine, over = CardReading.tenant == tenant, CardReading.state == "over"
    with transaction(desk.database, "forget_cards"):
        end = CardReading.update(state="over", nonce=None, claims=None)
        # 1
        waiting = CardReading.state.in_(["open", "read"]) & (CardReading.expires_at <= now)
        done.over = int(end.where(mine, waiting).execute())
        # 2
        offered = (CardReading.state == "offered") & CardReading.offer_id.not_in(_living_offers(tenant, now))
        done.over += int(end.where(mine, offered).execute())
        # 3
        standing = Credential.select(Credential.person_id).where(
            Credential.tenant == tenant, Credential.state != "revoked", Credential.valid_until > now
        )
        idle = CardReading.questions.is_null(False) & CardReading.id.not_in(standing)
        CardReading.update(questions=None, next_question_at=None).where(mine, over, idle).execute()
        waiting_mails = OutboxMail.select(OutboxMail.person_id).where(
            OutboxMail.tenant == tenant, OutboxMail.state.in_(WAITING)
        )
        useless = CardReading.contact.is_null(False) & CardReading.questions.is_null()
        CardReading.update(contact=None).where(mine, useless, CardReading.id.not_in(waiting_mails)).execute()
        # 4
        aged = CardReading.record.is_null(False) & (CardReading.forget_at <= now)
        done.records = int(CardReading.update(record=None, contact=None).where(mine, over, aged).execute())
        # 5
        empty = CardReading.record.is_null() & CardReading.questions.is_null() & (CardReading.forget_at <= now)
        named = Offer.select(Offer.person_id).where(Offer.tenant == tenant)
        done.rows = int(CardReading.delete().where(mine, over, empty, CardReading.id.not_in(named)).execute())
        if done.records or done.rows:
            record(
                tenant,
                at=now,
                actor="job:retention",
                act="cards_forgotten",
                subject="retention",
                records=done.records,
                rows=done.rows,
            )
    return done


def _living_offers(tenant: str, now: int) -> Any:
    """Ids of offers that can be claimed, or whose certificates can still be fetched (once more, where an answer was lost)."""
    fetching = Grant.select(Grant.offer_id).where(Grant.tenant == tenant, Grant.access_expires_at > now)
    claimable = (Offer.state == "open") & (Offer.expires_at > now)
    return Offer.select(Offer.id).where(Offer.tenant == tenant, claimable | Offer.id.in_(fetching))
