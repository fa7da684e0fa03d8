"""The database adapter: races with one winner, outages by one name, recovery, connections that follow their threads."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

from common.adapters import database as adapter
from common.adapters.database import TenantRow, changed, is_answering, open_database, transaction
from common.errors import Malformed, Misconfigured, Unavailable
from tests.forks import Forks
from tests.postgres import PostgresServer


class Code(TenantRow):
    state = peewee.CharField(default="open")
    taker = peewee.CharField(default="")

    class Meta:
        table_name = "one_code"


@pytest.fixture
def database(database_url: str) -> Iterator[Any]:
    opened = open_database(database_url)
    Code.bind(opened)
    opened.create_tables([Code])
    Code.create(tenant="a")
    yield opened
    opened.close_all()


def take(taker: str) -> bool:
    return changed(Code.update(state="taken", taker=taker).where(Code.tenant == "a", Code.state == "open"))


def _race(url: str, taker: str, gate: Any, answers: Any) -> None:
    Code.bind(open_database(url))
    gate.wait()
    with transaction(Code._meta.database, "race"):
        won = take(taker)
    answers.put((taker, won))


def test_of_two_processes_that_race_for_a_row_one_wins(database: Any, database_url: str) -> None:
    gate, answers = Forks.Barrier(3), Forks.Queue()
    racers = [Forks.Process(target=_race, args=(database_url, name, gate, answers)) for name in ("p", "q", "r")]
    for racer in racers:
        racer.start()
    heard = [answers.get(timeout=60) for _ in racers]
    for racer in racers:
        racer.join(30)
    winners = [taker for taker, won in heard if won]
    assert len(winners) == 1
    assert Code.get(Code.tenant == "a").taker == winners[0]


def test_an_exception_undoes_the_whole_block(database: Any) -> None:
    def act() -> None:
        with transaction(database, "undone"):
            assert take("p")
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        act()
    assert Code.get(Code.tenant == "a").state == "open"


def test_a_transaction_within_one_is_a_savepoint(database: Any) -> None:
    def act() -> None:
        with transaction(database, "inner"):
            take("p")
            raise RuntimeError("on the way")

    with transaction(database, "outer"):
        with pytest.raises(RuntimeError, match="on the way"):
            act()
        Code.create(tenant="b")
    assert Code.get(Code.tenant == "a").state == "open"
    assert Code.select().where(Code.tenant == "b").count() == 1


def test_a_wrong_statement_is_not_an_outage(database: Any) -> None:
    with pytest.raises((peewee.OperationalError, peewee.ProgrammingError)):
        database.execute_sql("SELECT * FROM nowhere")


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b", 1 << 70])
def test_what_cannot_be_stored_is_malformed_or_finds_nothing(database: Any, value: Any) -> None:
    for act in (
        lambda: Code.get_or_none(Code.tenant == "a", (Code.id if isinstance(value, int) else Code.taker) == value),
        lambda: Code.get_or_none(Code.tenant == str(value)),
    ):
        with contextlib.suppress(Malformed):
            assert act() is None
    with transaction(database, "after"):
        assert take("p"), "the connection is as good as before"


def test_connections_of_ended_threads_are_closed(database: Any) -> None:
    for _ in range(20):
        thread = threading.Thread(target=lambda: Code.get(Code.tenant == "a"))
        thread.start()
        thread.join()
    assert len(database._open) <= 2


def test_close_all_closes_and_the_next_query_opens_anew(database: Any) -> None:
    assert is_answering(database)
    database.close_all()
    assert database._open == {}
    assert is_answering(database)


# -- SQLite ------------------------------------------------------------------------------------------------------------


def test_a_locked_sqlite_is_unavailable_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "BUSY_SECONDS", 0.05)
    opened = open_database(f"sqlite:///{tmp_path / 'l.sqlite3'}")
    Code.bind(opened)
    opened.create_tables([Code])
    Code.create(tenant="a")
    other = sqlite3.connect(tmp_path / "l.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as outage, transaction(opened, "blocked"):
        take("p")
    assert outage.value.code == "database_unavailable"
    assert outage.value.retry_after > 0
    with pytest.raises(Unavailable):
        take("p")
    assert Code.get(Code.tenant == "a").state == "open", "readers never wait in WAL"
    other.execute("ROLLBACK")
    with transaction(opened, "free"):
        assert take("p")
    opened.close_all()


def test_a_sqlite_whose_folder_is_gone_is_unavailable(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    opened = open_database(f"sqlite:///{folder / 'l.sqlite3'}")
    shutil.rmtree(folder)
    assert not is_answering(opened)
    with pytest.raises(Unavailable):
        opened.execute_sql("SELECT 1")


def test_sqlite_commits_are_durable(tmp_path: Path) -> None:
    opened = open_database(f"sqlite:///{tmp_path / 'l.sqlite3'}")
    assert opened.pragma("journal_mode") == "wal"
    assert opened.pragma("synchronous") == 2, "FULL"
    assert opened.pragma("foreign_keys") == 1
    opened.close_all()


def test_other_databases_are_refused_by_name() -> None:
    with pytest.raises(Misconfigured, match="mysql"):
        open_database("mysql://x/y")


def test_a_silent_database_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_database(f"sqlite:///{tmp_path / 'l.sqlite3'}")
    attempts = []

    def silence(_: Any) -> None:
        attempts.append(1)
        time.sleep(1.1)
        error = sqlite3.OperationalError("nothing there")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(peewee.SqliteDatabase, "_connect", silence)
    for _ in range(5):
        assert not is_answering(opened)
    assert len(attempts) == 1


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_restarted_postgres_is_unavailable_and_then_back() -> None:
    server = PostgresServer()
    try:
        server.start()
        opened = open_database(server.new_database())
        Code.bind(opened)
        opened.create_tables([Code])
        Code.create(tenant="a")

        def lose_it_halfway() -> None:
            with transaction(opened, "cut"):
                take("p")
                server.stop()
                Code.get(Code.tenant == "a")

        with pytest.raises(Unavailable):
            lose_it_halfway()
        assert not opened.in_transaction()
        assert not is_answering(opened)
        with pytest.raises(Unavailable):
            Code.create(tenant="a")
        server.start()
        assert Code.get(Code.tenant == "a").state == "open", "what was not committed did not happen"
        with transaction(opened, "again"):
            assert take("p")
        server.stop()
        server.start()
        assert Code.get(Code.tenant == "a").taker == "p", "a read on a lost connection is tried once more"
        server.stop()
        server.start()
        with transaction(opened, "third"):
            Code.create(tenant="a")
        opened.close_all()
    finally:
        server.remove()
