"""Lessons are short, and they run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

LESSONS = sorted(path for path in (ROOT / "examples").glob("*.py") if path.name != "__init__.py")


def test_there_are_lessons() -> None:
    assert len(LESSONS) >= 3


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lesson_is_short_and_runs(lesson) -> None:  # type: ignore[no-untyped-def]
    assert lesson.read_text(encoding="utf-8").count("\n") < 80
    done = subprocess.run(
        [sys.executable, "-m", f"examples.{lesson.stem}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip(), "a lesson shows something"
