"""One program under watch: armed to kill itself at a fail-point, started again by the first person who finds it dead."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from examples.demo.people import NotDone
from examples.demo.programs import Program

T = TypeVar("T")
LATER = {"offer_busy", "request_answered"}
"""Answers that mean: another process has it in work (the dead one, for a second more)."""
PATIENCE = 20.0


@dataclass
class Watch:
    """deaths: how often the program was found dead, by its own hand."""

    program: Program
    deaths: int = 0

    def restart(self, *, fail_at: str = "", trace: Path | None = None) -> None:
        self.program.stop(signal.SIGKILL)
        self.program.start(extra=armed(self.program, fail_at=fail_at, trace=trace))
        self.program.wait()

    def mend(self, *, within: float = 0.0) -> bool:
        """If the program is dead, or dies within so many seconds, it is started again, unarmed."""
        process, end = self.program.process, time.monotonic() + within
        assert process is not None
        while (status := process.poll()) is None:
            if time.monotonic() >= end:
                return False
            time.sleep(0.01)
        assert status == -signal.SIGKILL, f"{self.program.name} ended with {status}: {self.program.last_words()}"
        self.deaths += 1
        self.program.start()
        self.program.wait()
        return True

    def insist(self, act: Callable[[], T]) -> T:
        """Does it as a patient person does: again, when the program died over it, or when it says 'later'."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return act()
            except httpx.TransportError:
                if not self.mend(within=1.0) and time.monotonic() > end:
                    raise
            except NotDone as no:
                later = no.status == 503 or no.problem.get("code") in LATER
                if not self.mend() and (not later or time.monotonic() > end):
                    raise
                time.sleep(0.1)


def armed(program: Program, *, fail_at: str = "", trace: Path | None = None) -> dict[str, str]:
    """The settings that arm it."""
    prefix = f"TEGATA_{program.name}_".upper()
    settings = {f"{prefix}FAIL_AT": fail_at} if fail_at else {}
    return settings | ({f"{prefix}FAIL_TRACE": str(trace)} if trace else {})


def places(trace: Path) -> list[str]:
    """Every hit that the trace holds, as a place to die at: name:count. Without those of the start (`test_death_at_the_start`)."""
    seen: dict[str, int] = {}
    found = []
    for name in trace.read_text(encoding="utf-8").split() if trace.exists() else ():
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name}:{seen[name]}")
    return [place for place in found if not place.startswith("migration.")]
