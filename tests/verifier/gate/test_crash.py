"""Power off at any byte: the journal reopens, its chain is whole, and who was let in stays let in."""

from __future__ import annotations

import os
import random
import shutil
import signal
from pathlib import Path

import pytest

from common.adapters.database import open_database
from common.gate.journal_entry import NO_HASH, Kind, hash_entry, parse_journal_entry
from common.keys.software import SoftwareKey
from tests.amount import examples
from tests.forks import Forks
from tests.verifier.gate.scene import EVENT, NOW
from tests.verifier.gate.venue import open_gate_database
from tests.verifier.gate.writing import admit_for_ever
from verifier.gate.journal.chain import Journal
from verifier.store.base import bind
from verifier.store.gate import GateEntryRow

KEY = SoftwareKey.generate()


def whole_chain(folder: Path) -> int:
    """Opens the journal anew, looks at every link, writes one more entry. How many entries there were."""
    database = open_database(f"sqlite:///{folder / 'gate.sqlite3'}")
    bind(database)
    previous, count = NO_HASH, 0
    rows = GateEntryRow.select().where(GateEntryRow.tenant == "local").order_by(GateEntryRow.sequence)
    for count, row in enumerate(rows, 1):
        entry = parse_journal_entry(bytes(row.data))
        assert (entry.sequence, entry.previous) == (count, previous)
        previous = hash_entry(bytes(row.data))
        assert bytes(row.hash) == previous
    journal = Journal("local", EVENT, KEY)
    entry = parse_journal_entry(journal.append(Kind.NOTE, time=NOW * 1000, entrance=1, detail="opened"))
    assert (entry.sequence, entry.previous) == (count + 1, previous)
    for number in range(1, count + 1):
        assert journal.presence(number.to_bytes(8, "big")).inside is not None
    database.close_all()
    return count


def test_the_write_ahead_log_cut_at_any_byte(tmp_path: Path) -> None:
    folder = tmp_path / "before"
    folder.mkdir()
    database = open_gate_database(folder, durable=True)
    journal = Journal("local", EVENT, KEY)
    sizes = [0]
    log = folder / "gate.sqlite3-wal"
    for number in range(1, 13):
        journal.append(Kind.IN, time=NOW * 1000, entrance=1, cti=number.to_bytes(8, "big"))
        sizes.append(log.stat().st_size)
    whole = log.read_bytes()
    chance = random.Random(11)
    cuts = {0, 31, 32, len(whole) - 1, len(whole), *(size + step for size in sizes[1:] for step in (-1, 0))}
    cuts |= {chance.randrange(len(whole)) for _ in range(examples(20, 2000))}
    for cut in sorted(cuts):
        again = tmp_path / "after"
        again.mkdir()
        shutil.copy(folder / "gate.sqlite3", again)
        (again / "gate.sqlite3-wal").write_bytes(whole[:cut])
        committed = max(number for number, size in enumerate(sizes) if size <= cut)
        assert whole_chain(again) == committed, f"cut at {cut}"
        shutil.rmtree(again)
    database.close_all()


JOURNAL_POINTS = ("gate_entry",)


@pytest.mark.parametrize("fail_at", ["", "gate_entry.before_commit:5", "gate_entry.after_commit:5"])
def test_a_process_that_is_killed_has_written_all_that_was_green(tmp_path: Path, fail_at: str) -> None:
    open_gate_database(tmp_path, durable=True).close_all()
    hears, says = Forks.Pipe(duplex=False)
    process = Forks.Process(target=admit_for_ever, args=(str(tmp_path), KEY.private_jwk(), says, fail_at))
    process.start()
    says.close()
    green = 0
    try:
        while True:
            green = hears.recv()
            if not fail_at and green == 40 and process.pid is not None:
                os.kill(process.pid, signal.SIGKILL)
    except EOFError:
        process.join(30)
    assert process.exitcode == -signal.SIGKILL
    written = whole_chain(tmp_path)
    assert written - green in ((1,) if "after" in fail_at else (0,) if fail_at else (0, 1)), (
        "at most one more than was shown"
    )
