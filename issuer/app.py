"""Builds the issuer's web application. No logic."""

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
from issuer.deps import Deps, open_deps
from issuer.routes.answers import translate
from issuer.routes.card_relay import card_relay_routes
from issuer.routes.event_gates import event_gate_routes
from issuer.routes.event_tickets import event_ticket_routes
from issuer.routes.events import event_routes
from issuer.routes.metadata import metadata_routes
from issuer.routes.oid4vci import oid4vci_routes
from issuer.routes.pages import mount_pages
from issuer.routes.staff_audit import staff_audit_routes
from issuer.routes.staff_cards import LARGEST, READINGS_PATH, staff_card_routes
from issuer.routes.staff_keys import staff_key_routes
from issuer.routes.staff_offers import staff_offer_routes
from issuer.routes.staff_people import staff_people_routes
from issuer.routes.status_lists import status_list_routes
from issuer.routes.time_stamps import time_stamp_routes
from issuer.routes.vc_api import vc_api_routes
from issuer.settings import IssuerSettings
from issuer.store.migrations import MIGRATIONS


def create_app() -> FastAPI:
    """For the server: settings from the environment and the TOML file."""
    settings = IssuerSettings.load()
    set_up_logs(settings.log_level, settings.program)
    return build_app(open_deps(settings))


def build_app(deps: Deps) -> FastAPI:
    """The application over live objects. Fixed paths come before those that begin with an institution's name."""
    settings = deps.settings
    app = FastAPI(
        telemetry=NO_TELEMETRY,
        title="Tegata issuer",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=make_lifespan(settings, start=[deps.jobs.start], stop=[deps.jobs.stop, deps.database.close_all]),
    )
    install_problems(app, translators=[translate])
    files = r"/[^/]+/(api/roll|staff/import|api/events/[^/]+/buyers|staff/events/[^/]+/import)"
    larger = {files: settings.max_roll_bytes, READINGS_PATH: LARGEST}
    install_middleware(app, settings, larger_bodies=larger)
    checks = {
        "database": lambda: is_answering(deps.database),
        "migrations": lambda: is_up_to_date(deps.database, MIGRATIONS),
    }
    app.include_router(health_routes(settings, checks))
    for make in (
        metadata_routes,
        oid4vci_routes,
        status_list_routes,
        time_stamp_routes,
        staff_people_routes,
        staff_offer_routes,
        staff_audit_routes,
        staff_card_routes,
        card_relay_routes,
        staff_key_routes,
        vc_api_routes,
        event_routes,
        event_ticket_routes,
        event_gate_routes,
    ):
        app.include_router(make(deps))
    install_error_pages(app, mount_pages(app, deps))
    return app
