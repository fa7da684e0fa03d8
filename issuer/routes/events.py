"""The API about events, for the organiser's own programs: events, sales, tickets, exclusions, buyers' files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Header, UploadFile

from common.web.login import Visitor
from issuer.connectors.buyer_columns import BUYERS
from issuer.connectors.csv_file import read_rows
from issuer.deps import Deps
from issuer.flows.desk import Desk
from issuer.flows.events.create_event import change_event, create_event, set_sales
from issuer.flows.events.demand import find_demand, lacking_of, settle_order
from issuer.flows.events.exclusions import exclude_person, forget_exclusion, list_exclusions
from issuer.flows.events.find_events import find_event, find_order, list_events, tickets_of
from issuer.flows.events.flags import words_of
from issuer.flows.events.import_buyers import import_buyers
from issuer.flows.events.mail_links import links_progress, mail_links
from issuer.flows.events.plan import read_plan
from issuer.flows.events.sell import Wish, required_of, sell
from issuer.routes.event_models import (
    BuyTickets,
    CreateEvent,
    DemandOut,
    EventId,
    EventOut,
    EventsOut,
    Exclude,
    ExcludedOut,
    ExclusionOut,
    ExclusionsOut,
    Id,
    LinksOut,
    OrderOut,
    PlanIn,
    Sales,
)
from issuer.routes.event_tickets import ticket_out
from issuer.routes.staff_models import ImportOut


def event_routes(deps: Deps) -> APIRouter:
    """Every route needs a staff token of the path's institution."""
    router = APIRouter(prefix="/{tenant}/api/events", tags=["events"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))

    @router.get("")
    def events(visitor: Visitor = staff) -> EventsOut:
        return EventsOut(events=[EventOut.of(row) for row in list_events(visitor.tenant)])

    @router.post("", status_code=201)
    def create(tenant: str, asked: CreateEvent, visitor: Visitor = staff) -> EventOut:
        plan = read_plan(asked.told())
        return EventOut.of(create_event(desk, tenant, plan, slug=asked.slug, actor=visitor.actor))

    @router.get("/{event_id}")
    def event(event_id: EventId, visitor: Visitor = staff) -> EventOut:
        return EventOut.of(find_event(visitor.tenant, event_id))

    @router.put("/{event_id}")
    def change(tenant: str, event_id: EventId, asked: PlanIn, visitor: Visitor = staff) -> EventOut:
        """The event as it shall be. What is sold already bounds what may change."""
        find_event(tenant, event_id)
        return EventOut.of(change_event(desk, tenant, event_id, read_plan(asked.told()), actor=visitor.actor))

    @router.post("/{event_id}/sales")
    def sales(tenant: str, event_id: EventId, asked: Sales, visitor: Visitor = staff) -> EventOut:
        set_sales(desk, tenant, event_id, is_open=asked.open, actor=visitor.actor)
        return EventOut.of(find_event(tenant, event_id))

    @router.post("/{event_id}/orders", status_code=201)
    def order(
        tenant: str,
        event_id: EventId,
        asked: BuyTickets,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
        visitor: Visitor = staff,
    ) -> OrderOut:
        """Sells tickets, once for each key. Where a credential is demanded, the answer has a link for the buyer's wallet."""
        quantities: dict[int, int] = {}
        for one in asked.tickets:
            quantities[one.class_number] = quantities.get(one.class_number, 0) + one.quantity
        wish = Wish(quantities=quantities, name=asked.name, email=asked.email, language=asked.language)
        sale = sell(desk, tenant, event_id, wish, key=idempotency_key, actor=visitor.actor)
        return order_out(desk, settle_order(desk, tenant, sale.order))

    @router.get("/{event_id}/orders/{order_id}")
    def show_order(tenant: str, event_id: EventId, order_id: Id, _: Visitor = staff) -> OrderOut:
        """Where it stands, after a look at what the verifier says."""
        return order_out(desk, settle_order(desk, tenant, find_order(tenant, event_id, order_id)))

    @router.post("/{event_id}/buyers")
    def buyers(
        tenant: str,
        event_id: EventId,
        file: Annotated[UploadFile, File(description="CSV in UTF-8 or Shift_JIS")],
        dry_run: Annotated[bool, Form()] = False,
        visitor: Visitor = staff,
    ) -> ImportOut:
        """Imports a shop's buyers; lines that are wrong are told and left out. Running it again changes nothing."""
        rows = read_rows(file.file, BUYERS)
        return ImportOut(**asdict(import_buyers(desk, tenant, event_id, rows, actor=visitor.actor, dry_run=dry_run)))

    @router.post("/{event_id}/mail")
    def mail(tenant: str, event_id: EventId, dry_run: bool = False, visitor: Visitor = staff) -> LinksOut:
        """Mails each buyer the links to their tickets, each ticket's once; said again, those that were sold since."""
        report = mail_links(desk, tenant, event_id, actor=visitor.actor, dry_run=dry_run)
        return LinksOut(**asdict(report), **asdict(links_progress(tenant, event_id)))

    @router.get("/{event_id}/exclusions")
    def exclusions(tenant: str, event_id: EventId, _: Visitor = staff) -> ExclusionsOut:
        """How many, of which kind and when. Who they are was not kept."""
        find_event(tenant, event_id)
        rows = list_exclusions(tenant, event_id)
        return ExclusionsOut(
            exclusions=[ExclusionOut(id=row.id, kind=row.kind, created_at=row.created_at) for row in rows]
        )

    @router.post("/{event_id}/exclusions")
    def exclude(tenant: str, event_id: EventId, asked: Exclude, visitor: Visitor = staff) -> ExcludedOut:
        """They can buy nothing, and the tickets that they have are excluded."""
        return ExcludedOut(tickets=exclude_person(desk, tenant, event_id, asked.kind, asked.text, actor=visitor.actor))

    @router.delete("/{event_id}/exclusions/{exclusion_id}", status_code=204)
    def end_exclusion(tenant: str, event_id: EventId, exclusion_id: Id, visitor: Visitor = staff) -> None:
        forget_exclusion(desk, tenant, event_id, exclusion_id, actor=visitor.actor)

    return router


def order_out(desk: Desk, row: Any) -> OrderOut:
    demand, tickets = find_demand(row.tenant, row.id), tickets_of(row.tenant, row.id)
    required = required_of(row.tenant, row.event_id, tickets)
    return OrderOut(
        id=row.id,
        state=row.state,
        url=desk.addresses.order(row.tenant, desk.secrets.token(row.tenant, "order", row.id)),
        expires_at=row.expires_at,
        tickets=[ticket_out(desk, one) for one in tickets],
        demand=None
        if demand is None
        else DemandOut(
            **{name: getattr(demand, name) for name in ("question", "state", "link", "wallet_link", "expires_at")},
            lacking=list(words_of(lacking_of(demand, required))),
        ),
    )
