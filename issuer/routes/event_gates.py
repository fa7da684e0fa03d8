"""Scanners and hubs: the organiser's API about them, and what they ask for themselves: to be let in, the pack, what changed in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.security import HTTPBearer

from common.errors import Refused
from common.web.bodies import read_body, require_media_type
from common.web.connection import is_ending
from common.web.limits import client_address
from common.web.login import Visitor
from common.web.problems import LoginNeeded
from issuer.deps import Deps
from issuer.flows.events.find_events import find_event
from issuer.flows.events.gates import (
    cancel_code,
    enrol_gate,
    gate_of_token,
    lock_by_a_hub,
    lock_gate,
    make_code,
    open_codes,
)
from issuer.flows.events.pack import current_pack, delta_since, gates_of, signer_fingerprint, signer_points
from issuer.routes.event_models import CodeOut, EnrolledOut, EventId, GateOut, GatesOut, Id, LockedOut, MakeCode

CBOR = "application/cbor"
MOST_WAIT = 25
MOST_HELD = 500
"""Questions of one process that wait for a change; further ones are answered at once."""
LOOK_SECONDS = 1.0
_BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
_DESCRIBED = Depends(
    HTTPBearer(auto_error=False, scheme_name="GateToken", description="which an enrolled device was given")
)
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {CBOR: {"schema": _BYTES}}}}


@dataclass(slots=True)
class _Held:
    now: int = 0


def _file(description: str) -> dict[int | str, Any]:
    return {200: {"description": description, "content": {CBOR: {"schema": _BYTES}}}}


def event_gate_routes(deps: Deps) -> APIRouter:
    """Below /api the staff's token is needed; packs need a device's, or the staff's; who enrols has a code."""
    router = APIRouter(prefix="/{tenant}", tags=["gates"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))
    held = _Held()

    @router.get("/api/events/{event_id}/gates")
    def gates(tenant: str, event_id: EventId, _: Visitor = staff) -> GatesOut:
        find_event(tenant, event_id)
        return GatesOut(
            gates=[GateOut.of(row) for row in gates_of(tenant, event_id)],
            codes=[CodeOut.of(one) for one in open_codes(desk, tenant, event_id)],
            signers=[point.hex() for point in signer_points(desk.keys.identity(tenant))],
            fingerprint=signer_fingerprint(desk.keys.identity(tenant)),
        )

    @router.post("/api/events/{event_id}/codes", status_code=201)
    def code(tenant: str, event_id: EventId, asked: MakeCode, visitor: Visitor = staff) -> CodeOut:
        """A code with which one device becomes a gate or a hub."""
        made = make_code(
            desk,
            tenant,
            event_id,
            role=asked.role,
            entrances=asked.entrances,
            home_group=asked.home_group,
            actor=visitor.actor,
        )
        return CodeOut.of(made)

    @router.delete("/api/events/{event_id}/codes/{code_id}", status_code=204)
    def end_code(tenant: str, event_id: EventId, code_id: Id, visitor: Visitor = staff) -> None:
        cancel_code(desk, tenant, event_id, code_id, actor=visitor.actor)

    @router.post("/api/events/{event_id}/gates/{gate_id}/lock")
    def lock(tenant: str, event_id: EventId, gate_id: Id, visitor: Visitor = staff) -> LockedOut:
        """A lost device: its entries count no more from now on."""
        return LockedOut(locked_at=lock_gate(desk, tenant, event_id, gate_id, actor=visitor.actor))

    @router.post("/events/{event_id}/gates", status_code=201, openapi_extra=_BODY)
    def enrol(request: Request, tenant: str, event_id: EventId, body: bytes = Depends(read_body)) -> EnrolledOut:
        """A device that has a code: its key is in the next pack. The same again gives the same answer."""
        desk.keys.identity(tenant)
        require_media_type(request, CBOR)
        guesser = (tenant, deps.settings.guess_limit, "gate code", client_address(request))
        deps.limits.require_room(*guesser)
        try:
            made = enrol_gate(desk, tenant, event_id, body)
        except Refused:
            deps.limits.count(*guesser)
            raise
        return EnrolledOut(gate=made.gate_id, token=made.token, serial=made.serial)

    def token_of(request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and len(token) <= 100 else ""

    @router.post("/events/{event_id}/gates/{gate_id}/lock")
    def lock_by_hub(request: Request, tenant: str, event_id: EventId, gate_id: Id, _: object = _DESCRIBED) -> LockedOut:
        """A device that was locked at the venue. With the hub's token, not for hubs: who has one cannot shut the others out."""
        hub = gate_of_token(desk, tenant, event_id, token_of(request))
        if hub is None:
            raise LoginNeeded
        return LockedOut(locked_at=lock_by_a_hub(desk, tenant, event_id, gate_id, hub=hub))

    def device(request: Request, tenant: str, event_id: EventId, _: object = _DESCRIBED) -> None:
        token = token_of(request)
        if gate_of_token(desk, tenant, event_id, token) is None and deps.login.find_token(tenant, token) is None:
            raise LoginNeeded

    @router.get(
        "/events/{event_id}/pack",
        response_class=Response,
        responses={**_file("The newest pack"), 304: {"description": "It is the one that the asker has"}},
        dependencies=[Depends(device)],
    )
    def pack(request: Request, tenant: str, event_id: EventId) -> Response:
        """ETag: the serial."""
        found = current_pack(desk, tenant, event_id)
        headers = {"ETag": f'"{found.serial}"', "Cache-Control": "no-store"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(found.file, headers=headers, media_type=CBOR)

    async def until_newer(request: Request, tenant: str, event_id: str, since: int, wait: int) -> None:
        """Holds no thread and no transaction meanwhile: a look takes one read by the event's key."""
        ends = time.monotonic() + wait
        while (await anyio.to_thread.run_sync(find_event, tenant, event_id)).serial == since:
            left = ends - time.monotonic()
            if left <= 0 or is_ending(request) or await request.is_disconnected():
                return
            await anyio.sleep(min(LOOK_SECONDS, left))

    @router.get(
        "/events/{event_id}/delta",
        response_class=Response,
        responses={**_file("What changed since"), 204: {"description": "Nothing did"}},
        dependencies=[Depends(device)],
    )
    async def delta(
        request: Request,
        tenant: str,
        event_id: EventId,
        since: Annotated[int, Query(alias="from", ge=1, le=1 << 53)],
        wait: Annotated[int, Query(ge=0, le=MOST_WAIT)] = 0,
    ) -> Response:
        """404: that pack is not known any more; take the whole one. wait: seconds that the answer may take, until something changes."""
        if wait and held.now < MOST_HELD:
            held.now += 1
            try:
                await until_newer(request, tenant, event_id, since, wait)
            finally:
                held.now -= 1
        found = await anyio.to_thread.run_sync(delta_since, desk, tenant, event_id, since)
        if found is None:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        return Response(found, headers={"Cache-Control": "no-store"}, media_type=CBOR)

    return router
