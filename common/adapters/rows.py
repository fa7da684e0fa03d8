"""Whole rows read into objects. peewee finds out for every cursor afresh which column is which field; for whole rows it never changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import peewee

if TYPE_CHECKING:

    class _Select(peewee.ModelSelect[Any]):
        model: Any
        _is_default: bool
        _joins: Any
        _from_list: Any

        def _get_model_cursor_wrapper(self, cursor: Any) -> Any: ...

    class _Cursor:
        def __init__(self, *args: Any) -> None: ...
else:
    _Select = peewee.ModelSelect
    _Cursor = peewee.ModelObjectCursorWrapper

_columns: dict[type[Any], tuple[tuple[str, Callable[[Any], Any]], ...]] = {}


class RowSelect(_Select):
    """What ``select`` of our tables makes."""

    def _get_model_cursor_wrapper(self, cursor: Any) -> Any:
        if self._is_default and not self._joins and self._from_list == [self.model]:
            return _WholeRows(cursor, self.model, (), self.model)
        return super()._get_model_cursor_wrapper(cursor)


class _WholeRows(_Cursor):
    """The rows of a select that names no columns: all of the table's, in their order. The objects are as peewee makes them."""

    model: type[Any]

    def initialize(self) -> None:
        found = _columns.get(self.model)
        if found is None:
            fields = self.model._meta.sorted_fields
            found = _columns[self.model] = tuple((field.name, field.python_value) for field in fields)
        self.known = found

    def process_row(self, row: tuple[Any, ...]) -> Any:
        made = self.model(__no_default__=1)
        made.__data__.update({name: convert(value) for (name, convert), value in zip(self.known, row, strict=True)})
        return made
