"""What a ticket's certificates and passes state, as long as somebody has it."""

from __future__ import annotations

from typing import Any

from common.encoding import parse_json
from issuer.catalogue.contract import TicketFacts
from issuer.flows.events.find_events import class_of, entrances_of, find_event
from issuer.store.event_tables import Entitlement, TicketOrder

MAX_ENTRANCE = 200
GRACE = 6 * 3600
"""Seconds after the event's end in which a ticket still counts: an evening may last, and who went out may come in again."""


def ticket_facts(tenant: str, ticket_id: str) -> TicketFacts | None:
    """None where nobody has the ticket (any more). Texts are in the language of who bought it."""
    row: Any = Entitlement.get_or_none(
        Entitlement.tenant == tenant, Entitlement.id == ticket_id, Entitlement.state == "sold"
    )
    if row is None:
        return None
    event, kind = find_event(tenant, row.event_id), class_of(tenant, row.event_id, row.class_number)
    order = TicketOrder.get_or_none(TicketOrder.tenant == tenant, TicketOrder.id == row.order_id)
    english = order is not None and order.language == "en"
    return TicketFacts(
        number=row.number,
        event_id=event.id,
        event_name=event.name_en if english else event.name_ja,
        venue=event.venue,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        class_number=kind.number,
        class_name=kind.name_en if english else kind.name_ja,
        flags=row.flags,
        entrance=_entrances(tenant, row.event_id, kind, english=english),
    )


def _entrances(tenant: str, event_id: str, kind: Any, *, english: bool) -> str:
    """Names of the entrances that the class may use; all of them where it names none."""
    only = parse_json(kind.entrances)
    names = [
        one.name_en if english else one.name_ja
        for one in entrances_of(tenant, event_id)
        if not only or one.number in only
    ]
    return (", " if english else "、").join(names)[:MAX_ENTRANCE]


def end_of_ticket(facts: TicketFacts) -> int:
    """When what is issued of it expires, seconds since 1970."""
    return facts.ends_at + GRACE
