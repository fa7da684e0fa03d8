"""A gate's own chain: every entry is on the disk before anybody turns green. One transaction reads the tip and writes the next entry.

Durable: SQLite in WAL with ``synchronous=FULL`` (`common.adapters.database`), one fsync an entry. A process that dies at any byte leaves
the chain as it was before or after an entry, never between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import peewee

from common.adapters.database import transaction
from common.adapters.prepared import prepared_insert, prepared_select
from common.gate.journal_entry import (
    NO_HASH,
    JournalEntry,
    JournalHead,
    Kind,
    build_journal_entry,
    hash_entry,
    sign_journal_head,
)
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.ports import Signer
from verifier.gate.journal.forks import without_forked_undos
from verifier.gate.presence import Presence, Seen, presence_of, time_after
from verifier.store.base import database
from verifier.store.gate import GateEntryRow, GateHeadRow

_OF_GATE = (GateEntryRow.tenant, GateEntryRow.event, GateEntryRow.gate)
_TIP = prepared_select(
    GateEntryRow, GateEntryRow.sequence, GateEntryRow.hash, by=_OF_GATE, newest=GateEntryRow.sequence
)
_OF_TICKET = prepared_select(
    GateEntryRow,
    GateEntryRow.kind,
    GateEntryRow.gate,
    GateEntryRow.sequence,
    GateEntryRow.hash,
    GateEntryRow.time,
    GateEntryRow.entrance,
    GateEntryRow.undoes,
    by=(GateEntryRow.tenant, GateEntryRow.event, GateEntryRow.cti),
)
"""What `Seen` holds, in its order."""
_COLUMNS = (
    *_OF_GATE,
    GateEntryRow.sequence,
    GateEntryRow.hash,
    GateEntryRow.kind,
    GateEntryRow.cti,
    GateEntryRow.time,
    GateEntryRow.entrance,
    GateEntryRow.undoes,
    GateEntryRow.data,
)
_INSERT = prepared_insert(GateEntryRow, *_COLUMNS)
_INSERT_ONCE = prepared_insert(GateEntryRow, *_COLUMNS, once=True)


class Journal:
    """One gate at one event. tenant: whose database this is. re_entry: an exit makes room for another entry."""

    def __init__(self, tenant: str, event: str, signer: Signer, *, re_entry: bool = False) -> None:
        self.tenant = tenant
        self.event = event
        self.signer = signer
        self.re_entry = re_entry
        self.gate = name_of(compress(signer.public_jwk()))

    def presence(self, cti: bytes) -> Presence:
        """What this gate knows of the ticket: by its own entries, and by all that others' exchanges brought."""
        return presence_of(seen_of(self.tenant, self.event, cti), re_entry=self.re_entry)

    def append(
        self, kind: Kind, *, time: int, entrance: int, cti: bytes | None = None, detail: str | int | None = None
    ) -> bytes:
        """Writes the next entry and answers its bytes; it is durable then.

        time: milliseconds. Where tickets may come back it is put off until after all that is known of the ticket (`time_after`).
        """
        with transaction(database, "gate_entry"):
            seen = seen_of(self.tenant, self.event, cti) if cti is not None and self.re_entry else ()
            return self._append(kind, time=time_after(seen, time), entrance=entrance, cti=cti, detail=detail)

    def append_if(
        self,
        allowed: Callable[[Presence], bool],
        kind: Kind,
        *,
        time: int,
        entrance: int,
        cti: bytes,
        detail: str | None = None,
    ) -> tuple[bytes | None, Presence]:
        """The same, if the ticket's presence still allows it: of two scans at once one hears None. The presence was read inside."""
        with transaction(database, "gate_entry"):
            seen = seen_of(self.tenant, self.event, cti)
            presence = presence_of(seen, re_entry=self.re_entry)
            if not allowed(presence):
                return None, presence
            dated = time_after(seen, time) if self.re_entry else time
            return self._append(kind, time=dated, entrance=entrance, cti=cti, detail=detail), presence

    def _append(self, kind: Kind, *, time: int, entrance: int, cti: bytes | None, detail: str | int | None) -> bytes:
        last, previous = self._tip()
        sequence = last + 1
        entry = build_journal_entry(
            event=self.event,
            gate=self.gate,
            sequence=sequence,
            previous=previous,
            kind=kind,
            cti=cti,
            time=time,
            entrance=entrance,
            detail=detail,
        )
        undoes = detail if kind is Kind.UNDO else None
        _INSERT(
            database,
            *(self.tenant, self.event, self.gate, sequence, hash_entry(entry)),
            *(int(kind), cti, time, entrance, undoes, entry),
        )
        return entry

    def undo(self, sequence: int, *, time: int) -> bytes | None:
        """Takes back one of this gate's own admissions or exits; None where there is none such, or it was taken back before."""
        with transaction(database, "gate_entry"):
            row = (
                self._own()
                .where((GateEntryRow.sequence == sequence) & (GateEntryRow.kind <= int(Kind.OVERRIDE)))
                .first()
            )
            if row is None or self._own().where(GateEntryRow.undoes == sequence).exists():
                return None
            cti = None if row.cti is None else bytes(row.cti)
            return self._append(Kind.UNDO, time=time, entrance=int(row.entrance), cti=cti, detail=sequence)

    def head(self, *, time: int) -> bytes | None:
        """Signs the tip of the chain; None of an empty one. Kept, so that it is sent with the next exchange. time: milliseconds."""
        sequence, tip = self._tip()
        if not sequence:
            return None
        head = JournalHead(self.event, self.gate, sequence, tip, time)
        data = sign_journal_head(head, self.signer)
        keep_head(self.tenant, head, data)
        return data

    def length(self) -> int:
        """The sequence of its last entry, 0 without one."""
        return self._tip()[0]

    def lock_seen(self) -> int | None:
        """When this gate first wrote that the organiser locked it, in milliseconds; None of one that never heard so."""
        seen = self._own().where(GateEntryRow.kind == int(Kind.LOCK_SEEN)).order_by(GateEntryRow.sequence).first()
        return None if seen is None else int(seen.time)

    def latest(self, count: int) -> tuple[Seen, ...]:
        """This gate's own last entries, the newest first."""
        return tuple(map(_seen, self._own().order_by(GateEntryRow.sequence.desc()).limit(count)))

    def _tip(self) -> tuple[int, bytes]:
        """Sequence and hash of its last entry, as an entry before the first would have them where there is none."""
        found = _TIP(database, self.tenant, self.event, self.gate).fetchone()
        return (int(found[0]), bytes(found[1])) if found else (0, NO_HASH)

    def _own(self) -> Any:
        return GateEntryRow.select().where(
            (GateEntryRow.tenant == self.tenant) & (GateEntryRow.event == self.event) & (GateEntryRow.gate == self.gate)
        )


def seen_of(tenant: str, event: str, cti: bytes) -> list[Seen]:
    """Every entry about the ticket that is known here, less what would undo something across a fork."""
    found = [Seen(*row) for row in _OF_TICKET(database, tenant, event, cti).fetchall()]
    return without_forked_undos(tenant, event, found) if any(one.kind == Kind.UNDO for one in found) else found


def _seen(row: GateEntryRow) -> Seen:
    return Seen(
        int(row.kind),
        bytes(row.gate),
        int(row.sequence),
        bytes(row.hash),
        int(row.time),
        int(row.entrance),
        None if row.undoes is None else int(row.undoes),
    )


def keep_entry(tenant: str, entry: JournalEntry, data: bytes) -> bool:
    """Stores an entry of any gate; False where it is here already. Inside the caller's transaction. data: its bytes."""
    cti, undoes = entry.cti, entry.detail if entry.kind is Kind.UNDO else None
    if cti is None and isinstance(undoes, int):
        cti = _ticket_of(
            tenant, entry.event, entry.gate, undoes
        )  # so that it is found with the entry that it takes back
    stored = _INSERT_ONCE(
        database,
        *(tenant, entry.event, entry.gate, entry.sequence, hash_entry(data)),
        *(int(entry.kind), cti, entry.time, entry.entrance, undoes, data),
    )
    return bool(stored.rowcount == 1)


def _ticket_of(tenant: str, event: str, gate: bytes, sequence: int) -> bytes | None:
    """The ticket of an entry that is here. An undo comes after what it undoes, so that is."""
    rows = GateEntryRow.select().where(
        (GateEntryRow.tenant == tenant)
        & (GateEntryRow.event == event)
        & (GateEntryRow.gate == gate)
        & (GateEntryRow.sequence == sequence)
    )
    return next((bytes(row.cti) for row in rows if row.cti is not None), None)


HEADS_EVERY = 1000
"""Of a chain one head is kept in each stretch of this many entries, so that a long journal can be handed over in parts."""
_MOST_LOOSE = 16
"""Heads of one stretch that are kept though their entries are not here."""


def keep_head(tenant: str, head: JournalHead, data: bytes) -> None:
    """Stores a signed head whose signature was verified, or made here. Those shortly before it go, since it proves what they proved.

    Not those of another branch, whose entries it does not prove; nor any while its own entry is not here, so that nobody can tell: of
    such a few are kept.
    """
    start = head.sequence - head.sequence % HEADS_EVERY
    of_gate = (GateHeadRow.tenant == tenant) & (GateHeadRow.event == head.event) & (GateHeadRow.gate == head.gate)
    here = is_here(tenant, head.event, head.gate, head.sequence, head.hash)
    if not here:
        beside = of_gate & GateHeadRow.sequence.between(start, start + HEADS_EVERY - 1)
        if GateHeadRow.select().where(beside & ~with_its_entry(tenant)).count() >= _MOST_LOOSE:
            return
    GateHeadRow.insert(
        tenant=tenant,
        event=head.event,
        gate=head.gate,
        sequence=head.sequence,
        hash=head.hash,
        time=head.time,
        data=data,
    ).on_conflict_ignore().execute()
    if not here:
        return
    stretch = of_gate & (GateHeadRow.sequence >= start) & (GateHeadRow.sequence < head.sequence)
    for row in list(GateHeadRow.select().where(stretch)):
        if _hashes_at(tenant, head.event, head.gate, int(row.sequence)) == [bytes(row.hash)]:
            GateHeadRow.delete().where(
                stretch & (GateHeadRow.sequence == row.sequence) & (GateHeadRow.hash == row.hash)
            ).execute()


def with_its_entry(tenant: str) -> Any:
    """Of heads: those whose entry is here."""
    entry = (
        (GateEntryRow.tenant == tenant)
        & (GateEntryRow.event == GateHeadRow.event)
        & (GateEntryRow.gate == GateHeadRow.gate)
        & (GateEntryRow.sequence == GateHeadRow.sequence)
        & (GateEntryRow.hash == GateHeadRow.hash)
    )
    return peewee.fn.EXISTS(GateEntryRow.select(GateEntryRow.sequence).where(entry))


def _hashes_at(tenant: str, event: str, gate: bytes, sequence: int) -> list[bytes]:
    """One as a rule, several in a fork."""
    rows = GateEntryRow.select().where(
        (GateEntryRow.tenant == tenant)
        & (GateEntryRow.event == event)
        & (GateEntryRow.gate == gate)
        & (GateEntryRow.sequence == sequence)
    )
    return [bytes(row.hash) for row in rows]


def is_here(tenant: str, event: str, gate: bytes, sequence: int, entry_hash: bytes) -> bool:
    """Whether this very entry is stored."""
    found = GateEntryRow.get_or_none(
        GateEntryRow.tenant == tenant,
        GateEntryRow.event == event,
        GateEntryRow.gate == gate,
        GateEntryRow.sequence == sequence,
        GateEntryRow.hash == entry_hash,
    )
    return found is not None
