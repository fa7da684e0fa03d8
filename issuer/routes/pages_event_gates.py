"""Scanners and hubs of an event, for the organiser: codes to let them in, what is there, locking one that is lost."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Form, Request, Response

from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.flows.events.find_events import entrances_of, find_event
from issuer.flows.events.gates import ROLES, cancel_code, lock_gate, make_code, open_codes
from issuer.flows.events.pack import gates_of, signer_fingerprint, signer_points
from issuer.pages.event_views import entrance_names, name_of
from issuer.routes.page_office import PageOffice
from issuer.routes.pages_events import show_event


def event_gate_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, staff = office.desk, Depends(office.staff)

    @router.get("/{tenant}/staff/events/{event_id}/gates")
    def gates(request: Request, tenant: str, event_id: str, lock: str = "") -> Response:
        row, words = find_event(tenant, event_id), office.pages.words(request)
        entrances = entrances_of(tenant, event_id)
        roles = {role: name for name, role in ROLES.items()}
        rows = [
            {"id": one.gate_id, "name": one.name, "role": roles[one.role], "locked_at": one.locked_at}
            | {"seen_at": one.seen_at, "at": entrance_names(one.entrances, entrances, words)}
            for one in gates_of(tenant, event_id)
        ]
        return show_event(
            office,
            request,
            row,
            "event_gates.html",
            "gates",
            gates=rows,
            codes=open_codes(desk, tenant, event_id),
            roles=list(ROLES),
            entrances=[(one.number, name_of(one, words)) for one in entrances],
            names={one.number: name_of(one, words) for one in entrances},
            groups=row.home_groups,
            signers=[point.hex() for point in signer_points(desk.keys.identity(tenant))],
            fingerprint=signer_fingerprint(desk.keys.identity(tenant)),
            sure=next((one for one in rows if one["id"] == lock and one["locked_at"] is None), None),
        )

    @router.post("/{tenant}/staff/events/{event_id}/codes", dependencies=guarded)
    async def code(request: Request, tenant: str, event_id: str, visitor: Visitor = staff) -> Response:
        form = await request.form()
        chosen = [int(str(one)) for one in form.getlist("entrance") if str(one).isdigit() and len(str(one)) < 4]
        group = str(form.get("home_group", "0"))
        make_code(
            desk,
            tenant,
            event_id,
            role=str(form.get("role", "scanner")),
            entrances=chosen,
            home_group=int(group) if group.isdigit() and len(group) < 4 else 0,
            actor=visitor.actor,
        )
        return to(f"/{tenant}/staff/events/{event_id}/gates?done=gate_code")

    @router.post("/{tenant}/staff/events/{event_id}/codes/{code_id}", dependencies=guarded)
    def end_code(tenant: str, event_id: str, code_id: str, visitor: Visitor = staff) -> Response:
        cancel_code(desk, tenant, event_id, code_id, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/gates?done=saved")

    @router.post("/{tenant}/staff/events/{event_id}/gates", dependencies=guarded)
    def lock_one(tenant: str, event_id: str, gate: str = Form("", max_length=16), visitor: Visitor = staff) -> Response:
        lock_gate(desk, tenant, event_id, gate, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/gates?done=gate_locked")

    return router
