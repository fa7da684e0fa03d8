"""Builds the verifier's web application. No logic."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import FastAPI

from common.adapters.background import Background
from common.adapters.database import is_answering
from common.adapters.logs import set_up_logs
from common.adapters.migrations import is_up_to_date
from common.adapters.trust_list_files import refresh
from common.web.error_pages import install_error_pages
from common.web.health import health_routes
from common.web.middleware import install_middleware
from common.web.problems import install_problems
from common.web.server import NO_TELEMETRY, make_lifespan
from verifier.deps import Deps, build_deps
from verifier.routes.answers import translate
from verifier.routes.events import event_routes
from verifier.routes.gate import LARGER_BODIES, gate_routes
from verifier.routes.gate_live import gate_live_routes
from verifier.routes.identity import identity_routes
from verifier.routes.pages_ask import mount_pages
from verifier.routes.sessions import session_routes
from verifier.routes.shown import shown_routes
from verifier.routes.vc_api import vc_api_routes
from verifier.routes.wallet import wallet_routes
from verifier.settings import VerifierSettings
from verifier.store.migrations import MIGRATIONS


def create_app() -> FastAPI:
    """For the server: settings from the environment and the TOML file."""
    settings = VerifierSettings.load()
    set_up_logs(settings.log_level, settings.program)
    return build_app(build_deps(settings))


def build_app(deps: Deps) -> FastAPI:
    """The application over live objects. Fixed paths come before those that begin with a relying party's name."""
    follow = (partial(refresh, deps.lists),) if deps.lists is not None else ()
    jobs = Background(deps.jobs.run, deps.follow_events, *follow, every=deps.settings.job_seconds)
    app = FastAPI(
        telemetry=NO_TELEMETRY,
        title="Tegata verifier",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=make_lifespan(
            deps.settings,
            start=[jobs.start, deps.followers.start],
            stop=[deps.followers.stop, jobs.stop, deps.database.close_all],
        ),
    )
    install_problems(app, translators=[translate])
    install_middleware(app, deps.settings, larger_bodies=LARGER_BODIES)
    checks = {
        "database": lambda: is_answering(deps.database),
        "migrations": lambda: is_up_to_date(deps.database, MIGRATIONS),
    }
    app.include_router(health_routes(deps.settings, checks))
    for make in (
        gate_routes,
        gate_live_routes,
        identity_routes,
        wallet_routes,
        session_routes,
        shown_routes,
        event_routes,
        vc_api_routes,
    ):
        app.include_router(make(deps))
    install_error_pages(app, mount_pages(app, deps))
    _name_the_token(app)
    return app


def _name_the_token(app: FastAPI) -> None:
    """The OpenAPI says what an operator's token is."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["OperatorToken"] = {"type": "http", "scheme": "bearer"}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it
