"""Errors as people see them: a browser that visits a page gets a page in its reader's language, every other client the problem document.

A visit is a GET whose Accept names text/html; fetches by scripts and programs do not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from common.errors import TegataError
from common.pages.render import Pages
from common.web.problems import MEDIA_TYPE, is_page_visit

_KINDS = {401: "refused", 403: "refused", 404: "not_found", 405: "not_found", 409: "conflict", 429: "too_many"}
"""Status → which of the texts ``error.…`` is shown; others below 500 are ``malformed``."""


def install_error_pages(app: FastAPI, pages: Pages) -> None:
    """To be called after `common.web.problems.install_problems`, whose answers it turns into pages."""
    for kind in (TegataError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _page_or(app.exception_handlers[kind], pages))


def _page_or(answer: Callable[..., Any], pages: Pages) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        plain: Response = answer(request, error)
        if plain.media_type != MEDIA_TYPE or not is_page_visit(request):
            return plain
        problem, wait = json.loads(bytes(plain.body)), plain.headers.get("retry-after")
        kept = {
            name: plain.headers[name] for name in ("retry-after", "www-authenticate", "allow") if name in plain.headers
        }
        return pages.response(
            request,
            "error.html",
            status=plain.status_code,
            headers=kept,
            code=problem.get("incident", problem["code"]),
            kind=_kind(plain.status_code),
            wait=int(wait) if wait else None,
        )

    return handle


def _kind(status: int) -> str:
    if status >= 500:
        return "unavailable" if status == 503 else "fault"
    return _KINDS.get(status, "malformed")
