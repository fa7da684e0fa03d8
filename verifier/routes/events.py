"""Live results as server-sent events. Each stream looks into the database at intervals, so it works behind any number of workers.

Streams are bounded in number (per process) and in length; a browser reconnects by itself.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from common.encoding import compact_json
from common.errors import TegataError, TooMany
from common.web.problems import LoginNeeded
from verifier.deps import Deps
from verifier.store.relying_parties import require_slug
from verifier.store.session_states import FINAL
from verifier.store.sessions import find_session
from verifier.store.verdicts import find_verdict


@dataclass(slots=True)
class _Streams:
    open: int = 0


def event_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["operators"])
    settings = deps.settings
    streams = _Streams()

    def allow(request: Request, tenant: str) -> None:
        """The operator's page (session cookie) or program (bearer token)."""
        require_slug(tenant)
        if deps.login.find_session(tenant, request) is not None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or deps.login.find_token(tenant, token.strip()) is None:
            raise LoginNeeded

    def look(tenant: str, session: str) -> tuple[str, str]:
        """State and, once there is one, the verdict's answer."""
        state = find_session(tenant, session).life_at(deps.clock.now()).name
        verdict = find_verdict(tenant, session) if state == "judged" else None
        return state, str(verdict.answer) if verdict else ""

    async def stream(tenant: str, session: str) -> AsyncIterator[bytes]:
        streams.open += (
            1  # here, not in the route: a client that is gone before the first byte never starts this generator
        )
        try:
            seen: tuple[str, str] | None = None
            ends = time.monotonic() + settings.watch_seconds
            quiet_until = 0.0
            yield b"retry: 2000\n\n"
            while time.monotonic() < ends:
                try:
                    found = await anyio.to_thread.run_sync(look, tenant, session)
                except TegataError:
                    return  # the session was forgotten, or the database is away: the browser asks again
                if found != seen:
                    seen = found
                    yield b"event: state\ndata: " + compact_json({"state": found[0], "answer": found[1]}) + b"\n\n"
                if found[0] in FINAL:
                    return
                if time.monotonic() > quiet_until:
                    quiet_until = time.monotonic() + 15
                    yield b": waiting\n\n"
                await anyio.sleep(settings.watch_interval)
        finally:
            streams.open -= 1

    @router.get(
        "/{tenant}/sessions/{session}/events",
        response_class=StreamingResponse,
        responses={
            200: {"description": "Events named state", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
        },
        openapi_extra={"security": [{"OperatorToken": []}]},
    )
    def events(request: Request, tenant: str, session: str) -> StreamingResponse:
        allow(request, tenant)
        find_session(tenant, session)
        if streams.open >= settings.watch_streams:
            raise TooMany("too_many_streams", "too many pages are watching; this one asks again", retry_after=5)
        return StreamingResponse(
            stream(tenant, session), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    return router
