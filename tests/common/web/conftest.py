"""A small program that uses every layer of common/web, and a client that talks to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Form, Request, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel

from common.adapters.database import Database, TenantRow, open_database
from common.errors import Conflict, Malformed, NotFound, Refused, Rejected, TooMany, Unavailable, Unsupported
from common.web.csrf import Csrf
from common.web.health import health_routes
from common.web.limits import Limits
from common.web.login import Login, Visitor
from common.web.middleware import install_middleware
from common.web.problems import install_problems
from common.web.tables import limit_table, login_tables
from tests.common.web.toy_settings import ToySettings
from tests.fakes.clock import FixedClock

ERRORS: dict[str, Callable[[], Exception]] = {
    "malformed": lambda: Malformed("bad_thing", "the thing is bad"),
    "rejected": lambda: Rejected("expired", "it is over"),
    "refused": lambda: Refused("not_allowed"),
    "not_found": lambda: NotFound("nothing_here"),
    "conflict": lambda: Conflict("already_done"),
    "too_many": lambda: TooMany("slow_down", retry_after=7),
    "unsupported": lambda: Unsupported("unknown_format", known=("a", "b")),
    "unavailable": lambda: Unavailable("database_unavailable", retry_after=3),
    "surprise": lambda: RuntimeError("/secret/path hanako@example.jp"),
}


class Row(TenantRow):
    pass


ACCESS_TOKEN, SESSION = login_tables(Row)
TRIES = limit_table(Row)


class Sum(BaseModel, extra="forbid"):
    a: int
    b: int


@dataclass
class Toy:
    client: TestClient
    app: FastAPI
    login: Login
    limits: Limits
    clock: FixedClock
    database: Database
    wire: Path


def build(settings: ToySettings, clock: FixedClock) -> tuple[FastAPI, Login, Limits, Csrf]:
    app = FastAPI()
    login = Login(settings, clock, (ACCESS_TOKEN, SESSION))
    limits, csrf = Limits(clock, TRIES), Csrf(settings)
    router = APIRouter(prefix="/{tenant}")

    @app.get("/errors/{name}")
    def raise_it(name: str) -> None:
        raise ERRORS[name]()

    @app.post("/sum")
    def add(body: Sum) -> int:
        return body.a + body.b

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @router.get("/staff/who")
    def who(visitor: Annotated[Visitor, Depends(login.page("/{tenant}/staff/login"))]) -> str:
        return visitor.name

    @router.post("/staff/login")
    def log_in(tenant: str, token: Annotated[str, Form()], response: Response) -> str:
        return login.log_in(tenant, token, response).name

    @router.post("/staff/logout")
    def log_out(tenant: str, request: Request, response: Response) -> None:
        login.log_out(tenant, request, response)

    @router.get("/api/who")
    def api_who(visitor: Annotated[Visitor, Depends(login.api())]) -> str:
        return visitor.name

    @router.get("/api/roles")
    def api_roles(visitor: Annotated[Visitor, Depends(login.api("operator"))]) -> str:
        return visitor.role

    @app.get("/form")
    def form(request: Request, response: Response) -> str:
        token = csrf.token(request)
        csrf.keep(request, response)
        return token

    @app.post("/form", dependencies=[Depends(csrf.protect())])
    def change(name: Annotated[str, Form()] = "") -> str:
        return name

    app.include_router(router)
    app.include_router(health_routes(settings, {"database": lambda: "gone" not in READY}))
    install_problems(app)
    install_middleware(app, settings, larger_bodies={r"/[^/]+/big": 1_000_000})
    return app, login, limits, csrf


READY: set[str] = set()


@contextmanager
def running(database_url: str, folder: Path) -> Iterator[Toy]:
    READY.clear()
    database = open_database(database_url)
    database.bind([ACCESS_TOKEN, SESSION, TRIES])
    database.create_tables([ACCESS_TOKEN, SESSION, TRIES])
    wire = folder / "wire.jsonl"
    settings = ToySettings(
        environment="sandbox", wire_log=wire, max_body=2000, metrics_from=("testclient",), body_seconds=1
    )
    clock = FixedClock()
    app, login, limits, _ = build(settings, clock)
    with TestClient(app, follow_redirects=False) as client:
        yield Toy(client=client, app=app, login=login, limits=limits, clock=clock, database=database, wire=wire)
    database.close_all()


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    """The program on SQLite."""
    with running(f"sqlite:///{tmp_path / 'toy.sqlite3'}", tmp_path) as toy:
        yield toy


@pytest.fixture
def stored(database_url: str, tmp_path: Path) -> Iterator[Toy]:
    """The program once on each kind of database, for what it keeps there."""
    with running(database_url, tmp_path) as toy:
        yield toy


def problem_in(response: Any) -> dict[str, Any]:
    """The problem document of an answer; fails when it is not one."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "status", "code", "detail"} <= body.keys()
    return body
