"""How often a residence card's number may be guessed: the card counts nothing, so we do. A pure decision; who calls keeps the times.

A number has 10⁸ digits and four letters, but who knows a card's series and rough date of issue has far fewer to try, at 0.1 s each. With
these waits 20 guesses take a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from common.errors import TooMany

FREE: Final = 3
"""Wrong numbers that cost no waiting: people mistype."""
WAITS: Final = (60, 300, 900, 3600)
"""Seconds to wait after the third wrong number, the fourth …; the last one after each further."""
MEMORY: Final = 86_400
"""Seconds after which a wrong number is forgotten."""


def wait_before_attempt(failed_at: Iterable[int], now: int) -> int:
    """Seconds until the next number may be tried; 0: now. failed_at: when wrong ones were, of one person *and* of one reader, in seconds.

    Times of the future (a clock was set back) count as now, so that they neither free anybody nor lock anybody out for long.
    """
    counted = sorted(min(at, now) for at in failed_at if at > now - MEMORY)
    if len(counted) < FREE:
        return 0
    wait = WAITS[min(len(counted) - FREE, len(WAITS) - 1)]
    return max(0, counted[-1] + wait - now)


def check_attempt(failed_at: Iterable[int], now: int) -> None:
    """Raises TooMany("card_number_attempts") with the time to wait."""
    wait = wait_before_attempt(failed_at, now)
    if wait:
        raise TooMany("card_number_attempts", "too many wrong card numbers: wait before the next one", retry_after=wait)
