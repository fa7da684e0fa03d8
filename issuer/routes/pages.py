"""All pages of the issuer, and the static files they use."""

from __future__ import annotations

from fastapi import FastAPI

from common.pages.render import Pages
from common.pages.static_files import mount_static
from issuer.deps import Deps
from issuer.routes.page_office import PageOffice
from issuer.routes.pages_card import card_pages
from issuer.routes.pages_claim import claim_pages
from issuer.routes.pages_event_gates import event_gate_pages
from issuer.routes.pages_event_import import event_import_pages
from issuer.routes.pages_event_mail import event_mail_pages
from issuer.routes.pages_event_tickets import event_ticket_pages
from issuer.routes.pages_events import event_pages
from issuer.routes.pages_import import import_pages
from issuer.routes.pages_invite import invite_pages
from issuer.routes.pages_offers import offer_pages
from issuer.routes.pages_person_acts import person_act_pages
from issuer.routes.pages_record import record_pages
from issuer.routes.pages_roll import roll_pages
from issuer.routes.pages_staff_login import staff_login_pages
from issuer.routes.pages_ticket import ticket_pages

PARTS = (
    claim_pages,
    card_pages,
    staff_login_pages,
    roll_pages,
    person_act_pages,
    offer_pages,
    invite_pages,
    import_pages,
    record_pages,
    event_pages,
    event_ticket_pages,
    event_gate_pages,
    event_import_pages,
    event_mail_pages,
    ticket_pages,
)


def mount_pages(app: FastAPI, deps: Deps) -> Pages:
    """To be called after the protocol's and the API's routes: pages have the widest patterns. Answers the renderer, for error pages."""
    office = PageOffice(deps)
    mount_static(app)
    for part in PARTS:
        app.include_router(part(office))
    return office.pages
