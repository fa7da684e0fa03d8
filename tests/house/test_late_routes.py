"""What `tests.late_routes` puts off comes to the same: document and answers are those of an app that worked everything out at its start."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from fastapi.routing import APIRoute, _EffectiveRouteContext
from fastapi.testclient import TestClient

from tests import late_routes
from tests.issuer.school import TENANT, open_school

ASKED = (
    ("GET", f"/{TENANT}/api/roll"),
    ("GET", f"/{TENANT}/api/roll?page=x"),
    ("POST", f"/{TENANT}/credential"),
    ("PUT", f"/{TENANT}/api/roll"),
    ("GET", f"/{TENANT}/staff/login"),
    ("GET", "/nothing"),
)


def said(folder: Path) -> tuple[Any, list[tuple[int, str]]]:
    school = open_school(f"sqlite:///{folder / 'school.sqlite3'}", folder)
    answers = [school.client.request(method, path, headers=school.staff) for method, path in ASKED]
    document = school.client.get("/openapi.json").json()
    school.deps.database.close_all()
    return document, [(one.status_code, one.headers["content-type"]) for one in answers]


def test_late_is_the_same_as_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = said(tmp_path / "late")
    monkeypatch.setattr(APIRoute, "__init__", late_routes._make_route)
    monkeypatch.setattr(_EffectiveRouteContext, "from_api_route", classmethod(late_routes._make_context))
    assert said(tmp_path / "early") == late
    assert {status for status, _ in late[1]} > {200, 404, 405}


def test_only_what_is_asked_is_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = late_routes._make_route

    def note(route: APIRoute, path: str, endpoint: Any, **told: Any) -> None:
        made.append(path)
        make(route, path, endpoint, **told)

    monkeypatch.setattr(late_routes, "_make_route", note)
    school = open_school(f"sqlite:///{tmp_path / 'school.sqlite3'}", tmp_path)
    assert school.client.get(f"/{TENANT}/staff/login").status_code == 200
    school.deps.database.close_all()
    assert made == ["/{tenant}/staff/login"]


def test_several_threads_may_ask_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes while another works the route out waits for it."""
    make, together = late_routes._make_route, Barrier(2)

    def slowly(route: APIRoute, path: str, endpoint: Any, **told: Any) -> None:
        time.sleep(0.2)
        make(route, path, endpoint, **told)

    monkeypatch.setattr(late_routes, "_make_route", slowly)
    school = open_school(f"sqlite:///{tmp_path / 'school.sqlite3'}", tmp_path)

    def ask(_: int) -> int:
        client = TestClient(school.client.app)
        together.wait(30)
        return client.get(f"/{TENANT}/staff/login").status_code

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ask, range(2))) == [200, 200]
    school.deps.database.close_all()
