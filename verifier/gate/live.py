"""An event as its hub sees it now: people by entrance and minute, tickets that entered too often, devices and their last contact."""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from common.errors import Malformed
from common.gate.journal_entry import Kind
from common.gate.pack import GatePack
from verifier.gate.devices import waiting
from verifier.gate.journal.chain import seen_of
from verifier.gate.packs import locks_of, require_event
from verifier.gate.presence import Seen, presence_of
from verifier.store.gate import GateContactRow, GateEntryRow

MINUTE = 60_000
WINDOW = 60
"""Minutes that the charts show."""
_MOST_CONFLICTS = 200
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """People through one entrance. minutes: how many came in, in each of the last WINDOW minutes, the oldest first."""

    entrance: int
    ins: int
    outs: int
    let_in: int
    minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """seen_at: seconds, None of one that was never heard of. clock_off: its clock less ours, in seconds. entries: known of its journal."""

    gate: bytes
    name: str
    entrances: tuple[int, ...]
    hub: bool
    seen_at: int | None
    clock_off: int
    locked_at: int | None
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A ticket that came again while it was inside."""

    cti: bytes
    first: Seen
    again: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """All of an event. from_minute: of the charts. waiting: (identifier, name) of devices that ask to be enrolled."""

    pack: GatePack
    flows: tuple[Flow, ...]
    devices: tuple[Device, ...]
    conflicts: tuple[Conflict, ...]
    waiting: tuple[tuple[bytes, str], ...]
    from_minute: int
    now: int

    @property
    def ins(self) -> int:
        return sum(one.ins + one.let_in for one in self.flows)

    @property
    def outs(self) -> int:
        return sum(one.outs for one in self.flows)


def look(tenant: str, event: str, *, now: int) -> Live:
    """now: seconds. Raises NotFound."""
    pack = require_event(tenant, event).pack
    from_minute = now // 60 - WINDOW + 1
    return Live(
        pack=pack,
        flows=_flows(tenant, event, pack, from_minute),
        devices=_devices(tenant, event, pack),
        conflicts=_conflicts(tenant, event, pack),
        waiting=tuple((bytes(row.gate), str(row.name)) for row in waiting(tenant, event)),
        from_minute=from_minute,
        now=now,
    )


def _of(tenant: str, event: str) -> peewee.Expression:
    return (GateEntryRow.tenant == tenant) & (GateEntryRow.event == event)


def _undone(tenant: str, event: str) -> list[Seen]:
    """The entries that were taken back: few, so they are looked up one by one."""
    found = []
    undos = GateEntryRow.select().where(_of(tenant, event) & (GateEntryRow.kind == int(Kind.UNDO)))
    for row in list(undos):
        target = (
            GateEntryRow.select()
            .where(
                _of(tenant, event)
                & (GateEntryRow.gate == bytes(row.gate))
                & (GateEntryRow.sequence == int(row.undoes))
                & (GateEntryRow.kind <= int(Kind.OVERRIDE))
            )
            .first()
        )
        if target is not None:
            found.append(Seen(int(target.kind), bytes(row.gate), 0, b"", int(target.time), int(target.entrance), None))
    return found


def _flows(tenant: str, event: str, pack: GatePack, from_minute: int) -> tuple[Flow, ...]:
    minute = GateEntryRow.time / MINUTE
    whole = GateEntryRow.select(GateEntryRow.entrance, GateEntryRow.kind, peewee.fn.COUNT(GateEntryRow.sequence)).where(
        _of(tenant, event) & (GateEntryRow.kind <= int(Kind.OVERRIDE))
    )
    totals = {
        (int(entrance), int(kind)): int(count)
        for entrance, kind, count in whole.group_by(GateEntryRow.entrance, GateEntryRow.kind).tuples()
    }
    recent = (
        GateEntryRow.select(GateEntryRow.entrance, minute.alias("minute"), peewee.fn.COUNT(GateEntryRow.sequence))
        .where(
            _of(tenant, event)
            & GateEntryRow.kind.in_([int(Kind.IN), int(Kind.OVERRIDE)])
            & (GateEntryRow.time >= from_minute * MINUTE)
        )
        .group_by(GateEntryRow.entrance, peewee.SQL("minute"))
    )
    minutes = {(int(entrance), int(at)): int(count) for entrance, at, count in recent.tuples()}
    for one in _undone(tenant, event):
        totals[one.entrance, one.kind] = totals.get((one.entrance, one.kind), 0) - 1
        place = (one.entrance, one.time // MINUTE)
        if one.kind != Kind.OUT and place in minutes:
            minutes[place] -= 1
    return tuple(
        Flow(
            entrance=one.number,
            ins=totals.get((one.number, int(Kind.IN)), 0),
            outs=totals.get((one.number, int(Kind.OUT)), 0),
            let_in=totals.get((one.number, int(Kind.OVERRIDE)), 0),
            minutes=tuple(minutes.get((one.number, from_minute + step), 0) for step in range(WINDOW)),
        )
        for one in pack.entrances
    )


def _conflicts(tenant: str, event: str, pack: GatePack) -> tuple[Conflict, ...]:
    """Only tickets with several admissions can be among them."""
    several = (
        GateEntryRow.select(GateEntryRow.cti)
        .where(
            _of(tenant, event)
            & GateEntryRow.cti.is_null(False)
            & GateEntryRow.kind.in_([int(Kind.IN), int(Kind.OVERRIDE)])
        )
        .group_by(GateEntryRow.cti)
        .having(peewee.fn.COUNT(GateEntryRow.sequence) > 1)
        .limit(_CHUNK)
    )
    found = []
    for (cti,) in list(several.tuples()):
        presence = presence_of(seen_of(tenant, event, bytes(cti)), re_entry=pack.rules.re_entry)
        found += [Conflict(cti=bytes(cti), first=first, again=again) for first, again in presence.excess]
    return tuple(sorted(found, key=lambda one: one.again.time, reverse=True)[:_MOST_CONFLICTS])


def _devices(tenant: str, event: str, pack: GatePack) -> tuple[Device, ...]:
    contacts = {
        bytes(row.gate): row
        for row in GateContactRow.select().where((GateContactRow.tenant == tenant) & (GateContactRow.event == event))
    }
    locks = locks_of(tenant, event, pack)
    devices = []
    for gate in pack.gates:
        contact = contacts.get(gate.gate)
        tip = (
            GateEntryRow.select()
            .where(_of(tenant, event) & (GateEntryRow.gate == gate.gate))
            .order_by(GateEntryRow.sequence.desc())
            .limit(1)
            .first()
        )
        devices.append(
            Device(
                gate=gate.gate,
                name=gate.name,
                entrances=gate.entrances,
                hub=gate.role == 1,
                seen_at=int(contact.seen_at) if contact else None,
                clock_off=round(int(contact.clock_off) / 1000) if contact else 0,
                locked_at=locks.get(gate.gate),
                entries=int(tip.sequence) if tip else 0,
            )
        )
    return tuple(devices)


def parse_gate_name(text: str) -> bytes:
    """A device's identifier as pages and commands write it: sixteen hexadecimal digits. Raises Malformed."""
    try:
        gate = bytes.fromhex(text)
    except ValueError:
        gate = b""
    if len(gate) != 8:
        raise Malformed("bad_gate", "a device's identifier has sixteen hexadecimal digits")
    return gate
