"""Which test of ours stands for which test of a W3C suite: by the suite's own title, so that neither can come or go unnoticed.

A test says ``@mirrors("Contexts Verifiable credentials MUST include a @context property.")``, a case of a parametrised test
``pytest.param(…, marks=mirrors("…"))``; `check_all_mirrored` compares both sides with the kept score.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from inspect import getmembers, isfunction
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parent
_OUR_COLUMN = re.compile(r"\bTegata\b(: )?")
_NOT_RUN = ("skip", "skipif", "xfail")


def scores(suite: str) -> Mapping[str, str]:
    """Title → passed, failed or pending, in the kept file's order. suite: stem of that file.

    The titles are without the column of the table that names the implementation: ``Tegata: P-256`` becomes ``P-256``. A hook of
    the suite that failed stands for the tests behind it, whose titles nobody learnt.
    """
    kept: dict[str, str] = json.loads((FOLDER / f"{suite}.json").read_text(encoding="utf-8"))
    return {_without_column(title): state for title, state in kept.items()}


def titles(suite: str) -> tuple[str, ...]:
    """Of the suite's tests, in the kept file's order."""
    return tuple(scores(suite))


def mirrors(title: str) -> pytest.MarkDecorator:
    """Marks a test, or one case of it, as ours for the suite's test of that title. One of ours may stand for several."""
    return pytest.mark.mirrors(title)


def mirrored(module: ModuleType) -> tuple[str, ...]:
    """The titles that the module's tests stand for. Raises AssertionError where such a test is not run."""
    return tuple(title for _, test in getmembers(module, isfunction) for title in _titles_of(module, test))


def check_all_mirrored(modules: ModuleType | tuple[ModuleType, ...], *suites: str) -> None:
    """Raises AssertionError, naming them: titles that no test stands for, and tests for titles that none of the suites has."""
    several = modules if isinstance(modules, tuple) else (modules,)
    ours = {title for module in several for title in mirrored(module)}
    theirs = tuple(title for suite in suites for title in titles(suite))
    missing = [title for title in theirs if title not in ours]
    unknown = sorted(ours.difference(theirs))
    assert not missing, f"{suites} have tests without one of ours:\n" + "\n".join(missing)
    assert not unknown, f"{suites} have no tests of these titles:\n" + "\n".join(unknown)


def _without_column(title: str) -> str:
    return " ".join(_OUR_COLUMN.sub("", title).split())


def _titles_of(module: ModuleType, test: object) -> Iterator[str]:
    marks = list(_marks(test))
    found = [mark.args[0] for mark in marks if mark.name == "mirrors"]
    if not found:
        return
    name = f"{module.__name__}.{getattr(test, '__name__', '')}"
    assert getattr(test, "__name__", "").startswith("test_"), f"{name} is not collected"
    assert not [mark for mark in marks if mark.name in _NOT_RUN], f"{name} is not always run"
    yield from found


def _marks(test: object) -> Iterator[pytest.Mark]:
    """Of the test and of its cases."""
    for mark in getattr(test, "pytestmark", ()):
        yield mark
        if mark.name == "parametrize":
            for case in mark.args[1]:
                for inner in getattr(case, "marks", ()):
                    yield getattr(inner, "mark", inner)
