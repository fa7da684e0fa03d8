"""JSON values that a library may print as it likes: what they print is nothing.

jsonschema writes the value that fails into every message, also into messages that nobody reads. With a large document that alone is
time that grows with document times schema, and a value of a credential has no place in a message anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed

MAX_NODES = 200_000
MAX_DEPTH = 64
_SILENT = "…"


class QuietText(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return _SILENT


class QuietList(list[Any]):
    """weight: how many values are in it, itself included."""

    __slots__ = ("weight",)
    weight: int

    def __repr__(self) -> str:
        return _SILENT


class QuietObject(dict[str, Any]):
    """weight: as of a `QuietList`."""

    __slots__ = ("weight",)
    weight: int

    def __repr__(self) -> str:
        return _SILENT


def weigh(value: object) -> int:
    """What it costs to look at the whole value; a long text is looked at faster than many values."""
    if isinstance(value, QuietList | QuietObject):
        return value.weight
    return 1 + len(value) // 64 if isinstance(value, str) else 1


def quieten(value: Any, *, without: frozenset[str] = frozenset()) -> Any:
    """The same JSON value; ``without``: members that are left out of its top. Raises Malformed("too_complex"), or for what is no JSON."""
    if isinstance(value, Mapping) and without:
        value = {name: member for name, member in value.items() if name not in without}
    return _quieten(value, MAX_DEPTH, [MAX_NODES])


def _quieten(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth < 0 or left[0] < 0:
        raise Malformed("too_complex", f"more than {MAX_NODES} values, or nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        return QuietText(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    made: QuietList | QuietObject
    if isinstance(value, Mapping):
        made = QuietObject()
        for name, member in value.items():
            made[QuietText(name)] = _quieten(member, depth - 1, left)
        made.weight = 1 + len(made) + sum(map(weigh, made.values()))
        return made
    if isinstance(value, list | tuple):
        made = QuietList([_quieten(each, depth - 1, left) for each in value])
        made.weight = 1 + sum(map(weigh, made))
        return made
    raise Malformed("bad_json", "a value that is not JSON")
