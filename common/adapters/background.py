"""Regular work beside the requests: one thread of a server process that runs a job again and again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import structlog

from common.errors import TegataError

STOP_SECONDS = 30
"""Longest wait for the round in work at the end; the thread is a daemon, so the process ends then all the same."""


class Background:
    """Runs its jobs in order, every ``every`` seconds from `start` to `stop`; 0: never.

    A job that fails is logged; the next ones, and the next round, come all the same. Each must be safe beside other processes' rounds.
    """

    def __init__(self, *jobs: Callable[[], object], every: float) -> None:
        self._jobs = jobs
        self._every = every
        self._over = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Once, or again after `stop`."""
        if self._every > 0:
            self._over.clear()
            self._thread = Thread(target=self._run, name="jobs", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Waits for the round in work; its pauses are cut short."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=STOP_SECONDS)

    def pause(self, seconds: float) -> None:
        """To be used by the job instead of ``time.sleep``: ends early when the server does."""
        self._over.wait(seconds)

    def _run(self) -> None:
        while not self._over.wait(self._every):
            for job in self._jobs:
                _guarded(job)


def _guarded(job: Callable[[], object]) -> None:
    log = structlog.get_logger("tegata.jobs")
    name = getattr(job, "__name__", "job")
    try:
        job()
    except TegataError as error:
        log.warning("job_failed", job=name, code=error.code)
    except Exception as error:  # whatever it is, the thread must live on
        log.error("job_failed", job=name, kind=type(error).__name__, exc_info=error)
