"""The registrar's API about people: the roll, one person, corrections, withdrawal, lost phones, single certificates."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile

from common.web.login import Visitor
from issuer.connectors.csv_file import read_rows
from issuer.deps import Deps
from issuer.flows.change_status import change_status
from issuer.flows.correct_person import correct_person
from issuer.flows.find_people import Held, OfferView, find_offer, find_offers, find_people, held_by
from issuer.flows.import_roll import import_roll
from issuer.flows.make_offer import MadeOffer
from issuer.flows.person_facts import find_person
from issuer.flows.reissue import reissue
from issuer.flows.send_offers import queue_mail, require_mail
from issuer.flows.show_offer import types_of
from issuer.flows.withdraw import withdraw
from issuer.routes.staff_models import (
    CertificateOut,
    ChangeStatus,
    Correct,
    CorrectedOut,
    Id,
    ImportOut,
    MadeOfferOut,
    MovedOut,
    OfferOut,
    PeopleOut,
    PersonDetail,
    PersonOut,
    ProblemOut,
    Reissue,
    WithdrawnOut,
)

Page = Annotated[int, Query(ge=1, le=1_000_000)]
Size = Annotated[int, Query(ge=1, le=200)]


def staff_people_routes(deps: Deps) -> APIRouter:
    """Every route needs a staff token of the path's institution."""
    router = APIRouter(prefix="/{tenant}/api", tags=["staff"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))

    @router.post("/roll")
    def import_a_roll(
        tenant: str,
        file: Annotated[UploadFile, File(description="CSV in UTF-8 or Shift_JIS")],
        dry_run: Annotated[bool, Form()] = False,
        visitor: Visitor = staff,
    ) -> ImportOut:
        """Imports a roll; rows that are wrong are reported and left out. Running it again changes nothing."""
        report = import_roll(desk, tenant, read_rows(file.file), actor=visitor.actor, dry_run=dry_run)
        return ImportOut(**asdict(report))

    @router.get("/people")
    def list_people(
        query: Annotated[str, Query(max_length=100)] = "",
        status: Annotated[str, Query(max_length=20)] = "",
        page: Page = 1,
        size: Size = 50,
        visitor: Visitor = staff,
    ) -> PeopleOut:
        """Search by name, reading, student number or mail address."""
        found = find_people(visitor.tenant, query=query, status=status, page=page, size=size)
        return PeopleOut(
            people=[person_out(row) for row in found.people], page=found.page, pages=found.pages, total=found.total
        )

    @router.get("/people/{student_number}")
    def show_person(student_number: Id, visitor: Visitor = staff) -> PersonDetail:
        row = find_person(visitor.tenant, student_number=student_number)
        return PersonDetail(
            person=person_out(row),
            certificates=[certificate_out(one) for one in held_by(desk, visitor.tenant, [row.id])],
            offers=[offer_out(one) for one in find_offers(desk, visitor.tenant, person_ids=[row.id]).offers],
        )

    @router.post("/people/{student_number}/correct")
    def correct(tenant: str, student_number: Id, asked: Correct, visitor: Visitor = staff) -> CorrectedOut:
        """Corrects the roll. Certificates with the old data are revoked when the new ones are issued."""
        row = find_person(tenant, student_number=student_number)
        if asked.mail:
            require_mail(desk, row)
        done = correct_person(desk, tenant, row, asked.changes, actor=visitor.actor, tx_code=asked.tx_code)
        if done.offer is not None and asked.mail:
            queue_mail(desk, tenant, find_offer(tenant, done.offer.id), actor=visitor.actor)
        return CorrectedOut(
            changed=list(done.changed),
            problems=[ProblemOut(**asdict(one)) for one in done.problems],
            offer=None if done.offer is None else made_offer_out(done.offer),
        )

    @router.post("/people/{student_number}/withdraw")
    def withdraw_person(tenant: str, student_number: Id, visitor: Visitor = staff) -> WithdrawnOut:
        """The student has left: enrolment certificates are revoked and open offers end."""
        done = withdraw(desk, tenant, find_person(tenant, student_number=student_number), actor=visitor.actor)
        return WithdrawnOut(revoked=done.revoked, offers=done.offers)

    @router.post("/people/{student_number}/reissue")
    def reissue_lost(tenant: str, student_number: Id, asked: Reissue, visitor: Visitor = staff) -> MadeOfferOut:
        """A lost phone: what it holds is revoked at once, and offered anew."""
        row = find_person(tenant, student_number=student_number)
        if asked.mail:
            require_mail(desk, row)
        made = reissue(desk, tenant, row, actor=visitor.actor, tx_code=asked.tx_code)
        if asked.mail:
            queue_mail(desk, tenant, find_offer(tenant, made.id), actor=visitor.actor)
        return made_offer_out(made)

    @router.post("/certificates/{certificate_id}/status")
    def change_certificate(tenant: str, certificate_id: Id, asked: ChangeStatus, visitor: Visitor = staff) -> MovedOut:
        """Revokes, suspends or reinstates one certificate with all its copies."""
        return MovedOut(copies=len(change_status(desk, tenant, certificate_id, asked.to, actor=visitor.actor)))

    return router


def person_out(row: Any) -> PersonOut:
    return PersonOut(**{name: getattr(row, name) for name in PersonOut.model_fields})


def certificate_out(held: Held) -> CertificateOut:
    values = {name: getattr(held, name) for name in CertificateOut.model_fields if name != "type"}
    return CertificateOut(type=held.type_name, **values)


def offer_out(view: OfferView) -> OfferOut:
    row = view.row
    return OfferOut.model_validate(
        {
            "id": row.id,
            "person_id": row.person_id,
            "types": list(types_of(row)),
            "reason": row.reason,
            "state": view.state,
            "needs_tx_code": row.needs_tx_code,
            "wrong_codes": row.tx_code_wrong if view.state == "dead" or row.state == "open" else 0,
            "mail": view.mail,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
        }
    )


def made_offer_out(made: MadeOffer) -> MadeOfferOut:
    return MadeOfferOut(**{**asdict(made), "configurations": list(made.configurations)})
