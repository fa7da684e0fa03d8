"""Named places at which a test may kill this process: before and after every commit, around every send.

Outside a test nothing is armed and `hit` costs one comparison. Only the sandbox can arm one; ``common/settings.py`` sees to that.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from common.errors import Misconfigured


class _Armed:
    """What this process was asked to do: die at the n-th hit of a name, and (or) write down every name that it passes."""

    def __init__(self, name: str, countdown: int, trace: Path | None) -> None:
        self.name = name
        self.countdown = countdown
        self.trace = trace
        self.lock = threading.Lock()

    def hit(self, name: str) -> None:
        with self.lock:
            if self.trace is not None:
                with self.trace.open("a", encoding="utf-8") as file:
                    file.write(name + "\n")
            if name != self.name:
                return
            self.countdown -= 1
            if self.countdown == 0:
                os.kill(os.getpid(), signal.SIGKILL)


_armed: _Armed | None = None


def arm(at: str, trace: Path | None = None) -> None:
    """Sets the place to die at: ``name`` or ``name:3`` (the third hit). An empty text disarms. trace: file that collects the names hit.

    Raises Misconfigured when the count is not a positive whole number.
    """
    global _armed
    name, _, count = at.partition(":")
    if count and (not count.isascii() or not count.isdigit() or int(count) < 1):
        raise Misconfigured("invalid_fail_point", f"{at!r}: write name or name:count, with a count from 1")
    _armed = _Armed(name, int(count or 1), trace) if name or trace else None


def hit(name: str) -> None:
    """Marks the place. Kills this process, as ``kill -9`` would, if a test armed exactly this hit."""
    if _armed is not None:
        _armed.hit(name)
