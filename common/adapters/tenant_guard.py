"""Refuses a query on a tenant's rows that does not say whose rows it wants.

The guard reads the query as peewee built it, before it becomes SQL: every source that is a `TenantRow` (also in joins, subqueries, CTEs
and unions) must be tied by ``AND`` to one tenant: ``Row.tenant == "acme"``, or ``Row.tenant == Other.tenant`` where Other is tied.
SQL text that names a tenant's table cannot be read, so it is refused. `across_tenants` opens the gate for jobs, by name.

This is the second lock: flows pass the tenant in every query anyway. The guard turns a forgotten one into an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import peewee

_across: ContextVar[str] = ContextVar("across_tenants", default="")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_models: list[Any] = []
_tables: dict[str, None] = {}


class TenantMissing(RuntimeError):
    """A query without its tenant: our fault, never the caller's."""


@contextmanager
def across_tenants(job: str) -> Iterator[None]:
    """Inside, queries of this thread may reach every tenant. job: what needs it ("retention sweep"); it must not be empty."""
    if not job:
        raise ValueError("say which job works across tenants")
    token = _across.set(job)
    try:
        yield
    finally:
        _across.reset(token)


def is_guarded() -> bool:
    """False inside `across_tenants`."""
    return not _across.get()


def own_table(model: Any) -> None:
    """Remembers that this model's table holds tenants' rows. Its name is read later: peewee gives it after the class exists."""
    _models.append(model)


def check_text(sql: str) -> None:
    """Raises TenantMissing when SQL text names a tenant's table."""
    if _across.get():
        return
    while _models:
        _tables[_models.pop()._meta.table_name] = None
    named = _tables.keys() & set(_WORD.findall(sql))
    if named:
        raise TenantMissing(f"SQL text on tenant rows ({', '.join(sorted(named))}): build the query with peewee")


def check_query(query: object) -> None:
    """Raises TenantMissing when the query, or any query within it, reaches a tenant's rows without naming the tenant."""
    if not _across.get() and isinstance(query, peewee.Node):
        _walk(query, frozenset())


def _walk(node: Any, outer: frozenset[int]) -> None:
    """Checks each query below node. outer: the sources of enclosing queries that are tied to a tenant."""
    if isinstance(node, peewee.BaseQuery):
        inner = _check_one(node, outer)
        for name, part in vars(node).items():
            if name not in _NOT_SQL:
                _walk(part, inner)
    elif isinstance(node, peewee.SQL):
        check_text(node.sql)
    elif isinstance(node, (peewee.Field, peewee.Model, peewee.ModelAlias, type)):
        return
    elif isinstance(node, peewee.Table):
        check_text(node.__name__)
    elif isinstance(node, peewee.Node):
        for part in getattr(node, "__dict__", {}).values():
            _walk(part, outer)
    elif isinstance(node, (list, tuple)):
        for part in node:
            _walk(part, outer)
    elif isinstance(node, dict):
        for key, part in node.items():
            _walk(key, outer)
            _walk(part, outer)


_NOT_SQL = frozenset({"model", "_database", "_cursor_wrapper", "_joins", "_join_ctx", "_insert", "_constructor"})


def _check_one(query: Any, outer: frozenset[int]) -> frozenset[int]:
    """Checks this query alone. Answers the sources that the queries inside it may lean on."""
    if isinstance(query, peewee.RawQuery):
        check_text(vars(query)["_sql"])
        return outer
    if isinstance(query, peewee.Insert):
        _check_insert(query, outer)
        return outer
    if isinstance(query, peewee.Select):
        sources = list(vars(query)["_from_list"])
    elif isinstance(query, (peewee.Update, peewee.Delete)):
        sources = [query.table, *(getattr(query, "_from", None) or ())]
    else:
        return outer  # a union: its two sides are queries, and are walked
    ties = _Ties()
    wanted = {found: model for source in sources for found, model in ties.add_source(source)}
    if not wanted:
        return outer
    ties.add_condition(getattr(query, "_where", None))
    tied = ties.settle(outer - wanted.keys())
    for found, model in wanted.items():
        if found not in tied:
            raise TenantMissing(f"a query on {model.__name__} must say `{model.__name__}.tenant == …`, joined by AND")
    for column, value in getattr(query, "_update", {}).items():
        if (key := _tenant_source(column)) is not None and ties.values.get(key) != value:
            raise TenantMissing("a row never changes its tenant")
    return outer | wanted.keys()


class _Ties:
    """What the conditions of one query say about the tenants of its sources."""

    def __init__(self) -> None:
        self.tied: set[int] = set()
        self.values: dict[int, Any] = {}
        self.edges: list[tuple[int, int]] = []

    def add_source(self, source: Any) -> Iterator[tuple[int, Any]]:
        """Yields (identity, model) of each tenant source; takes in what joins say on the way."""
        if isinstance(source, peewee.Join):
            left = list(self.add_source(source.lhs))
            right = list(self.add_source(source.rhs))
            if source.join_type == peewee.JOIN.INNER:
                self.add_condition(vars(source)["_on"])
            elif source.join_type == peewee.JOIN.LEFT_OUTER:  # such a condition narrows the right side only
                self.add_condition(vars(source)["_on"], only={key for key, _ in right})
            yield from left
            yield from right
        elif isinstance(source, peewee.ModelAlias):
            if getattr(source.model, "tenant_row", False):
                yield id(source), source.model
        elif isinstance(source, type) and getattr(source, "tenant_row", False):
            yield id(source), source
        elif isinstance(source, peewee.Entity):
            check_text(" ".join(map(str, source._path)))

    def add_condition(self, condition: Any, *, only: set[int] | None = None) -> None:
        for left, right in _equalities(condition):
            for one, other in ((left, right), (right, left)):
                key = _tenant_source(one)
                if key is None or (only is not None and key not in only):
                    continue
                if _is_value(other):
                    self.tied.add(key)
                    self.values[key] = other
                elif (source := _tenant_source(other)) is not None:
                    self.edges.append((source, key))

    def settle(self, outer: frozenset[int]) -> set[int]:
        """Every source that is tied, directly or through another one."""
        tied = self.tied | outer
        grown = True
        while grown:
            grown = False
            for source, key in self.edges:
                if source in tied and key not in tied:
                    tied.add(key)
                    grown = True
        return tied


def _equalities(condition: Any) -> Iterator[tuple[Any, Any]]:
    """The ``a == b`` parts of a condition that must all hold."""
    if isinstance(condition, peewee.Expression):
        if condition.op == peewee.OP.AND:
            yield from _equalities(condition.lhs)
            yield from _equalities(condition.rhs)
        elif condition.op == peewee.OP.EQ:
            yield condition.lhs, condition.rhs


def _tenant_source(column: Any) -> int | None:
    """Identity of the source whose tenant column this is; None for anything else."""
    if not isinstance(column, peewee.Field) or column.name != "tenant":
        return None
    source = column.model  # of an alias's column: the alias
    model = source.model if isinstance(source, peewee.ModelAlias) else source
    return id(source) if getattr(model, "tenant_row", False) else None


def _is_value(value: Any) -> bool:
    if isinstance(value, peewee.Value):
        value = value.value
    return isinstance(value, str) and value != ""


def _check_insert(query: Any, outer: frozenset[int]) -> None:
    model: Any = getattr(query, "model", None)
    if not getattr(model, "tenant_row", False):
        _walk(query.table, outer)
        if isinstance(query._insert, peewee.Node):
            _walk(query._insert, outer)
        return
    rows = query._insert
    if isinstance(rows, peewee.Node):
        if not any(_names_tenant(column) for column in query._columns or ()):
            raise TenantMissing(f"an insert into {model.__name__} from a query must fill its tenant")
        _walk(rows, outer)
    elif isinstance(rows, Mapping):
        _check_row(model, rows, query._columns)
    elif rows is not None:
        query._insert = _checked(model, rows, query._columns)
    else:
        raise TenantMissing(f"a row of {model.__name__} without its tenant")
    _check_conflict(model, query._on_conflict)


def _checked(model: Any, rows: Iterable[Any], columns: Any) -> Iterator[Any]:
    """The same rows, looked at as they pass: a bulk insert may come from a generator."""
    for row in rows:
        _check_row(model, row, columns)
        yield row


def _check_row(model: Any, row: Any, columns: Any) -> None:
    names: Iterable[tuple[Any, Any]]
    names = row.items() if isinstance(row, Mapping) else zip(columns or model._meta.sorted_fields, row, strict=False)
    if not any(_names_tenant(column) and _is_value(value) for column, value in names):
        raise TenantMissing(f"a row of {model.__name__} without its tenant")


def _names_tenant(column: Any) -> bool:
    return (
        column == "tenant" if isinstance(column, str) else isinstance(column, peewee.Field) and column.name == "tenant"
    )


def _check_conflict(model: Any, conflict: Any) -> None:
    """An upsert must not reach over: the row it collides with has to be the same tenant's."""
    if conflict is None or (conflict._action or "").upper() in ("IGNORE", "NOTHING"):
        return
    if (conflict._action or "").upper() == "REPLACE":
        raise TenantMissing(f"REPLACE on {model.__name__} could delete another tenant's row")
    ties = _Ties()
    ties.add_condition(conflict._where)
    if not any(_names_tenant(column) for column in conflict._conflict_target or ()) and id(model) not in ties.tied:
        raise TenantMissing(f"an upsert on {model.__name__} must have tenant in its conflict target")
