"""Fixtures that every test may ask for. ``database_url`` runs a test twice: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer

from tests.amount import set_usual
from tests.postgres import PostgresServer
from tests.sharing import Sharing, longest_first
from tests.softhsm import SoftHsm

os.environ["TEGATA_TEST_ANY_PORTS"] = (
    "1"  # casts of the demo, here and in child processes, keep out of each other's way
)
BACKENDS = ("sqlite", "postgres")


def pytest_configure(config: pytest.Config) -> None:
    set_usual("not slow" in config.getoption("markexpr"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With TEGATA_TEST_NO_POSTGRES=1 the tests that need one are left out; without it a missing PostgreSQL fails them."""
    if hasattr(config, "workerinput"):
        longest_first(items)
    if os.environ.get("TEGATA_TEST_NO_POSTGRES") != "1":
        return
    left_out = [item for item in items if item.get_closest_marker("postgres")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing | None:
    """``--dist loadgroup`` is ours: pytest-xdist looks for its groups in what pytest 9.2 no longer keeps, and makes none."""
    if config.getoption("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return Sharing(config, log)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test never depends on the TEGATA_ names of the shell it was started from."""
    for name in list(os.environ):
        if name.startswith("TEGATA_") and not name.startswith("TEGATA_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The test process's PostgreSQL (each xdist worker has its own)."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh PostgreSQL database. Mark the test ``@pytest.mark.postgres``."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database's URL; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def softhsm() -> Iterator[SoftHsm]:
    """The test process's hardware security module, in software, with a token ``tegata``."""
    hsm = SoftHsm()
    hsm.start()
    yield hsm
    hsm.remove()
