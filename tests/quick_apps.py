"""Apps that are built a thousand times in a run, each time of the same routes: FastAPI's work on a type is done once.

Of the time that building an app takes, half goes into pydantic's adapters of the types in the routes' signatures. An adapter does not
change once it is made, and says nothing of the app, so equal ones are shared. Nothing else of FastAPI is touched.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from fastapi._compat.v2 import ModelField

_Key = tuple[int, tuple[Any, ...], Any]
_MOST = 4_000
_made: OrderedDict[_Key, tuple[Any, Any]] = OrderedDict()
"""Adapters by what they were made from, which is kept beside them, so that its numbers stay its own."""
_make = ModelField.__post_init__


def share_adapters() -> None:
    """To be called once, before apps are built."""
    ModelField.__post_init__ = _remember  # type: ignore[method-assign]


def _remember(field: ModelField) -> None:
    told = field.field_info
    said = (repr(told), repr(told.metadata), repr(told._attributes_set), told.alias, told.validation_alias)
    key = (id(told.annotation), said, id(field.config) if field.config else None)
    found = _made.get(key)
    if found is not None:
        field._type_adapter = found[0]
        return
    _make(field)
    _made[key] = (field._type_adapter, (told, field.config))
    if len(_made) > _MOST:
        _made.popitem(last=False)
