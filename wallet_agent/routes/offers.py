"""Offers: read one, look at it, accept or decline it, go on with what was interrupted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from wallet_agent.deps import Deps
from wallet_agent.holder.receive_offer import decline_offer, read_offer, read_offers, receive_offer
from wallet_agent.holder.request_credential import accept_offer, resume_offers
from wallet_agent.routes.door import Door
from wallet_agent.routes.models import OfferOut, Strict, offer_out
from wallet_agent.vault.open_vault import OpenVault

RowId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class NewOffer(Strict):
    """link: what was scanned or pasted: ``openid-credential-offer://…``, an https link with an offer, or the offer's JSON."""

    link: str = Field(min_length=1, max_length=65536)


class Acceptance(Strict):
    """tx_code: the transaction code, where the offer asks for one."""

    tx_code: str | None = Field(None, max_length=128)


def offer_routes(deps: Deps, door: Door) -> APIRouter:
    router = APIRouter(prefix="/{tenant}/api/offers", tags=["offers"])
    outside = deps.outside
    open_vault = Depends(door.vault())

    @router.post("", status_code=201)
    def receive(body: NewOffer, vault: OpenVault = open_vault) -> OfferOut:
        """Reads an offer and what its issuer says about it. Nothing is accepted; the same offer again is the same offer."""
        return offer_out(receive_offer(vault, body.link, fetch=outside.fetch, clock=outside.clock))

    @router.get("")
    def offers(vault: OpenVault = open_vault) -> list[OfferOut]:
        """Newest first."""
        return [offer_out(one) for one in read_offers(vault)]

    @router.post("/resume")
    def resume(vault: OpenVault = open_vault) -> list[OfferOut]:
        """Goes on with every offer that was accepted and interrupted."""
        return [offer_out(one) for one in resume_offers(vault, outside=outside)]

    @router.get("/{offer_id}")
    def offer(offer_id: RowId, vault: OpenVault = open_vault) -> OfferOut:
        return offer_out(read_offer(vault, offer_id))

    @router.post("/{offer_id}/accept")
    def accept(offer_id: RowId, body: Acceptance, vault: OpenVault = open_vault) -> OfferOut:
        """Redeems the offer and stores the cards. Twice is the same as once."""
        return offer_out(accept_offer(vault, offer_id, outside=outside, tx_code=body.tx_code))

    @router.post("/{offer_id}/decline")
    def decline(offer_id: RowId, vault: OpenVault = open_vault) -> OfferOut:
        return offer_out(decline_offer(vault, offer_id, clock=outside.clock))

    return router
