"""The operator's page of an event hears of every change as it comes, by server-sent events; and a device is locked from a program.

Streams look into the database at intervals, so that any worker can serve any of them; they are bounded in number and length.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import anyio
import anyio.to_thread
import peewee
from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from common.encoding import compact_json
from common.errors import TegataError, TooMany
from common.web.login import Visitor
from common.web.problems import LoginNeeded
from verifier.deps import Deps
from verifier.gate.devices import lock
from verifier.gate.hub import require_gate
from verifier.gate.live import parse_gate_name
from verifier.gate.packs import require_event
from verifier.gate.tally import entries_of
from verifier.routes.gate import require_event_name
from verifier.store.audit import record
from verifier.store.gate import GateAskedRow, GateContactRow, GateEnrolmentRow, GateLockRow
from verifier.store.relying_parties import require_slug

LOOK_SECONDS = 2.0


class LockModel(BaseModel):
    """gate: the device's identifier, sixteen hexadecimal digits."""

    model_config = ConfigDict(extra="forbid")

    gate: str = Field(max_length=16)


class LockedModel(BaseModel):
    locked: str


@dataclass(slots=True)
class _Streams:
    open: int = 0


def gate_live_routes(deps: Deps) -> APIRouter:
    router = APIRouter(prefix="/{tenant}", tags=["operators"])
    settings = deps.settings
    streams = _Streams()

    operator = Depends(deps.login.api())

    def allow(request: Request, tenant: str) -> None:
        """The operator's page (session cookie) or program (bearer token). Raises LoginNeeded."""
        require_slug(tenant)
        if deps.login.find_session(tenant, request) is not None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or deps.login.find_token(tenant, token.strip()) is None:
            raise LoginNeeded

    async def stream(tenant: str, event: str) -> AsyncIterator[bytes]:
        streams.open += (
            1  # here, not in the route: a client that is gone before the first byte never starts this generator
        )
        try:
            seen: tuple[int, ...] | None = None
            ends = time.monotonic() + settings.watch_seconds
            yield b"retry: 2000\n\n"
            while time.monotonic() < ends:
                try:
                    found = await anyio.to_thread.run_sync(state_of, tenant, event)
                except TegataError:
                    return  # the database is away: the browser asks again
                if found != seen:
                    seen = found
                    yield b"event: changed\ndata: " + compact_json({"entries": found[0]}) + b"\n\n"
                else:
                    yield b": waiting\n\n"
                await anyio.sleep(LOOK_SECONDS)
        finally:
            streams.open -= 1

    @router.get(
        "/gate/{event}/events",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "Events named changed",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
        openapi_extra={"security": [{"OperatorToken": []}]},
    )
    def live(request: Request, tenant: str, event: str) -> StreamingResponse:
        allow(request, tenant)
        require_event(tenant, require_event_name(event))
        if streams.open >= settings.watch_streams:
            raise TooMany("too_many_streams", "too many pages are watching; this one asks again", retry_after=5)
        return StreamingResponse(
            stream(tenant, event), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    @router.post("/api/gate/{event}/lock", openapi_extra={"security": [{"OperatorToken": []}]})
    def lock_device(
        tenant: str, event: str, asked: LockModel, afterwards: BackgroundTasks, visitor: Visitor = operator
    ) -> LockedModel:
        """Locks a lost device at this hub at once; the organiser's next pack says it to all."""
        lock_gate(
            tenant, require_event_name(event), parse_gate_name(asked.gate), actor=visitor.actor, now=deps.clock.now()
        )
        afterwards.add_task(deps.pass_locks_on, tenant, event)
        return LockedModel(locked=asked.gate)

    return router


def lock_gate(tenant: str, event: str, gate: bytes, *, actor: str, now: int) -> None:
    """Locks and writes down who did. Raises NotFound for a device that the pack does not name."""
    require_gate(require_event(tenant, event).pack, gate)
    if lock(tenant, event, gate, now=now):
        record(tenant, at=now, actor=actor, act="gate.locked", subject=f"{event}:{gate.hex()}")


def state_of(tenant: str, event: str) -> tuple[int, ...]:
    """Numbers that change when anything on the page does."""

    def count(table: type[GateAskedRow] | type[GateLockRow] | type[GateEnrolmentRow]) -> int:
        return int(table.select().where((table.tenant == tenant) & (table.event == event)).count())

    heard = (
        GateContactRow.select(peewee.fn.MAX(GateContactRow.seen_at))
        .where((GateContactRow.tenant == tenant) & (GateContactRow.event == event))
        .scalar()
    )
    return (
        entries_of(tenant, event),
        count(GateAskedRow),
        require_event(tenant, event).pack.serial,
        count(GateLockRow),
        count(GateEnrolmentRow),
        int(heard or 0) // 10,
    )
