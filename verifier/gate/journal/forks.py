"""Where a gate's chain has several branches, as a copied device makes them, nothing of it is taken back: no copy makes an admission vanish.

An undo counts where the chain is one from the entry that it takes back to the undo itself, and where it names that entry's ticket or none.
The same in the browser's ledger, and in an account of journals (`verifier.gate.account_gate.taken_back`).
"""

from __future__ import annotations

from typing import Any

import peewee

from common.gate.journal_entry import Kind
from verifier.gate.presence import Seen
from verifier.store.gate import GateEntryRow


def without_forked_undos(tenant: str, event: str, entries: list[Seen]) -> list[Seen]:
    """entries: of one ticket; some of them may be known from a gate's request alone. Asks the database only where something was undone."""
    return [one for one in entries if one.kind != Kind.UNDO or _takes_back(tenant, event, one, entries)]


def right_undos(tenant: str, event: str, gate: bytes, sequence: int, cti: bytes | None) -> set[int]:
    """Places of the gate's undos that take back its entry of that sequence, which is about that ticket."""
    found = (
        GateEntryRow.select(GateEntryRow.sequence, GateEntryRow.cti)
        .where(_of_gate(tenant, event, gate) & (GateEntryRow.undoes == sequence))
        .tuples()
    )
    places = {int(place) for place, named in list(found) if (None if named is None else bytes(named)) == cti}
    return {place for place in places if _is_one(tenant, event, gate, sequence, place)}


def _takes_back(tenant: str, event: str, undo: Seen, entries: list[Seen]) -> bool:
    """1. on its way no place has two entries that are stored here      2. nor one that is stored and another that was only asked for"""
    first, last = undo.undoes or undo.sequence, undo.sequence
    # 1
    if not _is_one(tenant, event, undo.gate, first, last):
        return False
    # 2
    known = {(one.sequence, one.hash) for one in entries if one.gate == undo.gate and first <= one.sequence <= last}
    beside = GateEntryRow.select(GateEntryRow.sequence, GateEntryRow.hash).where(
        _of_gate(tenant, event, undo.gate) & GateEntryRow.sequence.in_({sequence for sequence, _ in known})
    )
    known |= {(int(sequence), bytes(entry_hash)) for sequence, entry_hash in beside.tuples()}
    return len({sequence for sequence, _ in known}) == len(known)


def _is_one(tenant: str, event: str, gate: bytes, first: int, last: int) -> bool:
    way = _of_gate(tenant, event, gate) & GateEntryRow.sequence.between(first, last)
    several = GateEntryRow.select(GateEntryRow.sequence).where(way).group_by(GateEntryRow.sequence)
    return several.having(peewee.fn.COUNT(GateEntryRow.hash) > 1).limit(1).tuples().first() is None


def _of_gate(tenant: str, event: str, gate: bytes) -> Any:
    return (GateEntryRow.tenant == tenant) & (GateEntryRow.event == event) & (GateEntryRow.gate == gate)
