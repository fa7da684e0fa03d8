"""Regular work beside the requests: it comes again, whatever happens in it, and ends when it is asked to."""

from __future__ import annotations

from threading import Event

import pytest

from common.adapters.background import Background
from common.errors import Unavailable

PATIENCE = 30
"""Seconds after which a test gives up waiting."""


@pytest.mark.parametrize("error", [Unavailable("database_unavailable", "gone"), ZeroDivisionError()])
def test_a_job_that_fails_comes_again_and_keeps_no_other_from_its_turn(error: Exception) -> None:
    rounds: list[int] = []
    twice = Event()

    def fails() -> None:
        raise error

    def counts() -> None:
        rounds.append(1)
        if len(rounds) == 2:
            twice.set()

    jobs = Background(fails, counts, every=0.01)
    jobs.start()
    assert twice.wait(PATIENCE)
    jobs.stop()


def test_a_pause_is_cut_short_by_the_end_and_then_nothing_runs() -> None:
    begun, done = Event(), []

    def work() -> None:
        begun.set()
        jobs.pause(1000)
        done.append(1)

    jobs = Background(work, every=0.01)
    jobs.start()
    assert begun.wait(PATIENCE)
    jobs.stop()
    assert done == [1]


def test_never_means_never() -> None:
    jobs = Background(lambda: pytest.fail("it ran"), every=0)
    jobs.start()
    assert jobs._thread is None
    jobs.stop()
