"""The operator's pages of gates: events and packs, live numbers, tickets that entered too often, devices, journals as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from starlette.background import BackgroundTask

from common.errors import Malformed, NotFound, Refused
from common.gate.delta import parse_delta
from common.gate.exchange import MAX_BODY
from common.gate.pack import MAX_PACK, parse_pack
from common.gate.signed import MEDIA_TYPE as CBOR
from common.pages.route import page_router, to
from common.web.login import Visitor
from verifier.gate.hub import all_journals, take_file
from verifier.gate.live import Live, look, parse_gate_name
from verifier.gate.organiser import read_signer
from verifier.gate.packs import list_events, load_delta, load_pack
from verifier.pages.gate_views import view_live
from verifier.routes.gate import require_event_name, require_free
from verifier.routes.gate_live import lock_gate
from verifier.routes.page_counter import PageCounter
from verifier.store.audit import record
from verifier.store.relying_parties import list_relying_parties


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One line of the list. good_until, as_of: seconds."""

    event: str
    name: str
    serial: int
    as_of: int
    good_until: int


def gate_pages(counter: PageCounter) -> APIRouter:
    """To be mounted before the pages of questions, whose addresses are wider."""
    router = page_router(counter.pages, dependencies=[Depends(counter.operator)])
    deps, operator = counter.deps, Depends(counter.operator)
    guarded = [Depends(counter.csrf.protect())]

    def events_page(request: Request, tenant: str, *, wrong: str = "", status: int = 200) -> Response:
        language = counter.pages.words(request).language
        views = [
            EventView(
                event=one.pack.event,
                name=one.pack.names[language],
                serial=one.pack.serial,
                as_of=one.pack.status.as_of,
                good_until=one.pack.good_until,
            )
            for one in list_events(tenant)
        ]
        return counter.show(request, tenant, "gate_events.html", status=status, here="gate", events=views, wrong=wrong)

    def context(request: Request, tenant: str, event: str) -> dict[str, Any]:
        live: Live = look(tenant, require_event_name(event), now=deps.clock.now())
        return {"view": view_live(live, counter.pages.words(request)), "event": event}

    @router.get("/{tenant}/gate")
    def events(request: Request, tenant: str) -> Response:
        return events_page(request, tenant)

    @router.post("/{tenant}/gate/load", dependencies=guarded)
    def load(
        request: Request,
        tenant: str,
        file: UploadFile = File(...),
        signer: str = Form("", max_length=70),
        trust: str = Form("", max_length=3),
        visitor: Visitor = operator,
    ) -> Response:
        data = file.file.read(MAX_PACK + 1)
        now = deps.clock.now()
        try:
            if (file.filename or "").endswith(".tgdelta"):
                require_free(parse_delta(data).delta.event, tenant)
                pack = load_delta(tenant, data, now=now)
            else:
                require_free(parse_pack(data).pack.event, tenant)
                pack = load_pack(tenant, data, now=now, signer=read_signer(signer), trust_first=trust == "yes")
        except (Malformed, Refused) as error:
            wrong = error.code if counter.pages.catalogue.has(f"gate_hub.wrong.{error.code}") else "malformed"
            return events_page(request, tenant, wrong=wrong, status=400)
        record(tenant, at=now, actor=visitor.actor, act="gate.pack_loaded", subject=f"{pack.event}:{pack.serial}")
        return to(f"/{tenant}/gate/{pack.event}")

    @router.get("/{tenant}/gate/{event}")
    def event_page(request: Request, tenant: str, event: str, lock: str = "") -> Response:
        """lock: a device that is about to be locked; the page asks once more."""
        found = context(request, tenant, event)
        asked = next((one for one in found["view"].devices if one.lockable and one.gate == lock), None)
        return counter.show(request, tenant, "gate_event.html", here="gate", asked_lock=asked, **found)

    @router.get("/{tenant}/gate/{event}/part")
    def part(request: Request, tenant: str, event: str) -> Response:
        return counter.show(request, tenant, "gate_part.html", **context(request, tenant, event))

    @router.post("/{tenant}/gate/{event}/lock", dependencies=guarded)
    def lock(tenant: str, event: str, gate: str = Form("", max_length=16), visitor: Visitor = operator) -> Response:
        lock_gate(tenant, require_event_name(event), parse_gate_name(gate), actor=visitor.actor, now=deps.clock.now())
        done = to(f"/{tenant}/gate/{event}?done=gate_locked")
        done.background = BackgroundTask(deps.pass_locks_on, tenant, event)
        return done

    @router.get("/{tenant}/gate/{event}/journal")
    def journal(tenant: str, event: str) -> Response:
        """All journals that are here, in one file: for the report, for another hub, or to be kept."""
        return Response(
            all_journals(tenant, require_event_name(event)),
            media_type=CBOR,
            headers={
                "Content-Disposition": f'attachment; filename="{event}.tgjournal"',
                "Cache-Control": "no-store",
            },
        )

    @router.post("/{tenant}/gate/{event}/journal", dependencies=guarded)
    def take_journal(tenant: str, event: str, file: UploadFile = File(...), visitor: Visitor = operator) -> Response:
        taken = take_file(tenant, require_event_name(event), file.file.read(MAX_BODY + 1))
        now = deps.clock.now()
        record(tenant, at=now, actor=visitor.actor, act="gate.journal_taken", subject=f"{event}:{len(taken.new)}")
        return to(f"/{tenant}/gate/{event}?done=gate_journal")

    return router


def operator_door(counter: PageCounter) -> APIRouter:
    """`/gate/operator`: what people type; to the one relying party of a venue's hub."""
    router = page_router(counter.pages)

    @router.get("/gate/operator")
    def door() -> Response:
        parties = list_relying_parties()
        if len(parties) != 1:
            raise NotFound("unknown_relying_party", "no such relying party here")
        return to(f"/{parties[0]}/gate")

    return router
