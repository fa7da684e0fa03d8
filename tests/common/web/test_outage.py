"""A database that is locked or gone is a 503 with Retry-After, and work goes on when it is back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from common.adapters import database as adapter
from tests.common.web.conftest import Toy, problem_in, running
from tests.postgres import PostgresServer


def log_in(toy: Toy, token: str) -> int:
    answer = toy.client.post("/a/staff/login", data={"token": token})
    if answer.status_code == 503:
        assert problem_in(answer)["code"] == "database_unavailable"
        assert int(answer.headers["retry-after"]) > 0
        assert "sqlite" not in answer.text
        assert "postgres" not in answer.text.lower()
    return int(answer.status_code)


def test_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "BUSY_SECONDS", 0.05)
    with running(f"sqlite:///{tmp_path / 't.sqlite3'}", tmp_path) as toy:
        token = toy.login.new_token("a", "x")
        other = sqlite3.connect(tmp_path / "t.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert log_in(toy, token) == 503
        other.execute("ROLLBACK")
        other.close()
        assert log_in(toy, token) == 200


@pytest.mark.postgres
def test_gone() -> None:
    server = PostgresServer()
    try:
        server.start()
        with running(server.new_database(), server.folder) as toy:
            token = toy.login.new_token("a", "x")
            assert log_in(toy, token) == 200
            server.stop()
            assert log_in(toy, token) == 503
            assert log_in(toy, token) == 503
            server.start()
            assert log_in(toy, token) == 200
    finally:
        server.remove()
