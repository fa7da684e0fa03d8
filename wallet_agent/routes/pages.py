"""All pages of the wallet, and the static files they use."""

from __future__ import annotations

from fastapi import FastAPI

from common.pages.render import Pages
from common.pages.static_files import mount_static
from wallet_agent.deps import Deps
from wallet_agent.routes.page_door import PageDoor
from wallet_agent.routes.pages_cards import card_pages
from wallet_agent.routes.pages_offers import offer_pages
from wallet_agent.routes.pages_passes import pass_pages
from wallet_agent.routes.pages_requests import request_pages
from wallet_agent.routes.pages_settings import settings_pages
from wallet_agent.routes.pages_showing import showing_pages
from wallet_agent.routes.pages_start import start_pages

PARTS = (start_pages, card_pages, showing_pages, offer_pages, request_pages, pass_pages, settings_pages)


def mount_pages(app: FastAPI, deps: Deps) -> Pages:
    """To be called after the API's routes: pages have the widest patterns. Answers the renderer, for error pages."""
    door = PageDoor(deps)
    mount_static(app)
    for part in PARTS:
        app.include_router(part(door))
    return door.pages
