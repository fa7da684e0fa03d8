"""How much a test tries: the usual amount in a run without the slow tests (``-m "not slow"``, as `./dev test`), otherwise all of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
_USUAL = "TEGATA_TEST_USUAL"


def set_usual(usual: bool) -> None:
    """Said once, by `tests.conftest`, before any test module is imported."""
    if usual:
        os.environ[_USUAL] = "1"
    else:
        os.environ.pop(_USUAL, None)


def is_usual() -> bool:
    return os.environ.get(_USUAL) == "1"


def examples(usual: int, everything: int) -> int:
    """How many examples of a property."""
    return usual if is_usual() else everything


def share(everything: Iterable[T], parts: int, turn: int) -> Iterable[T]:
    """One of so many equal parts, another at each turn, so that who has many turns tries everything on some of them."""
    return islice(everything, turn % parts, None, parts) if is_usual() else everything
