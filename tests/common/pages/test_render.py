"""Pages over HTTP: language, escaping, headers, errors as pages, static files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.testclient import TestClient

from common.errors import NotFound, TooMany
from common.pages import static_files
from common.pages.render import Pages
from common.pages.route import page_router
from common.pages.static_files import mount_static, static_url


class OneForm:
    """A guard whose token never changes."""

    secure = False

    def token(self, request: Request) -> str:
        return "form-token"

    def keep(self, request: Request, response: Response) -> None:
        response.headers["X-Kept"] = "yes"


@pytest.fixture
def client() -> Iterator[TestClient]:
    pages = Pages("issuer", forms=OneForm())
    router = page_router(pages)

    @router.get("/shown")
    def shown(request: Request) -> Response:
        return pages.response(request, "error.html", code="<b>x</b>", kind="refused", wait=None, owner="<i>桜川</i>")

    @router.get("/gone")
    def gone() -> Response:
        raise NotFound("no_offer", "no such offer")

    @router.get("/busy/{number}")
    def busy(number: int) -> Response:
        raise TooMany("limit", retry_after=90)

    app = FastAPI()
    app.include_router(router)
    mount_static(app)
    with TestClient(app) as client:
        yield client


def test_values_are_escaped_and_the_language_is_said(client: TestClient) -> None:
    answer = client.get("/shown", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text
    assert "<b>x" not in answer.text
    assert "<i>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-language"] == "en"
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-kept"] == "yes"


def test_the_chosen_language_is_remembered(client: TestClient) -> None:
    assert '<html lang="en">' in client.get("/shown?a=1&lang=en").text
    again = client.get("/shown?a=1", headers={"Accept-Language": "ja"})
    assert '<html lang="en">' in again.text
    assert 'href="?a=1&amp;lang=ja"' in again.text


def test_an_error_is_a_page(client: TestClient) -> None:
    gone = client.get("/gone", headers={"Accept-Language": "ja"})
    assert gone.status_code == 404
    assert "ページが見つかりません" in gone.text
    busy = client.get("/busy/1", headers={"Accept-Language": "en"})
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "90")
    assert "in about 1 minute" in busy.text
    assert client.get("/busy/none").status_code == 400


def test_pages_stay_out_of_the_openapi(client: TestClient) -> None:
    assert client.get("/openapi.json").json()["paths"] == {}


def test_static_files_are_kept_for_ever_only_under_their_own_hash(client: TestClient) -> None:
    address = static_url("icon.svg")
    assert "?v=" in address
    assert "immutable" in client.get(address).headers["cache-control"]
    assert "immutable" not in client.get("/static/icon.svg?v=other").headers["cache-control"]
    assert client.get("/static/../render.py").status_code == 404
    assert client.get("/static/%2e%2e/render.py").status_code == 404
    assert client.get("/static/").status_code == 404


def test_a_file_that_is_not_built_has_an_address_still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(static_files, "STATIC_FOLDER", tmp_path)
    static_url.cache_clear()
    try:
        assert static_url("built/pages.css") == "/static/built/pages.css"
    finally:
        static_url.cache_clear()
