"""Errors as RFC 9457 problem documents. The one place outside the protocols' ``errors.py`` that knows a status code.

A problem carries ``code`` (stable, for programs) and ``detail`` (a sentence for people); a refused credential also carries ``reason``.
What nobody foresaw becomes a bland 500 with an incident id that the log explains. No stack trace, no input, no path ever leaves.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from common.errors import (
    Conflict,
    Malformed,
    Misconfigured,
    NotFound,
    Refused,
    Rejected,
    TegataError,
    TooMany,
    Unavailable,
    Unsupported,
)

MEDIA_TYPE = "application/problem+json"

Translator = Callable[[Request, TegataError], Response | None]
"""A protocol's own wire form of an error on its own routes; None leaves it to the problem document."""

_STATUS: tuple[tuple[type[TegataError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (TooMany, 429),
    (Refused, 403),
    (Malformed, 400),
    (Rejected, 400),
    (Unsupported, 400),
    (Unavailable, 503),
)

log = structlog.get_logger("tegata.web")


class LoginNeeded(Refused):
    """Nobody is logged in. 401 for programs; a browser is sent to ``login_path``."""

    def __init__(self, login_path: str = "") -> None:
        super().__init__("login_needed", "log in first")
        self.login_path = login_path


class ProblemResponse(JSONResponse):
    """ASCII only: a name quoted from a request may hold a lone surrogate, which has no UTF-8 form."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def status_of(error: TegataError) -> int:
    """The HTTP status of an error; 500 for one that should never reach a client (Misconfigured)."""
    if isinstance(error, LoginNeeded):
        return 401
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> JSONResponse:
    """A problem document. members: extension members of RFC 9457 §3.2."""
    detail = detail.encode("utf-8", "replace").decode(
        "utf-8"
    )  # a lone surrogate, quoted from a request, has no UTF-8 form
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }
    return ProblemResponse(body, status, headers={"Cache-Control": "no-store", **(headers or {})})


def problem_of(error: TegataError) -> JSONResponse:
    """The problem document of an error raised on purpose."""
    if isinstance(error, Misconfigured):
        return incident(error)
    headers: dict[str, str] = {}
    members: dict[str, Any] = {}
    if isinstance(error, (Unavailable, TooMany)):
        headers["Retry-After"] = str(max(1, error.retry_after))
    if isinstance(error, LoginNeeded):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Rejected):
        members["reason"] = error.reason
    if isinstance(error, Unsupported) and error.known:
        members["known"] = list(error.known)
    return problem(status_of(error), error.code, error.detail, headers=headers, **members)


def incident(error: BaseException) -> JSONResponse:
    """A bland 500. The log holds the cause under the same incident id."""
    number = secrets.token_hex(8)
    log.error("incident", incident=number, kind=type(error).__name__, exc_info=error)
    return problem(500, "internal_error", f"something went wrong here; incident {number}", incident=number)


def install_problems(app: FastAPI, translators: Sequence[Translator] = ()) -> None:
    """Makes every error answer of the app a problem document, and says so in its OpenAPI.

    translators are asked first, in order, for errors raised on purpose.
    """

    def on_tegata_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, TegataError)
        for translate in translators:
            if (answer := translate(request, error)) is not None:
                return answer
        if isinstance(error, LoginNeeded) and error.login_path and is_page_visit(request):
            return Response(status_code=303, headers={"Location": error.login_path, "Cache-Control": "no-store"})
        if status_of(error) == 503:
            log.warning("unavailable", code=error.code, cause=_cause(error))
        return problem_of(error)

    def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        mistakes = [{"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in error.errors()[:20]]
        malformed = Malformed(
            "invalid_request", "; ".join(f"{one['where']}: {one['what']}" for one in mistakes[:3])[:500]
        )
        for translate in translators:
            if (answer := translate(request, malformed)) is not None:
                return answer
        return problem(400, malformed.code, malformed.detail, errors=mistakes)

    def on_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = HTTPStatus(error.status_code).name.lower()
        detail = error.detail if isinstance(error.detail, str) else HTTPStatus(error.status_code).phrase
        return problem(error.status_code, code, detail, headers=error.headers)

    app.add_exception_handler(TegataError, on_tegata_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, lambda _, error: incident(error))
    _describe(app)


def is_page_visit(request: Request) -> bool:
    """Does a person's browser open this address (and not a script or a program)?"""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def _cause(error: BaseException) -> str:
    return type(error.__cause__).__name__ if error.__cause__ else ""


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem document",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable word for programs"},
        "detail": {"type": "string", "description": "a sentence for people"},
        "reason": {"type": "string", "description": "why a credential was not believed"},
        "incident": {"type": "string", "description": "what to ask the operator about"},
    },
}


def _describe(app: FastAPI) -> None:
    """Makes the OpenAPI tell the truth: no 422 of FastAPI's own, a problem document as the default answer of every operation."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schemas["Problem"] = PROBLEM_SCHEMA
            answer = {
                "description": "Problem",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for path in document.get("paths", {}).values():
                for operation in path.values():
                    if isinstance(operation, dict) and "responses" in operation:
                        operation["responses"].pop("422", None)
                        operation["responses"].setdefault("default", answer)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it
