"""The pages of an open wallet that show what is in it: cards, one card, the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from common.pages.route import page_router, to
from wallet_agent.holder.bake_badge import bake_badge
from wallet_agent.holder.card_forms import forms_of, group_forms
from wallet_agent.holder.cards import HeldCard, read_card, read_cards
from wallet_agent.holder.check_card import check_card, check_cards
from wallet_agent.holder.delete_card import delete_card
from wallet_agent.holder.history import read_history
from wallet_agent.holder.offer_states import UNFINISHED
from wallet_agent.holder.passes import pass_ids, passes_by_card
from wallet_agent.holder.receive_offer import read_offers
from wallet_agent.holder.renew_card import renew_card
from wallet_agent.pages.card_views import view_card
from wallet_agent.pages.history_views import view_entry
from wallet_agent.pages.offer_views import view_offer
from wallet_agent.routes.page_door import PageDoor
from wallet_agent.vault.open_vault import OpenVault


def card_pages(door: PageDoor) -> APIRouter:
    router = page_router(door.pages)
    guarded = [Depends(door.csrf.protect())]
    clock, outside = door.deps.clock, door.deps.outside
    opened = Depends(door.vault)

    def show(request: Request, name: str, tenant: str, here: str, **context: Any) -> Response:
        return door.pages.response(request, name, tenant=tenant, here=here, owner_url=f"/{tenant}/", **context)

    @router.get("/{tenant}/")
    def cards(request: Request, tenant: str, vault: OpenVault = opened) -> Response:
        words = door.pages.words(request)
        groups = group_forms(check_cards(vault, outside=outside))
        views = [view_card(group[0], words, now=clock.now(), forms=group) for group in groups]
        return show(
            request,
            "cards.html",
            tenant,
            "cards",
            cards=[view for view in views if view.state not in ("superseded", "expired")],
            former=[view for view in views if view.state in ("superseded", "expired")],
            pass_ids=pass_ids(vault),
            unfinished=[view_offer(one, words) for one in read_offers(vault) if one.state.state in UNFINISHED],
        )

    @router.get("/{tenant}/cards/{card_id}")
    def card(request: Request, tenant: str, card_id: str, vault: OpenVault = opened) -> Response:
        words, held = door.pages.words(request), read_card(vault, card_id)
        history = [view_entry(one, {card_id: held}, words) for one in read_history(vault, card_id=card_id)]
        forms = forms_of(card_id, read_cards(vault))
        view = view_card(held, words, now=clock.now(), forms=forms)
        return show(request, "card.html", tenant, "cards", card=view, history=history, pass_id=_pass_of(vault, forms))

    @router.get("/{tenant}/cards/{card_id}/badge.{kind}")
    def badge(tenant: str, card_id: str, kind: str, vault: OpenVault = opened) -> Response:  # noqa: ARG001
        baked = bake_badge(vault, card_id, kind)
        name = f'attachment; filename="{baked.name}"'
        return Response(baked.image, media_type=baked.media_type, headers={"Content-Disposition": name})

    @router.post("/{tenant}/cards/{card_id}/check", dependencies=guarded)
    def check(tenant: str, card_id: str, vault: OpenVault = opened) -> Response:
        check_card(vault, card_id, outside=outside)
        return to(f"/{tenant}/cards/{card_id}?done=checked")

    @router.post("/{tenant}/cards/{card_id}/renew", dependencies=guarded)
    def renew(tenant: str, card_id: str, vault: OpenVault = opened) -> Response:
        return to(f"/{tenant}/offers/{renew_card(vault, card_id, outside=outside).id}")

    @router.get("/{tenant}/cards/{card_id}/delete")
    def delete_question(request: Request, tenant: str, card_id: str, vault: OpenVault = opened) -> Response:
        held, forms = read_card(vault, card_id), forms_of(card_id, read_cards(vault))
        view = view_card(held, door.pages.words(request), now=clock.now(), forms=forms)
        return show(request, "delete.html", tenant, "cards", card=view, pass_id=_pass_of(vault, forms))

    @router.post("/{tenant}/cards/{card_id}/delete", dependencies=guarded)
    def delete(tenant: str, card_id: str, vault: OpenVault = opened) -> Response:
        for one in forms_of(card_id, read_cards(vault)) or (read_card(vault, card_id),):
            delete_card(vault, one.id, clock=clock)
        return to(f"/{tenant}/?done=deleted")

    @router.get("/{tenant}/history")
    def history(request: Request, tenant: str, vault: OpenVault = opened) -> Response:
        words, here = door.pages.words(request), {card.id: card for card in read_cards(vault)}
        entries = [view_entry(one, here, words) for one in read_history(vault)]
        return show(request, "history.html", tenant, "history", entries=entries)

    return router


def _pass_of(vault: OpenVault, forms: Sequence[HeldCard]) -> str:
    """The id of the ticket's gate pass, which is kept with one of its forms, or nothing."""
    passes = passes_by_card(vault)
    return next((passes[one.id] for one in forms if one.id in passes), "")
