"""An institution's events and what stands in them, for who asks: rows, pages of tickets, plans to edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import fn

from common.encoding import parse_json
from common.errors import Conflict, NotFound
from issuer.flows.events.plan import ClassPlan, EntrancePlan, EventPlan
from issuer.flows.tenant_secrets import digest
from issuer.store.event_tables import Entitlement, Event, EventClass, EventEntrance, TicketOrder

MAX_PAGE = 200
UNDETERMINED = ("refuse", "document")
MAX_MOVES = 100
"""So often a ticket is handed on or upgraded: nobody needs more, and its past is read as a whole."""


def find_event(tenant: str, event_id: str) -> Any:
    """A row of `Event`. Raises NotFound("no_such_event")."""
    row = Event.get_or_none(Event.tenant == tenant, Event.id == event_id)
    if row is None:
        raise NotFound("no_such_event", "no such event here")
    return row


def list_events(tenant: str) -> list[Any]:
    """The newest first."""
    return list(Event.select().where(Event.tenant == tenant).order_by(Event.starts_at.desc(), Event.id))


def has_events(tenant: str) -> bool:
    return bool(Event.select(Event.id).where(Event.tenant == tenant).exists())


def classes_of(tenant: str, event_id: str) -> list[Any]:
    rows = EventClass.select().where(EventClass.tenant == tenant, EventClass.event_id == event_id)
    return list(rows.order_by(EventClass.number))


def class_of(tenant: str, event_id: str, number: int) -> Any:
    """Raises NotFound("no_such_class")."""
    mine = (EventClass.tenant == tenant) & (EventClass.event_id == event_id)
    row = EventClass.get_or_none(mine, EventClass.number == number)
    if row is None:
        raise NotFound("no_such_class", "this event has no such class of tickets")
    return row


def entrances_of(tenant: str, event_id: str) -> list[Any]:
    rows = EventEntrance.select().where(EventEntrance.tenant == tenant, EventEntrance.event_id == event_id)
    return list(rows.order_by(EventEntrance.number))


def plan_of(row: Any) -> EventPlan:
    """A row of `Event` → the plan that would make it so."""
    tenant, event_id = row.tenant, row.id
    return EventPlan(
        **{name: getattr(row, name) for name in ("name_ja", "name_en", "venue", "starts_at", "ends_at", "capacity")},
        **{name: getattr(row, name) for name in ("clock_error", "home_groups", "stale_after", "challenge_seconds")},
        reentry=bool(row.reentry),
        undetermined=UNDETERMINED[row.undetermined],
        classes=tuple(
            ClassPlan(
                number=one.number,
                name_ja=one.name_ja,
                name_en=one.name_en,
                capacity=one.capacity,
                entrances=tuple(parse_json(one.entrances)),
                windows=tuple((begin, end) for begin, end in parse_json(one.windows)),
                required=one.required,
                paper=bool(one.paper),
            )
            for one in classes_of(tenant, event_id)
        ),
        entrances=tuple(
            EntrancePlan(number=one.number, name_ja=one.name_ja, name_en=one.name_en, challenge=bool(one.challenge))
            for one in entrances_of(tenant, event_id)
        ),
    )


def find_ticket(tenant: str, event_id: str, wanted: str) -> Any:
    """A row of `Entitlement`, by its id or by its number as people read it. Raises NotFound("no_such_ticket")."""
    mine = (Entitlement.tenant == tenant) & (Entitlement.event_id == event_id)
    row = Entitlement.get_or_none(mine, Entitlement.id == wanted) or Entitlement.get_or_none(
        mine, Entitlement.number == wanted.strip().upper()
    )
    if row is None:
        raise NotFound("no_such_ticket", "no such ticket here")
    return row


def ticket_of_token(tenant: str, token: str) -> Any:
    """The same by what its holder's page is called. Raises NotFound("no_such_ticket")."""
    row = Entitlement.get_or_none(Entitlement.tenant == tenant, Entitlement.token_hash == digest(token))
    if row is None:
        raise NotFound("no_such_ticket", "no such ticket here")
    return row


def find_order(tenant: str, event_id: str, order_id: str) -> Any:
    """A row of `TicketOrder`. Raises NotFound("no_such_order")."""
    mine = (TicketOrder.tenant == tenant) & (TicketOrder.event_id == event_id)
    row = TicketOrder.get_or_none(mine, TicketOrder.id == order_id)
    if row is None:
        raise NotFound("no_such_order", "no such order here")
    return row


def order_of_token(tenant: str, token: str) -> Any:
    """The same by what its buyer's page is called. Raises NotFound("no_such_order")."""
    row = TicketOrder.get_or_none(TicketOrder.tenant == tenant, TicketOrder.token_hash == digest(token))
    if row is None:
        raise NotFound("no_such_order", "no such order here")
    return row


def tickets_of(tenant: str, order_id: str) -> list[Any]:
    rows = Entitlement.select().where(Entitlement.tenant == tenant, Entitlement.order_id == order_id)
    return list(rows.order_by(Entitlement.created_at, Entitlement.number))


def tickets_of_buyer(tenant: str, order_id: str) -> list[Any]:
    """Those of an order that are its buyer's, or were until they handed them on: not what the taker has, nor what that became since."""
    rows = tickets_of(tenant, order_id)
    by_id = {row.id: row for row in rows}

    def handed_on(row: Any) -> bool:
        while row.replaces:
            row = by_id[row.replaces]
            if row.state == "transferred":
                return True
        return False

    return [row for row in rows if not handed_on(row)]


def past_of(tenant: str, ticket: Any) -> tuple[str, ...]:
    """Ids, the newest first: this ticket and those that it replaces, by transfers and upgrades; the last is the one that was sold.

    All of them are of one order, whose tickets move only so often (`check_moves`): one query, however often this one changed hands.
    """
    if not ticket.replaces:
        return (str(ticket.id),)
    rows = Entitlement.select(Entitlement.id, Entitlement.replaces).where(
        Entitlement.tenant == tenant, Entitlement.order_id == ticket.order_id
    )
    before: dict[str, str] = dict(rows.tuples())
    found = [str(ticket.id)]
    while before.get(found[-1]):
        found.append(before[found[-1]])
    return tuple(found)


def check_moves(tenant: str, ticket: Any) -> None:
    """Raises Conflict("moved_too_often"), before one more ticket takes this one's place."""
    if len(past_of(tenant, ticket)) > MAX_MOVES:
        raise Conflict("moved_too_often", "this ticket was handed on too often; ask the organiser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """rows: of one table. page counts from 1."""

    rows: tuple[Any, ...]
    page: int
    pages: int
    total: int


def find_tickets(
    tenant: str, event_id: str, *, query: str = "", state: str = "", page: int = 1, size: int = 50
) -> Page:
    """By number. Every word of the query stands in number, name or address."""
    rows = Entitlement.select().where(Entitlement.tenant == tenant, Entitlement.event_id == event_id)
    for word in query.split()[:8]:
        found = Entitlement.number.contains(word) | Entitlement.name.contains(word) | Entitlement.email.contains(word)
        rows = rows.where(found)
    if state:
        rows = rows.where(Entitlement.state == state)
    return _page(rows, (Entitlement.number,), page, size)


def find_orders(tenant: str, event_id: str, *, page: int = 1, size: int = 50) -> Page:
    """The newest first."""
    rows = TicketOrder.select().where(TicketOrder.tenant == tenant, TicketOrder.event_id == event_id)
    return _page(rows, (TicketOrder.created_at.desc(), TicketOrder.id), page, size)


def count_states(tenant: str, event_id: str) -> dict[str, int]:
    """Tickets by state."""
    rows = (
        Entitlement.select(Entitlement.state, fn.COUNT(Entitlement.id))
        .where(Entitlement.tenant == tenant, Entitlement.event_id == event_id)
        .group_by(Entitlement.state)
    )
    return dict(rows.tuples())


def _page(rows: Any, order: tuple[Any, ...], page: int, size: int) -> Page:
    size = max(1, min(size, MAX_PAGE))
    total = rows.count()
    pages = max(1, -(-total // size))
    page = max(1, min(page, pages))
    return Page(rows=tuple(rows.order_by(*order).paginate(page, size)), page=page, pages=pages, total=total)
