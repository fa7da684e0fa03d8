"""Whole rows read into objects. peewee finds out for every cursor afresh which column is which field; for whole rows it never changes."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import peewee

if TYPE_CHECKING:

    class _Select(peewee.ModelSelect[Any]):
        model: Any
        _is_default: bool
        _joins: Any
        _from_list: Any
        _where: Any
        _limit: Any

        def _get_model_cursor_wrapper(self, cursor: Any) -> Any: ...

    class _Cursor:
        def __init__(self, *args: Any) -> None: ...
else:
    _Select = peewee.ModelSelect
    _Cursor = peewee.ModelObjectCursorWrapper

_Columns = tuple[tuple[str, Callable[[Any], Any], type | None], ...]
"""Names and readers of a table's columns, in its order, and the type of values that a reader would leave as they are."""
_columns: dict[type[Any], _Columns] = {}


class RowSelect(_Select):
    """What ``select`` of our tables makes."""

    def __init__(self, model: Any, fields: Any, is_default: bool = False) -> None:
        if not is_default:
            super().__init__(model, fields)
            return
        # as peewee's, which would look at every field whether it is one
        self.model = self._join_ctx = model
        self._joins: Any = {}
        self._is_default = True
        super(peewee.ModelSelect, self).__init__([model], list(fields))

    def _get_model_cursor_wrapper(self, cursor: Any) -> Any:
        if self._is_default and not self._joins and self._from_list == [self.model]:
            return _WholeRows(cursor, self.model, (), self.model)
        return super()._get_model_cursor_wrapper(cursor)


def first_row(model: Any, conditions: tuple[Any, ...]) -> Any:
    """One row that meets all conditions, None if there is none. As peewee's ``get_or_none``, which copies the query four times."""
    found = model._meta.database.find_first(model, conditions).fetchall()
    return _made(model, _columns_of(model), found[0]) if found else None


def select_first(model: Any, conditions: tuple[Any, ...]) -> RowSelect:
    """The query that `first_row` stands for."""
    query = RowSelect(model, model._meta.sorted_fields, is_default=True)
    query._where, query._limit = functools.reduce(operator.and_, conditions), 1
    return query


class _WholeRows(_Cursor):
    """The rows of a select that names no columns: all of the table's, in their order. The objects are as peewee makes them."""

    model: type[Any]

    def initialize(self) -> None:
        self.known = _columns_of(self.model)

    def process_row(self, row: tuple[Any, ...]) -> Any:
        return _made(self.model, self.known, row)


def _columns_of(model: type[Any]) -> _Columns:
    found = _columns.get(model)
    if found is None:
        fields = model._meta.sorted_fields
        found = _columns[model] = tuple((field.name, field.python_value, _left_alone(field)) for field in fields)
    return found


def _left_alone(field: Any) -> type | None:
    kind = type(field)
    if kind.python_value is not peewee.Field.python_value:
        return None
    return {peewee.CharField.adapt: str, peewee.TextField.adapt: str, peewee.IntegerField.adapt: int}.get(kind.adapt)


def _made(model: Any, columns: _Columns, row: tuple[Any, ...]) -> Any:
    made = model(__no_default__=1)
    made.__data__.update(
        {
            name: value if value.__class__ is kept else convert(value)
            for (name, convert, kept), value in zip(columns, row, strict=True)
        }
    )
    return made
