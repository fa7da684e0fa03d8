"""What gates ask their hub: who may enter, journals, packs, enrolment. In the hub of a venue and in the verifier; CBOR, no login.

A request to admit is signed by the gate, and journals go only to who shows a head that a gate of the event signed; packs are public facts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from common.adapters.database import across_tenants
from common.errors import Conflict, Malformed, NotFound
from common.formats.gate_pass.labels import check_event
from common.gate.exchange import MAX_BODY
from common.gate.pack import MAX_PACK
from common.gate.signed import MEDIA_TYPE as CBOR
from common.web.bodies import read_body
from common.web.limits import client_address
from verifier.deps import Deps
from verifier.gate.devices import ask_to_enrol
from verifier.gate.hub import admit, exchange
from verifier.gate.packs import find_delta, list_events, require_event
from verifier.routes.answers import json_answer
from verifier.store.gate import GateEventRow
from verifier.store.relying_parties import list_relying_parties

LARGER_BODIES = {
    r"/gate/[^/]+/exchange": MAX_BODY,
    r"/[^/]+/gate/load": MAX_PACK,
    r"/[^/]+/gate/[^/]+/journal": MAX_BODY,
}
"""For `common.web.middleware.install_middleware`."""
SMALL_BODY = 1 << 16
"""Bytes of an exchange that anybody may send as often as he likes: a gate begins with its head, and mostly with less than this."""
_BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {CBOR: {"schema": _BYTES}}}}
_ANSWER: dict[int | str, Any] = {200: {"description": "CBOR", "content": {CBOR: {"schema": _BYTES}}}}


def tenant_of(event: str) -> str:
    """The relying party at whose hub the event is. Raises NotFound; what is no identifier never reaches the database."""
    require_event_name(event)
    with across_tenants("which relying party an event is at"):
        rows = [str(row.tenant) for row in GateEventRow.select().where(GateEventRow.event == event)]
    found = next((tenant for tenant in list_relying_parties() if tenant in rows), None)
    if found is None:
        raise NotFound("unknown_event", "no pack of this event is loaded here")
    return found


def require_event_name(event: str) -> str:
    """The event of a path, if it could be one. Raises NotFound."""
    try:
        return check_event(event)
    except Malformed:
        raise NotFound("unknown_event", "no pack of this event is loaded here") from None


def require_free(event: str, tenant: str) -> None:
    """An event is at one relying party of a deployment. Raises Conflict."""
    try:
        if tenant_of(event) != tenant:
            raise Conflict("event_taken", "this event is loaded by somebody else here")
    except NotFound:
        return


def gate_routes(deps: Deps) -> APIRouter:
    """To be mounted before everything whose path begins with a relying party's name."""
    router = APIRouter(prefix="/gate", tags=["gates"])

    def now() -> int:
        return deps.clock.now() * 1000

    @router.get("/events")
    def events() -> Response:
        """What may be scanned for here: public facts of the packs that are loaded."""
        loaded = [one.pack for tenant in list_relying_parties() for one in list_events(tenant)]
        return json_answer([{"event": pack.event, "names": dict(pack.names), "serial": pack.serial} for pack in loaded])

    @router.get("/{event}/pack", response_class=Response, responses=_ANSWER)
    def pack(request: Request, event: str) -> Response:
        """The newest pack. ETag: its serial."""
        loaded = require_event(tenant_of(event), event)
        headers = {"ETag": f'"{loaded.pack.serial}"', "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(loaded.data, headers=headers, media_type=CBOR)

    @router.get(
        "/{event}/delta",
        response_class=Response,
        responses={**_ANSWER, 204: {"description": "Nothing is newer"}},
    )
    def delta(event: str, since: Annotated[int, Query(alias="from", ge=1, le=1 << 53)]) -> Response:
        """What changed since that serial. 404: take the whole pack."""
        tenant = tenant_of(event)
        if since >= require_event(tenant, event).pack.serial:
            return Response(status_code=204, headers={"Cache-Control": "no-cache"})
        found = find_delta(tenant, event, since)
        if found is None:
            raise NotFound("no_such_delta", "there is no way from that pack to the newest; take the whole one")
        return Response(found, headers={"Cache-Control": "no-cache"}, media_type=CBOR)

    def answering(path: str, act: Callable[[Request, str, str, bytes], bytes], name: str) -> None:
        @router.post(path, response_class=Response, responses=_ANSWER, openapi_extra=_BODY, name=name)
        def endpoint(request: Request, event: str, body: bytes = Depends(read_body)) -> Response:
            answer = act(request, tenant_of(event), event, body)
            return Response(answer, headers={"Cache-Control": "no-store"}, media_type=CBOR)

    answering("/{event}/admit", lambda _, tenant, event, body: admit(tenant, event, body, now=now()), "admit")

    def exchanging(request: Request, tenant: str, event: str, body: bytes) -> bytes:
        """Megabytes are read for who can show a head that a gate signed; who again and again cannot has to wait."""
        if len(body) <= SMALL_BODY:
            return exchange(tenant, event, body, now=now())[0]
        tries = (tenant, deps.settings.guess_limit, "gate exchange", client_address(request))
        deps.limits.require_room(*tries)
        try:
            answer, absorbed = exchange(tenant, event, body, now=now())
        except Malformed:
            deps.limits.count(*tries)
            raise
        if not absorbed.heads:
            deps.limits.count(*tries)
        return answer

    answering("/{event}/exchange", exchanging, "exchange")

    @router.post("/{event}/enrol", status_code=202, openapi_extra=_BODY)
    def enrol(request: Request, event: str, body: bytes = Depends(read_body)) -> Response:
        """A new device. 201: the organiser took it in, and its next pack names it. 202: it hears of it as soon as there is a link; the same
        said again tells how it went. 403: its word, such as wrong_code."""
        tenant = tenant_of(event)
        deps.limits.count(tenant, deps.settings.guess_limit, "gate enrol", client_address(request))
        gate = ask_to_enrol(tenant, event, body, now=deps.clock.now())
        taken = deps.organiser.pass_device_on(tenant, event, gate, now=deps.clock.now())
        answer = json_answer({"gate": gate.hex()})
        answer.status_code = 201 if taken else 202
        return answer

    return router
