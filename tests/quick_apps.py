"""Apps that are built a thousand times in a run, each time of the same parts: what says nothing of the app is made once.

Half of the time that building an app takes goes into pydantic's adapters of the types in the routes' signatures. An adapter does not
change once it is made, so equal ones are shared; catalogues are read once, templates compiled once; routes are worked out late.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from fastapi._compat.v2 import ModelField
from jinja2.bccache import Bucket

from common.pages import catalogue, render
from tests.late_routes import find_out_late

_Key = tuple[int, tuple[Any, ...], Any]
_MOST = 4_000
_made: OrderedDict[_Key, tuple[Any, Any]] = OrderedDict()
"""Adapters by what they were made from, which is kept beside them, so that its numbers stay its own."""
_make = ModelField.__post_init__


_read_messages = catalogue.read_messages
_make_environment = render.make_environment


def quicken_apps() -> None:
    """To be called once, before apps are built."""
    ModelField.__post_init__ = _remember  # type: ignore[method-assign]
    catalogue.read_messages = _messages
    render.make_environment = _environment
    find_out_late()


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


def _messages(path: Path) -> dict[str, str]:
    return dict(_read_once(path, path.stat().st_mtime_ns)) if path.exists() else {}


@lru_cache(64)
def _read_once(path: Path, _: int) -> dict[str, str]:
    return _read_messages(path)


class _Compiled(jinja2.BytecodeCache):
    """Templates as code, by their name and text."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self._code.get((bucket.key, bucket.checksum))
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_compiled = _Compiled()


def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    environment = _make_environment(folders)
    environment.bytecode_cache = _compiled
    return environment
