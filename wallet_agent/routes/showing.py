"""Showing a card in person: the JSON API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from wallet_agent.deps import Deps
from wallet_agent.holder.show_card import Showing, renew_showing, start_showing
from wallet_agent.routes.door import Door
from wallet_agent.routes.models import ClaimOut, Strict, claim_out
from wallet_agent.routes.offers import RowId
from wallet_agent.vault.open_vault import OpenVault

ClaimPath = Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=16)]


class Show(Strict):
    """claims: paths as the card lists them; null: what identifies the kind of certificate. showing: go on with this one, renewed."""

    claims: Annotated[list[ClaimPath], Field(max_length=200)] | None = None
    showing: RowId | None = None


class ShowingOut(BaseModel):
    """text: what is shown; codes: the texts to draw as QR codes (alphanumeric mode, level M), several to be read in any order.

    Times are seconds since 1970.
    """

    id: str
    text: str
    codes: list[str]
    given: list[ClaimOut]
    made_at: int
    renew_at: int
    ends_at: int


def showing_out(showing: Showing) -> ShowingOut:
    return ShowingOut(
        id=showing.id,
        text=showing.text,
        codes=list(showing.codes),
        given=[claim_out(line) for line in showing.given],
        made_at=showing.made_at,
        renew_at=showing.renew_at,
        ends_at=showing.ends_at,
    )


def showing_routes(deps: Deps, door: Door) -> APIRouter:
    router = APIRouter(prefix="/{tenant}/api", tags=["cards"])

    @router.post("/cards/{card_id}/show")
    def show(card_id: RowId, body: Show, vault: OpenVault = Depends(door.vault())) -> ShowingOut:
        """A presentation for whoever is here, good for a minute. It is written into the history once per showing."""
        if body.showing is not None:
            return showing_out(renew_showing(vault, card_id, body.showing, clock=deps.clock))
        return showing_out(start_showing(vault, card_id, clock=deps.clock, paths=body.claims))

    return router
