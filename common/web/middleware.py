"""Puts the layers around an app, in their order: edge, wire log (sandbox), body limit, and then the routes."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI

from common.adapters.wire_log import WireLog
from common.settings import ProgramSettings
from common.web.body_limit import BodyLimit
from common.web.edge import Edge
from common.web.last_slash import mend_last_slash
from common.web.wire import Wire


def install_middleware(
    app: FastAPI, settings: ProgramSettings, *, larger_bodies: Mapping[str, int] | None = None
) -> None:
    """larger_bodies: pattern that a whole path must match → bytes allowed there, e.g. ``{r"/[^/]+/api/roll": 20_000_000}``."""
    mend_last_slash(app)
    app.add_middleware(BodyLimit, max_body=settings.max_body, seconds=settings.body_seconds, larger=larger_bodies)
    if settings.wire_log is not None:
        app.add_middleware(Wire, log=WireLog(settings.wire_log, settings.program), public_url=settings.public_url)
    app.add_middleware(Edge, https=settings.is_https)
