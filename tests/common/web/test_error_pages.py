"""Errors are pages for people and problem documents for programs, also where no page is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from common.errors import Conflict, Unavailable
from common.pages.render import Pages
from common.web.csrf import Csrf
from common.web.error_pages import install_error_pages
from common.web.middleware import install_middleware
from common.web.problems import install_problems
from tests.common.web.toy_settings import ToySettings
from tests.fakes.app_client import AppClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    settings = ToySettings(environment="sandbox", data_dir=tmp_path)
    app = FastAPI()

    @app.get("/api/busy")
    def busy() -> None:
        raise Unavailable("database_unavailable", "later", retry_after=7)

    @app.get("/api/twice")
    def twice() -> None:
        raise Conflict("offer_over", "over")

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("the secret inside")

    @app.get("/api/number/{number}")
    def number(number: int) -> int:
        return number

    @app.post("/api/only-posted")
    def posted() -> None: ...

    install_problems(app)
    install_error_pages(app, Pages("issuer", forms=Csrf(settings)))
    install_middleware(app, settings)
    return AppClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/no/such/page", 404),
        ("/api/busy", 503),
        ("/api/twice", 409),
        ("/api/broken", 500),
        ("/api/number/x", 400),
        ("/api/only-posted", 405),
    ],
)
def test_each_gets_its_own_form(client: AppClient, path: str, status: int) -> None:
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert '<html lang="en"' in page.text
    assert "the secret inside" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src" in page.headers["content-security-policy"]
    for accept in ("application/json", "*/*"):
        plain = client.get(path, headers={"Accept": accept})
        assert (plain.status_code, plain.headers["content-type"]) == (status, "application/problem+json")
        assert plain.headers.get("retry-after") == page.headers.get("retry-after")
        assert plain.headers.get("allow") == page.headers.get("allow")


def test_an_incident_has_its_number_on_the_page(client: AppClient) -> None:
    page = client.get("/api/broken", headers=BROWSER)
    assert re.search(r"\b[0-9a-f]{16}\b", page.text)


def test_what_is_posted_by_a_program_is_answered_to_a_program(client: AppClient) -> None:
    answer = client.post("/no/such/page", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"
