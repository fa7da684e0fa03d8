"""Throwing a card away: the credential and its keys are gone from this wallet; what was shown with it stays in the history."""

from __future__ import annotations

from common.adapters.database import transaction
from common.errors import NotFound
from common.ports import Clock
from wallet_agent.holder.cards import read_card
from wallet_agent.holder.history import Entry, Given, add_history
from wallet_agent.holder.texts import names_of
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.cards import delete_card_rows
from wallet_agent.vault.open_vault import OpenVault


def delete_card(vault: OpenVault, card_id: str, *, clock: Clock) -> None:
    """Raises NotFound. A backup made before still holds the card."""
    card, now = read_card(vault, card_id), clock.now()
    with transaction(database, "delete_card"):
        if not delete_card_rows(vault.tenant, card_id):
            raise NotFound("no_such_card", "there is no such card in this wallet")
        add_history(
            vault,
            Entry(
                kind="deleted",
                outcome="done",
                party=card.face.issuer,
                party_names=names_of(card.face.issuer_display),
                given=(Given(card_id=card_id, names=names_of(card.face.display), paths=()),),
            ),
            now=now,
        )
        record(vault.tenant, "card.deleted", now=now)
