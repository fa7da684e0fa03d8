"""Hands a ticket to another person by a link. In the moment they take it, everything of the old ticket dies and theirs begins.

A class that demands a credential demands it of who takes the ticket, before the old one falls: nobody is left without.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

from common.adapters.database import changed, transaction
from common.errors import Conflict, Malformed, NotFound, Refused
from common.mail_address import parse_mail_address
from issuer.flows.desk import Desk
from issuer.flows.events.demand import ensure_demand, look_at_demand
from issuer.flows.events.end_ticket import end_ticket, require_sold
from issuer.flows.events.find_events import check_moves, find_event, find_ticket
from issuer.flows.events.flags import NAME
from issuer.flows.events.sell import Wish, check_name, hold_event, refuse_excluded, required_of, ticket_row
from issuer.flows.tenant_secrets import digest
from issuer.store.audit import record
from issuer.store.event_tables import Entitlement, TicketTransfer


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLink:
    """url: for the person who shall have the ticket; whoever has it may take it."""

    id: str
    url: str = field(repr=False)
    expires_at: int


def open_transfer(desk: Desk, tenant: str, event_id: str, wanted: str, *, actor: str) -> TransferLink:
    """An invitation to take this ticket over; one that was open already is that one. The ticket is its holder's until it is taken.

    Raises NotFound, Conflict("sale_over") after the event, Conflict("moved_too_often").
    """
    ticket, now = require_sold(find_ticket(tenant, event_id, wanted)), desk.now
    event = find_event(tenant, event_id)
    if event.ends_at <= now:
        raise Conflict("sale_over", "the event is over")
    if (known := transfer_of_ticket(desk, tenant, ticket)) is not None:
        return known
    check_moves(tenant, ticket)
    transfer_id = secrets.token_hex(12)
    expires_at = min(now + desk.settings.transfer_seconds, event.ends_at)
    with transaction(desk.database, "open_transfer"):
        TicketTransfer.insert(
            tenant=tenant,
            id=transfer_id,
            event_id=event_id,
            entitlement_id=ticket.id,
            token_hash=digest(desk.secrets.token(tenant, "transfer", transfer_id)),
            created_at=now,
            expires_at=expires_at,
        ).execute()
        record(tenant, at=now, actor=actor, act="transfer_opened", subject=ticket.id)
    return _link(desk, tenant, TicketTransfer.get(TicketTransfer.tenant == tenant, TicketTransfer.id == transfer_id))


def transfer_of_ticket(desk: Desk, tenant: str, ticket: Any) -> TransferLink | None:
    """The invitation that is open, if there is one."""
    mine = (TicketTransfer.tenant == tenant) & (TicketTransfer.entitlement_id == ticket.id)
    row = TicketTransfer.get_or_none(mine, TicketTransfer.state == "open", TicketTransfer.expires_at > desk.now)
    return None if row is None else _link(desk, tenant, row)


def cancel_transfer(desk: Desk, tenant: str, event_id: str, wanted: str, *, actor: str) -> None:
    """Raises NotFound("no_such_ticket" | "no_such_transfer")."""
    withdraw_transfer(desk, tenant, find_ticket(tenant, event_id, wanted), actor=actor)


def withdraw_transfer(desk: Desk, tenant: str, ticket: Any, *, actor: str) -> None:
    """ticket: a row of `Entitlement`. Raises NotFound("no_such_transfer")."""
    mine = (TicketTransfer.tenant == tenant) & (TicketTransfer.entitlement_id == ticket.id)
    with transaction(desk.database, "cancel_transfer"):
        if not TicketTransfer.update(state="cancelled").where(mine, TicketTransfer.state == "open").execute():
            raise NotFound("no_such_transfer", "nobody is invited to take this ticket")
        record(tenant, at=desk.now, actor=actor, act="transfer_cancelled", subject=ticket.id)


def transfer_of_token(tenant: str, token: str) -> Any:
    """A row of `TicketTransfer`, whatever became of it. Raises NotFound("no_such_transfer")."""
    row = TicketTransfer.get_or_none(TicketTransfer.tenant == tenant, TicketTransfer.token_hash == digest(token))
    if row is None:
        raise NotFound("no_such_transfer", "this invitation is unknown")
    return row


def name_taker(desk: Desk, tenant: str, row: Any, *, name: str, email: str, taker: str = "") -> Any:
    """Who wants the ticket; where a credential is demanded, it is compared with this name. taker: a secret of their browser's.

    Raises Malformed, Refused, Conflict.
    """
    ticket = _ticket(desk, tenant, row)
    name, email = check_name(name), parse_mail_address(email) if email.strip() else ""
    if required_of(tenant, row.event_id, [ticket]) & NAME and not name:
        raise Malformed("name_needed", "this ticket bears a name, which is compared with the credential's")
    refuse_excluded(desk, tenant, row.event_id, name, email)
    mine = (TicketTransfer.tenant == tenant) & (TicketTransfer.id == row.id) & (TicketTransfer.state == "open")
    if not changed(TicketTransfer.update(taker_hash=digest(taker), name=name, email=email).where(mine)):
        raise _over()
    return TicketTransfer.get(TicketTransfer.tenant == tenant, TicketTransfer.id == row.id)


def is_taker(row: Any, taker: str) -> bool:
    """Whether this is the browser in which the taker said who they are: the link alone is known to who had the ticket before, too."""
    return bool(row.taker_hash) and hmac.compare_digest(row.taker_hash, digest(taker))


def demand_of_taker(desk: Desk, tenant: str, row: Any, *, again: bool = False) -> Any:
    """What is demanded of who takes it, after a look at the verifier; None where nothing is. again: put a failed demand anew.

    Raises Unavailable, Refused, Conflict.
    """
    required = required_of(tenant, row.event_id, [_ticket(desk, tenant, row)])
    if not required:
        return None
    demand = ensure_demand(desk, tenant, row.event_id, demand_subject(row), required=required, again=again)
    return look_at_demand(desk, tenant, demand, required=required, name=row.name)


def demand_subject(row: Any) -> str:
    """For whom something is demanded: this taker by this name. What one person proved counts for nobody by another name."""
    taker = hashlib.sha256(f"{row.taker_hash}\x1f{row.name}".encode()).hexdigest()
    return f"{row.id}{taker[:8]}"


def take_ticket(desk: Desk, tenant: str, row: Any) -> Any:
    """The taker's ticket, a row of `Entitlement`. Taken once: said again it is the same ticket.

    Raises Conflict("transfer_over"), Refused("demand_not_met" | "buyer_excluded"), Unavailable.
    """
    if row.state == "taken":
        return Entitlement.get(Entitlement.tenant == tenant, Entitlement.id == row.taken_by)
    ticket, now = _ticket(desk, tenant, row), desk.now
    demand = demand_of_taker(desk, tenant, row)
    if demand is not None and demand.state != "passed":
        raise Refused("demand_not_met", "this ticket demands a credential, which has not been shown yet")
    wish = Wish(quantities={}, name=row.name, email=row.email)
    flags = 0 if demand is None else demand.flags
    made = ticket_row(
        desk,
        tenant,
        row.event_id,
        ticket.class_number,
        ticket.order_id,
        wish,
        state="sold",
        flags=flags,
        replaces=ticket.id,
    )
    with transaction(desk.database, "take_ticket"):
        mine = (TicketTransfer.tenant == tenant) & (TicketTransfer.id == row.id)
        still = (TicketTransfer.state == "open") & (TicketTransfer.expires_at > now)
        still &= (TicketTransfer.taker_hash == row.taker_hash) & (
            TicketTransfer.name == row.name
        )  # nobody came between
        if not changed(TicketTransfer.update(state="taken", taken_by=made["id"]).where(mine, still)):
            raise _over()
        copies = end_ticket(tenant, ticket, "transferred", at=now, replaced_by=made["id"])
        hold_event(tenant, row.event_id)
        refuse_excluded(desk, tenant, row.event_id, row.name, row.email)
        Entitlement.insert(**made).execute()
        record(
            tenant, at=now, actor="holder", act="ticket_transferred", subject=ticket.id, copies=copies, to=made["id"]
        )
    return find_ticket(tenant, row.event_id, made["id"])


def _ticket(desk: Desk, tenant: str, row: Any) -> Any:
    if row.state != "open" or row.expires_at <= desk.now:
        raise _over()
    ticket = Entitlement.get(Entitlement.tenant == tenant, Entitlement.id == row.entitlement_id)
    if ticket.state != "sold":
        raise _over()
    return ticket


def _link(desk: Desk, tenant: str, row: Any) -> TransferLink:
    url = desk.addresses.transfer(tenant, desk.secrets.token(tenant, "transfer", row.id))
    return TransferLink(id=row.id, url=url, expires_at=row.expires_at)


def _over() -> Conflict:
    return Conflict("transfer_over", "this invitation is over: the ticket was taken, or withdrawn")
