"""The registrar's roll: the list with its search, and one person."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from common.pages.route import page_router
from issuer.flows.find_people import find_offers, find_people, held_by
from issuer.flows.person_facts import find_person
from issuer.pages.roll_views import (
    kana_of,
    list_people,
    name_of,
    offerable,
    person_facts,
    view_certificate,
    view_offer,
)
from issuer.routes.page_office import PageOffice

STATUSES = ("enrolled", "on_leave", "graduated", "withdrawn")


def roll_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    desk = office.desk

    @router.get("/{tenant}/staff/roll")
    def roll(request: Request, tenant: str, q: str = "", status: str = "", page: int = 1) -> Response:
        q = q[:100].strip()
        words = office.pages.words(request)
        found = find_people(tenant, query=q, status=status if status in STATUSES else "", page=page)
        ids = [person.id for person in found.people]
        offers = find_offers(desk, tenant, person_ids=ids, size=200).offers
        return office.show(
            request,
            tenant,
            "roll.html",
            here="roll",
            people=list_people(found.people, held_by(desk, tenant, ids), offers),
            total=found.total,
            page=found.page,
            pages=found.pages,
            query=q,
            chosen_status=status,
            statuses=[
                ("", words.text("roll.every_status")),
                *((one, words.text(f"roll_status.{one}")) for one in STATUSES),
            ],
            href=lambda number: "?" + urlencode({"q": q, "status": status, "page": number}),
        )

    @router.get("/{tenant}/staff/people/{person_id}")
    def person(request: Request, tenant: str, person_id: str) -> Response:
        words, row = office.pages.words(request), find_person(tenant, person_id=person_id)
        held = held_by(desk, tenant, [row.id])
        return office.show(
            request,
            tenant,
            "person.html",
            here="roll",
            person={"id": row.id, "name": name_of(row), "kana": kana_of(row), "facts": person_facts(row, words)},
            certificates=[view_certificate(one, words) for one in held],
            offers=[view_offer(one, words) for one in find_offers(desk, tenant, person_ids=[row.id]).offers],
            offerable=offerable(row, words),
            has_valid=any(one.state in ("valid", "suspended") for one in held),
            can_withdraw=row.status != "withdrawn",
        )

    return router
