"""Migrations: from nothing, step by step, raced by several processes, and refused where they do not fit. On both databases."""

from __future__ import annotations

from typing import Any

import peewee
import pytest
from playhouse.migrate import SchemaMigrator

from common.adapters.database import SystemRow, TenantRow, across_tenants, open_database
from common.adapters.migrations import Migration, create, is_up_to_date, migrate
from common.errors import Misconfigured
from tests.forks import Forks


class Card(TenantRow):
    name = peewee.CharField()

    class Meta:
        table_name = "migrated_card"


class Count(SystemRow):
    steps = peewee.IntegerField()

    class Meta:
        table_name = "migrated_count"


def add_colour(migrator: SchemaMigrator) -> None:
    migrator.migrate(migrator.add_column("migrated_card", "colour", peewee.CharField(default="red")))


def count_a_step(migrator: SchemaMigrator) -> None:
    with migrator.database.bind_ctx([Count]):
        Count.create(steps=1)


def columns(database: Any) -> set[str]:
    with across_tenants("looking at the schema"):
        return {column.name for column in database.get_columns("migrated_card")}


FIRST = Migration(1, "first tables", create(Card, Count))
SECOND = Migration(2, "cards get a colour", add_colour)
THIRD = Migration(3, "one is counted", count_a_step)


def test_every_step_is_taken_once_and_data_survives(database_url: str) -> None:
    database = open_database(database_url)
    assert migrate(database, [FIRST], now=1) == ("first tables",)
    assert is_up_to_date(database, [FIRST])
    assert not is_up_to_date(database, [FIRST, SECOND])
    with database.bind_ctx([Card]):
        Card.create(tenant="a", name="x")
    assert migrate(database, [FIRST, SECOND], now=2) == ("cards get a colour",)
    assert migrate(database, [FIRST, SECOND], now=3) == ()
    assert "colour" in columns(database)
    with database.bind_ctx([Card]):
        assert Card.get(Card.tenant == "a").name == "x"
    database.close_all()


def test_a_failing_step_leaves_nothing_behind(database_url: str) -> None:
    database = open_database(database_url)

    def breaks(migrator: SchemaMigrator) -> None:
        add_colour(migrator)
        raise RuntimeError("half way")

    migrate(database, [FIRST], now=1)
    with pytest.raises(RuntimeError, match="half way"):
        migrate(database, [FIRST, Migration(2, "breaks", breaks)], now=2)
    assert "colour" not in columns(database)
    assert is_up_to_date(database, [FIRST])
    database.close_all()


def test_a_newer_or_foreign_database_is_refused(database_url: str) -> None:
    database = open_database(database_url)
    migrate(database, [FIRST, SECOND], now=1)
    with pytest.raises(Misconfigured, match="database_newer"):
        migrate(database, [FIRST], now=2)
    with pytest.raises(Misconfigured, match="database_foreign"):
        migrate(database, [FIRST, Migration(2, "another past", add_colour)], now=2)
    database.close_all()


def test_versions_have_no_gaps(database_url: str) -> None:
    with pytest.raises(ValueError, match="stands at place 2"):
        migrate(open_database(database_url), [FIRST, THIRD], now=1)


def _start(url: str, gate: Any) -> None:
    gate.wait()
    database = open_database(url)
    migrate(database, [FIRST, SECOND, THIRD], now=1)
    database.close_all()


def test_workers_that_start_at_once_take_each_step_once(database_url: str) -> None:
    gate = Forks.Barrier(3)
    workers = [Forks.Process(target=_start, args=(database_url, gate)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    database = open_database(database_url)
    with database.bind_ctx([Count]):
        assert Count.select().count() == 1
    database.close_all()
