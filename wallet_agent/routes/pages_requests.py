"""The consent page, and what became of the answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Form, Request, Response

from common.pages.route import page_router, to
from wallet_agent.holder.answer_request import answer_request, decline_request
from wallet_agent.holder.choose_credentials import choose_credentials
from wallet_agent.holder.read_request import RequestView, view_request
from wallet_agent.holder.request_states import Answered, Asked, Declined, Refused, RequestState
from wallet_agent.pages.consent_views import asker_name, picked_of, view_ask, view_ways
from wallet_agent.routes.page_door import PageDoor
from wallet_agent.vault.open_vault import OpenVault

OUTCOMES = {"answered": "done", "declined": "declined", "refused": "failed"}
"""State → the words of the page; what is still under way counts as unknown."""


def request_pages(door: PageDoor) -> APIRouter:
    router = page_router(door.pages)
    guarded = [Depends(door.csrf.protect())]
    outside, opened = door.deps.outside, Depends(door.vault)

    def show(request: Request, name: str, tenant: str, **context: Any) -> Response:
        return door.pages.response(request, name, tenant=tenant, here="add", owner_url=f"/{tenant}/", **context)

    @router.get("/{tenant}/requests/{request_id}")
    def consent(request: Request, tenant: str, request_id: str, vault: OpenVault = opened) -> Response:
        view, words = view_request(vault, request_id), door.pages.words(request)
        if not isinstance(view.state, Asked):
            asker = asker_name(view.state.question.asker, words)
            return show(request, "answered.html", tenant, request_id=request_id, asker=asker, **_outcome(view))
        ground = choose_credentials(vault, request_id, outside=outside)
        return show(
            request,
            "consent.html",
            tenant,
            ask=view_ask(request_id, ground.question, words),
            ways=view_ways(ground, words) if ground.satisfiable else [],
            first_time=not ground.seen_before,
        )

    @router.post("/{tenant}/requests/{request_id}", dependencies=guarded)
    def decide(
        tenant: str,
        request_id: str,
        answer: str = Form("", max_length=20),
        choice: str = Form("", max_length=300),
        vault: OpenVault = opened,
    ) -> Response:
        if answer == "give":
            answer_request(vault, request_id, outside=outside, picked=picked_of(choice))
        else:
            decline_request(vault, request_id, outside=outside)
        return to(f"/{tenant}/requests/{request_id}")

    @router.post("/{tenant}/requests/{request_id}/again", dependencies=guarded)
    def again(tenant: str, request_id: str, vault: OpenVault = opened) -> Response:
        """Sends the very same answer once more; the asker takes it once."""
        answer_request(vault, request_id, outside=outside)
        return to(f"/{tenant}/requests/{request_id}")

    return router


def _outcome(view: RequestView) -> dict[str, str]:
    state: RequestState = view.state
    back = state.redirect_uri if isinstance(state, Answered | Declined) else None
    return {
        "state": OUTCOMES.get(state.state, "unknown"),
        "code": state.code if isinstance(state, Refused) else "",
        "back_to": back if back and back.startswith(("https://", "http://")) else "",
    }
