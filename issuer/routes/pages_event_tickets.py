"""Tickets of an event, for the organiser: who has them, what was ordered, one ticket with what can be done to it, who is excluded."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Malformed, TegataError, Unavailable
from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.flows.events.demand import find_demand, settle_order
from issuer.flows.events.end_ticket import lost, refund, upgrade
from issuer.flows.events.exclusions import exclude_person, exclude_ticket, forget_exclusion, lift, list_exclusions
from issuer.flows.events.find_events import (
    classes_of,
    find_event,
    find_order,
    find_orders,
    find_ticket,
    find_tickets,
    tickets_of,
)
from issuer.flows.events.sell import Wish, sell
from issuer.flows.find_people import held_by
from issuer.pages.event_views import flag_names, name_of, tone
from issuer.pages.roll_views import tone as credential_tone
from issuer.routes.page_office import PageOffice
from issuer.routes.pages_events import show_event

SHOWN_STATES = ("sold", "held", "excluded", "transferred", "refunded", "upgraded", "released")
ACTS = {"refund": refund, "lost": lost, "exclude": exclude_ticket, "lift": lift}


def event_ticket_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, staff = office.desk, Depends(office.staff)

    @router.get("/{tenant}/staff/events/{event_id}/tickets")
    def tickets(request: Request, tenant: str, event_id: str, q: str = "", state: str = "", page: int = 1) -> Response:
        row, words = find_event(tenant, event_id), office.pages.words(request)
        found = find_tickets(tenant, event_id, query=q[:100], state=state if state in SHOWN_STATES else "", page=page)
        kinds = {one.number: name_of(one, words) for one in classes_of(tenant, event_id)}
        return show_event(
            office,
            request,
            row,
            "event_tickets.html",
            "tickets",
            tickets=[_line(one, kinds) for one in found.rows],
            query=q,
            chosen_state=state,
            states=[("", words.text("roll.every_status"))]
            + [(one, words.text(f"ticket_state.{one}")) for one in SHOWN_STATES],
            page=found.page,
            pages=found.pages,
            total=found.total,
            href=lambda number: "?" + urlencode({"q": q, "state": state, "page": number}),
        )

    @router.get("/{tenant}/staff/events/{event_id}/tickets/{ticket_id}")
    def ticket(request: Request, tenant: str, event_id: str, ticket_id: str, sure: str = "") -> Response:
        row, one, words = (
            find_event(tenant, event_id),
            find_ticket(tenant, event_id, ticket_id),
            office.pages.words(request),
        )
        kinds = classes_of(tenant, event_id)
        own = next((kind for kind in kinds if kind.number == one.class_number), None)
        better = [(kind.number, name_of(kind, words)) for kind in kinds if kind.number != one.class_number]
        facts = [
            (words.text("ticket.class"), name_of(own, words) if own else str(one.class_number)),
            (words.text("ticket.name"), one.name or words.text("common.none")),
            (words.text("ticket.email"), one.email or words.text("common.none")),
            (words.text("ticket.proved"), flag_names(one.flags, words) or words.text("common.none")),
        ]
        passes = [
            {"form": words.text(f"ticket_form.{held.configuration}"), "state": held.state, "since": held.issued_at}
            | {"tone": credential_tone(held.state), "reason": held.reason}
            for held in held_by(desk, tenant, [one.id])
        ]
        return show_event(
            office,
            request,
            row,
            "event_ticket.html",
            "tickets",
            ticket=_line(one, {}),
            facts=facts,
            passes=passes,
            classes=better,
            url=desk.addresses.ticket(tenant, desk.secrets.token(tenant, "ticket", one.id))
            if one.state == "sold"
            else "",
            replaces=one.replaces,
            replaced_by=one.replaced_by,
            sure=sure if sure in ("refund", "lost", "exclude") else "",
        )

    @router.post("/{tenant}/staff/events/{event_id}/tickets/{ticket_id}", dependencies=guarded)
    def do(
        tenant: str, event_id: str, ticket_id: str, act: str = Form("", max_length=10), visitor: Visitor = staff
    ) -> Response:
        if act not in ACTS:
            raise Malformed("unknown_act", "a ticket can be refunded, excluded, let in again, or declared lost")
        one = find_ticket(tenant, event_id, ticket_id)
        ACTS[act](desk, tenant, event_id, one.id, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/tickets/{one.id}?done=ticket_{act}")

    @router.post("/{tenant}/staff/events/{event_id}/tickets/{ticket_id}/upgrade", dependencies=guarded)
    def change_class(
        tenant: str,
        event_id: str,
        ticket_id: str,
        number: int = Form(alias="class", ge=1, le=255),
        visitor: Visitor = staff,
    ) -> Response:
        made = upgrade(desk, tenant, event_id, ticket_id, number, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/tickets/{made.id}?done=ticket_upgrade")

    @router.get("/{tenant}/staff/events/{event_id}/orders")
    def orders(request: Request, tenant: str, event_id: str, page: int = 1) -> Response:
        row, words = find_event(tenant, event_id), office.pages.words(request)
        found = find_orders(tenant, event_id, page=page)
        return show_event(
            office,
            request,
            row,
            "event_orders.html",
            "orders",
            orders=[
                {"id": one.id, "name": one.name, "state": one.state, "tone": tone(one.state), "at": one.created_at}
                | {"tickets": len(tickets_of(tenant, one.id))}
                for one in found.rows
            ],
            classes=[(one.number, name_of(one, words)) for one in classes_of(tenant, event_id)],
            key=secrets.token_urlsafe(12),
            page=found.page,
            pages=found.pages,
            href=lambda number: "?" + urlencode({"page": number}),
        )

    @router.post("/{tenant}/staff/events/{event_id}/orders", dependencies=guarded)
    def sell_here(
        tenant: str,
        event_id: str,
        number: int = Form(alias="class", ge=1, le=255),
        quantity: int = Form(1, ge=1, le=50),
        name: str = Form("", max_length=200),
        email: str = Form("", max_length=320),
        key: str = Form("", max_length=64),
        visitor: Visitor = staff,
    ) -> Response:
        wish = Wish(quantities={number: quantity}, name=name, email=email)
        sale = sell(desk, tenant, event_id, wish, key=f"page:{key}", actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/orders/{sale.order.id}?done=ticket_sold")

    @router.get("/{tenant}/staff/events/{event_id}/orders/{order_id}")
    def order(request: Request, tenant: str, event_id: str, order_id: str) -> Response:
        row, words = find_event(tenant, event_id), office.pages.words(request)
        one, trouble = find_order(tenant, event_id, order_id), ""
        try:
            one = settle_order(desk, tenant, one)
        except (TegataError, Unavailable) as error:
            trouble = words(f"events.wrong.{error.code}", error.detail)
        demand = find_demand(tenant, one.id)
        kinds = {kind.number: name_of(kind, words) for kind in classes_of(tenant, event_id)}
        return show_event(
            office,
            request,
            row,
            "event_order.html",
            "orders",
            order={"id": one.id, "name": one.name, "email": one.email, "state": one.state, "tone": tone(one.state)},
            until=one.expires_at,
            demand=None if demand is None else {"state": demand.state, "tone": tone(demand.state)},
            tickets=[_line(ticket, kinds) for ticket in tickets_of(tenant, one.id)],
            url=desk.addresses.order(tenant, desk.secrets.token(tenant, "order", one.id)),
            trouble=trouble,
        )

    @router.get("/{tenant}/staff/events/{event_id}/exclusions")
    def exclusions(request: Request, tenant: str, event_id: str) -> Response:
        row = find_event(tenant, event_id)
        rows = [{"id": one.id, "kind": one.kind, "at": one.created_at} for one in list_exclusions(tenant, event_id)]
        return show_event(office, request, row, "event_exclusions.html", "exclusions", exclusions=rows)

    @router.post("/{tenant}/staff/events/{event_id}/exclusions", dependencies=guarded)
    def exclude(
        tenant: str,
        event_id: str,
        kind: str = Form("", max_length=10),
        text: str = Form("", max_length=320),
        visitor: Visitor = staff,
    ) -> Response:
        exclude_person(desk, tenant, event_id, "email" if kind == "email" else "name", text, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/exclusions?done=person_excluded")

    @router.post("/{tenant}/staff/events/{event_id}/exclusions/{exclusion_id}", dependencies=guarded)
    def end_exclusion(tenant: str, event_id: str, exclusion_id: str, visitor: Visitor = staff) -> Response:
        forget_exclusion(desk, tenant, event_id, exclusion_id, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/exclusions?done=saved")

    return router


def _line(row: Any, kinds: dict[int, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "class": kinds.get(row.class_number, str(row.class_number)),
        "state": row.state,
        "tone": tone(row.state),
        "at": row.created_at,
    }
