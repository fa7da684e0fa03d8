"""What the registrar does for one person: offer, correct and re-issue, withdraw, a lost phone, suspend and resume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Malformed
from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.catalogue.configurations import SHORT_NAMES
from issuer.flows.change_status import change_status, live_credentials
from issuer.flows.correct_person import CORRECTABLE, correct_person
from issuer.flows.describe_configuration import offered_configurations
from issuer.flows.find_people import find_offer
from issuer.flows.make_offer import make_offer
from issuer.flows.person_facts import find_person
from issuer.flows.reissue import reissue
from issuer.flows.send_offers import queue_mail
from issuer.flows.withdraw import withdraw
from issuer.pages.roll_views import name_of, offerable, title_of
from issuer.routes.page_office import PageOffice, form_texts

NEEDED = frozenset({"family_name", "given_name", "birth_date", "enrolled_on", "status"})
CHOICES = {"status": ("enrolled", "on_leave", "graduated", "withdrawn"), "language": ("ja", "en")}
"""Fields with a fixed list of values: field → values, named by the texts ``roll_status.…`` and ``language_name.…``."""
STATES = {"suspend": "suspended", "resume": "valid", "revoke": "revoked"}


def person_act_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, staff, texts = office.desk, Depends(office.staff), Depends(form_texts)

    @router.get("/{tenant}/staff/people/{person_id}/offer")
    def offer_form(request: Request, tenant: str, person_id: str) -> Response:
        row = find_person(tenant, person_id=person_id)
        return _show(
            office,
            request,
            tenant,
            row,
            "make_offer.html",
            offerable=offerable(row, office.pages.words(request)),
            formats=_formats(office, request, tenant),
            mailable=office.can_mail and bool(row.email),
        )

    @router.post("/{tenant}/staff/people/{person_id}/offer", dependencies=guarded)
    def offer(
        tenant: str,
        person_id: str,
        type: list[str] = Form([]),  # noqa: A002 - the word of the form
        format: list[str] = Form([]),  # noqa: A002 - the word of the form
        send: str = Form("show", max_length=10),
        visitor: Visitor = staff,
    ) -> Response:
        person = find_person(tenant, person_id=person_id)
        made = make_offer(desk, tenant, person, types=type, formats=format, actor=visitor.actor)
        if send == "mail":
            queue_mail(desk, tenant, find_offer(tenant, made.id), actor=visitor.actor)
        return to(f"/{tenant}/staff/offers/{made.id}?done={'mailed' if send == 'mail' else 'offered'}")

    @router.get("/{tenant}/staff/people/{person_id}/correct")
    def correct_form(request: Request, tenant: str, person_id: str) -> Response:
        row = find_person(tenant, person_id=person_id)
        return _correct(office, request, tenant, row, {name: str(getattr(row, name) or "") for name in CORRECTABLE}, {})

    @router.post("/{tenant}/staff/people/{person_id}/correct", dependencies=guarded)
    def correct(
        request: Request,
        tenant: str,
        person_id: str,
        form: dict[str, str] = texts,
        visitor: Visitor = staff,
    ) -> Response:
        row, language = find_person(tenant, person_id=person_id), office.pages.words(request).language
        changes = {name: form[name] for name in CORRECTABLE if name in form}
        done = correct_person(desk, tenant, row, changes, actor=visitor.actor)
        if done.problems:
            problems = {one.field: one.ja if language == "ja" else one.en for one in done.problems}
            return _correct(office, request, tenant, row, changes, problems)
        if done.offer is not None:
            return to(f"/{tenant}/staff/offers/{done.offer.id}?done=corrected")
        return to(f"/{tenant}/staff/people/{person_id}?done=saved")

    @router.get("/{tenant}/staff/people/{person_id}/{what}")
    def confirm(request: Request, tenant: str, person_id: str, what: str) -> Response:
        if what not in ("withdraw", "lost"):
            raise Malformed("unknown_act", "there is no such page")
        row, words = find_person(tenant, person_id=person_id), office.pages.words(request)
        names = dict.fromkeys(one.type_name for one in live_credentials(tenant, row.id))
        titles = [title_of(name, words) for name in names]
        return _show(office, request, tenant, row, "confirm.html", what=what, titles=titles)

    @router.post("/{tenant}/staff/people/{person_id}/withdraw", dependencies=guarded)
    def withdraw_person(tenant: str, person_id: str, visitor: Visitor = staff) -> Response:
        withdraw(desk, tenant, find_person(tenant, person_id=person_id), actor=visitor.actor)
        return to(f"/{tenant}/staff/people/{person_id}?done=withdrawn")

    @router.post("/{tenant}/staff/people/{person_id}/lost", dependencies=guarded)
    def lost(tenant: str, person_id: str, visitor: Visitor = staff) -> Response:
        made = reissue(desk, tenant, find_person(tenant, person_id=person_id), actor=visitor.actor)
        return to(f"/{tenant}/staff/offers/{made.id}?done=lost")

    @router.post("/{tenant}/staff/people/{person_id}/certificates/{credential_id}", dependencies=guarded)
    def move(
        tenant: str,
        person_id: str,
        credential_id: str,
        act: str = Form("", max_length=10),
        visitor: Visitor = staff,
    ) -> Response:
        if act not in STATES:
            raise Malformed("unknown_act", "a certificate can be suspended, resumed or revoked")
        change_status(desk, tenant, credential_id, STATES[act], actor=visitor.actor)  # type: ignore[arg-type]  # one of its states
        return to(f"/{tenant}/staff/people/{person_id}?done=saved")

    return router


def _show(office: PageOffice, request: Request, tenant: str, row: Any, name: str, **context: Any) -> Response:
    person = {"id": row.id, "name": name_of(row)}
    return office.show(request, tenant, name, here="roll", person=person, **context)


def _formats(office: PageOffice, request: Request, tenant: str) -> list[tuple[str, str, str]]:
    """(format, its name, what it is good for)."""
    words = office.pages.words(request)
    roll = [one for one in offered_configurations(office.desk, tenant) if one.type.source == "roll"]
    found = {one.format: SHORT_NAMES[one.format] for one in roll}
    return [
        (form, words.text(f"format_name.{short}"), words.text(f"format_text.{short}")) for form, short in found.items()
    ]


def _correct(
    office: PageOffice, request: Request, tenant: str, row: Any, values: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    words = office.pages.words(request)
    kinds = {"status": "roll_status", "language": "language_name"}
    return _show(
        office,
        request,
        tenant,
        row,
        "correct.html",
        status=400 if problems else 200,
        fields=[(name, values.get(name, "")) for name in CORRECTABLE],
        choices={
            name: [(value, words.text(f"{kinds[name]}.{value}")) for value in allowed]
            for name, allowed in CHOICES.items()
        },
        problems=problems,
        needed=NEEDED,
        has_valid=bool(live_credentials(tenant, row.id)),
    )
