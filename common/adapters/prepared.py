"""Queries of one fixed shape, for paths that are walked once a guest: peewee writes the SQL once, a call brings values alone.

The query that is written is a whole one, with a sample in the place of every value, so the tenant guard reads it as it reads any other.
Rows come as tuples, as the database's driver gives them; only columns whose values need no converting may be named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import peewee

from common.adapters.tenant_guard import check_query

_PLAIN = (peewee.CharField, peewee.TextField, peewee.IntegerField, peewee.BlobField)


class Prepared:
    """One query. build: makes it of one sample for each field. Calling it takes the values in the order of the fields."""

    def __init__(self, fields: Sequence[Any], build: Callable[[Sequence[Any]], Any]) -> None:
        odd = [field.name for field in fields if not isinstance(field, _PLAIN)]
        if odd:
            raise TypeError(f"values of {', '.join(odd)} are converted on their way")
        self._fields = tuple(fields)
        self._build = build
        self._written: dict[str, tuple[str, tuple[int, ...], tuple[Any, ...]]] = {}

    def __call__(self, database: Any, *values: Any) -> Any:
        """The cursor. Raises Unavailable, TenantMissing and Malformed("value_not_storable") as `common.adapters.database` does."""
        kind = database.param
        if kind not in self._written:
            self._written[kind] = self._write(database)
        sql, places, constants = self._written[kind]
        return database.run_written(sql, (*[values[place] for place in places], *constants))

    def _write(self, database: Any) -> tuple[str, tuple[int, ...], tuple[Any, ...]]:
        """SQL, which value stands at each place, and what stands after them (a limit)."""
        samples = [_sample(field, number) for number, field in enumerate(self._fields, start=101)]
        query = self._build(samples)
        check_query(query)
        sql, parameters = database.get_sql_context().sql(query).query()
        plain = [getattr(one, "obj", one) for one in parameters]  # psycopg wraps bytes, and takes them plain too
        places = tuple(samples.index(one) for one in plain[: len(samples)])
        if sorted(places) != list(range(len(samples))):
            raise TypeError("each field is one value of the query, and stands before its limit")
        return sql, places, tuple(plain[len(samples) :])


def prepared_select(model: Any, *columns: Any, by: Sequence[Any], newest: Any = None) -> Prepared:
    """The rows whose fields ``by`` have these values. newest: the one row that has most of it."""

    def build(samples: Sequence[Any]) -> Any:
        query = model.select(*columns)
        for field, sample in zip(by, samples, strict=True):
            query = query.where(field == sample)
        return query if newest is None else query.order_by(newest.desc()).limit(1)

    return Prepared(by, build)


def prepared_insert(model: Any, *fields: Any, once: bool = False) -> Prepared:
    """One new row of these fields. once: not where its key is taken; the cursor's ``rowcount`` tells."""

    def build(samples: Sequence[Any]) -> Any:
        query = model.insert(dict(zip(fields, samples, strict=True)))
        return query.on_conflict_ignore() if once else query

    return Prepared(fields, build)


def _sample(field: Any, number: int) -> Any:
    """No two alike, so that the query tells which of its values is whose."""
    if isinstance(field, peewee.BlobField):
        return b"%d" % number
    return number if isinstance(field, peewee.IntegerField) else str(number)
