"""The machine's clock, as the Clock port, and the sandbox's clock that stands still."""

from __future__ import annotations

import time

from common.ports import Clock


class SystemClock:
    """Implements common.ports.Clock."""

    def now(self) -> int:
        """Seconds since 1970-01-01T00:00:00Z, whole."""
        return int(time.time())


class StoppedClock:
    """Implements common.ports.Clock: always the same second. For sandboxes; ``common/settings.py`` keeps it out of production."""

    def __init__(self, at: int) -> None:
        self._at = at

    def now(self) -> int:
        """The second it was stopped at."""
        return self._at


def open_clock(fixed: int | None) -> Clock:
    """The clock that the setting ``fixed_clock`` asks for: seconds since 1970, or None for the machine's."""
    return SystemClock() if fixed is None else StoppedClock(fixed)
