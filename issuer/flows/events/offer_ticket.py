"""Offers a ticket to its holder's wallet: in every form that it has here, the gate pass among them. One offer at a time."""

from __future__ import annotations

from typing import Any

from common.adapters.database import changed, transaction
from issuer.catalogue.contract import GATE_PASS
from issuer.catalogue.ticket import TICKET
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.flows.events.end_ticket import not_had, require_sold
from issuer.flows.events.find_events import find_event
from issuer.flows.make_offer import MadeOffer, choose_configurations, describe_offer, write_offer
from issuer.store.event_tables import Entitlement
from issuer.store.tables import Offer

ALWAYS = ("mso_mdoc", GATE_PASS)
"""Beside those of the setting ``offered_formats``; the mdoc where there is an IACA."""


def open_offer(desk: Desk, tenant: str, ticket: Any) -> MadeOffer | None:
    """The offer that waits to be taken, if there is one."""
    row = _open(desk, tenant, ticket.id)
    return None if row is None else describe_offer(desk, tenant, row)


def offer_ticket(desk: Desk, tenant: str, ticket: Any, *, actor: str) -> MadeOffer:
    """ticket: a row of `Entitlement`. An offer that waits is that one; else a new one, and who takes it has the ticket from then on: what
    was issued of it before falls in that moment (a lost phone, a browser that forgot its key).

    No transaction code: whoever has the link to the ticket's page has the ticket. Raises NotFound("ticket_not_had").
    """
    require_sold(ticket)
    if (known := open_offer(desk, tenant, ticket)) is not None:
        return known
    chosen = [form for form in desk.settings.offered_formats if form in TICKET.formats and form not in ALWAYS]
    forms = [*(chosen or TICKET.formats[:1]), *ALWAYS]
    if desk.certify_documents is None:
        forms.remove("mso_mdoc")
    wanted = choose_configurations(desk, tenant, [TICKET], forms)
    ends_at = find_event(tenant, ticket.event_id).ends_at
    with transaction(desk.database, "offer_ticket"):
        # the ticket's row is ours from here on: of two who press at once the second finds the first one's offer
        mine = (Entitlement.tenant == tenant) & (Entitlement.id == ticket.id) & (Entitlement.state == "sold")
        if not changed(Entitlement.update(passes=Entitlement.passes).where(mine)):
            raise not_had()
        row = _open(desk, tenant, ticket.id)
        if row is None:
            end_claims(tenant, ticket.id, now=desk.now)
            row = write_offer(
                desk,
                tenant,
                ticket.id,
                wanted,
                reason="ticket",
                tx_code=False,
                expires_at=max(desk.now + 60, min(ends_at, desk.now + desk.settings.offer_seconds)),
                actor=actor,
            )
    return describe_offer(desk, tenant, row)


def _open(desk: Desk, tenant: str, ticket_id: str) -> Any:
    mine = (Offer.tenant == tenant) & (Offer.person_id == ticket_id) & (Offer.state == "open")
    return Offer.get_or_none(mine, Offer.expires_at > desk.now)
