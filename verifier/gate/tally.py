"""What a hub counts as journals come in, so that a page of live numbers reads a few rows, however many entries there are.

People by minute, entrance and kind; and the tickets that entered while they were inside. Both follow from the entries alone and can be
counted anew at any time (`recount`). A hub does so for a new rule of re-entry, and when somebody looks after a copied device's second
branch came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import peewee

from common.adapters.database import changed, transaction
from common.gate.journal_entry import JournalEntry, Kind
from verifier.gate.journal.chain import seen_of
from verifier.gate.journal.forks import right_undos
from verifier.gate.presence import presence_of
from verifier.store.base import database
from verifier.store.gate import GateEntryRow, GateEventRow, GateExcessRow, GateTallyRow

MINUTE = 60_000
WHOLE = -1
"""In the place of a minute: all of them."""
UNCOUNTED = -1
_ADMITS = (int(Kind.IN), int(Kind.OVERRIDE))
_CHUNK = 500
_Place = tuple[int, int, int]
"""Minute, entrance, kind."""


def count_new(tenant: str, event: str, new: Sequence[JournalEntry], *, re_entry: bool) -> None:
    """Counts entries that were stored in this very transaction.

    1. from here on one exchange of the event at a time, so that each sees what the others brought
    2. people, if no chain is forked by them      3. tickets of which more is known now
    """
    if not new:
        return
    # 1
    event_row = _of(GateEventRow, tenant, event) & (GateEventRow.entries != UNCOUNTED)
    counted = changed(GateEventRow.update(entries=GateEventRow.entries + len(new)).where(event_row))
    # 2
    if not counted or _fork(tenant, event, new):  # whoever looks counts; gates wait for this transaction
        GateEventRow.update(entries=UNCOUNTED).where(_of(GateEventRow, tenant, event)).execute()
        return
    steps: Counter[_Place] = Counter()
    tickets = {one.cti for one in new if one.cti is not None}
    for one in new:
        if one.kind <= Kind.OVERRIDE:
            steps[one.time // MINUTE, one.entrance, int(one.kind)] += 1
    for gate, sequence in {(one.gate, int(one.detail or 0)) for one in new if one.kind is Kind.UNDO}:
        rows = _at(tenant, event, gate, sequence)
        tickets |= {bytes(row.cti) for row in rows if row.cti is not None}
        row = _alone(rows)
        undos = {one.sequence for one in new if one.kind is Kind.UNDO and one.gate == gate and one.detail == sequence}
        if (
            row is not None and (right := _undos(tenant, event, row)) and right <= undos
        ):  # none of before did so already
            steps[_place(row)] -= 1
    _add(tenant, event, steps)
    # 3
    _judge(tenant, event, tickets, re_entry=re_entry)


def entries_of(tenant: str, event: str) -> int:
    """How many entries were counted; UNCOUNTED where that is still to be done."""
    row = GateEventRow.get_or_none(GateEventRow.tenant == tenant, GateEventRow.event == event)
    return 0 if row is None else int(row.entries)


def recount(tenant: str, event: str, *, re_entry: bool) -> None:
    """Counts everything anew, from the entries that are here."""
    with transaction(database, "gate_recount"):
        entries, event_row = _of(GateEntryRow, tenant, event), _of(GateEventRow, tenant, event)
        GateEventRow.update(entries=0).where(event_row).execute()  # whoever else counts waits until we are done
        count = GateEntryRow.select().where(entries).count()
        GateEventRow.update(entries=count).where(event_row).execute()
        for table in (GateTallyRow, GateExcessRow):
            table.delete().where(_of(table, tenant, event)).execute()
        steps: Counter[_Place] = Counter()
        minute = (GateEntryRow.time / MINUTE).alias("minute")
        people = (
            GateEntryRow.select(minute, GateEntryRow.entrance, GateEntryRow.kind, peewee.fn.COUNT(GateEntryRow.hash))
            .where(entries & (GateEntryRow.kind <= int(Kind.OVERRIDE)))
            .group_by(peewee.SQL("minute"), GateEntryRow.entrance, GateEntryRow.kind)
        )
        for at, entrance, kind, number in people.tuples():
            steps[int(at), int(entrance), int(kind)] += int(number)
        undos = GateEntryRow.select(GateEntryRow.gate, GateEntryRow.undoes).where(
            entries & GateEntryRow.undoes.is_null(False)
        )
        for gate, sequence in list(undos.distinct().tuples()):
            row = _alone(_at(tenant, event, bytes(gate), int(sequence)))
            if row is not None and _undos(tenant, event, row):
                steps[_place(row)] -= 1
        _add(tenant, event, steps)
        several = (
            GateEntryRow.select(GateEntryRow.cti)
            .where(entries & GateEntryRow.cti.is_null(False) & GateEntryRow.kind.in_(_ADMITS))
            .group_by(GateEntryRow.cti)
            .having(peewee.fn.COUNT(GateEntryRow.sequence) > 1)
        )
        _judge(tenant, event, [bytes(cti) for (cti,) in list(several.tuples())], re_entry=re_entry)


def _fork(tenant: str, event: str, new: Iterable[JournalEntry]) -> bool:
    """Whether one of these stands where its gate has written another entry."""
    places: dict[bytes, set[int]] = {}
    for one in new:
        places.setdefault(one.gate, set()).add(one.sequence)
    for gate, sequences in places.items():
        forked = (
            GateEntryRow.select(GateEntryRow.sequence)
            .where(
                _of(GateEntryRow, tenant, event)
                & (GateEntryRow.gate == gate)
                & GateEntryRow.sequence.between(min(sequences), max(sequences))
            )
            .group_by(GateEntryRow.sequence)
            .having(peewee.fn.COUNT(GateEntryRow.hash) > 1)
        )
        if any(int(sequence) in sequences for (sequence,) in forked.tuples()):
            return True
    return False


def _undos(tenant: str, event: str, row: GateEntryRow) -> set[int]:
    """Where the gate took it back."""
    cti = None if row.cti is None else bytes(row.cti)
    return right_undos(tenant, event, bytes(row.gate), int(row.sequence), cti)


def _at(tenant: str, event: str, gate: bytes, sequence: int) -> list[GateEntryRow]:
    """One entry, or several of a forked chain."""
    place = (GateEntryRow.gate == gate) & (GateEntryRow.sequence == sequence)
    return list(GateEntryRow.select().where(_of(GateEntryRow, tenant, event) & place))


def _alone(rows: list[GateEntryRow]) -> GateEntryRow | None:
    """The entry about coming or going that has no other beside it: a forked one is not taken back."""
    return rows[0] if len(rows) == 1 and int(rows[0].kind) <= Kind.OVERRIDE else None


def _place(row: GateEntryRow) -> _Place:
    return int(row.time) // MINUTE, int(row.entrance), int(row.kind)


def _add(tenant: str, event: str, steps: Counter[_Place]) -> None:
    whole: Counter[_Place] = Counter()
    for (_, entrance, kind), number in steps.items():
        whole[WHOLE, entrance, kind] += number
    for (minute, entrance, kind), number in sorted([*whole.items(), *steps.items()]):
        if number:
            GateTallyRow.insert(
                tenant=tenant, event=event, minute=minute, entrance=entrance, kind=kind, people=number
            ).on_conflict(
                conflict_target=[
                    GateTallyRow.tenant,
                    GateTallyRow.event,
                    GateTallyRow.minute,
                    GateTallyRow.entrance,
                    GateTallyRow.kind,
                ],
                update={GateTallyRow.people: GateTallyRow.people + number},
            ).execute()


def _judge(tenant: str, event: str, tickets: Iterable[bytes], *, re_entry: bool) -> None:
    """Of these tickets, which entered while they were inside."""
    mine = _of(GateExcessRow, tenant, event)
    ordered = sorted(tickets)
    for at in range(0, len(ordered), _CHUNK):
        chunk = ordered[at : at + _CHUNK]
        several = (
            GateEntryRow.select(GateEntryRow.cti)
            .where(_of(GateEntryRow, tenant, event) & GateEntryRow.cti.in_(chunk) & GateEntryRow.kind.in_(_ADMITS))
            .group_by(GateEntryRow.cti)
            .having(peewee.fn.COUNT(GateEntryRow.sequence) > 1)
        )
        for (cti,) in list(several.tuples()):
            excess = presence_of(seen_of(tenant, event, bytes(cti)), re_entry=re_entry).excess
            GateExcessRow.delete().where(mine & (GateExcessRow.cti == bytes(cti))).execute()
            if excess:
                GateExcessRow.insert(
                    tenant=tenant, event=event, cti=bytes(cti), times=len(excess), last=excess[-1][1].time
                ).execute()


def _of(table: Any, tenant: str, event: str) -> Any:
    return (table.tenant == tenant) & (table.event == event)
