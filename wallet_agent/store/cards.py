"""Queries on cards, their copies, and the holder's history."""

from __future__ import annotations

from collections.abc import Collection

from common.adapters.database import changed
from common.ids import Tenant
from wallet_agent.store.tables import Card, CardCopy, History, Pass


def insert_card(tenant: Tenant, *, card_id: str, state: str, sealed: bytes, now: int) -> None:
    Card.insert(tenant=tenant, id=card_id, created_at=now, state=state, sealed=sealed, sealed_status=None).execute()


def insert_copy(
    tenant: Tenant, *, copy_id: str, card_id: str, sealed: bytes, uses: int = 0, last_used_at: int = 0
) -> None:
    CardCopy.insert(
        tenant=tenant, id=copy_id, card_id=card_id, uses=uses, last_used_at=last_used_at, sealed=sealed
    ).execute()


def find_card(tenant: Tenant, card_id: str) -> Card | None:
    row: Card | None = Card.get_or_none(Card.tenant == tenant, Card.id == card_id)
    return row


def list_cards(tenant: Tenant, *, states: Collection[str] | None = None) -> list[Card]:
    """Newest first."""
    query = Card.select().where(Card.tenant == tenant)
    if states is not None:
        query = query.where(Card.state.in_(list(states)))
    return list(query.order_by(Card.created_at.desc(), Card.id))


def list_copies(tenant: Tenant, card_id: str) -> list[CardCopy]:
    """The copy to show next stands first: least shown, then longest not shown."""
    query = CardCopy.select().where(CardCopy.tenant == tenant, CardCopy.card_id == card_id)
    return list(query.order_by(CardCopy.uses, CardCopy.last_used_at, CardCopy.id))


def use_copy(copy: CardCopy, *, now: int) -> bool:
    """Counts one showing. False when another process took this copy a moment ago: take the next."""
    return changed(
        CardCopy.update(uses=copy.uses + 1, last_used_at=now).where(
            CardCopy.tenant == copy.tenant, CardCopy.id == copy.id, CardCopy.uses == copy.uses
        )
    )


def set_card_state(tenant: Tenant, card_id: str, *, state: str) -> bool:
    return changed(Card.update(state=state).where(Card.tenant == tenant, Card.id == card_id))


def set_card_status(tenant: Tenant, card_id: str, sealed_status: bytes) -> bool:
    return changed(Card.update(sealed_status=sealed_status).where(Card.tenant == tenant, Card.id == card_id))


def delete_card_rows(tenant: Tenant, card_id: str) -> bool:
    """The card, its copies with their keys, and its pass, for good."""
    CardCopy.delete().where(CardCopy.tenant == tenant, CardCopy.card_id == card_id).execute()
    Pass.delete().where(Pass.tenant == tenant, Pass.card_id == card_id).execute()
    return changed(Card.delete().where(Card.tenant == tenant, Card.id == card_id))


def insert_history(tenant: Tenant, *, entry_id: str, at: int, sealed: bytes) -> None:
    History.insert(tenant=tenant, id=entry_id, at=at, sealed=sealed).execute()


def replace_history(tenant: Tenant, entry_id: str, sealed: bytes) -> None:
    History.update(sealed=sealed).where(History.tenant == tenant, History.id == entry_id).execute()


def find_history(tenant: Tenant, entry_id: str) -> History | None:
    row: History | None = History.get_or_none(History.tenant == tenant, History.id == entry_id)
    return row


def list_history(tenant: Tenant) -> list[History]:
    """Newest first."""
    return list(History.select().where(History.tenant == tenant).order_by(History.at.desc(), History.id))
