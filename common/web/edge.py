"""The outermost layer of every app: request id, log line, metrics, security headers, and a bland answer to what nobody foresaw.

One class and one wrapped ``send``, because it runs for every request. A log line names the route's template, never the path: paths
carry claim tokens and tenants' names.
"""

from __future__ import annotations

import re
import secrets
import time

import structlog
from fastapi import FastAPI, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.adapters.metrics import IN_WORK, REQUESTS, SECONDS
from common.web.headers import add_missing, security_headers
from common.web.problems import incident

_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{8,64}")
_NO_STORE = ((b"cache-control", b"no-store"),)
_REVALIDATE = ((b"cache-control", b"no-cache"),)
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Routes that machines ask all day; they are counted, not logged."""

log = structlog.get_logger("tegata.request")


class Edge:
    """ASGI middleware. https: is the public address https (then answers carry HSTS)?"""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.defaults = security_headers(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        caching = _REVALIDATE if scope["path"].startswith("/static/") else _NO_STORE
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                add_missing(headers, (*self.defaults, *caching, (b"x-request-id", request_id.encode())))
                message["headers"] = headers
            await send(message)

        began = time.perf_counter()
        IN_WORK.inc()
        tokens = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = status or 499
        except Exception as error:
            answer = _answer(scope, error)
            if status:  # the answer is under way: all that can be done is to break it off
                raise
            await answer(scope, receive, send_with_headers)
        finally:
            IN_WORK.dec()
            self._record(scope, status or 499, time.perf_counter() - began)
            structlog.contextvars.reset_contextvars(**tokens)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        method = scope["method"] if scope["method"] in _METHODS else "(other)"
        REQUESTS.labels(method, route, str(status)).inc()
        SECONDS.labels(method, route).observe(seconds)
        if route not in QUIET:
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 2))


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _answer(scope: Scope, error: Exception) -> Response:
    """What the app answers to an error that nobody foresaw: its own handler's answer, or the bland one."""
    app = scope.get("app")
    handle = app.exception_handlers.get(Exception) if isinstance(app, FastAPI) else None
    answer = handle(Request(scope), error) if handle is not None else None
    return answer if isinstance(answer, Response) else incident(error)


def _request_id(scope: Scope) -> str:
    """The id a proxy gave, if it is a sane one, or a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return secrets.token_hex(8)
