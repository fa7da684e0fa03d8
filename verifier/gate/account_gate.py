"""One gate's part of an account: its entries, how far signed heads prove them, and what only a hub heard of it. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from common.errors import Malformed, Rejected
from common.gate.admit_request import parse_admit_request
from common.gate.journal_entry import NO_HASH, JournalEntry, hash_entry, parse_journal_entry, parse_journal_head
from common.gate.signed import ADMIT, HEAD, verify_message
from common.record import Record
from verifier.gate.merge import JournalSet


class GateAccount(Record, frozen=True):
    """One gate's journal. entries: read; proven: of them, those that a signed head leads to. forks: sequences with several hashes.

    missing: sequences below the highest that nobody has. unreadable: bytes that are no entry of this gate. hub_only: of the entries, those
    that a hub knows from the gate's own request and no journal has brought. after_lock: written after the organiser locked it. first, last:
    milliseconds, None of an empty one. stranger: no pack names it.
    """

    gate: bytes
    entries: int
    proven: int
    forks: tuple[int, ...]
    missing: int
    unreadable: int
    hub_only: int
    after_lock: int
    first: int | None
    last: int | None
    stranger: bool


def read_asked(journals: JournalSet, points: Mapping[bytes, bytes]) -> dict[bytes, dict[bytes, JournalEntry]]:
    """Gate → hash → the entry of a request whose journal is not in the set. What a known gate's key did not sign is nobody's word."""
    found: dict[bytes, dict[bytes, JournalEntry]] = {}
    for data in journals.asked:
        try:
            request = parse_admit_request(data)
            gate, entry_hash = request.entry.gate, hash_entry(request.encoded)
            if gate in points:
                verify_message(request.message, [points[gate]], ADMIT)
        except (Malformed, Rejected):
            continue
        if request.entry.event == journals.event and entry_hash not in journals.entries.get(gate, {}):
            found.setdefault(gate, {})[entry_hash] = request.entry
    return found


def read_journal(journals: JournalSet, gate: bytes) -> tuple[dict[bytes, JournalEntry], int]:
    """Its entries by their hashes, and how many there are that cannot be read."""
    read: dict[bytes, JournalEntry] = {}
    unreadable = 0
    event = journals.event
    for entry_hash, data in journals.entries.get(gate, {}).items():
        try:
            entry = parse_journal_entry(data)
        except Malformed:
            unreadable += 1
            continue
        if entry.event == event and entry.gate == gate:
            read[entry_hash] = entry
        else:
            unreadable += 1
    return read, unreadable


def proven_of(
    journals: JournalSet, gate: bytes, read: Mapping[bytes, JournalEntry], points: Mapping[bytes, bytes]
) -> set[bytes]:
    """Hashes of what the gate's signed heads lead to. The rest anybody may have written into a file."""
    proven: set[bytes] = set()
    for data in journals.heads.get(gate, ()):
        try:
            parsed = parse_journal_head(data)
            verify_message(parsed.message, [points[gate]] if gate in points else [], HEAD)
        except (Malformed, Rejected):
            continue
        place = parsed.head.hash
        if parsed.head.event != journals.event or place not in read or read[place].sequence != parsed.head.sequence:
            continue
        while place != NO_HASH and place in read and place not in proven:
            proven.add(place)
            place = read[place].previous
    return proven


def taken_back(
    undos: Iterable[JournalEntry],
    read: Mapping[bytes, JournalEntry],
    believed: Collection[bytes],
    forks: Sequence[int],
) -> set[int]:
    """Sequences of what these take back. Nothing across a fork (`verifier.gate.journal.forks`), nor what is about another ticket."""
    wanted = {one.detail for one in undos}
    if not wanted:
        return set()
    about = {one.sequence: one.cti for name, one in read.items() if one.sequence in wanted and name in believed}
    return {
        first
        for one in undos
        if isinstance(first := one.detail, int)
        and bisect_left(forks, first) == bisect_right(forks, one.sequence)
        and (one.cti is None or one.cti == about.get(first))
    }


def account_of_gate(
    gate: bytes,
    read: Mapping[bytes, JournalEntry],
    proven: Collection[bytes],
    asked: Collection[bytes],
    unreadable: int,
    late: int,
    *,
    stranger: bool,
) -> GateAccount:
    """read: with what only requests tell, which are ``asked``; late: after its lock. A fork is of what the gate itself wrote."""
    places = Counter(entry.sequence for entry in read.values())
    signed = Counter(read[one].sequence for one in (proven if stranger else {*proven, *asked}))
    times = [entry.time for entry in read.values()]
    return GateAccount(
        gate,
        len(read),
        len(proven),
        tuple(sorted(sequence for sequence, count in signed.items() if count > 1)),
        max(places, default=0) - len(places),
        unreadable,
        len(asked),
        late,
        min(times, default=None),
        max(times, default=None),
        stranger,
    )
