"""A credential that is demanded before a ticket is had: the question goes to the verifier, and its verdict decides.

The issuer learns nothing but the verdict, and where the ticket bears a name, whether it is the one that was proved. What was disclosed is
compared and let go.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from common.adapters.database import changed, transaction
from issuer.catalogue.person_claims import age_on
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import tickets_of
from issuer.flows.events.flags import CHIP, NAME, OVER_18, OVER_20
from issuer.flows.events.marks import comparable
from issuer.flows.events.put_question import put_question, verifier_of, write_demand
from issuer.flows.events.sell import hold_event, is_excluded, required_of
from issuer.flows.events.verifier_api import Answer
from issuer.flows.person_facts import today_of
from issuer.store.audit import record
from issuer.store.event_tables import CredentialDemand, Entitlement, TicketOrder

EVERY = 1
"""Seconds between two questions to the verifier about one session, however many pages look at it."""


def find_demand(tenant: str, subject: str) -> Any:
    """The newest row of `CredentialDemand` of this order or transfer, or None."""
    rows = CredentialDemand.select().where(CredentialDemand.tenant == tenant, CredentialDemand.subject == subject)
    return rows.order_by(CredentialDemand.created_at.desc(), CredentialDemand.id).first()


def ensure_demand(desk: Desk, tenant: str, event_id: str, subject: str, *, required: int, again: bool = False) -> Any:
    """The newest demand; a new one where there is none, or where the last one failed and is to be put again.

    Raises Refused("no_verifier"), Unavailable.
    """
    row = find_demand(tenant, subject)
    if row is not None and not (again and row.state == "failed"):
        return row
    put = put_question(desk, required)
    with transaction(desk.database, "demand_credential"):
        write_demand(tenant, event_id, subject, put, at=desk.now)
    return find_demand(tenant, subject)


def look_at_demand(desk: Desk, tenant: str, row: Any, *, required: int, name: str) -> Any:
    """The demand after a look at what the verifier says; asked at most every second. name: on the ticket.

    A demand that has passed or failed stays so. Unavailable leaves it open.
    """
    now = desk.now
    if row.state != "open":
        return row
    mine = (CredentialDemand.tenant == tenant) & (CredentialDemand.id == row.id) & (CredentialDemand.state == "open")
    if now >= row.expires_at:
        CredentialDemand.update(state="failed").where(mine).execute()
        return CredentialDemand.get(CredentialDemand.tenant == tenant, CredentialDemand.id == row.id)
    turn = CredentialDemand.update(asked_at=now).where(mine, CredentialDemand.asked_at <= now - EVERY)
    if not changed(turn):
        return row
    answer = verifier_of(desk).look(row.session)
    if answer.state == "waiting":
        return row
    flags = flags_from(row.question, answer, name=name, today=today_of(now)) if answer.state == "passed" else 0
    done = required & ~flags == 0 and answer.state == "passed"
    with transaction(desk.database, "settle_demand"):
        if changed(CredentialDemand.update(state="passed" if done else "failed", flags=flags).where(mine)):
            act = "demand_met" if done else "demand_not_met"
            record(tenant, at=now, actor="holder", act=act, subject=row.subject, flags=flags)
    return CredentialDemand.get(CredentialDemand.tenant == tenant, CredentialDemand.id == row.id)


def settle_order(desk: Desk, tenant: str, order: Any, *, again: bool = False) -> Any:
    """A held order after a look at the verifier: sold where its demand is met. The row as it stands now. again: put a failed demand anew.

    Raises Unavailable where the verifier does not answer.
    """
    if order.state != "asked":
        return order
    tickets = tickets_of(tenant, order.id)
    required = required_of(tenant, order.event_id, tickets)
    demand = ensure_demand(desk, tenant, order.event_id, order.id, required=required, again=again)
    demand = look_at_demand(desk, tenant, demand, required=required, name=order.name)
    if demand.state == "passed":
        _give(desk, tenant, order, demand.flags)
    return TicketOrder.get(TicketOrder.tenant == tenant, TicketOrder.id == order.id)


def _give(desk: Desk, tenant: str, order: Any, flags: int) -> None:
    now = desk.now
    with transaction(desk.database, "give_tickets"):
        mine = (TicketOrder.tenant == tenant) & (TicketOrder.id == order.id) & (TicketOrder.state == "asked")
        if changed(TicketOrder.update(state="sold", changed_at=now).where(mine)):
            hold_event(tenant, order.event_id)
            barred = is_excluded(desk, tenant, order.event_id, order.name, order.email)  # since they bought
            state = "excluded" if barred else "sold"
            Entitlement.update(state=state, flags=flags, changed_at=now).where(
                Entitlement.tenant == tenant, Entitlement.order_id == order.id, Entitlement.state == "held"
            ).execute()
            record(tenant, at=now, actor="holder", act="tickets_given", subject=order.id)


def lacking_of(row: Any, required: int) -> int:
    """What of the demand was not proved, where it failed. row: of `CredentialDemand`."""
    return required & ~int(row.flags) if row.state == "failed" else 0


def flags_from(question: str, answer: Answer, *, name: str, today: date) -> int:
    """What an answer that passed proves, as flags."""
    if question == "over_18":
        return OVER_18
    if question == "over_20_chip":
        return CHIP | OVER_18 | OVER_20
    flags = CHIP
    if name and comparable(str(answer.claims.get("name", ""))) == comparable(name):
        flags |= NAME
    try:
        age = age_on(date.fromisoformat(str(answer.claims.get("birthdate", ""))), today)
    except ValueError:
        return flags
    return flags | (OVER_18 if age >= 18 else 0) | (OVER_20 if age >= 20 else 0)
