"""Showing a card in person: choose what to show, then a code that is renewed every half minute."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Conflict, Unsupported
from common.formats.in_person import RENEW_SECONDS
from common.pages.route import page_router, to
from wallet_agent.holder.show_card import renew_showing, showable, start_showing
from wallet_agent.pages.card_views import view_card
from wallet_agent.pages.showing_views import parse_choice, view_choices, view_given
from wallet_agent.routes.page_door import PageDoor
from wallet_agent.vault.open_vault import OpenVault


def showing_pages(door: PageDoor) -> APIRouter:
    router = page_router(door.pages)
    guarded = [Depends(door.csrf.protect())]
    clock, opened = door.deps.clock, Depends(door.vault)

    def show(request: Request, name: str, tenant: str, **context: Any) -> Response:
        return door.pages.response(request, name, tenant=tenant, here="cards", owner_url=f"/{tenant}/", **context)

    def choose(
        request: Request, tenant: str, card_id: str, vault: OpenVault, *, ticked: list[str] | None = None
    ) -> Response:
        """ticked: what was too much for a code."""
        words, found = door.pages.words(request), showable(vault, card_id)
        always, optional = view_choices(found, words, ticked)
        return show(
            request,
            "show.html",
            tenant,
            status=200 if ticked is None else 400,
            card=view_card(found.card, words, now=clock.now()),
            always=always,
            optional=optional,
            too_much=ticked is not None,
        )

    @router.get("/{tenant}/cards/{card_id}/show")
    def choices(request: Request, tenant: str, card_id: str, vault: OpenVault = opened) -> Response:
        return choose(request, tenant, card_id, vault)

    @router.post("/{tenant}/cards/{card_id}/show", dependencies=guarded)
    def start(
        request: Request,
        tenant: str,
        card_id: str,
        claim: Annotated[list[str] | None, Form(max_length=200)] = None,
        vault: OpenVault = opened,
    ) -> Response:
        ticked = claim or []
        try:
            showing = start_showing(vault, card_id, clock=clock, paths=[parse_choice(one) for one in ticked])
        except Unsupported:
            return choose(request, tenant, card_id, vault, ticked=ticked)
        return to(f"/{tenant}/cards/{card_id}/show/{showing.id}")

    @router.get("/{tenant}/cards/{card_id}/show/{showing_id}")
    def shown(request: Request, tenant: str, card_id: str, showing_id: str, vault: OpenVault = opened) -> Response:
        """Each look at it signs anew, and writes nothing: so a reload is the way to renew it without script."""
        words = door.pages.words(request)
        try:
            showing = renew_showing(vault, card_id, showing_id, clock=clock)
        except Conflict:
            return show(request, "showing_over.html", tenant, card_id=card_id)
        found = showable(vault, card_id)
        return show(
            request,
            "showing.html",
            tenant,
            card=view_card(found.card, words, now=clock.now()),
            showing=showing,
            given=view_given(showing, words),
            every=RENEW_SECONDS,
        )

    return router
