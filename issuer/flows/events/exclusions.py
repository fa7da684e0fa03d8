"""Who is not let in. What is written down of a person becomes a keyed hash here, and at the gates a status of their tickets, nothing more.

An exclusion is written first, at the event's row, where sales queue up; then the tickets that are there fall under it. So a sale at
the same
moment either finds the exclusion or is found by it. Both steps may be repeated.
"""

from __future__ import annotations

import secrets
from typing import Any

from common.adapters.database import transaction
from common.errors import Conflict, Malformed, NotFound
from issuer.flows.change_status import live_credentials, move_credentials
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.flows.events.create_event import count_change
from issuer.flows.events.end_ticket import move_ticket
from issuer.flows.events.find_events import find_event, find_ticket
from issuer.flows.events.marks import Kind, mark_of
from issuer.store.audit import record
from issuer.store.event_tables import Entitlement, EventExclusion
from issuer.store.tables import Credential

AT_ONCE = 200


def exclude_person(desk: Desk, tenant: str, event_id: str, kind: Kind, text: str, *, actor: str) -> int:
    """By mail address or name: no ticket is sold to them, and those they have are excluded; how many those were.

    Namesakes are excluded with them: look at the tickets, and `lift` the others'. Raises NotFound, Malformed("nobody_meant").
    """
    find_event(tenant, event_id)
    mark, now = mark_of(desk, tenant, event_id, kind, text), desk.now
    if not mark:
        raise Malformed("nobody_meant", "say who: a mail address, or a name")
    with transaction(desk.database, "exclude_person"):
        count_change(tenant, event_id)
        made = (
            EventExclusion.insert(
                tenant=tenant, id=secrets.token_hex(12), event_id=event_id, kind=kind, mark=mark, created_at=now
            )
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
        if made == 1:
            record(tenant, at=now, actor=actor, act="person_excluded", subject=event_id, kind=kind)
    column = Entitlement.email_mark if kind == "email" else Entitlement.name_mark
    mine = (Entitlement.tenant == tenant) & (Entitlement.event_id == event_id) & (column == mark)
    done = 0
    while rows := list(Entitlement.select().where(mine, Entitlement.state == "sold").limit(AT_ONCE)):
        done += _exclude(desk, tenant, rows, actor=actor)
    return done


def exclude_ticket(desk: Desk, tenant: str, event_id: str, wanted: str, *, actor: str) -> None:
    """One ticket. Raises NotFound, Conflict("ticket_over")."""
    if not _exclude(desk, tenant, [find_ticket(tenant, event_id, wanted)], actor=actor):
        raise Conflict("ticket_over", "this ticket is no longer what it was: look again")


def lift(desk: Desk, tenant: str, event_id: str, wanted: str, *, actor: str) -> None:
    """An excluded ticket is let in again, with the copies that its holder has. Raises NotFound, Conflict("ticket_over")."""
    ticket, now = find_ticket(tenant, event_id, wanted), desk.now
    with transaction(desk.database, "lift_exclusion"):
        move_ticket(tenant, ticket, ("excluded",), "sold", at=now)
        held = Credential.select().where(
            Credential.tenant == tenant, Credential.person_id == ticket.id, Credential.state == "suspended"
        )
        copies = len(move_credentials(tenant, list(held), "valid", at=now))
        record(tenant, at=now, actor=actor, act="ticket_readmitted", subject=ticket.id, copies=copies)


def forget_exclusion(desk: Desk, tenant: str, event_id: str, exclusion_id: str, *, actor: str) -> None:
    """From now on they may buy; tickets that are excluded stay so until they are lifted. Raises NotFound("no_such_exclusion")."""
    mine = (EventExclusion.tenant == tenant) & (EventExclusion.event_id == event_id)
    with transaction(desk.database, "forget_exclusion"):
        if not EventExclusion.delete().where(mine, EventExclusion.id == exclusion_id).execute():
            raise NotFound("no_such_exclusion", "no such exclusion here")
        record(tenant, at=desk.now, actor=actor, act="exclusion_ended", subject=event_id)


def list_exclusions(tenant: str, event_id: str) -> list[Any]:
    rows = EventExclusion.select().where(EventExclusion.tenant == tenant, EventExclusion.event_id == event_id)
    return list(rows.order_by(EventExclusion.created_at.desc(), EventExclusion.id))


def _exclude(desk: Desk, tenant: str, tickets: list[Any], *, actor: str) -> int:
    """sold → excluded, and all their copies are suspended: the same ones are good again if the exclusion is lifted.

    How many. Those that were refunded, upgraded or handed on meanwhile are left alone: none of them keeps the others from being excluded.
    """
    now, done = desk.now, 0
    with transaction(desk.database, "exclude_tickets"):
        for ticket in sorted(tickets, key=lambda one: str(one.id)):
            try:
                move_ticket(tenant, ticket, ("sold",), "excluded", at=now)
            except Conflict:
                continue
            done += 1
            end_claims(tenant, ticket.id, now=now)
            move_credentials(tenant, live_credentials(tenant, ticket.id), "suspended", at=now, why="excluded")
            record(tenant, at=now, actor=actor, act="ticket_excluded", subject=ticket.id)
    return done
