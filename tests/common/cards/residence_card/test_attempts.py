"""Guessing card numbers takes long, mistyping one does not."""

from __future__ import annotations

import pytest

from common.cards.drivers.residence_card.attempts import FREE, MEMORY, WAITS, check_attempt, wait_before_attempt
from common.errors import TooMany

NOW = 1_800_000_000


def test_the_first_wrong_numbers_cost_nothing() -> None:
    for count in range(FREE):
        assert wait_before_attempt([NOW] * count, NOW) == 0


def test_each_further_one_costs_more() -> None:
    waits = [wait_before_attempt([NOW] * count, NOW) for count in range(FREE, FREE + 6)]
    assert waits == [60, 300, 900, 3600, 3600, 3600]


def test_waiting_frees() -> None:
    failed = [NOW - 60, NOW - 59, NOW - 58]
    assert wait_before_attempt(failed, NOW) == 2
    assert wait_before_attempt(failed, NOW + 2) == 0


def test_a_day_later_nothing_is_left() -> None:
    assert wait_before_attempt([NOW] * 50, NOW + MEMORY) == 0


def test_guessing_without_a_break_gets_twenty_odd_numbers_a_day() -> None:
    failed: list[int] = []
    at = NOW
    while at < NOW + MEMORY:
        at += wait_before_attempt(failed, at)
        failed.append(at)
    assert FREE + len(WAITS) < len(failed) < 32


def test_a_clock_that_was_set_back_locks_nobody_out_for_long() -> None:
    assert wait_before_attempt([NOW + 10 * MEMORY] * 9, NOW) == WAITS[-1]


def test_the_refusal_says_how_long() -> None:
    check_attempt([], NOW)
    with pytest.raises(TooMany) as refused:
        check_attempt([NOW] * 3, NOW)
    assert refused.value.retry_after == 60
