"""What two who meet tell each other: the entries that the other lacks, and signed heads that prove them.

An entry of another gate is believed when a head that the gate signed leads to it, hash by hash, and on to its first entry or to one that is
here already. What no head leads to is left aside, and counted. Nothing is ever overwritten: the same (gate, sequence) with two hashes is a
fork, and both are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.adapters.database import transaction
from common.errors import Malformed, Rejected
from common.gate.exchange import Exchange, GateJournal
from common.gate.journal_entry import (
    NO_HASH,
    JournalEntry,
    ParsedHead,
    hash_entry,
    parse_journal_entry,
    parse_journal_head,
)
from common.gate.signed import HEAD, verify_message
from common.record import Record
from verifier.gate.journal.chain import is_here, keep_entry, keep_head
from verifier.store.base import database
from verifier.store.gate import GateEntryRow, GateHeadRow

MOST_BYTES = 4_000_000
"""Of entries in one exchange; the rest follows in the next."""
_MOST_HEADS = 8
_MOST_READ, _PATIENCE = 1024, 16
"""Heads of one journal that are verified; and how many may turn out false before the rest of them is left unread."""


class Absorbed(Record, frozen=True):
    """new: entries that were not here. unproven: entries that no signed head leads to. strangers: gates that no pack names."""

    new: tuple[JournalEntry, ...]
    unproven: int
    strangers: tuple[bytes, ...]


def absorb(tenant: str, exchange: Exchange, points: Mapping[bytes, bytes]) -> Absorbed:
    """Takes in what is proven. points: the keys of the event's gates, as packs name them, locked ones too. All or nothing on the disk.

    1. the gate is one of the event's      2. its heads are signed by it, and of this event
    3. entries are of this gate and event, and a head leads to them      4. their chain begins at 1, or at an entry that is here
    """
    new: list[JournalEntry] = []
    strangers: list[bytes] = []
    unproven = 0
    believed: list[tuple[GateJournal, list[tuple[ParsedHead, bytes]], dict[bytes, bytes]]] = []
    for journal in exchange.journals:
        # 1
        if journal.gate not in points:
            strangers.append(journal.gate)
            unproven += len(journal.entries)
            continue
        # 2 · before the transaction: nobody who can sign nothing keeps a ticket waiting
        heads = _believed(journal, exchange.event, points[journal.gate])
        believed.append((journal, heads, {hash_entry(data): data for data in journal.entries} if heads else {}))
    with transaction(database, "gate_exchange"):
        for journal, heads, by_hash in believed:
            # 3, 4
            proven = _proven(tenant, exchange.event, journal.gate, by_hash, [parsed for parsed, _ in heads])
            unproven += len(journal.entries) - len(proven)
            new += [entry for entry, data in proven if keep_entry(tenant, data)]
            for parsed, data in heads:
                keep_head(tenant, parsed.head, data)
    return Absorbed(tuple(new), unproven, tuple(strangers))


def _believed(journal: GateJournal, event: str, point: bytes) -> list[tuple[ParsedHead, bytes]]:
    """The heads that the gate signed."""
    found: list[tuple[ParsedHead, bytes]] = []
    false = 0
    for data in dict.fromkeys(journal.heads):
        try:
            parsed = parse_journal_head(data)
            verify_message(parsed.message, [point], HEAD)
        except (Malformed, Rejected):
            false += 1
        else:
            if parsed.head.event == event and parsed.head.gate == journal.gate:
                found.append((parsed, data))
        if false == _PATIENCE or len(found) == _MOST_READ:
            break
    return found


def _proven(
    tenant: str, event: str, gate: bytes, by_hash: Mapping[bytes, bytes], heads: Iterable[ParsedHead]
) -> list[tuple[JournalEntry, bytes]]:
    """Only what heads lead to is read at all."""
    proven: dict[bytes, tuple[JournalEntry, bytes]] = {}
    for head in heads:
        chain: list[tuple[bytes, JournalEntry]] = []
        place, sequence = head.head.hash, head.head.sequence
        while place in by_hash and place not in proven:
            entry = _entry(by_hash[place], event, gate)
            if entry is None or entry.sequence != sequence:
                break
            chain.append((place, entry))
            place, sequence = entry.previous, sequence - 1
        if place == NO_HASH or place in proven or is_here(tenant, event, gate, sequence, place):
            proven.update((one, (entry, by_hash[one])) for one, entry in reversed(chain))
    return list(proven.values())


def _entry(data: bytes, event: str, gate: bytes) -> JournalEntry | None:
    try:
        entry = parse_journal_entry(data)
    except Malformed:
        return None
    return entry if entry.event == event and entry.gate == gate else None


def known_here(tenant: str, event: str, gates: Iterable[bytes]) -> dict[bytes, int]:
    """How far each gate's chain is known. 0 where a signed head is of another branch than the one that is here: then all is asked for.

    A head beyond our last entry says only that the chain went on.
    """
    known: dict[bytes, int] = {}
    for gate in gates:
        rows = GateEntryRow.select().where(_of_gate(GateEntryRow, tenant, event, gate))
        tip = rows.order_by(GateEntryRow.sequence.desc()).limit(1).first()
        end = 0 if tip is None else int(tip.sequence)
        one_branch = all(
            is_here(tenant, event, gate, int(head.sequence), bytes(head.hash))
            for head in _heads(tenant, event, gate, at_most=end)
        )
        known[gate] = end if one_branch else 0
    return known


def lacking(
    tenant: str, event: str, gates: Iterable[bytes], known: Mapping[bytes, int], *, most_bytes: int = MOST_BYTES
) -> tuple[GateJournal, ...]:
    """What somebody who knows that much lacks. Where it is too much at once each part ends at a signed head, so that it can be proven."""
    journals = []
    left = most_bytes
    for gate in gates:
        after = known.get(gate, 0)
        rows = (
            GateEntryRow.select()
            .where(_of_gate(GateEntryRow, tenant, event, gate) & (GateEntryRow.sequence > after))
            .order_by(GateEntryRow.sequence)
        )
        entries: list[tuple[int, bytes]] = []
        cut = False
        for row in rows:
            data = bytes(row.data)
            left -= len(data)
            if left < 0:
                cut = True
                break
            entries.append((int(row.sequence), data))
        heads = list(
            _heads(tenant, event, gate, at_most=entries[-1][0] if cut and entries else None).limit(_MOST_HEADS)
        )
        if cut:
            end = max((int(one.sequence) for one in heads), default=0)
            entries = [one for one in entries if one[0] <= end]
        if entries or heads:
            told = heads if entries else heads[:1]
            journals.append(
                GateJournal(gate, tuple(data for _, data in entries), tuple(bytes(one.data) for one in told))
            )
        if cut:
            break
    return tuple(journals)


def _heads(tenant: str, event: str, gate: bytes, at_most: int | None = None) -> Any:
    rows = _of_gate(GateHeadRow, tenant, event, gate)
    if at_most is not None:
        rows &= GateHeadRow.sequence <= at_most
    return GateHeadRow.select().where(rows).order_by(GateHeadRow.sequence.desc(), GateHeadRow.time.desc())


def _of_gate(table: type[GateEntryRow] | type[GateHeadRow], tenant: str, event: str, gate: bytes) -> Any:
    return (table.tenant == tenant) & (table.event == event) & (table.gate == gate)
