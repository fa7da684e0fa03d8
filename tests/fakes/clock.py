"""A clock that stands still until told to move."""

from __future__ import annotations


class FixedClock:
    """Implements common.ports.Clock."""

    def __init__(self, now: int = 1_790_000_000) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def advance(self, seconds: int) -> None:
        self.time += seconds
