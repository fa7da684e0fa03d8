"""The API about single tickets: what becomes of them after they were sold."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from common.web.login import Visitor
from issuer.deps import Deps
from issuer.flows.desk import Desk
from issuer.flows.events.end_ticket import lost, refund, upgrade
from issuer.flows.events.exclusions import exclude_ticket, lift
from issuer.flows.events.find_events import find_event, find_ticket, find_tickets
from issuer.flows.events.flags import words_of
from issuer.flows.events.issue_pass import issue_paper
from issuer.flows.events.offer_ticket import offer_ticket
from issuer.flows.events.transfer import cancel_transfer, open_transfer
from issuer.routes.event_models import (
    EndedOut,
    EventId,
    PaperOut,
    TicketId,
    TicketOut,
    TicketsOut,
    TransferOut,
    Upgrade,
)
from issuer.routes.staff_models import MadeOfferOut
from issuer.routes.staff_people import Page, Size, made_offer_out


def event_ticket_routes(deps: Deps) -> APIRouter:
    """Every route needs a staff token of the path's institution. A ticket is named by its id, or by its number as people read it."""
    router = APIRouter(prefix="/{tenant}/api/events/{event_id}/tickets", tags=["events"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))

    @router.get("")
    def tickets(
        tenant: str,
        event_id: EventId,
        query: Annotated[str, Query(max_length=100)] = "",
        state: Annotated[str, Query(max_length=20)] = "",
        page: Page = 1,
        size: Size = 50,
        _: Visitor = staff,
    ) -> TicketsOut:
        """Search by number, name or mail address."""
        find_event(tenant, event_id)
        found = find_tickets(tenant, event_id, query=query, state=state, page=page, size=size)
        rows = [ticket_out(desk, row) for row in found.rows]
        return TicketsOut(tickets=rows, page=found.page, pages=found.pages, total=found.total)

    @router.get("/{ticket_id}")
    def ticket(tenant: str, event_id: EventId, ticket_id: TicketId, _: Visitor = staff) -> TicketOut:
        return ticket_out(desk, find_ticket(tenant, event_id, ticket_id))

    @router.post("/{ticket_id}/offer")
    def offer(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> MadeOfferOut:
        """An offer for the holder's wallet; one that waits already is that one."""
        row = find_ticket(tenant, event_id, ticket_id)
        return made_offer_out(offer_ticket(desk, tenant, row, actor=visitor.actor))

    @router.post("/{ticket_id}/paper")
    def paper(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> PaperOut:
        """A paper pass, where the class has them; what was issued of the ticket before falls."""
        return PaperOut(text=issue_paper(desk, tenant, event_id, ticket_id, actor=visitor.actor))

    @router.post("/{ticket_id}/refund")
    def end(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> EndedOut:
        copies = refund(desk, tenant, event_id, ticket_id, actor=visitor.actor)
        return EndedOut(state="refunded", copies=copies)

    @router.post("/{ticket_id}/lost")
    def lost_phone(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> EndedOut:
        """All copies fall; the ticket stays, and can be received anew."""
        return EndedOut(state="sold", copies=lost(desk, tenant, event_id, ticket_id, actor=visitor.actor))

    @router.post("/{ticket_id}/upgrade")
    def change_class(
        tenant: str, event_id: EventId, ticket_id: TicketId, asked: Upgrade, visitor: Visitor = staff
    ) -> TicketOut:
        """The new ticket; the old one ends."""
        return ticket_out(desk, upgrade(desk, tenant, event_id, ticket_id, asked.class_number, actor=visitor.actor))

    @router.post("/{ticket_id}/transfer")
    def transfer(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> TransferOut:
        """A link for another person; the old ticket ends when they take it."""
        link = open_transfer(desk, tenant, event_id, ticket_id, actor=visitor.actor)
        return TransferOut(url=link.url, expires_at=link.expires_at)

    @router.delete("/{ticket_id}/transfer", status_code=204)
    def end_transfer(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> None:
        cancel_transfer(desk, tenant, event_id, ticket_id, actor=visitor.actor)

    @router.post("/{ticket_id}/exclude", status_code=204)
    def exclude(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> None:
        exclude_ticket(desk, tenant, event_id, ticket_id, actor=visitor.actor)

    @router.post("/{ticket_id}/lift", status_code=204)
    def readmit(tenant: str, event_id: EventId, ticket_id: TicketId, visitor: Visitor = staff) -> None:
        """An excluded ticket is good again, with the copies that its holder has."""
        lift(desk, tenant, event_id, ticket_id, actor=visitor.actor)

    return router


def ticket_out(desk: Desk, row: Any) -> TicketOut:
    names = ("id", "number", "class_number", "state", "name", "email", "replaces", "replaced_by")
    return TicketOut(
        **{name: getattr(row, name) for name in names},
        flags=list(words_of(row.flags)),
        url=desk.addresses.ticket(row.tenant, desk.secrets.token(row.tenant, "ticket", row.id)),
    )
