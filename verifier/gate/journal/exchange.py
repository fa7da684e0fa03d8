"""What two who meet tell each other: the entries that the other lacks, and signed heads that prove them.

An entry of another gate is believed when a head that the gate signed leads to it (`verifier.gate.journal.proof`). What no head leads to is
left aside, and counted. Nothing is ever overwritten: the same (gate, sequence) with two hashes is a fork, and both are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from time import monotonic, sleep
from typing import Any

from common.adapters.database import transaction
from common.gate.exchange import LEAST_ENTRY, Exchange, GateJournal
from common.gate.journal_entry import JournalEntry, ParsedHead, hash_entry
from common.record import Record
from verifier.gate.journal.chain import is_here, keep_entry, keep_head, with_its_entry
from verifier.gate.journal.proof import Proven, prove
from verifier.store.base import database
from verifier.store.gate import GateEntryRow, GateHeadRow

MOST_BYTES = 4_000_000
"""Of entries in one exchange; the rest follows in the next."""
MOST_AT_ONCE = 200
"""Rows that one transaction writes. Whoever asks to let somebody in waits for one of them at most, and not for a whole exchange."""
_GAP = 0.02
"""Seconds: SQLite looks at least so often whether it is its turn."""
_MOST_HEADS = 8
_Step = tuple[JournalEntry, bytes] | tuple[ParsedHead, bytes]


class Absorbed(Record, frozen=True):
    """new: entries that were not here. heads: how many of those that came were signed by their gate.

    unproven: entries that no signed head leads to. strangers: gates that no pack names.
    """

    new: tuple[JournalEntry, ...]
    heads: int
    unproven: int
    strangers: tuple[bytes, ...]


def absorb(
    tenant: str,
    exchange: Exchange,
    points: Mapping[bytes, bytes],
    *,
    then: Callable[[Sequence[JournalEntry]], None] | None = None,
) -> Absorbed:
    """Takes in what is proven. points: the keys of the event's gates, as packs name them, locked ones too.

    Each entry after the one that it follows, and each head after its entry: should this end in between, what is here is as a shorter
    exchange would have left it, and the same again goes on from there. A few rows at a time, with what is done ``then`` about new entries.
    """
    event = exchange.event
    found = prove(exchange, points, lambda gate, sequence, place: is_here(tenant, event, gate, sequence, place))
    steps = _in_order(found)
    new: list[JournalEntry] = []
    for start in range(0, len(steps), MOST_AT_ONCE):
        began = monotonic()
        with transaction(database, "gate_exchange"):
            fresh = [one for step in steps[start : start + MOST_AT_ONCE] for one in _keep(tenant, step)]
            if then is not None:
                then(fresh)
        new += fresh
        if start + MOST_AT_ONCE < len(steps):
            sleep(min(monotonic() - began, _GAP))  # as long as it was kept from the others, it is left to them
    return Absorbed(tuple(new), len(found.heads), found.unproven, found.strangers)


def _in_order(found: Proven) -> list[_Step]:
    heads: dict[bytes, list[_Step]] = {}
    for parsed, data in found.heads:
        heads.setdefault(parsed.head.hash, []).append((parsed, data))
    steps: list[_Step] = []
    for entry, data in found.entries:
        steps.append((entry, data))
        steps += heads.pop(hash_entry(data), ())
    return [*chain.from_iterable(heads.values()), *steps]


def _keep(tenant: str, step: _Step) -> tuple[JournalEntry, ...]:
    """The entry, if it was not here."""
    one, data = step
    if isinstance(one, JournalEntry):
        return (one,) if keep_entry(tenant, one, data) else ()
    keep_head(tenant, one.head, data)
    return ()


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
            .limit(left // LEAST_ENTRY + 1)  # a driver fetches all that it is asked for, read or not
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
        found = _heads(tenant, event, gate, at_most=entries[-1][0] if cut and entries else None)
        heads = list(found.where(with_its_entry(tenant)).limit(_MOST_HEADS))
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
