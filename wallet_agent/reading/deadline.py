"""When a conversation is over at the holder's side, whatever the issuer goes on saying: with its session, and in any case some time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from common.errors import Unavailable

MOST_SECONDS: Final = 3600.0
"""Of one conversation, whatever time the issuer says there is."""
CLOCK_SKEW: Final = 300
"""Between the issuer's clock and ours, in whole seconds."""


class Deadline:
    """clock: seconds since 1970. timer: seconds that nobody sets back."""

    def __init__(self, clock: Callable[[], float], timer: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._timer = clock, timer
        self._last = self._until = timer() + MOST_SECONDS

    def set(self, expires_at: int) -> None:
        """By the session's end as the issuer tells it; never later than `MOST_SECONDS` after the beginning."""
        self._until = min(self._last, self._timer() + expires_at + CLOCK_SKEW - self._clock())

    def within(self, seconds: float) -> float:
        """So long may be waited now. Raises Unavailable("card_session_over")."""
        left = self._until - self._timer()
        if left <= 0:
            raise Unavailable("card_session_over", "the time of this session is over")
        return min(seconds, left)
