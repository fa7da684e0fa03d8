"""Scan or paste something, look at an offer, say yes or no."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Conflict, Malformed, NotFound, Refused, Rejected, TegataError, TooMany, Unavailable
from common.oauth.form import parse_form
from common.pages.catalogue import Words
from common.pages.route import page_router, to
from common.plain_text import make_visible
from wallet_agent.holder.cards import read_card
from wallet_agent.holder.check_card import check_card
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.passes import passes_by_card
from wallet_agent.holder.read_request import read_request
from wallet_agent.holder.receive_offer import decline_offer, read_offer, receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.pages.card_views import CardView, view_card
from wallet_agent.pages.offer_views import view_offer
from wallet_agent.routes.page_door import PageDoor
from wallet_agent.vault.open_vault import OpenVault

MAX_TEXT = 120_000
"""Characters: an offer or request by value may be long; a QR code holds 4,296 at most."""
WRONG_CODE = {"tx_code_wrong": "tx_code_wrong", "tx_code_needed": "tx_code_missing", "tx_code_shape": "tx_code_shape"}


def offer_pages(door: PageDoor) -> APIRouter:
    router = page_router(door.pages)
    guarded = [Depends(door.csrf.protect())]
    clock, outside = door.deps.clock, door.deps.outside
    opened = Depends(door.vault)

    def show(request: Request, name: str, tenant: str, *, status: int = 200, **context: Any) -> Response:
        return door.pages.response(
            request, name, status=status, tenant=tenant, here="add", owner_url=f"/{tenant}/", **context
        )

    @router.get("/{tenant}/add", dependencies=[opened])
    def add_form(request: Request, tenant: str) -> Response:
        return show(request, "add.html", tenant, wrong="", text="")

    @router.get("/{tenant}/open", dependencies=[opened])
    def open_link(request: Request, tenant: str) -> Response:
        """A link from another page of this device: shown, and read only when the person goes on."""
        query = request.url.query[:MAX_TEXT]
        if not query:
            return show(request, "add.html", tenant, wrong="", text="")
        kind, scheme = (
            ("offer", "openid-credential-offer") if "credential_offer" in query else ("question", "openid4vp")
        )
        return show(request, "open.html", tenant, kind=kind, sender=sender_of(query), text=f"{scheme}://?{query}")

    @router.post("/{tenant}/add", dependencies=guarded)
    def add(
        request: Request, tenant: str, vault: OpenVault = opened, text: str = Form("", max_length=MAX_TEXT)
    ) -> Response:
        text = text.strip()
        try:
            if is_offer(text):
                return to(f"/{tenant}/offers/{receive_offer(vault, text, fetch=outside.fetch, clock=clock).id}")
            return to(f"/{tenant}/requests/{read_request(vault, text, outside=outside).id}")
        except TegataError as error:
            return show(request, "add.html", tenant, status=400, wrong=wrong_of(error), text=text)

    @router.get("/{tenant}/offers/{offer_id}")
    def offer(request: Request, tenant: str, offer_id: str, vault: OpenVault = opened) -> Response:
        words = door.pages.words(request)
        view = view_offer(read_offer(vault, offer_id), words)
        if not view.outcome:
            return show(request, "offer.html", tenant, offer=view, wrong="")
        return show(
            request,
            "offer_state.html",
            tenant,
            state=view.outcome,
            code=view.code,
            offer_id=offer_id,
            cards=_arrived(vault, view.card_ids, words, outside),
            pass_ids=[one for card_id, one in passes_by_card(vault).items() if card_id in view.card_ids],
        )

    @router.post("/{tenant}/offers/{offer_id}", dependencies=guarded)
    def answer(
        request: Request,
        tenant: str,
        offer_id: str,
        vault: OpenVault = opened,
        answer: str = Form("accept", max_length=20),
        tx_code: str = Form("", max_length=200),
    ) -> Response:
        try:
            if answer == "decline":
                decline_offer(vault, offer_id, clock=clock)
            else:
                accept_offer(vault, offer_id, outside=outside, tx_code=tx_code or None)
        except (Malformed, Refused) as error:
            if error.code not in WRONG_CODE:
                raise
            view = view_offer(read_offer(vault, offer_id), door.pages.words(request))
            return show(request, "offer.html", tenant, status=400, offer=view, wrong=WRONG_CODE[error.code])
        return to(f"/{tenant}/offers/{offer_id}")

    @router.post("/{tenant}/offers/{offer_id}/again", dependencies=guarded)
    def again(tenant: str, offer_id: str, vault: OpenVault = opened) -> Response:
        accept_offer(vault, offer_id, outside=outside)
        return to(f"/{tenant}/offers/{offer_id}")

    return router


def sender_of(query: str) -> str:
    """The host that a link says it comes from, as far as it can be told before anything is fetched; else empty."""
    try:
        given = parse_form(query)
        host = urlsplit(given.get("credential_offer_uri") or given.get("request_uri") or "").hostname or ""
    except (Malformed, ValueError):
        return ""
    return make_visible(host)


def is_offer(text: str) -> bool:
    """Offers name a credential_offer; whatever else is read here is a request."""
    return text.startswith("openid-credential-offer:") or "credential_offer" in text[:4000]


def wrong_of(error: TegataError) -> str:
    """The key of what to tell the person who pasted or scanned."""
    if error.code == "address_not_allowed":
        return error.code
    if isinstance(error, TooMany):
        raise error
    if isinstance(error, Unavailable):
        return "unavailable"
    if isinstance(error, Rejected):
        return "rejected"
    if isinstance(error, Conflict | NotFound):
        return "conflict"
    return "other"


def _arrived(vault: OpenVault, card_ids: tuple[str, ...], words: Words, outside: Outside) -> list[CardView]:
    """The cards that came, each checked once with its issuer, so that the first look already says whether it is valid."""
    found = []
    for card_id in card_ids:
        try:
            card = read_card(vault, card_id)
        except NotFound:
            continue  # deleted since
        if card.status is None:
            card = check_card(vault, card_id, outside=outside)
        found.append(view_card(card, words, now=outside.clock.now()))
    return found
