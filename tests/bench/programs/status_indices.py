"""Status indices allocated by eight processes on one PostgreSQL: how many a second, and that no two are the same."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from array import array
from pathlib import Path
from typing import Any

from common.adapters.clock import open_clock
from common.adapters.database import open_database
from common.adapters.migrations import migrate
from issuer.flows.status_indices import StatusIndices
from issuer.settings import IssuerSettings
from issuer.store.base import bind
from issuer.store.migrations import MIGRATIONS
from tests.bench.figure import Figure
from tests.postgres import PostgresServer

PROCESSES = 8
EACH = 10_000
BOUND = 20_000.0
TENANT = "sakuragawa"
_Spawn = multiprocessing.get_context("spawn")


def allocate_together(url: str, *, processes: int = PROCESSES, each: int = EACH) -> tuple[float, list[tuple[str, int]]]:
    """Processes that begin together → (seconds of wall time from the first to begin until the last was done, all that they were given)."""
    database = open_database(url)
    migrate(database, MIGRATIONS, now=0)
    database.close_all()
    gate, answers = _Spawn.Barrier(processes), _Spawn.Queue()
    workers = [_Spawn.Process(target=_work, args=(url, each, gate, answers)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        found = [answers.get(timeout=120) for _ in workers]
    finally:
        for worker in workers:
            worker.join(30)
    began, ended = min(one[0] for one in found), max(one[1] for one in found)
    given = [(name, index) for _, _, lists in found for name, indices in lists.items() for index in indices]
    return ended - began, given


def _work(url: str, each: int, gate: Any, answers: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = IssuerSettings(environment="sandbox", database_url=url, data_dir=Path(folder))
        database = open_database(url)
        bind(database)
        indices = StatusIndices(
            database,
            open_clock(None),
            settings.addresses,
            size=settings.status_list_size,
            block=settings.status_lease,
        )
        lists: dict[str, array[int]] = {}
        gate.wait(60)
        began = time.monotonic()
        for _ in range(each):
            found = indices.allocate(TENANT)
            lists.setdefault(found.list_id, array("q")).append(found.index)
        ended = time.monotonic()
        answers.put((began, ended, lists))
        database.close_all()


def measure() -> list[Figure]:
    """One figure. The processes are those of an issuer, with its settings as they are by default."""
    server = PostgresServer()
    try:
        server.start()
        best = 0.0
        for _ in range(3):
            seconds, given = allocate_together(server.new_database())
            if len(set(given)) != PROCESSES * EACH:
                raise RuntimeError("an index was given twice")
            best = max(best, len(given) / seconds)
    finally:
        server.remove()
    return [
        Figure(
            name=f"status indices allocated by {PROCESSES} processes on PostgreSQL, none twice",
            value=round(best),
            unit="/s",
            bound=BOUND,
            ok=best >= BOUND,
            at_least=True,
            note=f"best of 3 runs of {PROCESSES * EACH}, {os.cpu_count()} processors, Python {sys.version_info[0]}.{sys.version_info[1]}",
        )
    ]
