"""The end of an evening: 100 journals of 10,000 entries are read, put together and accounted for."""

from __future__ import annotations

import gc
import time

from common.gate.exchange import MAX_FILE, GateJournal, build_exchange, parse_exchange
from common.gate.journal_entry import NO_HASH, JournalEntry, JournalHead, Kind, hash_entry, sign_journal_head
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.bench.figure import Figure
from tests.bench.programs.machine import REFERENCE_SECONDS, RawVerifications
from tests.verifier.gate.scene import EVENT, NOW
from verifier.gate.account import account
from verifier.gate.merge import merge, read_set

GATES, ENTRIES, TWICE = 100, 10_000, 50
BOUND = 10.0
SIGNED_EVERY = 1_000


def measure() -> list[Figure]:
    machine = RawVerifications()
    machine.measure()
    files, points = _files()
    gc.collect()
    started = time.process_time()
    whole = merge(read_set(parse_exchange(data, max_bytes=MAX_FILE)) for data in files)
    merged = time.process_time()
    found = account(whole, points=points, locks={}, re_entry=False)
    ended = time.process_time()
    machine.measure()
    if (
        found.entries != GATES * ENTRIES
        or len(found.excess) != TWICE
        or any(one.proven != ENTRIES for one in found.gates)
    ):
        raise AssertionError("the account does not account for every entry")
    seconds = (ended - started) * REFERENCE_SECONDS / machine.seconds
    return [
        Figure(
            name=f"gate: {GATES} journals of {ENTRIES:,} entries merged and accounted for",
            value=seconds,
            unit="s",
            bound=BOUND,
            ok=seconds <= BOUND,
            note=f"processor time; every hash, every head; {(merged - started) / (ended - started):.0%} of it is the merge",
        )
    ]


def _files() -> tuple[list[bytes], dict[bytes, bytes]]:
    """Each gate's own tickets, and some that the gate before it has let in too."""
    files, points = [], {}
    for number in range(GATES):
        key = SoftwareKey.generate()
        point = compress(key.public_jwk())
        gate = name_of(point)
        points[gate] = point
        previous, entries, heads = NO_HASH, [], []
        for sequence in range(1, ENTRIES + 1):
            twice = number % 2 and sequence == 1
            ticket = (number - 1) * ENTRIES + 1 if twice else number * ENTRIES + sequence
            entry = JournalEntry(
                EVENT,
                gate,
                sequence,
                previous,
                Kind.IN,
                ticket.to_bytes(8, "big"),
                (NOW + sequence) * 1000 + number,
                number % 12,
                None,
            ).encode()
            previous = hash_entry(entry)
            entries.append(entry)
            if sequence % SIGNED_EVERY == 0:
                heads.append(sign_journal_head(JournalHead(EVENT, gate, sequence, previous, NOW * 1000), key))
        files.append(build_exchange(EVENT, (GateJournal(gate, tuple(entries), tuple(heads)),)))
    return files, points
