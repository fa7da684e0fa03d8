"""For who has a reader of their own: the page where one may begin (if the institution lets anybody), and the invitation's page.

Public; whoever has an invitation's address sees it, so it says nothing of a person.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from common.errors import Conflict, NotFound
from common.pages.route import page_router, to
from common.web.limits import client_address
from issuer.flows.open_card_session import believed_roots, find_card_session, is_card_token, open_card_session
from issuer.routes.page_office import PageOffice

TRIES = "120/minute"
BEGUN = "10/hour"
"""Sessions that one address may open for itself; invitations by the staff are not counted."""


def card_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages)
    desk, limits = office.desk, office.deps.limits

    @router.get("/{tenant}/card")
    def begin(request: Request, tenant: str) -> Response:
        _require_open_door(office, tenant)
        return office.show(request, tenant, "card.html", state="begin", address=f"/{tenant}/card")

    @router.post("/{tenant}/card", dependencies=[Depends(office.csrf.protect())])
    def open_session(request: Request, tenant: str) -> Response:
        _require_open_door(office, tenant)
        limits.count(tenant, BEGUN, "card session", client_address(request))
        made = open_card_session(desk, tenant, actor="page")
        return to(f"/{tenant}/card/{made.id}/{made.token}")

    @router.get("/{tenant}/card/{session_id}/{token}")
    def invitation(request: Request, tenant: str, session_id: str, token: str) -> Response:
        desk.keys.identity(tenant)
        limits.count(tenant, TRIES, "card page", client_address(request))
        if not is_card_token(desk, tenant, session_id, token):
            raise NotFound("no_such_card_session", "no such session for a card here")
        try:
            found = find_card_session(desk, tenant, session_id)
        except (Conflict, NotFound):  # its token is ours, so there was one: its row is forgotten soon after it is over
            return office.show(request, tenant, "card.html", state="over")
        link = desk.addresses.invitation(tenant, found.id, found.token)
        return office.show(request, tenant, "card.html", state="open", link=link, expires_at=found.expires_at)

    return router


def _require_open_door(office: PageOffice, tenant: str) -> None:
    office.desk.keys.identity(tenant)
    if not office.desk.settings.card_page:
        raise NotFound("no_card_page", "this institution invites people by itself")
    believed_roots(office.desk)
