"""Read and authenticate each card in the virtual reader of a real pcscd: what of it is our own work, and how long the whole takes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

from common.cards.channel import CardChannel
from examples.cards.authorities import Authorities
from examples.cards.pcscd import Pcscd
from tests.bench.cards.walks import JPKI, PACE, WALKS, Deck, Metered, Walk
from tests.bench.figure import Figure
from tests.bench.programs.machine import REFERENCE_SECONDS, RawVerifications
from tests.fakes.card import Insert, insert_in_process
from tests.pcscd import Slot, no_card_readers

BOUNDS_MS = {JPKI: 20.0} | dict.fromkeys(PACE, 60.0)
RUNS = 15


def measure() -> list[Figure]:
    """Two figures for each card: our own crypto and parsing, and the whole.

    Ours is the processor time of the thread that reads and judges, without what it spends inside ``transmit``; virtual card and pcscd run
    elsewhere. Everything is new in each run but the card itself and what an issuer knows by then: roots, signers of many documents,
    revocation lists. The whole is the wall time of the same, opening the card left out, with a virtual card in Python that answers over a
    socket: a real one is slower. The median of the runs after the first, which is told beside it.
    """
    with tempfile.TemporaryDirectory(prefix="tegata-bench-") as folder:
        deck = Deck(Authorities(), Path(folder))
        with _reader(Path(folder) / "pcscd") as (insert, where):
            return [figure for walk in WALKS for figure in _figures(deck, walk, insert, where)]


@contextmanager
def _reader(socket: Path) -> Iterator[tuple[Insert, str]]:
    """Over pcscd; within the process where there is none, which is then said."""
    if missing := no_card_readers():
        yield insert_in_process, f"within the process: {missing}"
        return
    os.environ["PCSCLITE_CSOCK_NAME"] = str(socket)
    with Pcscd(socket=socket) as daemon:
        slot = Slot(daemon)
        try:
            yield slot.insert, "over pcscd"
        finally:
            slot.empty()


def _figures(deck: Deck, walk: Walk, insert: Insert, where: str) -> Iterator[Figure]:
    raw = RawVerifications()
    ours, whole, exchanges = [], [], 0
    for _ in range(RUNS):
        raw.measure()
        meter = Metered(insert(deck.card(walk)))
        channel = CardChannel(meter)
        began, cpu = perf_counter(), thread_time()
        deck.authenticate(walk, deck.read(walk, channel))
        ours.append(thread_time() - cpu - meter.spent)
        whole.append(perf_counter() - began)
        exchanges = channel.exchanges
    scale = REFERENCE_SECONDS / raw.seconds * 1000
    value, bound = median(ours[1:]) * scale, BOUNDS_MS.get(walk)
    yield Figure(
        name=f"{walk.title}: our own crypto and parsing",
        value=round(value, 2),
        unit="ms of CPU",
        bound=bound,
        ok=bound is None or value <= bound,
        note=f"median of {RUNS - 1}; {median(ours[1:]) * 1000:.1f} ms here, the first {ours[0] * 1000:.1f}; a raw P-256 verification takes "
        f"{raw.seconds * 1e6:.0f} µs",
    )
    yield Figure(
        name=f"{walk.title}: the whole, {where}",
        value=round(median(whole[1:]) * 1000, 1),
        unit="ms",
        bound=None,
        ok=True,
        note=f"{exchanges} APDUs",
    )
