"""The lean route serves what it can serve, and leaves to FastAPI what it can not: never a dependency that nobody ran."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.security import HTTPBearer

from common.web.bodies import read_body
from common.web.plain_route import PlainRoute
from common.web.server import NO_TELEMETRY
from tests.fakes.app_client import AppClient


def refuse() -> None:
    raise HTTPException(403)


def _answer(*parts: object) -> Response:
    return Response("|".join(map(str, parts)))


@pytest.fixture
def client() -> Any:
    router = APIRouter(default_response_class=Response, route_class=PlainRoute)
    described = Depends(HTTPBearer(auto_error=False, scheme_name="Token"))

    @router.post("/{tenant}/plain/{what}", dependencies=[described])
    def plain(request: Request, tenant: str, what: str, body: bytes = Depends(read_body)) -> Response:
        return _answer(tenant, what, body.decode(), request.headers["x-say"])

    @router.get("/{tenant}/guarded", dependencies=[Depends(refuse)])
    def guarded(tenant: str) -> Response:
        return _answer(tenant)

    @router.get("/{tenant}/refusing", dependencies=[Depends(HTTPBearer())])
    def refusing(tenant: str) -> Response:
        return _answer(tenant)

    @router.get("/{tenant}/number/{number}")
    def number(tenant: str, number: int, page: int = 7) -> Response:
        return _answer(tenant, number + 1, page)

    @router.get("/{tenant}/given")
    def given(tenant: str, _: None = Depends(refuse)) -> Response:
        return _answer(tenant)

    app = FastAPI(telemetry=NO_TELEMETRY)
    app.include_router(router)
    behind = APIRouter(dependencies=[Depends(refuse)], route_class=PlainRoute)

    @behind.get("/{tenant}/behind")
    def hidden(tenant: str) -> Response:
        return _answer(tenant)

    app.include_router(behind)
    with AppClient(app) as client:
        yield client


def test_plain(client: Any) -> None:
    answer = client.post("/a/plain/b%20c", content=b"hello", headers={"x-say": "x"})
    assert (answer.status_code, answer.text) == (200, "a|b c|hello|x")


def test_another_method(client: Any) -> None:
    assert client.get("/a/plain/b").status_code == 405


@pytest.mark.parametrize("path", ["/a/guarded", "/a/given", "/a/behind"])
def test_a_dependency_is_never_left_out(client: Any, path: str) -> None:
    assert client.get(path).status_code == 403


def test_a_scheme_that_refuses_is_never_left_out(client: Any) -> None:
    assert client.get("/a/refusing").status_code in (401, 403)


def test_numbers_are_read_by_fastapi(client: Any) -> None:
    assert client.get("/a/number/41").text == "a|42|7"
    assert client.get("/a/number/x").status_code == 422


def test_it_is_described(client: Any) -> None:
    described = client.get("/openapi.json").json()["paths"]["/{tenant}/plain/{what}"]["post"]
    assert [one["name"] for one in described["parameters"]] == ["tenant", "what"]
    assert described["security"] == [{"Token": []}]
