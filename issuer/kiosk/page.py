"""The kiosk's page: one address on loopback, one question at a time. The kiosk itself runs in a thread beside it.

The address holds a key that is made at each start, so that no other user of this machine, and no page of elsewhere, sees or answers what
is on the screen. Forms are taken from our own page only. Nothing is stored by a browser (``no-store``), and nothing is logged of it.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import FastAPI, Form, Request
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from common.cards.offered_parts import PartName
from common.cards.secret import Secret
from common.errors import NotFound, Refused
from common.mail_address import MAX_TYPED as MAX_ADDRESS
from common.pages.catalogue import Words
from common.pages.language import choose_language
from common.pages.render import Pages
from common.pages.route import page_router
from common.pages.static_files import mount_static
from common.web.body_limit import BodyLimit
from common.web.edge import Edge
from common.web.error_pages import install_error_pages
from common.web.problems import install_problems
from common.web.server import NO_TELEMETRY
from issuer.kiosk.issuer_desk import Contact
from issuer.kiosk.page_person import Answer, PagePerson
from issuer.kiosk.page_views import view_of
from issuer.kiosk.plan import Found
from issuer.kiosk.stages import AddressAsked, Answered, Asked, Proven
from issuer.kiosk.typed_secret import MAX_TYPED

MAX_BODY = 16_384
STREAM_SECONDS = 3600.0
STREAM_LOOK = 0.1
AFTER_A_FORM = 1.5
"""Seconds that an answered form waits for what comes next, so that the next page shows it at once."""
_Word = Annotated[str, Form(max_length=100)]


class OwnForms:
    """Implements `FormGuard`: the address itself is what no other page knows, so that forms need no further token."""

    secure = False

    def token(self, request: Request) -> str:
        del request
        return ""

    def keep(self, request: Request, response: Response) -> None:
        del request, response


def build_page(person: PagePerson, key: str) -> FastAPI:
    """The application. key: the first part of every address but those of static files."""
    pages = Pages("issuer.kiosk", forms=OwnForms())
    app = FastAPI(telemetry=NO_TELEMETRY, title="Tegata kiosk", docs_url=None, redoc_url=None, openapi_url=None)
    install_problems(app)
    app.router.redirect_slashes = False
    app.add_middleware(BodyLimit, max_body=MAX_BODY, seconds=15)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    app.add_middleware(Edge, https=False)
    mount_static(app)
    router = page_router(pages)

    def admit(given: str) -> None:
        if not hmac.compare_digest(given.encode(), key.encode()):
            raise NotFound("no_such_page", "there is nothing here")

    def context(request: Request) -> dict[str, Any]:
        stage, number = person.now_shown()
        words = Words(pages.catalogue, choose_language(request))
        return {"view": view_of(stage, words), "number": number, "base": f"/{key}"}

    @router.get("/{given}/")
    def whole(request: Request, given: str) -> Response:
        admit(given)
        return pages.response(request, "kiosk.html", **context(request))

    @router.get("/{given}/part")
    def part(request: Request, given: str) -> Response:
        admit(given)
        return pages.response(request, "part.html", **context(request))

    @router.get("/{given}/events")
    def events(given: str) -> Response:
        admit(given)
        return StreamingResponse(
            _changes(person), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    @router.post("/{given}/answer")
    def answer(
        request: Request,
        given: Annotated[str, InPath(max_length=100)],
        number: Annotated[int, Form()],
        act: _Word,
        secret: Annotated[str, Form(max_length=MAX_TYPED)] = "",
        agree: _Word = "",
        email: Annotated[str, Form(max_length=MAX_ADDRESS)] = "",
        part: Annotated[list[str], Form(max_length=32)] = [],  # noqa: B006 - FastAPI copies it
        type: Annotated[list[str], Form(max_length=32)] = [],  # noqa: A002, B006 - the field's name
    ) -> Response:
        admit(given)
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Refused("csrf", "this request came from another site")
        stage, _ = person.now_shown()
        made = Answer(stop=True) if act == "stop" else Answer(done=True)
        if act == "go" and isinstance(stage, Found):
            made = Answer(parts=frozenset(map(_part_name, part)))
        elif act == "go" and isinstance(stage, AddressAsked) and email.strip():
            made = Answer(contact=Contact(email=email, language=choose_language(request)))
        elif act == "go" and isinstance(stage, Asked):
            made = Answer(secret=Answered(typed=Secret(secret), agreed=agree == "yes"))
        elif act == "go" and isinstance(stage, Proven):
            made = Answer(types=tuple(name for name in type if name in stage.accepted.types))
        if person.answer(number, made):
            person.wait_beyond(number, AFTER_A_FORM)
        return RedirectResponse(f"/{key}/", 303, headers={"Cache-Control": "no-store"})

    app.include_router(router)
    install_error_pages(app, pages)
    return app


def _part_name(text: str) -> PartName:
    driver, _, part = text.partition(":")
    return driver, part


async def _changes(person: PagePerson) -> AsyncIterator[bytes]:
    """An event for each stage; the page fetches it then."""
    ends, seen, quiet_until = time.monotonic() + STREAM_SECONDS, -1, 0.0
    yield b"retry: 1000\n\n"
    while time.monotonic() < ends:
        _, number = person.now_shown()
        if number != seen:
            seen = number
            yield b"event: changed\ndata: {}\n\n"
        elif time.monotonic() > quiet_until:
            quiet_until = time.monotonic() + 15
            yield b": here\n\n"
        await anyio.sleep(STREAM_LOOK)
