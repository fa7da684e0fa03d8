"""The cast as fixtures: three real programs on free ports over a fresh folder, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.demo.cast import Cast
from examples.demo.programs import NAMES
from tests.mailbox import Mailbox
from tests.postgres import PostgresServer
from tests.stories.stage import Stage, open_stage, set_up

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def new_databases(kind: str, server: PostgresServer) -> dict[str, str]:
    return {name: server.new_database() for name in NAMES} if kind == "postgres" else {}


@pytest.fixture(params=BOTH)
def cast(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cast]:
    """Introduced and running, with nothing in it; for this test alone."""
    databases = {}
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        databases = new_databases("postgres", server)
    running = set_up(tmp_path / "cast", databases=databases)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """The mail server of the stage's issuer."""
    box = Mailbox()
    yield box
    box.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Stage]:
    """One stage for all tests that leave it as they found it, on SQLite, with the roll imported."""
    running = set_up(tmp_path_factory.mktemp("stage"), extra={"issuer": mailbox.settings})
    yield open_stage(running)
    running.stop()
