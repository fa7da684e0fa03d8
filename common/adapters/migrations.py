"""Schema migrations, forward only: numbered from 1 without gaps, each in one transaction together with its line in ``schema_version``.

Built on peewee's ``SchemaMigrator`` (which knows how each database alters a table). Its file-based runner (``playhouse.migrations``) is
not used: it takes no lock, so several workers starting at once would run a migration twice, and it starts happily on a database
that is newer than the code. Both are refused here.

A program lists its migrations in ``store/migrations.py``. A released migration is never edited; what it creates it defines itself
(frozen copies of models), save the first one of an unreleased program, which may create the live models.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import peewee
from playhouse.migrate import SchemaMigrator

from common.adapters.database import Postgres, SystemRow, across_tenants, transaction
from common.errors import Misconfigured

_Migrators: Any = SchemaMigrator  # peewee's own code here is untyped
_LOCK = 0x7E6A7A  # PostgreSQL's advisory lock of all Tegata migrations in one database


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. up: gets the migrator (``migrator.database`` is the database) and raises to undo the step."""

    version: int
    name: str
    up: Callable[[Any], None]


def create(*models: type[peewee.Model]) -> Callable[[Any], None]:
    """The ``up`` of a step that creates these tables with their indexes."""

    def up(migrator: Any) -> None:
        with migrator.database.bind_ctx(models, bind_refs=False, bind_backrefs=False):
            migrator.database.create_tables(models, safe=False)

    return up


def migrate(database: Any, migrations: Sequence[Migration], *, now: int) -> tuple[str, ...]:
    """Brings the database to the newest version; answers the names of the steps taken, none when it was there.

    Safe under several processes starting at once: one takes each step, the others wait for it. now: seconds, for the record.
    Raises Misconfigured when the database is newer than the code, or was built by other migrations; Unavailable when it is gone.
    """
    database = _real(database)
    for position, migration in enumerate(migrations, start=1):
        if migration.version != position:
            raise ValueError(f"migration {migration.name}: version {migration.version} stands at place {position}")
    version_row = _version_row(database)
    migrator: Any = _Migrators.from_database(database)
    taken: list[str] = []
    while True:
        with across_tenants("migration"), _locked(database, migrator):
            version_row.create_table(safe=True)
            done = _done(version_row, migrations)
            if done == len(migrations):
                return tuple(taken)
            step = migrations[done]
            step.up(migrator)
            version_row.insert(version=step.version, name=step.name, applied_at=now).execute()
        taken.append(step.name)


def is_up_to_date(database: Any, migrations: Sequence[Migration]) -> bool:
    """For readiness: stands the database exactly at the newest version? Unavailable when it is gone."""
    row = _version_row(_real(database))
    with across_tenants("migration"):
        return bool(row.table_exists()) and row.select().count() == len(migrations)


def _version_row(database: Any) -> Any:
    class SchemaVersion(SystemRow):
        version = peewee.IntegerField(primary_key=True)
        name = peewee.CharField(max_length=100)
        applied_at = peewee.BigIntegerField()

        class Meta:
            table_name = "schema_version"

    SchemaVersion.bind(database)
    return SchemaVersion


def _done(version_row: Any, migrations: Sequence[Migration]) -> int:
    """How many steps the database has behind it; checks that they are ours."""
    applied = [(row.version, row.name) for row in version_row.select().order_by(version_row.version)]
    if len(applied) > len(migrations):
        raise Misconfigured(
            "database_newer",
            f"the database stands at version {applied[-1][0]}, this program knows {len(migrations)}: run a newer program",
        )
    for (version, name), known in zip(applied, migrations, strict=False):
        if (version, name) != (known.version, known.name):
            raise Misconfigured(
                "database_foreign", f"version {version} of the database is {name!r}, ours is {known.name!r}"
            )
    return len(applied)


@contextlib.contextmanager
def _locked(database: Any, migrator: Any) -> Iterator[None]:
    """One transaction that no other process's migration can enter. SQLite: BEGIN IMMEDIATE, foreign keys off for rebuilt tables."""
    with migrator.migration_context(atomic=False), transaction(database, "migration"):
        if isinstance(database, Postgres):
            database.execute_sql("SET LOCAL lock_timeout = 0")  # another worker's step may take its time
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        yield


def _real(database: Any) -> Any:
    return database.obj if isinstance(database, peewee.Proxy) else database
