"""The regular work about events: room that is held too long is free again; buyers are forgotten when an event is long over.

What stays of an event is what names nobody: the event, its classes and counts, the audit record. Passes that could still be shown keep the
row by which they can be revoked, as all credentials do.
"""

from __future__ import annotations

from typing import Any

from common.adapters.database import transaction
from issuer.flows.desk import Desk
from issuer.flows.events.sell import release_held
from issuer.store.audit import record
from issuer.store.event_tables import (
    CredentialDemand,
    Entitlement,
    Event,
    EventExclusion,
    EventGate,
    EventPack,
    GateCode,
    GatePass,
    TicketMail,
    TicketOrder,
    TicketTransfer,
)

WITH_BUYERS: tuple[Any, ...] = (TicketMail, TicketTransfer, CredentialDemand, GatePass, TicketOrder, Entitlement)
OF_GATES: tuple[Any, ...] = (EventExclusion, GateCode, EventGate, EventPack)


def tend_tickets(desk: Desk, tenant: str) -> int:
    """Each round. How many orders were released."""
    return release_held(desk, tenant)


def forget_events(desk: Desk, tenant: str) -> int:
    """Once an hour. How many rows were deleted."""
    old = desk.now - desk.settings.event_retention
    rows = Event.select(Event.id).where(Event.tenant == tenant, Event.ends_at <= old)
    done = 0
    for (event_id,) in list(rows.tuples()):
        with transaction(desk.database, "forget_event"):
            gone = 0
            for table in (*WITH_BUYERS, *OF_GATES):
                gone += int(table.delete().where(table.tenant == tenant, table.event_id == event_id).execute())
            if gone:
                record(tenant, at=desk.now, actor="job:retention", act="event_forgotten", subject=event_id, rows=gone)
        done += gone
    return done
