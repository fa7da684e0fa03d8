"""Forms and scripts of our own pages only: a stranger's page cannot act for the person whose browser it runs in.

Two locks. The browser says where a request comes from (``Sec-Fetch-Site``, else ``Origin``), and it must be us. And each form repeats
a random value that also stands in a cookie (double submit): a stranger can neither read nor set it.
Routes that authenticate with a bearer token, and the protocols' endpoints, need neither: a browser adds nothing there by itself.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request, Response

from common.errors import Refused
from common.settings import ProgramSettings

FIELD = "csrf_token"
HEADER = "x-csrf-token"


class Csrf:
    """The check of one program. In a page: ``csrf.token(request)`` into the form and ``csrf.keep(request, response)`` on the answer."""

    def __init__(self, settings: ProgramSettings) -> None:
        parts = urlsplit(settings.public_url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.secure = settings.is_https
        self.cookie = f"{'__Host-' if self.secure else ''}csrf-{settings.program}"

    def token(self, request: Request) -> str:
        """The value for this visitor's forms: the one in the cookie, or a new one that `keep` will set."""
        known = request.cookies.get(self.cookie, "")
        if 20 <= len(known) <= 64:
            return known
        fresh: str | None = getattr(request.state, "csrf", None)
        if fresh is None:
            fresh = request.state.csrf = secrets.token_urlsafe(24)
        return fresh

    def keep(self, request: Request, response: Response) -> None:
        """Sets the cookie on the answer, when `token` had to make a new value."""
        fresh = getattr(request.state, "csrf", None)
        if fresh is not None:
            response.set_cookie(self.cookie, fresh, path="/", secure=self.secure, httponly=True, samesite="lax")

    def protect(self) -> Callable[[Request], Awaitable[None]]:
        """A FastAPI dependency for routes that change something by a form (or a script of our page, which sends the header)."""

        async def protect_form(request: Request) -> None:
            self.check_origin(request)
            given = request.headers.get(HEADER)
            if given is None:
                field = (await request.form()).get(FIELD)
                given = field if isinstance(field, str) else ""
            expected = request.cookies.get(self.cookie, "")
            if len(expected) < 20 or not hmac.compare_digest(given.encode(), expected.encode()):
                raise Refused("csrf", "this form is no longer valid; open the page again")

        return protect_form

    def check_origin(self, request: Request) -> None:
        """Raises Refused("csrf") when the browser says that another site sent this."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            if site != "same-origin":
                raise Refused("csrf", "this request came from another site")
            return
        origin = request.headers.get("origin")
        if origin is not None and origin != self.origin:
            raise Refused("csrf", "this request came from another site")
