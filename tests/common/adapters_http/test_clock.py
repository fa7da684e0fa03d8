"""The machine's clock, and the one that stands still."""

from __future__ import annotations

import time

from common.adapters.clock import open_clock


def test_the_time_is_the_machines() -> None:
    assert int(time.time()) <= open_clock(None).now() <= time.time()


def test_a_stopped_clock_stands() -> None:
    clock = open_clock(0)
    assert (clock.now(), clock.now()) == (0, 0)
