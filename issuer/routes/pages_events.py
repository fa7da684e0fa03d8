"""Events, for the organiser: the list, one event with its numbers, the form by which it is made and changed, and its pack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from common.encoding import parse_json
from common.errors import Conflict, Malformed
from common.pages.catalogue import Words
from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.flows.events.create_event import change_event, create_event, set_sales
from issuer.flows.events.find_events import classes_of, count_states, entrances_of, find_event, list_events, plan_of
from issuer.flows.events.flags import FLAGS
from issuer.flows.events.pack import current_pack, gates_of
from issuer.flows.events.plan import BadPlan, larger_than_the_event
from issuer.pages.event_views import (
    entrance_names,
    flag_names,
    form_of,
    is_wrong_inside,
    name_of,
    read_form,
    rows_of,
    rules_of,
    windows_of,
)
from issuer.routes.event_gates import CBOR
from issuer.routes.page_office import PageOffice, form_texts

NEW = {"capacity": "1000", "undetermined": "refuse", "entrance_1_name_ja": "入口", "entrance_1_name_en": "Entrance"}
STATES = ("sold", "held", "excluded", "transferred", "refunded", "upgraded")


def event_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, staff = office.desk, Depends(office.staff)

    @router.get("/{tenant}/staff/events")
    def events(request: Request, tenant: str) -> Response:
        words = office.pages.words(request)
        rows = [
            {
                "id": row.id,
                "name": name_of(row, words),
                "starts_at": row.starts_at,
                "state": row.state,
                "sold": row.sold,
            }
            | {"capacity": row.capacity, "over": row.ends_at <= desk.now}
            for row in list_events(tenant)
        ]
        return office.show(request, tenant, "events.html", here="events", events=rows)

    @router.get("/{tenant}/staff/events/new")
    def new(request: Request, tenant: str) -> Response:
        return form(request, tenant, NEW)

    @router.post("/{tenant}/staff/events/new", dependencies=guarded)
    def create(
        request: Request, tenant: str, fields: dict[str, str] = Depends(form_texts), visitor: Visitor = staff
    ) -> Response:
        try:
            made = create_event(desk, tenant, read_form(fields), actor=visitor.actor)
        except Malformed as error:
            return form(request, tenant, fields, error=error)
        return to(f"/{tenant}/staff/events/{made.id}?done=event_made")

    @router.get("/{tenant}/staff/events/{event_id}")
    def event(request: Request, tenant: str, event_id: str) -> Response:
        row, words = find_event(tenant, event_id), office.pages.words(request)
        plan = plan_of(row)
        states, entrances = count_states(tenant, event_id), entrances_of(tenant, event_id)
        classes = [
            {"name": name_of(one, words), "sold": one.sold, "capacity": one.capacity, "paper": one.paper}
            | {"windows": parse_json(one.windows), "larger": one.number in larger_than_the_event(plan)}
            | {"required": flag_names(one.required, words), "at": entrance_names(one.entrances, entrances, words)}
            for one in classes_of(tenant, event_id)
        ]
        gates = gates_of(tenant, event_id)
        return show_event(
            office,
            request,
            row,
            "event.html",
            "overview",
            counts=[(state, states.get(state, 0)) for state in STATES],
            classes=classes,
            entrances=[{"name": name_of(one, words), "challenge": one.challenge} for one in entrances],
            gates=len([one for one in gates if one.locked_at is None]),
            rules=rules_of(plan, words),
            over=row.ends_at <= desk.now,
        )

    @router.get("/{tenant}/staff/events/{event_id}/edit")
    def edit(request: Request, tenant: str, event_id: str) -> Response:
        row = find_event(tenant, event_id)
        return form(request, tenant, form_of(plan_of(row)), row=row)

    @router.post("/{tenant}/staff/events/{event_id}/edit", dependencies=guarded)
    def change(
        request: Request,
        tenant: str,
        event_id: str,
        fields: dict[str, str] = Depends(form_texts),
        visitor: Visitor = staff,
    ) -> Response:
        row = find_event(tenant, event_id)
        try:
            change_event(desk, tenant, event_id, read_form(fields), actor=visitor.actor)
        except (Malformed, Conflict) as error:
            return form(request, tenant, fields, row=row, error=error)
        return to(f"/{tenant}/staff/events/{event_id}?done=saved")

    @router.post("/{tenant}/staff/events/{event_id}/sales", dependencies=guarded)
    def sales(tenant: str, event_id: str, visitor: Visitor = staff) -> Response:
        row = find_event(tenant, event_id)
        set_sales(desk, tenant, event_id, is_open=row.state != "open", actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}?done=saved")

    @router.get("/{tenant}/staff/events/{event_id}/pack")
    def pack(tenant: str, event_id: str) -> Response:
        """The file for a stick, where there is no network."""
        found = current_pack(desk, tenant, event_id)
        name = f'attachment; filename="{event_id}.tgpack"'
        return Response(found.file, media_type=CBOR, headers={"Content-Disposition": name, "Cache-Control": "no-store"})

    def form(
        request: Request,
        tenant: str,
        fields: Mapping[str, str],
        *,
        row: Any = None,
        error: Malformed | Conflict | None = None,
    ) -> Response:
        words = office.pages.words(request)
        wrong = _wrong(error, words)
        return office.show(
            request,
            tenant,
            "event_form.html",
            status=200 if error is None else 409 if isinstance(error, Conflict) else 400,
            here="events",
            event=None if row is None else {"id": row.id, "name": name_of(row, words)},
            fields=fields,
            classes=[
                (number, windows_of(fields, number), is_wrong_inside(wrong, number))
                for number in rows_of(fields, "class")
            ],
            entrances=rows_of(fields, "entrance"),
            flags=list(FLAGS),
            wrong=wrong,
        )

    return router


def _wrong(error: Malformed | Conflict | None, words: Words) -> dict[str, str]:
    """What is to be mended: the place → a sentence. What has no place of its own is at ""."""
    if error is None:
        return {}
    every = error.every if isinstance(error, BadPlan) else (error,)
    return {getattr(one, "at", ""): words(f"events.wrong.{one.code}", one.detail) for one in reversed(every)}


def show_event(office: PageOffice, request: Request, row: Any, name: str, tab: str, /, **context: Any) -> Response:
    """A page of one event, with its tabs. row: of `Event`."""
    words = office.pages.words(request)
    event = {column: getattr(row, column) for column in ("id", "venue", "starts_at", "ends_at", "state", "capacity")}
    event |= {"sold": row.sold, "serial": row.serial, "name": name_of(row, words)}
    return office.show(request, row.tenant, name, here="events", tab=tab, event=event, **context)
