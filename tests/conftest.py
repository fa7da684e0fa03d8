"""Fixtures that every test may ask for. ``database_url`` runs a test twice: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from examples.cards.pcscd import Pcscd
from examples.demo.programs import ANY_PORTS
from tests.amount import set_usual
from tests.fakes.card import Insert, insert_in_process
from tests.pcscd import Slot, no_card_readers
from tests.postgres import PostgresServer
from tests.quick_apps import quicken_apps
from tests.scratch import go_to_memory
from tests.sharing import Sharing, longest_first
from tests.softhsm import SoftHsm

# Casts of the demo, here and in child processes, keep out of each other's way.
os.environ[ANY_PORTS] = (
    f"{os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')}/{os.environ.get('PYTEST_XDIST_WORKER_COUNT', '1')}"
)
go_to_memory()
# Where this process's own pcscd listens once a test asks for one. Said at the very start, since the library looks once; and so no
# test ever reaches a real reader of the machine.
CARD_SOCKET = Path(gettempdir()) / f"tegata-cards-{os.getpid()}.comm"
os.environ["PCSCLITE_CSOCK_NAME"] = str(CARD_SOCKET)
BACKENDS = ("sqlite", "postgres")
RARELY = (20_000, 10, 10)
"""When garbage is looked for. By Python's own numbers it takes half of the time in which an app is built."""


def pytest_configure(config: pytest.Config) -> None:
    usual = "not slow" in config.getoption("markexpr")
    set_usual(usual)
    # The usual run meets the same examples every time, so that it fails for what was changed; --all looks for new ones.
    quiet = (HealthCheck.too_slow,)
    settings.register_profile("tests", derandomize=usual, database=None, deadline=None, suppress_health_check=quiet)
    settings.load_profile("tests")
    quicken_apps()
    gc.set_threshold(*RARELY)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: nobody need look through it for garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With TEGATA_TEST_NO_POSTGRES=1 the tests that need one are left out; without it a missing PostgreSQL fails them. Where there can
    be no pcscd the header says so, and tests of cards run in one process only."""
    if hasattr(config, "workerinput"):
        longest_first(items)
    missing = ["postgres"] if os.environ.get("TEGATA_TEST_NO_POSTGRES") == "1" else []
    missing += ["pcscd"] if no_card_readers() else []
    if not missing:
        return
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in missing)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_report_header() -> list[str]:
    why = no_card_readers()
    return [f"cards: within one process only, {why}"] if why else []


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


@pytest.fixture(autouse=True)
def _logs_go_back() -> Iterator[None]:
    """What a program set up within this process, to the standard error of one test, the next does not meet."""
    root = logging.getLogger()
    ours, handlers, level = structlog.get_config(), root.handlers[:], root.level
    yield
    structlog.configure(**ours)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def hubs_answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or never: to a gate where a guest waits, a hub within this process is not late because the machine is busy."""
    monkeypatch.setattr("verifier.gate.desk.monotonic", lambda: 0.0)


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


@pytest.fixture(scope="session")
def pcscd() -> Iterator[Pcscd]:
    """The test process's own pcscd, which all card programs of this process and its children find. Mark the test ``pcscd``."""
    with Pcscd(socket=CARD_SOCKET) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def card_slot(pcscd: Pcscd) -> Iterator[Slot]:
    """The first slot of that daemon's reader, kept filled from one test to the next. Mark the test ``pcscd``."""
    slot = Slot(pcscd)
    yield slot
    slot.empty()


@pytest.fixture(params=["in-process", pytest.param("pcscd", marks=pytest.mark.pcscd)])
def insert(request: pytest.FixtureRequest) -> Iterator[Insert]:
    """A virtual card → a connection to it, freshly powered; the test runs once within the process and once over a real pcscd."""
    if request.param == "in-process":
        yield insert_in_process
        return
    slot: Slot = request.getfixturevalue("card_slot")
    yield slot.insert
    slot.let_go()
