"""An address with a slash too many or too few leads to the page; nobody is sent to another host."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from common.web.last_slash import mend_last_slash


@pytest.fixture(scope="module")
def browser() -> TestClient:
    app = FastAPI()
    mend_last_slash(app)

    @app.get("/{tenant}/staff")
    def staff(tenant: str) -> str:
        return f"staff of {tenant}"

    @app.get("/gate/")
    def gate() -> str:
        return "gate"

    @app.post("/form")
    def form() -> str:
        return "taken"

    return TestClient(app, follow_redirects=False)


def test_one_slash_too_many(browser: TestClient) -> None:
    answer = browser.get("/sakuragawa/staff/?tab=roll&q=%E6%A1%9C")
    assert (answer.status_code, answer.headers["location"]) == (307, "/sakuragawa/staff?tab=roll&q=%E6%A1%9C")
    assert browser.get(answer.headers["location"]).json() == "staff of sakuragawa"


def test_one_slash_too_few(browser: TestClient) -> None:
    assert browser.get("/gate").headers["location"] == "/gate/"


@pytest.mark.parametrize("path", ["/nothing/", "/nothing", "/form/", "/", "/a/b/c/d/"])
def test_what_is_not_there_stays_so(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_form_is_never_sent_elsewhere(browser: TestClient) -> None:
    assert browser.post("/form/").status_code == 404


@pytest.mark.parametrize("path", ["//evil.example/staff/", "/\\evil.example/staff/", "///evil.example/staff/"])
def test_no_other_host(browser: TestClient, path: str) -> None:
    answer = browser.get(f"http://testserver{path}")
    assert answer.status_code == 404 or answer.headers["location"].startswith("/%")


def test_a_host_that_the_request_claims_is_not_believed(browser: TestClient) -> None:
    assert browser.get("/gate", headers={"host": "evil.example"}).headers["location"] == "/gate/"


def test_a_line_break_stays_in_the_path(browser: TestClient) -> None:
    location = browser.get("/a%0d%0aSet-Cookie:%20x/staff/").headers["location"]
    assert location == "/a%0D%0ASet-Cookie:%20x/staff"
