"""Remembers the SQL of queries by their shape, since writing it costs more than running it.

A shape is all of a query but its values: model, columns, conditions, order, and of each value its kind. `read_query` reads shape and
values off the plain queries that requests are made of (one table; comparisons joined by AND and OR; one row inserted); it answers None
for everything else, which is then written by peewee every time. What a shape's SQL is, peewee says: a shape is believed only after its
first queries gave the same parameters, in the same order, by both ways.

The tenant guard's answer depends on the shape alone (a tenant that is empty or no text has a shape of its own), so it is remembered too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import peewee

from common.adapters.rows import RowSelect, select_first

CONFIRMATIONS = 3
"""Queries of one shape that are written both ways before the shape is believed."""
CAPACITY = 1000
"""Shapes remembered; a program has about a hundred. When it is full all are forgotten."""
MOST_IN = 8
"""Longest list in ``IN`` that has a shape: every length is a shape of its own."""

_OP = peewee.OP
_PLAIN = frozenset({_OP.AND, _OP.OR, _OP.EQ, _OP.NE, _OP.LT, _OP.LTE, _OP.GT, _OP.GTE, _OP.ADD, _OP.SUB})
_SCALARS = frozenset({str, int, bool, bytes, float})
_STORABLE = _SCALARS | {type(None), dict, list, tuple}

Shape = tuple[Any, ...]
Converter = Callable[[Any], Any]
Write = Callable[[Any], tuple[str, list[Any]]]


class _Unfamiliar(Exception):
    """The query has a part that no shape tells."""


@dataclass(slots=True)
class _Remembered:
    """sql: None where the two ways differed once; peewee writes such queries. pinned: the fields whose identity the shape names."""

    sql: str | None
    pinned: tuple[Any, ...]
    confirmed: int = 1
    tied: bool = False


class Statements:
    """The remembered shapes of one database. Safe between threads. check: the tenant guard; guarded: is it on for this thread?"""

    def __init__(
        self, check: Callable[[object], None], guarded: Callable[[], bool], *, confirmations: int = CONFIRMATIONS
    ) -> None:
        self._check = check
        self._guarded = guarded
        self._confirmations = confirmations
        self._known: dict[Shape, _Remembered] = {}

    def write(self, query: Any, write: Write) -> tuple[str, list[Any]]:
        """SQL and parameters of a query. write: peewee's way. Raises TenantMissing."""
        found = read_query(query)
        if found is None:
            self._check(query)
            return write(query)
        shape, values, pinned = found
        return self._written(shape, values, pinned, lambda: query, write)

    def write_first(self, model: Any, conditions: tuple[Any, ...], write: Write) -> tuple[str, list[Any]]:
        """SQL and parameters of ``SELECT … WHERE all conditions LIMIT 1``. Where they are columns that equal values, without a query.

        Raises TenantMissing.
        """
        shape: list[Any] = [model, "first"]
        values: list[Any] = []
        fields: list[Any] = []
        for each in conditions:
            column: Any = getattr(each, "lhs", None)
            value = getattr(each, "rhs", None)
            kind = type(value)
            plain = type(each) is peewee.Expression and each.op == _OP.EQ and kind in _SCALARS and value != ""
            if not plain or not isinstance(column, peewee.Field) or not vars(column).get("_coerce", True):
                return self.write(select_first(model, conditions), write)
            shape += (id(column), kind)
            fields.append(column)
            convert: Converter = column.db_value
            values.append(convert(value))
        values.append(1)
        return self._written(tuple(shape), values, tuple(fields), lambda: select_first(model, conditions), write)

    def _written(
        self, shape: Shape, values: list[Any], pinned: tuple[Any, ...], query: Callable[[], Any], write: Write
    ) -> tuple[str, list[Any]]:
        """The SQL remembered for a shape, or else what peewee writes for its query."""
        known = self._known.get(shape)
        if (known is None or not known.tied) and self._guarded():
            self._check(query())
            if known is not None:
                known.tied = True
        if known is not None and known.sql is not None and known.confirmed >= self._confirmations:
            return known.sql, values
        sql, parameters = write(query())
        self._learn(shape, known, sql, same=_same(values, parameters), pinned=pinned)
        return sql, parameters

    def _learn(self, shape: Shape, known: _Remembered | None, sql: str, *, same: bool, pinned: tuple[Any, ...]) -> None:
        if known is None:
            if len(self._known) >= CAPACITY:
                self._known.clear()
            self._known[shape] = _Remembered(sql if same else None, pinned, tied=self._guarded())
        elif not same or known.sql != sql:
            known.sql = None
        else:
            known.confirmed += 1


def _same(values: list[Any], parameters: list[Any]) -> bool:
    return len(values) == len(parameters) and all(
        type(one) is type(other) and one == other for one, other in zip(values, parameters, strict=True)
    )


def read_query(query: Any) -> tuple[Shape, list[Any], tuple[Any, ...]] | None:
    """(shape, values as the database takes them, fields that the shape names), or None for a query that has no shape."""
    read = _READERS.get(type(query))
    if read is None or query._cte_list is not None or not isinstance(query.model, type):  # else: an alias
        return None
    reading = _Reading(query.model)
    try:
        read(reading, query)
    except _Unfamiliar:
        return None
    return tuple(reading.shape), reading.values, tuple(reading.fields)


class _Reading:
    """Goes through one query in the order in which peewee writes it. Fields are named by identity: their ``==`` builds SQL."""

    __slots__ = ("fields", "model", "shape", "values")

    def __init__(self, model: Any) -> None:
        self.model = model
        self.shape: list[Any] = [model]
        self.values: list[Any] = []
        self.fields: list[Any] = []

    # -- queries ------------------------------------------------------------------------------------------------------

    def select(self, query: Any) -> None:
        if (
            query._joins
            or query._group_by
            or query._having is not None
            or query._windows is not None
            or query._for_update is not None
            or query._lateral
            or query._distinct is not None
            or query._simple_distinct
            or query._alias is not None
            or query._load_tree is not None
            or len(query._from_list) != 1
            or query._from_list[0] is not self.model
        ):
            raise _Unfamiliar
        self.shape.append("select")
        if query._is_default:
            self.shape.append("*")
        else:
            self.columns(query._returning)
        self.where(query._where)
        self.order(query)

    def update(self, query: Any) -> None:
        if query._from or query._order_by or query._limit is not None or query._offset is not None:
            raise _Unfamiliar
        changes = query._update
        self.shape += ("update", len(changes))
        for column in sorted(changes, key=_sort_key):
            if column.name == "tenant":
                raise _Unfamiliar  # whether the guard allows it depends on the value
            self.field(column)
            value = changes[column]
            if isinstance(value, peewee.Node):
                self.expression(value)
            else:
                self.value(value, column.db_value)
        self.where(query._where)
        self.columns(query._returning or ())

    def delete(self, query: Any) -> None:
        if query._order_by or query._limit is not None or query._offset is not None:
            raise _Unfamiliar
        self.shape.append("delete")
        self.where(query._where)
        self.columns(query._returning or ())

    def insert(self, query: Any) -> None:
        row = query._insert
        if type(row) is list and len(row) == 1:
            row = row[0]
            self.shape.append("insert many")
        else:
            self.shape.append("insert")
        if type(row) is not dict or not row or query._columns:
            raise _Unfamiliar
        conflict = query._on_conflict
        if conflict is not None:
            if (
                conflict._action != "IGNORE"
                or conflict._update
                or conflict._where is not None
                or conflict._conflict_target
                or conflict._conflict_where is not None
                or conflict._conflict_constraint
            ):
                raise _Unfamiliar
            self.shape.append("or ignore")
        self.row(row)
        self.columns(query._returning or ())

    def row(self, row: Mapping[Any, Any]) -> None:
        """The values in the order of the model's columns, with defaults for those that are missing."""
        named = {key.name if isinstance(key, peewee.Field) else key: value for key, value in row.items()}
        columns = (self.model, *named)
        plan = _plans.get(columns)
        if plan is None:
            plan = _plans[columns] = _plan(self.model, frozenset(named))
        for field, converter, default in plan:
            self.shape.append(id(field))
            value = named.get(field.name, default)
            self.value(value() if value is default and callable(default) else value, converter)
        self.fields += [field for field, _, _ in plan]

    # -- parts --------------------------------------------------------------------------------------------------------

    def columns(self, columns: Any) -> None:
        self.shape.append(len(columns))
        for column in columns:
            self.field(column)

    def where(self, condition: Any) -> None:
        if condition is None:
            self.shape.append("all")
        else:
            self.expression(condition)

    def order(self, query: Any) -> None:
        ordered = query._order_by or ()
        self.shape.append(len(ordered))
        for one in ordered:
            if type(one) is peewee.Ordering and one.collation is None and one.nulls is None:
                self.shape.append(one.direction)
                one = one.node
            self.field(one)
        for number in (query._limit, query._offset):
            if number is None:
                self.shape.append(None)
            else:
                self.value(number, None)

    def expression(self, node: Any) -> None:
        if isinstance(node, peewee.Field):
            self.field(node)
            return
        if type(node) is not peewee.Expression:
            raise _Unfamiliar
        left, op, right = node.lhs, node.op, node.rhs
        self.shape += ("(", op, node.flat)
        converter: Converter | None = None
        if isinstance(left, peewee.Field):
            self.field(left)
            converter = left.db_value if vars(left).get("_coerce", True) else None
        else:
            self.expression(left)
        if op in _PLAIN:
            if isinstance(right, peewee.Node):
                self.expression(right)
            elif type(right) in _SCALARS:
                self.value(right, converter)
            else:
                raise _Unfamiliar
        elif op == _OP.IN and type(right) in (list, tuple) and len(right) <= MOST_IN:
            self.shape.append(len(right))
            for each in right:
                if type(each) not in _SCALARS:
                    raise _Unfamiliar
                self.value(each, converter)
        elif op in (_OP.IS, _OP.IS_NOT) and right is None:
            self.shape.append(None)
        else:
            raise _Unfamiliar

    def field(self, field: Any) -> None:
        if not isinstance(field, peewee.Field) or isinstance(field, peewee.ForeignKeyField):
            raise _Unfamiliar
        self.shape.append(id(field))
        self.fields.append(field)

    def value(self, value: Any, converter: Converter | None) -> None:
        kind = type(value)
        if kind not in _STORABLE:
            raise _Unfamiliar
        self.shape.append("empty" if value == "" else kind)
        self.values.append(value if converter is None else converter(value))


_plans: dict[tuple[Any, ...], list[tuple[Any, Converter, Any]]] = {}


def _plan(model: Any, names: frozenset[str]) -> list[tuple[Any, Converter, Any]]:
    """(field, its converter, its default) of the columns that a row of these names fills. Raises _Unfamiliar for other names."""
    meta = model._meta
    filled = [field for field in meta.sorted_fields if field.name in names or field in meta.defaults]
    if not names <= {field.name for field in filled} or any(isinstance(one, peewee.ForeignKeyField) for one in filled):
        raise _Unfamiliar
    return [(field, field.db_value, meta.defaults.get(field)) for field in filled]


def _sort_key(field: Any) -> Any:
    if not isinstance(field, peewee.Field):
        raise _Unfamiliar
    return vars(field)["_sort_key"]


_READERS: dict[type, Callable[[_Reading, Any], None]] = {
    peewee.ModelSelect: _Reading.select,
    RowSelect: _Reading.select,
    peewee.ModelUpdate: _Reading.update,
    peewee.ModelDelete: _Reading.delete,
    peewee.ModelInsert: _Reading.insert,
}
