"""An address typed with a last slash too many, or without the one it has, leads where it was meant to.

The framework's own way names the host that the request claims to be for, so that a stranger can send a browser anywhere. This one answers
with a path alone.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Match
from starlette.types import Receive, Scope, Send


class LastSlash:
    """What a router does when no route is the path's: looks for one that differs by the last slash, for GET."""

    def __init__(self, app: FastAPI) -> None:
        self._routes = app.router.routes
        self._nothing_here = app.router.default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            path: str = scope["path"]
            other = path.rstrip("/") if path.endswith("/") else f"{path}/"
            # Two slashes at the start would be the name of a host (RFC 3986 §4.2), and a backslash is a slash to some browsers.
            if other[1:2].isalnum() and any(
                route.matches({**scope, "path": other})[0] is Match.FULL for route in self._routes
            ):
                query = scope["query_string"].decode("latin-1")
                await RedirectResponse(other + (f"?{query}" if query else ""), 307)(scope, receive, send)
                return
        await self._nothing_here(scope, receive, send)


def mend_last_slash(app: FastAPI) -> None:
    """For apps whose pages people open by hand."""
    app.router.redirect_slashes = False
    app.router.default = LastSlash(app)
