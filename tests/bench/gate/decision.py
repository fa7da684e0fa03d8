"""A gate's whole decision: decode, two signatures, rules, and a durable journal that holds 100,000 entries already.

The decision alone, without the disk, is stated over the raw verification of its two signatures. With the disk it is milliseconds, and
beside it what one flush of this disk takes, which nobody can save.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from common.adapters.database import Database, open_database, transaction
from common.adapters.migrations import migrate
from common.gate.journal_entry import Kind
from common.keys.software import SoftwareKey
from tests.bench.figure import Figure, ratio
from tests.bench.programs.machine import REFERENCE_SECONDS, RawVerifications
from tests.verifier.gate.scene import EVENT, NOW, PLAN, Guest, plan
from verifier.gate.decide import Known, decide, read_ticket
from verifier.gate.desk import GateDesk
from verifier.gate.journal.chain import Journal
from verifier.gate.plan import Bench
from verifier.store.base import bind
from verifier.store.migrations import MIGRATIONS

ENTRIES = 100_000
MEASURED = 400
RATIO_BOUND, MILLISECONDS_BOUND = 2.0, 1.0
_BATCH = 5_000
_SCHEME = ec.ECDSA(hashes.SHA256())


def measure() -> list[Figure]:
    return [_ratio(), *_milliseconds()]


def _ratio() -> Figure:
    bench, raw, numbers = Bench(PLAN), _TwoSignatures(), iter(range(1, 1 << 40))

    def ours(text: str) -> None:
        decision = decide(read_ticket(text, bench, now=NOW), bench, Known(), now=NOW)
        if not decision.opens:
            raise AssertionError(decision.reason)

    found = ratio(ours, raw, lambda: Guest(next(numbers)).shows())
    return Figure(
        name="gate: a decision without the disk",
        value=found,
        unit="× 2 P-256 verify",
        bound=RATIO_BOUND,
        ok=found <= RATIO_BOUND,
        note="text → pass, issuer's and holder's signature, judge with its whole tree",
    )


class _TwoSignatures:
    """The raw work that nobody can save: the issuer's signature and the holder's."""

    def __init__(self) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        self._public = private.public_key()
        self._signed = [(private.sign(text, _SCHEME), text) for text in (os.urandom(150), os.urandom(200))]

    def __call__(self, _: str) -> None:
        for signature, text in self._signed:
            self._public.verify(signature, text, _SCHEME)


def _milliseconds() -> list[Figure]:
    machine = RawVerifications()
    machine.measure()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'gate.sqlite3'}")
        bind(database)
        migrate(database, MIGRATIONS, now=NOW)
        journal = Journal("bench", EVENT, SoftwareKey.generate())
        _fill(database, journal)
        desk = GateDesk(plan(), journal, dict)
        texts = [Guest((1 << 40) + number).shows() for number in range(MEASURED)]

        def enter(text: str) -> None:
            outcome = desk.scan(text, NOW * 1000)
            if outcome.sequence is None:
                raise AssertionError(outcome.decision.reason)

        took = _sorted(enter, texts)
        flush = _sorted(_Flush(Path(folder) / "flush"), list(range(MEASURED)))
        database.close_all()
    machine.measure()
    scale = REFERENCE_SECONDS / machine.seconds
    least, disk = took[len(took) // 10], flush[len(flush) // 10]
    return [
        Figure(
            name="gate: a decision with its durable journal",
            value=least * scale * 1000,
            unit="ms",
            bound=MILLISECONDS_BOUND,
            ok=least * scale * 1000 <= MILLISECONDS_BOUND,
            note=f"{ENTRIES:,} entries before; a tenth took less; median {took[len(took) // 2] * 1000:.2f} ms",
        ),
        Figure(
            name="gate: of it, one flush of this disk",
            value=disk * 1000,
            unit="ms",
            bound=None,
            ok=True,
            note=f"a page overwritten and fdatasync, a tenth took less; median {flush[len(flush) // 2] * 1000:.2f} ms",
        ),
    ]


def _fill(database: Database, journal: Journal) -> None:
    """The entries before, as a gate wrote them; in a few transactions, since it is not they that are measured."""
    for start in range(0, ENTRIES, _BATCH):
        with transaction(database, "bench"):
            for number in range(start, start + _BATCH):
                journal.append(Kind.IN, time=NOW * 1000, entrance=1, cti=number.to_bytes(8, "big"))


class _Flush:
    """What a durable commit cannot do without: one page onto the disk."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)
        os.pwrite(self._file, bytes(4096 * MEASURED), 0)
        os.fsync(self._file)

    def __call__(self, number: int) -> None:
        os.pwrite(self._file, os.urandom(4096), 4096 * number)
        os.fdatasync(self._file)


def _sorted(act: Callable[[str], None] | _Flush, inputs: list[str] | list[int]) -> list[float]:
    took = []
    gc.collect()
    gc.disable()
    try:
        for each in inputs:
            started = time.perf_counter()
            act(each)  # type: ignore[arg-type]  # each of the two gets its own kind
            took.append(time.perf_counter() - started)
    finally:
        gc.enable()
    return sorted(took)
