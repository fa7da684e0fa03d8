"""Cards, for the staff: inviting somebody to read one in their own reader, and where such an invitation stands."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.flows.find_people import find_offers
from issuer.flows.invite_card import invite_card, withdraw_invitation
from issuer.flows.open_card_session import find_card_session, find_reading
from issuer.pages.roll_views import tone
from issuer.routes.page_office import PageOffice


def invite_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, staff = office.desk, Depends(office.staff)

    @router.get("/{tenant}/staff/cards")
    def cards(request: Request, tenant: str) -> Response:
        return office.show(request, tenant, "invite.html", here="cards", state="ask")

    @router.post("/{tenant}/staff/cards", dependencies=guarded)
    def invite(tenant: str, visitor: Visitor = staff) -> Response:
        made = invite_card(desk, tenant, actor=visitor.actor)
        return to(f"/{tenant}/staff/cards/{made.id}?done=card_invited")

    @router.get("/{tenant}/staff/cards/{session_id}")
    def invitation(request: Request, tenant: str, session_id: str) -> Response:
        row = find_reading(tenant, session_id)
        state = row.state if desk.now < row.expires_at or row.state == "offered" else "over"
        link = ""
        if state == "open":
            link = desk.addresses.invitation(tenant, row.id, find_card_session(desk, tenant, row.id).token)
        offers = find_offers(desk, tenant, offer_id=row.offer_id).offers if row.offer_id else ()
        offer_state = offers[0].state if offers else ""
        return office.show(
            request,
            tenant,
            "invite.html",
            here="cards",
            state=state,
            session=row.id,
            link=link,
            expires_at=row.expires_at,
            offer=row.offer_id if offers else "",
            offer_state=offer_state,
            offer_tone=tone(offer_state),
        )

    @router.post("/{tenant}/staff/cards/{session_id}/withdraw", dependencies=guarded)
    def withdraw(tenant: str, session_id: str, visitor: Visitor = staff) -> Response:
        withdraw_invitation(desk, tenant, session_id, actor=visitor.actor)
        return to(f"/{tenant}/staff/cards/{session_id}?done=card_withdrawn")

    return router
