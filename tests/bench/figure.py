"""One measured figure, and how ratios to the raw primitive are measured."""

from __future__ import annotations

import gc
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Input = TypeVar("Input")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """name: what was measured. bound: must not be exceeded, in the same unit; at_least: must be reached; None: stated beside others, and
    held to nothing. note: how it was measured.
    """

    name: str
    value: float
    unit: str
    bound: float | None
    ok: bool
    note: str = ""
    at_least: bool = False


def _seconds(call: Callable[[Input], None], inputs: list[Input]) -> float:
    started = time.perf_counter()
    for each in inputs:
        call(each)
    return time.perf_counter() - started


def ratio(
    ours: Callable[[Input], None],
    raw: Callable[[Input], None],
    make_input: Callable[[], Input],
    rounds: int = 20,
    *,
    per_round: int = 50,
) -> float:
    """How many times longer ``ours`` takes than ``raw`` on the same inputs: least time over least time of ``rounds`` interleaved rounds.

    Each round makes per_round fresh inputs (so no cache that outlives one input helps) and times both over them, one after the
    other. The least time of either is the one that the rest of the machine disturbed least; the least of the rounds' ratios would
    instead prefer rounds in which ``raw`` was disturbed. The garbage collector rests meanwhile.
    """
    least, least_raw = float("inf"), float("inf")
    for number in range(rounds):
        inputs = [make_input() for _ in range(per_round)]
        gc.collect()
        gc.disable()
        try:
            if number % 2:
                took_raw = _seconds(raw, inputs)
                took = _seconds(ours, inputs)
            else:
                took = _seconds(ours, inputs)
                took_raw = _seconds(raw, inputs)
        finally:
            gc.enable()
        least, least_raw = min(least, took), min(least_raw, took_raw)
    return least / least_raw


def measured_by(bench: str) -> list[Figure]:
    """What the bench, a module's name, measures. To be run in a process of its own: what one leaves in memory is not the next one's."""
    figures: list[Figure] = importlib.import_module(bench).measure()
    return figures
