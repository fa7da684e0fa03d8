"""Cards and the holder's history; backup and restore."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Response
from pydantic import BaseModel, Field, SecretStr

from wallet_agent.deps import Deps
from wallet_agent.holder.backup import make_backup, restore_backup
from wallet_agent.holder.cards import read_card, read_cards
from wallet_agent.holder.check_card import check_card
from wallet_agent.holder.delete_card import delete_card
from wallet_agent.holder.history import read_history, read_history_entry
from wallet_agent.holder.renew_card import renew_card
from wallet_agent.routes.door import Door
from wallet_agent.routes.models import CardOut, HistoryOut, OfferOut, Strict, card_out, history_out, offer_out
from wallet_agent.routes.offers import RowId
from wallet_agent.vault.open_vault import OpenVault
from wallet_agent.vault.sealed_file import MAX_FILE

BACKUP_TYPE = "application/octet-stream"


class NewBackup(Strict):
    """passphrase: the file's own; null: the file opens with the wallet's passphrase of this moment."""

    passphrase: Annotated[SecretStr, Field(min_length=1, max_length=1024)] | None = None


class RestoredOut(BaseModel):
    """made_at: when the backup was made. already_here: cards and entries that needed no restoring."""

    made_at: int
    cards: int
    history: int
    already_here: int


def card_routes(deps: Deps, door: Door) -> APIRouter:
    router = APIRouter(prefix="/{tenant}/api", tags=["cards"])
    outside, clock = deps.outside, deps.clock
    open_vault = Depends(door.vault())

    @router.get("/cards")
    def cards(vault: OpenVault = open_vault) -> list[CardOut]:
        """Newest first; superseded ones after those that are held."""
        return [card_out(card, now=clock.now()) for card in read_cards(vault)]

    @router.get("/cards/{card_id}")
    def card(card_id: RowId, vault: OpenVault = open_vault) -> CardOut:
        return card_out(read_card(vault, card_id), now=clock.now())

    @router.post("/cards/{card_id}/check")
    def check(card_id: RowId, vault: OpenVault = open_vault) -> CardOut:
        """Asks the issuer's status list."""
        return card_out(check_card(vault, card_id, outside=outside), now=clock.now())

    @router.post("/cards/{card_id}/renew")
    def renew(card_id: RowId, vault: OpenVault = open_vault) -> OfferOut:
        """Asks the issuer for the present state of this certificate; the new card supersedes this one."""
        return offer_out(renew_card(vault, card_id, outside=outside))

    @router.delete("/cards/{card_id}", status_code=204)
    def delete(card_id: RowId, vault: OpenVault = open_vault) -> Response:
        """Deletes the card and its keys for good; what was shown with it stays in the history."""
        delete_card(vault, card_id, clock=clock)
        return Response(status_code=204)

    @router.get("/history")
    def history(
        card: Annotated[str | None, Query(max_length=64, description="only what concerns this card")] = None,
        vault: OpenVault = open_vault,
    ) -> list[HistoryOut]:
        """Who saw what, when; newest first."""
        return [history_out(one) for one in read_history(vault, card_id=card)]

    @router.get("/history/{entry_id}")
    def entry(entry_id: RowId, vault: OpenVault = open_vault) -> HistoryOut:
        return history_out(read_history_entry(vault, entry_id))

    @router.post(
        "/backup",
        response_class=Response,
        responses={200: {"content": {BACKUP_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
    )
    def backup(body: NewBackup, vault: OpenVault = open_vault) -> Response:
        """Everything in one sealed file."""
        own = body.passphrase.get_secret_value() if body.passphrase else None
        file = make_backup(vault, passphrase=own, clock=clock, cost=deps.settings.passphrase_cost)
        name = f'attachment; filename="{vault.tenant}.tegata-backup"'
        return Response(file, media_type=BACKUP_TYPE, headers={"Content-Disposition": name})

    @router.post("/restore")
    def restore(
        file: Annotated[bytes, File(max_length=MAX_FILE)],
        passphrase: Annotated[str, Form(min_length=1, max_length=1024)],
        vault: OpenVault = open_vault,
    ) -> RestoredOut:
        """Puts back what a backup holds and this wallet lacks. Twice is the same as once."""
        found = restore_backup(vault, file, passphrase, clock=clock)
        return RestoredOut(
            made_at=found.made_at, cards=found.cards, history=found.history, already_here=found.already_here
        )

    return router
