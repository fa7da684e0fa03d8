"""A ticket falls: everything that was made from it is revoked in the same transaction, and nothing more can be claimed of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from common.adapters.database import changed, transaction
from common.errors import Conflict, NotFound, Refused
from issuer.flows.change_status import live_credentials, move_credentials
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.flows.events.find_events import check_moves, class_of, find_ticket
from issuer.flows.events.sell import Wish, give_class_room_back, give_room_back, take_class_room, ticket_row
from issuer.store.audit import record
from issuer.store.event_tables import Entitlement, TicketTransfer

End = Literal["transferred", "refunded", "upgraded"]


def move_ticket(tenant: str, ticket: Any, before: Sequence[str], after: str, *, at: int, **columns: Any) -> None:
    """One conditional UPDATE, inside the caller's transaction. Raises Conflict("ticket_over") where the ticket is in no such state."""
    mine = (Entitlement.tenant == tenant) & (Entitlement.id == ticket.id) & Entitlement.state.in_(list(before))
    if not changed(Entitlement.update(state=after, changed_at=at, **columns).where(mine)):
        raise Conflict("ticket_over", "this ticket is no longer what it was: look again")


def end_ticket(
    tenant: str, ticket: Any, to: End, *, at: int, before: Sequence[str] = ("sold",), replaced_by: str = ""
) -> int:
    """Inside the caller's transaction: sold → to, all its copies revoked, its offers and transfers over. How many copies."""
    move_ticket(tenant, ticket, before, to, at=at, replaced_by=replaced_by)
    TicketTransfer.update(state="cancelled").where(
        TicketTransfer.tenant == tenant, TicketTransfer.entitlement_id == ticket.id, TicketTransfer.state == "open"
    ).execute()
    return end_copies(tenant, ticket.id, at=at, why=to)


def end_copies(tenant: str, ticket_id: str, *, at: int, why: str) -> int:
    """Inside the caller's transaction. The grants go first: see `end_claims`."""
    end_claims(tenant, ticket_id, now=at)
    return len(move_credentials(tenant, live_credentials(tenant, ticket_id), "revoked", at=at, why=why))


def refund(desk: Desk, tenant: str, event_id: str, wanted: str, *, actor: str) -> int:
    """The ticket ends and its place is free again; how many copies were revoked. wanted: its id or number. Also of an excluded one.

    Paying back is the seller's. Raises NotFound("no_such_ticket"), Conflict("ticket_over").
    """
    ticket, now = find_ticket(tenant, event_id, wanted), desk.now
    with transaction(desk.database, "refund"):
        copies = end_ticket(tenant, ticket, "refunded", at=now, before=("sold", "excluded"))
        give_room_back(tenant, event_id, {ticket.class_number: 1})
        record(tenant, at=now, actor=actor, act="ticket_refunded", subject=ticket.id, copies=copies)
    return copies


def upgrade(desk: Desk, tenant: str, event_id: str, wanted: str, to_class: int, *, actor: str) -> Any:
    """Another ticket, of another class, in the place of this one, which ends: a row of `Entitlement`.

    Raises NotFound, Conflict("ticket_over" | "sold_out" | "as_it_is" | "moved_too_often"), Refused("proof_needed") where the other class
    demands what was not verified of this ticket's holder.
    """
    ticket, kind, now = find_ticket(tenant, event_id, wanted), class_of(tenant, event_id, to_class), desk.now
    if kind.number == ticket.class_number:
        raise Conflict("as_it_is", "the ticket is of this class already")
    if kind.required & ~ticket.flags:
        raise Refused("proof_needed", "this class demands a credential: let it be bought anew, and refund this ticket")
    check_moves(tenant, ticket)
    row = _successor(desk, tenant, ticket, kind.number)
    with transaction(desk.database, "upgrade"):
        copies = end_ticket(tenant, ticket, "upgraded", at=now, replaced_by=row["id"])
        take_class_room(tenant, event_id, kind.number, 1)
        give_class_room_back(tenant, event_id, ticket.class_number, 1)
        Entitlement.insert(**row).execute()
        record(tenant, at=now, actor=actor, act="ticket_upgraded", subject=ticket.id, copies=copies, to=row["id"])
    return find_ticket(tenant, event_id, row["id"])


def lost(desk: Desk, tenant: str, event_id: str, wanted: str, *, actor: str) -> int:
    """A lost phone: all copies of the ticket fall at once, the ticket stays and can be received anew. How many copies.

    Raises NotFound, Conflict("ticket_over").
    """
    ticket, now = find_ticket(tenant, event_id, wanted), desk.now
    with transaction(desk.database, "ticket_lost"):
        move_ticket(tenant, ticket, ("sold",), "sold", at=now)
        copies = end_copies(tenant, ticket.id, at=now, why="lost")
        record(tenant, at=now, actor=actor, act="ticket_lost", subject=ticket.id, copies=copies)
    return copies


def require_sold(ticket: Any) -> Any:
    """Raises NotFound("ticket_not_had"): a ticket that is not its holder's (any more) opens nothing."""
    if ticket.state != "sold":
        raise not_had()
    return ticket


def not_had() -> NotFound:
    return NotFound("ticket_not_had", "there is nothing to be had of this ticket")


def _successor(desk: Desk, tenant: str, ticket: Any, number: int) -> dict[str, Any]:
    wish = Wish(quantities={}, name=ticket.name, email=ticket.email)
    return ticket_row(
        desk,
        tenant,
        ticket.event_id,
        number,
        ticket.order_id,
        wish,
        state="sold",
        flags=ticket.flags,
        replaces=ticket.id,
    )
