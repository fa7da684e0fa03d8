"""Offers: all of them with their states, one of them with its QR code and transaction code, and sending to many."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Malformed, NotFound
from common.pages.catalogue import Words
from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.catalogue.registry import of_roll
from issuer.flows.cancel_offer import cancel_offer
from issuer.flows.change_status import State, change_status
from issuer.flows.find_people import find_offer, find_offers, held_by
from issuer.flows.make_offer import describe_offer
from issuer.flows.offer_many import offer_many
from issuer.flows.person_facts import find_person
from issuer.flows.send_offers import queue_mail
from issuer.pages.roll_views import name_of, offer_facts, title_of, view_certificate, view_offer
from issuer.routes.page_office import PageOffice
from issuer.store.tables import CardReading, Person

STATES: Mapping[str, State] = {"suspend": "suspended", "resume": "valid", "revoke": "revoked"}
COUNTED = ("open", "issued", "expired", "dead")


def offer_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, staff = office.desk, Depends(office.staff)

    @router.get("/{tenant}/staff/offers")
    def offers(request: Request, tenant: str, page: int = 1) -> Response:
        words = office.pages.words(request)
        found = find_offers(desk, tenant, page=page)
        names = people_of(tenant, [one.row.person_id for one in found.offers if one.row.reason != "card"])
        names |= cards_of(tenant, [one.row.person_id for one in found.offers if one.row.reason == "card"], words)
        return office.show(
            request,
            tenant,
            "offers.html",
            here="offers",
            counts=[(state, find_offers(desk, tenant, state=state, size=1).total) for state in COUNTED],
            offers=[view_offer(one, words, person=names.get(one.row.person_id, "")) for one in found.offers],
            page=found.page,
            pages=found.pages,
            href=lambda number: "?" + urlencode({"page": number}),
            types=[(kind.name, kind.title[words.language]) for kind in of_roll()],
        )

    @router.get("/{tenant}/staff/offers/many")
    def many_question(request: Request, tenant: str, type: str = "enrolment") -> Response:  # noqa: A002
        report = offer_many(desk, tenant, type, actor="", dry_run=True)
        count = report.people - report.without_mail
        return office.show(
            request,
            tenant,
            "many.html",
            here="offers",
            type=type,
            title=title_of(type, office.pages.words(request)),
            count=count,
            without_mail=report.without_mail,
            minutes=max(1, -(-count // desk.settings.mails_per_minute)),
        )

    @router.post("/{tenant}/staff/offers/many", dependencies=guarded)
    def many(tenant: str, type: str = Form("", max_length=64), visitor: Visitor = staff) -> Response:  # noqa: A002
        offer_many(desk, tenant, type, actor=visitor.actor)
        return to(f"/{tenant}/staff/offers?done=many")

    @router.get("/{tenant}/staff/offers/{offer_id}")
    def offer(request: Request, tenant: str, offer_id: str) -> Response:
        words, row = office.pages.words(request), find_offer(tenant, offer_id)
        person = None if row.reason == "card" else find_person(tenant, person_id=row.person_id)
        found = find_offers(desk, tenant, person_ids=[row.person_id], size=200).offers
        view = next(one for one in found if one.row.id == offer_id)
        made = describe_offer(desk, tenant, row)
        is_open = view.state == "open"
        held = [] if person else held_by(desk, tenant, [row.person_id])
        return office.show(
            request,
            tenant,
            "offer.html",
            here="offers",
            offer=view_offer(view, words),
            person={"id": person.id, "name": name_of(person)} if person else None,
            card=cards_of(tenant, [row.person_id], words)[row.person_id] if person is None else "",
            certificates=[view_certificate(one, words) for one in held],
            facts=offer_facts(view, words),
            claim_url=made.claim_url if is_open else "",
            tx_code=(made.tx_code or "") if is_open else "",
            mailable=office.can_mail and bool(person and person.email),
        )

    @router.post("/{tenant}/staff/offers/{offer_id}/mail", dependencies=guarded)
    def mail(tenant: str, offer_id: str, visitor: Visitor = staff) -> Response:
        queue_mail(desk, tenant, find_offer(tenant, offer_id), actor=visitor.actor)
        return to(f"/{tenant}/staff/offers/{offer_id}?done=mailed")

    @router.post("/{tenant}/staff/offers/{offer_id}/cancel", dependencies=guarded)
    def cancel(tenant: str, offer_id: str, visitor: Visitor = staff) -> Response:
        cancel_offer(desk, tenant, offer_id, actor=visitor.actor)
        return to(f"/{tenant}/staff/offers/{offer_id}?done=cancelled")

    @router.post("/{tenant}/staff/offers/{offer_id}/certificates/{credential_id}", dependencies=guarded)
    def move(
        tenant: str, offer_id: str, credential_id: str, act: str = Form("", max_length=10), visitor: Visitor = staff
    ) -> Response:
        """One certificate that was issued from a card; those of people are moved on their own pages."""
        row = find_offer(tenant, offer_id)
        if row.reason != "card" or credential_id not in {one.id for one in held_by(desk, tenant, [row.person_id])}:
            raise NotFound("no_such_credential", "no such certificate was issued from this card")
        if act not in STATES:
            raise Malformed("unknown_act", "a certificate can be suspended, resumed or revoked")
        change_status(desk, tenant, credential_id, STATES[act], actor=visitor.actor)
        return to(f"/{tenant}/staff/offers/{offer_id}?done=saved")

    return router


def cards_of(tenant: str, reading_ids: list[str], words: Words) -> dict[str, str]:
    """What stands for a name where an offer was made from a card: its kind. Whose card it was is told to nobody who merely looks."""
    rows = CardReading.select(CardReading.id, CardReading.card).where(
        CardReading.tenant == tenant, CardReading.id.in_(reading_ids)
    )
    kinds: dict[str, str] = dict(rows.tuples())
    card = words.text("offers.from_card")
    return {one: words(f"card_kind.{kinds[one]}", card) if one in kinds else card for one in reading_ids}


def people_of(tenant: str, person_ids: list[str]) -> dict[str, str]:
    """Names by person id, for a page of offers. Nobody for people whose rows have been deleted since."""
    return {row.id: name_of(row) for row in Person.select().where(Person.tenant == tenant, Person.id.in_(person_ids))}
