"""Builds the hub of a venue: what gates ask, the scanner's page, the operator's pages. The same routes as in the verifier. No logic."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from common.adapters.background import Background
from common.adapters.database import is_answering
from common.adapters.logs import set_up_logs
from common.adapters.migrations import is_up_to_date
from common.pages.static_files import mount_static
from common.web.error_pages import install_error_pages
from common.web.health import health_routes
from common.web.middleware import install_middleware
from common.web.problems import install_problems
from common.web.server import NO_TELEMETRY, make_lifespan
from verifier.deps import Deps, build_deps
from verifier.gate.settings import GateSettings
from verifier.routes.gate import LARGER_BODIES, gate_routes
from verifier.routes.gate_live import gate_live_routes
from verifier.routes.gate_pages import gate_pages, operator_door
from verifier.routes.gate_scanner import scanner_router
from verifier.routes.page_counter import PageCounter
from verifier.routes.pages_login import operator_login_pages
from verifier.store.migrations import MIGRATIONS


def create_hub() -> FastAPI:
    """For the server: settings from the environment and the TOML file."""
    settings = GateSettings.load()
    set_up_logs(settings.log_level, settings.program)
    return build_hub(build_deps(settings))


def _to_the_scanner() -> RedirectResponse:
    """Who types the hub's name alone is a steward."""
    return RedirectResponse("/gate/", 307)


def build_hub(deps: Deps) -> FastAPI:
    jobs = Background(deps.jobs.run, deps.follow_events, every=deps.settings.job_seconds)
    app = FastAPI(
        telemetry=NO_TELEMETRY,
        title="Tegata gate hub",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=make_lifespan(
            deps.settings,
            start=[jobs.start, deps.followers.start],
            stop=[deps.followers.stop, jobs.stop, deps.database.close_all],
        ),
    )
    install_problems(app)
    install_middleware(app, deps.settings, larger_bodies=LARGER_BODIES)
    checks = {
        "database": lambda: is_answering(deps.database),
        "migrations": lambda: is_up_to_date(deps.database, MIGRATIONS),
    }
    app.include_router(health_routes(deps.settings, checks))
    mount_static(app)
    counter = PageCounter(deps, gate_only=True)
    app.add_api_route("/", _to_the_scanner, include_in_schema=False)
    app.include_router(scanner_router(counter.pages))
    for make in (gate_routes, gate_live_routes):
        app.include_router(make(deps))
    for part in (operator_door, operator_login_pages, gate_pages):
        app.include_router(part(counter))
    install_error_pages(app, counter.pages)
    return app
