"""Looks after the link of a gate in a terminal, in a thread of its own: a hub that is silent for seconds keeps no guest waiting."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import structlog

from common.errors import TegataError, Unavailable
from verifier.gate.desk import GateDesk
from verifier.gate.journal.exchange import Absorbed

SYNC_MS = 5_000
FETCH_MS = 30_000
_LOOK_SECONDS = 0.5
_FIRST_SECONDS = 2.0
"""What a gate that begins waits for its hub, before the first guest."""
_LAST_SECONDS = 11.0
"""What a gate that ends waits for an answer that somebody asked for: longer than an exchange takes."""


class Keeper:
    """now: milliseconds. fetch: asks the hub for a newer pack and loads it; None where there is none to ask."""

    def __init__(self, desk: GateDesk, now: Callable[[], int], fetch: Callable[[int], object] | None = None) -> None:
        self._desk = desk
        self._now = now
        self._fetch = fetch
        self._synced_at = self._fetched_at = 0
        self._asked = threading.Event()
        self._wake = threading.Event()
        self._first = threading.Event()
        self._end = False
        self._answers: queue.SimpleQueue[Absorbed | TegataError | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._keep, daemon=True, name="link")

    def start(self) -> None:
        """Where there is a hub. Waits a moment for it, so that a gate whose hub is there is linked before its first guest."""
        if self._desk.link.hub is not None:
            self._thread.start()
            self._first.wait(_FIRST_SECONDS)

    def ask(self) -> None:
        """By a person's word: an exchange now. Its answer is among the `answers`, with no hub too."""
        if self._desk.link.hub is None:
            self._answers.put(None)
        else:
            self._asked.set()
            self._wake.set()

    def answers(self) -> list[Absorbed | TegataError | None]:
        """Since the last call: what exchanges brought that were asked for (None: no answer), and why a pack was not taken."""
        found = []
        while not self._answers.empty():
            found.append(self._answers.get())
        return found

    def close(self) -> None:
        """Ends; waits for what was asked for, and for nothing else."""
        self._end = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_SECONDS if self._asked.is_set() else 0)

    def _keep(self) -> None:
        while True:
            self._wake.clear()
            self._sync()
            self._first.set()
            if self._end and not self._asked.is_set():
                return
            self._look_for_pack()
            self._wake.wait(_LOOK_SECONDS)

    def _sync(self) -> None:
        now, link, asked = self._now(), self._desk.link, self._asked.is_set()
        due = now - self._synced_at >= SYNC_MS or now < self._synced_at
        if asked or (not self._end and (due if link.linked else link.may_try(now))):
            self._synced_at = now
            answer: Absorbed | TegataError | None
            try:
                answer = self._desk.sync(now)
            except Exception as error:  # of the database, or whatever it is: it is tried again
                answer = _told(error)
                if not link.linked:
                    link.lost(now)
            if asked or isinstance(answer, TegataError):
                self._answers.put(answer)
            if asked:  # not a word that came meanwhile: that is answered next
                self._asked.clear()

    def _look_for_pack(self) -> None:
        now = self._now()
        due = now - self._fetched_at >= FETCH_MS or now < self._fetched_at
        if self._fetch is not None and self._desk.link.linked and due:
            self._fetched_at = now
            try:
                self._fetch(self._desk.plan.serial)
            except Exception as error:
                self._answers.put(_told(error))


def _told(error: Exception) -> TegataError:
    """Nothing ends this thread unheard: the gate would seem to wait for its hub for ever."""
    if isinstance(error, TegataError):
        return error
    structlog.get_logger("tegata.gate").error("link_failed", kind=type(error).__name__, exc_info=error)
    return Unavailable("link_failed", "the link failed on this machine")
