"""Questions that are kept open at organisers, one for each event that is followed: what falls there is known here within a second or two.

Beside the jobs, which come every now and then and do the rest. A thread of its own for each event: an organiser that is away keeps nobody
else waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

import structlog

from common.adapters.background import STOP_SECONDS
from common.errors import TegataError
from verifier.gate.organiser import WAIT_SECONDS, Organiser

LOOK_SECONDS = 5.0
"""After which an event that was enrolled meanwhile is followed too."""
MOST_EVENTS = 64
"""Of which a question is kept open: those whose packs came last. Whatever else is followed, the jobs ask for."""
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
_AT_ONCE = 1.0


class Followers:
    """followed: (tenant, event) of each whose organiser knows this machine, those whose packs came last first.

    now: seconds. every: 0 follows nothing, as with all jobs.
    """

    def __init__(
        self,
        organiser: Organiser,
        followed: Callable[[], Sequence[tuple[str, str]]],
        now: Callable[[], int],
        *,
        every: float,
    ) -> None:
        self._organiser = organiser
        self._followed = followed
        self._now = now
        self._every = every
        self._over = Event()
        self._working = Lock()
        """Held by who uses the database, which is closed after the end."""
        self._looking: Thread | None = None
        self._threads: dict[tuple[str, str], Thread] = {}
        self._wanted: tuple[tuple[str, str], ...] = ()

    def start(self) -> None:
        if self._every > 0:
            self._over.clear()
            self._looking = Thread(target=self._look, name="followers", daemon=True)
            self._looking.start()

    def stop(self) -> None:
        """A question that is open is let be: its answer comes to nobody, and its thread touches nothing any more."""
        self._over.set()
        with self._working:
            pass
        if self._looking is not None:
            self._looking.join(timeout=STOP_SECONDS)

    def _look(self) -> None:
        while not self._over.is_set():
            try:
                self._wanted = tuple(self._followed())[:MOST_EVENTS]
            except Exception as error:  # whatever it is, it looks again
                structlog.get_logger("tegata.gate").error("follow_failed", kind=type(error).__name__, exc_info=error)
            self._threads = {one: thread for one, thread in self._threads.items() if thread.is_alive()}
            for one in self._wanted:
                if one not in self._threads and len(self._threads) < MOST_EVENTS:
                    self._threads[one] = Thread(target=self._follow, args=one, name=f"follow {one[1]}", daemon=True)
                    self._threads[one].start()
            self._over.wait(LOOK_SECONDS)

    def _follow(self, tenant: str, event: str) -> None:
        """Again and again; after a pause that grows where the organiser says no, is away, or answers at once that nothing is new."""
        pause = FIRST_PAUSE
        while not self._over.is_set() and (tenant, event) in self._wanted:
            began = time.monotonic()
            try:
                with self._working:
                    if self._over.is_set():
                        return
                    question = self._organiser.question(tenant, event)
                answer = question.ask(wait=WAIT_SECONDS)
                with self._working:
                    if self._over.is_set():
                        return
                    newest = question.take(answer, now=self._now())
                if newest is None:
                    whole = question.ask_whole()
                    with self._working:
                        if self._over.is_set():
                            return
                        newest = question.take_whole(whole, now=self._now())
                good = newest.serial > question.serial or time.monotonic() - began > _AT_ONCE
            except TegataError as error:
                structlog.get_logger("tegata.gate").info("organiser_away", gate_event=event, code=error.code)
                good = False
            except Exception as error:  # whatever it is, the event is followed on
                structlog.get_logger("tegata.gate").error("follow_failed", kind=type(error).__name__, exc_info=error)
                good = False
            if good:
                pause = FIRST_PAUSE
                continue
            self._over.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
