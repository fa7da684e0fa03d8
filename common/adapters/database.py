"""The database of a program: SQLite embedded, PostgreSQL by a URL, one code path.

Connections are opened lazily, one per thread, and kept; the server bounds the threads (setting ``threads``), a thread's end or
`close_all` closes them. Values that no database can hold are Malformed.

What an outage looks like to callers: every statement and commit raises Unavailable("database_unavailable"),
which the web answers with 503 and Retry-After; the next statement tries afresh. A lost connection is replaced, and a read or the
start of a transaction is tried once more on the new one; a write never is, as nobody knows whether it arrived.

Durability: a code, a nonce or a status index that is consumed stays consumed after a power cut. So SQLite runs with
``synchronous=FULL`` in WAL (one fsync a commit; NORMAL may lose the last commits), PostgreSQL with its default.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import peewee
import psycopg

from common import failpoints
from common.adapters.outages import is_outage
from common.adapters.rows import RowSelect, first_row
from common.adapters.statements import Statements
from common.adapters.tenant_guard import (
    TenantMissing,
    across_tenants,
    check_query,
    check_text,
    is_guarded,
    own_table,
)
from common.errors import Malformed, Misconfigured, Unavailable

__all__ = [
    "Database",
    "SystemRow",
    "TenantMissing",
    "TenantRow",
    "across_tenants",
    "changed",
    "is_answering",
    "open_database",
    "transaction",
]

BUSY_SECONDS = 5.0
"""How long a statement waits for another writer before it gives up."""
MAX_CONNECTIONS = 250
"""A bound against leaks; the bound that is met in practice is the number of threads."""
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})
"""First words of statements that, outside a transaction, pass the fail-points ``statement.before_commit`` and ``.after_commit``."""

if TYPE_CHECKING:

    class _Base(peewee.Database):  # what peewee's stubs leave out
        _state: Any

        def _connect(self) -> Any: ...
        def _close(self, conn: Any) -> None: ...
        def _execute_cursor(self, sql: str, params: Any) -> Any: ...
        def get_sql_context(self, **options: Any) -> Any: ...
else:
    _Base = object  # a mixin: the other parent is one of peewee's databases


class _Guarded(_Base):
    """Mixed into both peewee databases: tenant guard, connections that can be closed from outside, outages by one name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._open: dict[int, tuple[weakref.ref[threading.Thread], Any]] = {}
        self._open_lock = threading.Lock()
        self._silent_until = 0.0
        self._statements = Statements(check_query, is_guarded)
        super().__init__(*args, **kwargs)

    # -- queries ------------------------------------------------------------------------------------------------------

    def execute(self, query: Any, **options: Any) -> Any:
        if options:
            check_query(query)
            return self._run(*self.get_sql_context(**options).sql(query).query())
        return self._run(*self._statements.write(query, self._write))

    def find_first(self, model: Any, conditions: tuple[Any, ...]) -> Any:
        """A cursor over the first row that meets all conditions."""
        return self._run(*self._statements.write_first(model, conditions, self._write))

    def run_written(self, sql: str, params: Any) -> Any:
        """Runs SQL that peewee wrote of a query which the tenant guard has read (`common.adapters.prepared`)."""
        return self._run(sql, params)

    def _write(self, query: Any) -> tuple[str, list[Any]]:
        sql, params = self.get_sql_context().sql(query).query()
        return sql, params

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        check_text(sql)
        return self._run(sql, params)

    def _run(self, sql: str, params: Any) -> Any:
        verb = "" if self.in_transaction() else sql.lstrip()[:6].upper()
        alone = verb in _WRITES  # a transaction of its own: a commit like any other
        if alone:
            failpoints.hit("statement.before_commit")
        try:
            done = self._guarded(lambda: self._execute_cursor(sql, params), verb == "SELECT")
        except (UnicodeEncodeError, OverflowError, peewee.DataError) as error:
            # NUL characters, lone surrogates, numbers beyond 64 bits: only what came from outside is ever like that
            raise Malformed(
                "value_not_storable", "a value holds characters or numbers that cannot be stored"
            ) from error
        if alone:
            failpoints.hit("statement.after_commit")
        return done

    def begin(self, *args: Any, **kwargs: Any) -> None:
        self._guarded(lambda: super(_Guarded, self).begin(*args, **kwargs), True)

    def commit(self) -> None:
        self._guarded(super().commit, False)

    def rollback(self) -> None:
        try:
            super().rollback()
        except (peewee.OperationalError, peewee.InterfaceError):
            # The server has rolled back already: the connection is gone, or SQLite ended the transaction itself.
            self._discard()

    def _guarded(self, act: Any, repeatable: bool) -> Any:
        try:
            return act()
        except (peewee.OperationalError, peewee.InterfaceError, peewee.InternalError) as error:
            if not is_outage(error):
                raise
            lost = self._connection_lost()
            if lost and not self.in_transaction():
                self._discard()
                if repeatable:
                    return self._guarded(act, False)
            raise Unavailable("database_unavailable", "the database does not answer; try again shortly") from error

    # -- connections --------------------------------------------------------------------------------------------------

    def _connect(self) -> Any:
        self._close_orphans()
        if len(self._open) >= MAX_CONNECTIONS:
            raise Unavailable("database_unavailable", "too many database connections; try again shortly")
        if time.monotonic() < self._silent_until:
            raise Unavailable("database_unavailable", "the database does not answer; try again shortly")
        began = time.monotonic()
        try:
            connection = super()._connect()
        except Exception:
            # Connecting threads queue up. Where nothing answers at all, those that waited do not each wait again.
            if (ended := time.monotonic()) - began > 1:
                self._silent_until = ended + 2
            raise
        with self._open_lock:
            self._open[id(connection)] = (weakref.ref(threading.current_thread()), connection)
        return connection

    def _close(self, conn: Any) -> None:
        with self._open_lock:
            self._open.pop(id(conn), None)
        super()._close(conn)

    def _connection_lost(self) -> bool:
        connection = self._state.conn
        return isinstance(connection, psycopg.Connection) and (connection.closed or connection.broken)

    def _discard(self) -> None:
        """Forgets this thread's connection, whatever state it is in; the next statement opens a new one."""
        connection = self._state.conn
        self._state.reset()
        if connection is not None:
            with self._open_lock:
                self._open.pop(id(connection), None)
            with contextlib.suppress(Exception):
                connection.close()

    def _close_orphans(self) -> None:
        """Closes the connections whose thread has ended: the thread pool of the server comes and goes."""
        with self._open_lock:
            orphans = [(key, conn) for key, (thread, conn) in self._open.items() if not _alive(thread)]
            for key, _ in orphans:
                del self._open[key]
        for _, connection in orphans:
            with contextlib.suppress(Exception):
                connection.close()

    def close_all(self) -> None:
        """Closes the connections of all threads. For shutdown, when no request is in work."""
        with self._open_lock:
            connections = [connection for _, connection in self._open.values()]
            self._open.clear()
        for connection in connections:
            with contextlib.suppress(Exception):
                connection.close()
        self._state.reset()


class Sqlite(_Guarded, peewee.SqliteDatabase):
    """SQLite in WAL: readers never wait, writers one at a time; every transaction is BEGIN IMMEDIATE."""

    def _connect(self) -> Any:
        """Opens a connection. SQLite's own wait does not cover the first switch of a new file to WAL: workers starting at once meet it."""
        end = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return super()._connect()
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(0.02)


class Postgres(_Guarded, peewee.PostgresqlDatabase):
    """PostgreSQL through psycopg 3, READ COMMITTED; conditional updates decide races."""


Database = Sqlite | Postgres


def open_database(url: str) -> Database:
    """The database at ``sqlite:///relative``, ``sqlite:////absolute`` or ``postgresql://user:password@host/name``. Connects lazily.

    Raises Misconfigured for another scheme, and when the folder of an SQLite file cannot be made.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = Path(unquote(parts.path)[1:])
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_private(path)
        except OSError as error:
            raise Misconfigured("database_url", f"the SQLite database cannot be made: {error.strerror}") from error
        return Sqlite(
            str(path),
            timeout=BUSY_SECONDS,
            lock_type="IMMEDIATE",
            check_same_thread=False,  # a thread uses only its own; close_all closes those of others
            pragmas={
                "journal_mode": "wal",
                "synchronous": "full",
                "foreign_keys": 1,
                "secure_delete": 1,
                "cache_size": -16_384,
            },
        )
    if parts.scheme in ("postgresql", "postgres"):
        return Postgres(
            "postgresql://" + url.partition("://")[2],
            prefer_psycopg3=True,
            connect_timeout=5,
            keepalives_idle=30,
            tcp_user_timeout=20_000,  # ms; a server that vanished without a word is noticed
            application_name="tegata",
            options="-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000",
        )
    raise Misconfigured(
        "database_url", f"no database of the kind {parts.scheme or 'without a scheme'!r}; known: sqlite, postgresql"
    )


def _make_private(path: Path) -> None:
    """A new database is for its owner alone; SQLite gives the files beside it the same mode.

    An existing one is not touched: closing it here would drop the locks that this process holds on it (POSIX).
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


class SystemRow(peewee.Model):
    """Base of a table that belongs to the deployment and to no tenant (versions, the tenants themselves)."""

    tenant_row = False


class TenantRow(peewee.Model):
    """Base of a table whose rows belong to tenants. Its queries must say whose rows they want (`common.adapters.tenant_guard`)."""

    tenant_row = True
    tenant = peewee.CharField(max_length=64, index=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own_table(cls)

    @classmethod
    def select(cls, *fields: Any) -> Any:
        return RowSelect(cls, fields or cls._meta.sorted_fields, is_default=not fields)

    @classmethod
    def get_or_none(cls, *conditions: Any) -> Any:
        """A row that meets all conditions, None if there is none."""
        return first_row(cls, conditions)

    def _pk_expr(self) -> Any:
        """What `save` and `delete_instance` look a row up by: its key *and* its tenant."""
        key: Any = type(self)._meta.primary_key
        return (type(self).tenant == self.tenant) & (key == self.__data__.get(key.name))


@contextlib.contextmanager
def transaction(database: Any, name: str) -> Iterator[None]:
    """All or nothing: BEGIN (IMMEDIATE), the block, COMMIT. Inside another transaction it is a savepoint of that one.

    The outermost one passes the fail-points ``<name>.before_commit`` and ``<name>.after_commit``. Raises Unavailable when the database
    is locked or gone; nothing has happened then, save that a commit may have arrived whose answer was lost.
    """
    if database.in_transaction():
        with database.atomic():
            yield
        return
    with database.atomic():
        yield
        failpoints.hit(f"{name}.before_commit")
    failpoints.hit(f"{name}.after_commit")


def changed(query: Any) -> bool:
    """Runs a conditional update or delete: True when it took exactly one row, so that of two racing callers one hears True."""
    return bool(query.execute() == 1)


def is_answering(database: Any) -> bool:
    """One round trip. For readiness; never raises an outage."""
    try:
        database.execute_sql("SELECT 1").fetchone()
    except (Unavailable, peewee.PeeweeException):
        return False
    return True


def _alive(thread: weakref.ref[threading.Thread]) -> bool:
    found = thread()
    return found is not None and found.is_alive()
