"""What a set of journals means: who entered where and when, what is proven, and every admission too many. Pure, derived, deterministic.

Each gate's entries are a chain of hashes; its signed heads prove the chain up to them. A million entries cost a million hashes and a few
signatures. The same (gate, sequence) with two hashes is a fork: both are kept, and it is told.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace

from common.gate.journal_entry import JournalEntry, Kind
from common.record import Record
from verifier.gate.account_gate import GateAccount, account_of_gate, proven_of, read_asked, read_journal, taken_back
from verifier.gate.merge import JournalSet
from verifier.gate.presence import Seen, presence_of

MINUTE = 60_000


class Excess(Record, frozen=True):
    """A ticket that entered once more while it was inside: by which entry it was, and by which it came again. flagged: one of the two was
    written by a locked device after its lock, or stands in no gate's name: no head that a gate of the pack signed leads to it."""

    cti: bytes
    first: Seen
    again: Seen
    flagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """admitted: tickets that entered at least once. by_minute: (entrance, minute) → people in, out and let in by a person.

    overrides: (entry, reason). hub_only: hashes of entries that only a hub knows, by the gate's own request: they count like any other.
    Every entry of the set is counted in exactly one of ``gates``.
    """

    event: str
    gates: tuple[GateAccount, ...]
    entries: int
    kinds: Mapping[Kind, int]
    undone: int
    admitted: int
    admissions: int
    inside: int
    excess: tuple[Excess, ...]
    by_minute: Mapping[tuple[int, int], tuple[int, int, int]]
    overrides: tuple[tuple[Seen, str], ...]
    hub_only: frozenset[bytes] = frozenset()


def account(
    journals: JournalSet, *, points: Mapping[bytes, bytes], locks: Mapping[bytes, int], re_entry: bool
) -> Account:
    """points: keys of the event's gates. locks: gate → from when it is locked, in seconds.

    1. each gate's chain: read, link by link, up to its signed heads; and what only a hub heard of it
    2. each ticket: its entries of all gates, walked by time
    """
    collecting = gc.isenabled()
    gc.disable()  # a million entries in no cycle: looking for garbage among them again and again takes a third of the time
    try:
        return _account(journals, points, locks, re_entry)
    finally:
        if collecting:
            gc.enable()


def _account(
    journals: JournalSet, points: Mapping[bytes, bytes], locks: Mapping[bytes, int], re_entry: bool
) -> Account:
    gates: list[GateAccount] = []
    tickets: dict[bytes, list[Seen]] = {}
    flagged: set[bytes] = set()
    kinds = dict.fromkeys(Kind, 0)
    undone: set[tuple[bytes, int]] = set()
    overrides: list[tuple[Seen, str]] = []
    ticketless: list[Seen] = []
    # 1
    requests = read_asked(journals, points)
    for gate in sorted({*journals.entries, *journals.heads, *requests}):
        read, unreadable = read_journal(journals, gate)
        asked = requests.get(gate, {})
        proven = proven_of(journals, gate, read, points)
        stranger = gate not in points
        believed = proven if stranger else {*proven, *asked}
        read |= asked
        undos: list[JournalEntry] = []
        for entry_hash, entry in read.items():
            kind = entry.kind
            kinds[kind] += 1
            if kind > Kind.OVERRIDE:
                if kind is Kind.UNDO and entry_hash in believed:
                    undos.append(entry)
                continue
            seen = Seen(kind, gate, entry.sequence, entry_hash, entry.time, entry.entrance, None)
            cti = entry.cti
            if cti is not None:
                known = tickets.get(cti)
                if known is None:
                    tickets[cti] = [seen]
                else:
                    known.append(seen)
            if kind is Kind.OVERRIDE:
                overrides.append((seen, str(entry.detail)))
                if cti is None:
                    ticketless.append(seen)
        locked_at = locks.get(gate)
        late: set[bytes] = set()
        if locked_at is not None:
            late = {one for one, entry in read.items() if entry.time >= locked_at * 1000}
        flagged |= late | (read.keys() - believed)
        gates.append(account_of_gate(gate, read, proven, asked, unreadable, len(late), stranger=stranger))
        undone |= {(gate, sequence) for sequence in taken_back(undos, read, believed, gates[-1].forks)}
    # 2
    found = _walk(journals.event, gates, tickets, undone, kinds, overrides, flagged, re_entry)
    found = replace(found, hub_only=frozenset(one for asked in requests.values() for one in asked))
    return _with_ticketless(found, ticketless, undone)


def _with_ticketless(found: Account, entries: list[Seen], undone: set[tuple[bytes, int]]) -> Account:
    """People whom a person let in without any ticket: they are counted by minute, and are nobody's second admission."""
    by_minute = dict(found.by_minute)
    for one in entries:
        if (one.gate, one.sequence) not in undone:
            place = (one.entrance, one.time // MINUTE)
            ins, outs, let_in = by_minute.get(place, (0, 0, 0))
            by_minute[place] = (ins, outs, let_in + 1)
    return replace(found, by_minute=dict(sorted(by_minute.items())))


def _walk(
    event: str,
    gates: list[GateAccount],
    tickets: Mapping[bytes, list[Seen]],
    undone: set[tuple[bytes, int]],
    kinds: Mapping[Kind, int],
    overrides: list[tuple[Seen, str]],
    flagged: set[bytes],
    re_entry: bool,
) -> Account:
    excess: list[Excess] = []
    by_minute: dict[tuple[int, int], list[int]] = {}
    admitted = admissions = inside = 0
    for cti, entries in tickets.items():
        standing = [one for one in entries if (one.gate, one.sequence) not in undone] if undone else entries
        for one in standing:
            place = (one.entrance, one.time // MINUTE)
            counts = by_minute.get(place)
            if counts is None:
                counts = by_minute[place] = [0, 0, 0]
            counts[one.kind] += 1
        if len(standing) == 1:  # as nearly all are
            if standing[0].kind != Kind.OUT:
                admitted, admissions, inside = admitted + 1, admissions + 1, inside + 1
            continue
        presence = presence_of(standing, re_entry=re_entry)
        admitted += presence.admissions > 0
        admissions += presence.admissions
        inside += presence.inside is not None
        excess += [
            Excess(cti, before, again, before.hash in flagged or again.hash in flagged)
            for before, again in presence.excess
        ]
    return Account(
        event=event,
        gates=tuple(gates),
        entries=sum(one.entries + one.unreadable for one in gates),
        kinds=kinds,
        undone=len(undone),
        admitted=admitted,
        admissions=admissions,
        inside=inside,
        excess=tuple(
            sorted(excess, key=lambda one: (one.again.time, one.again.gate, one.again.sequence, one.again.hash))
        ),
        by_minute={place: (counts[0], counts[1], counts[2]) for place, counts in sorted(by_minute.items())},
        overrides=tuple(
            sorted(overrides, key=lambda pair: (pair[0].time, pair[0].gate, pair[0].sequence, pair[0].hash))
        ),
    )
