"""Routes that answer people: an error raised on the way becomes a page in the reader's language instead of a problem document."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from common.errors import (
    Conflict,
    Malformed,
    NotFound,
    Refused,
    Rejected,
    TegataError,
    TooMany,
    Unavailable,
    Unsupported,
)
from common.pages.render import Pages

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# The first class that fits decides; its name is the key of the text that is shown when the code has none of its own.
STATUSES: tuple[tuple[type[TegataError], int, str], ...] = (
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (TooMany, 429, "too_many"),
    (Refused, 403, "refused"),
    (Malformed, 400, "malformed"),
    (Rejected, 400, "rejected"),
    (Unsupported, 400, "unsupported"),
    (Unavailable, 503, "unavailable"),
)


def to(address: str) -> RedirectResponse:
    """Sends the browser on after a form, so that a reload does not send it again."""
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def error_page(pages: Pages, request: Request, error: TegataError) -> Response:
    """The page for an error that was raised on purpose: what happened, in one sentence, and what to do now."""
    status, kind = next(((s, k) for cls, s, k in STATUSES if isinstance(error, cls)), (500, "fault"))
    wait = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(wait)} if wait is not None else {}
    return pages.response(request, "error.html", status=status, headers=headers, code=error.code, kind=kind, wait=wait)


def page_router(pages: Pages, **options: Any) -> APIRouter:
    """A router for pages: an error is a page, a missing login leads to the login page.

    Pages are left out of the OpenAPI, which describes what programs talk to.
    """

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def handle_as_page(request: Request) -> Response:
                try:
                    return await handle(request)
                except RequestValidationError:
                    return error_page(pages, request, Malformed("form_incomplete"))
                except TegataError as error:
                    if login_path := getattr(error, "login_path", ""):
                        return to(login_path)
                    structlog.get_logger("pages").info("page_error", code=error.code)
                    return error_page(pages, request, error)

            return handle_as_page

    return APIRouter(route_class=PageRoute, include_in_schema=False, **options)
