"""Builds the wallet agent's app. No logic: layers, routes, health."""

from __future__ import annotations

from fastapi import FastAPI

from common.adapters.database import is_answering
from common.adapters.logs import set_up_logs
from common.adapters.migrations import is_up_to_date
from common.web.error_pages import install_error_pages
from common.web.health import health_routes
from common.web.middleware import install_middleware
from common.web.problems import install_problems
from common.web.server import NO_TELEMETRY, make_lifespan
from wallet_agent.deps import Deps, build_deps
from wallet_agent.routes.cards import card_routes
from wallet_agent.routes.door import Door
from wallet_agent.routes.offers import offer_routes
from wallet_agent.routes.pages import mount_pages
from wallet_agent.routes.passes import pass_routes
from wallet_agent.routes.requests import request_routes
from wallet_agent.routes.session import session_routes
from wallet_agent.routes.showing import showing_routes
from wallet_agent.settings import WalletSettings
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.vault.sealed_file import MAX_FILE

LARGER_BODIES = {r"/[^/]+/api/restore": MAX_FILE + 4096, r"(/[^/]+)?/restore": MAX_FILE + 4096}


def create_app() -> FastAPI:
    """The app from the environment's settings: what the server's workers call."""
    settings = WalletSettings.load()
    set_up_logs(settings.log_level, settings.program)
    return build_app(build_deps(settings))


def build_app(deps: Deps) -> FastAPI:
    """The app around live objects. It closes them at shutdown."""
    settings = deps.settings
    app = FastAPI(
        telemetry=NO_TELEMETRY,
        title="Tegata wallet agent",
        summary="Holds certificates for people: takes offers, answers questions with their consent.",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=make_lifespan(settings, start=[deps.jobs.start], stop=[deps.close]),
    )
    door = Door(deps)
    checks = {
        "database": lambda: is_answering(deps.database),
        "migrations": lambda: is_up_to_date(deps.database, MIGRATIONS),
    }
    app.include_router(health_routes(settings, checks))
    app.include_router(session_routes(deps, door))
    app.include_router(offer_routes(deps, door))
    app.include_router(request_routes(deps, door))
    app.include_router(card_routes(deps, door))
    app.include_router(showing_routes(deps, door))
    app.include_router(pass_routes(deps, door))
    install_problems(app)
    install_error_pages(app, mount_pages(app, deps))
    install_middleware(app, settings, larger_bodies=LARGER_BODIES)
    return app
