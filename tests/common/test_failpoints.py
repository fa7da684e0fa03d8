"""A fail-point kills like ``kill -9``, at the hit that was asked for, and writes down the way there."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from common import failpoints
from common.errors import Misconfigured
from tests.forks import Forks


def _walk(at: str, trace: str) -> None:
    failpoints.arm(at, Path(trace))
    for name in ("a", "b", "a", "b"):
        failpoints.hit(name)


@pytest.mark.parametrize(
    ("at", "passed"), [("a", "a"), ("b", "ab"), ("a:2", "aba"), ("b:2", "abab"), ("c", "abab"), ("", "abab")]
)
def test_it_dies_where_it_was_told(tmp_path: Path, at: str, passed: str) -> None:
    trace = tmp_path / "trace"
    process = Forks.Process(target=_walk, args=(at, str(trace)))
    process.start()
    process.join(30)
    assert process.exitcode == (0 if at in ("", "c") else -signal.SIGKILL)
    assert trace.read_text().split() == list(passed)


def test_nothing_is_armed_by_default() -> None:
    failpoints.arm("")
    failpoints.hit("anything")


@pytest.mark.parametrize("at", ["a:0", "a:x", "a:-1", "a:²"])
def test_a_count_is_a_number_from_one(at: str) -> None:
    with pytest.raises(Misconfigured):
        failpoints.arm(at)
