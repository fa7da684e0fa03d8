"""The verifier's database, bound at start, and two column types that its tables share."""

from __future__ import annotations

from typing import Any

import peewee

from common.adapters.database import Database, TenantRow
from common.encoding import compact_json, parse_json

database = peewee.DatabaseProxy()


class Row(TenantRow):
    """Base of the verifier's tables: every row carries its relying party's slug in ``tenant``."""

    class Meta:
        database = database


def bind(opened: Database) -> None:
    """Makes ``opened`` the database of every table here. Once per process, before the first query."""
    database.initialize(opened)


class JsonField(peewee.TextField):
    """A JSON value in a text column; the same on SQLite and PostgreSQL. Never queried into."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else compact_json(value).decode("utf-8")

    def python_value(self, value: str | None) -> Any:
        return None if value is None else parse_json(value)


class TimeField(peewee.BigIntegerField):
    """Whole seconds since 1970."""
