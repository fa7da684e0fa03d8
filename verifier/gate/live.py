"""An event as its hub sees it now: people by entrance and minute, tickets that entered too often, devices and their last contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import peewee

from common.errors import Malformed
from common.gate.journal_entry import Kind
from common.gate.pack import GatePack
from verifier.gate.asked import Asked, asked_only
from verifier.gate.devices import own_names, waiting
from verifier.gate.journal.chain import seen_of
from verifier.gate.journal.forks import without_forked_undos
from verifier.gate.packs import locks_of, require_event
from verifier.gate.presence import Seen, presence_of
from verifier.gate.tally import MINUTE, UNCOUNTED, WHOLE, entries_of, recount
from verifier.store.gate import GateContactRow, GateEntryRow, GateExcessRow, GateTallyRow

WINDOW = 60
"""Minutes that the charts show."""
_MOST_CONFLICTS = 200


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
    """seen_at: seconds, None of one that was never heard of. clock_off: its clock less ours, in seconds. entries: known of its journal.

    hub_only: entries beyond them that the hub was asked for.
    """

    gate: bytes
    name: str
    entrances: tuple[int, ...]
    hub: bool
    seen_at: int | None
    clock_off: int
    locked_at: int | None
    entries: int
    hub_only: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A ticket that came again while it was inside."""

    cti: bytes
    first: Seen
    again: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """All of an event. too_many: all admissions too many, of which ``conflicts`` are the newest. hub_only: hashes of entries that only this
    hub knows, by the gate's own request. from_minute: of the charts. waiting: (identifier, name) of devices that ask to be enrolled.
    """

    pack: GatePack
    flows: tuple[Flow, ...]
    devices: tuple[Device, ...]
    conflicts: tuple[Conflict, ...]
    too_many: int
    hub_only: frozenset[bytes]
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
    if entries_of(tenant, event) == UNCOUNTED:
        recount(tenant, event, re_entry=pack.rules.re_entry)
    asked = asked_only(tenant, event)
    conflicts, several = _conflicts(tenant, event, pack, asked)
    return Live(
        pack=pack,
        flows=_flows(tenant, event, pack, asked, from_minute),
        devices=_devices(tenant, event, pack, asked, now),
        conflicts=conflicts,
        too_many=several,
        hub_only=frozenset(one.seen.hash for one in asked),
        waiting=tuple((bytes(row.gate), str(row.name)) for row in waiting(tenant, event)),
        from_minute=from_minute,
        now=now,
    )


def _flows(tenant: str, event: str, pack: GatePack, asked: Iterable[Asked], from_minute: int) -> tuple[Flow, ...]:
    """From the hub's tally, and what it was asked beyond it."""
    mine = (GateTallyRow.tenant == tenant) & (GateTallyRow.event == event)
    rows = GateTallyRow.select().where(mine & ((GateTallyRow.minute == WHOLE) | (GateTallyRow.minute >= from_minute)))
    people = Counter({(int(row.minute), int(row.entrance), int(row.kind)): int(row.people) for row in rows})
    for one in asked:
        people[WHOLE, one.seen.entrance, one.seen.kind] += 1
        people[one.seen.time // MINUTE, one.seen.entrance, one.seen.kind] += 1

    def came(minute: int, entrance: int) -> int:
        return people[minute, entrance, int(Kind.IN)] + people[minute, entrance, int(Kind.OVERRIDE)]

    return tuple(
        Flow(
            entrance=one.number,
            ins=people[WHOLE, one.number, int(Kind.IN)],
            outs=people[WHOLE, one.number, int(Kind.OUT)],
            let_in=people[WHOLE, one.number, int(Kind.OVERRIDE)],
            minutes=tuple(came(from_minute + step, one.number) for step in range(WINDOW)),
        )
        for one in pack.entrances
    )


def _conflicts(tenant: str, event: str, pack: GatePack, asked: Iterable[Asked]) -> tuple[tuple[Conflict, ...], int]:
    """The newest, and how many there are. Tickets of which the hub was asked are looked at with that."""
    mine = (GateExcessRow.tenant == tenant) & (GateExcessRow.event == event)
    open_requests: dict[bytes, list[Seen]] = {}
    for one in asked:
        open_requests.setdefault(one.cti, []).append(one.seen)
    newest = GateExcessRow.select().where(mine).order_by(GateExcessRow.last.desc()).limit(_MOST_CONFLICTS)
    tickets = {bytes(row.cti): int(row.times) for row in newest}
    total = int(GateExcessRow.select(peewee.fn.SUM(GateExcessRow.times)).where(mine).scalar() or 0)
    found = []
    for cti in tickets | open_requests:
        entries = without_forked_undos(tenant, event, [*seen_of(tenant, event, cti), *open_requests.get(cti, ())])
        excess = presence_of(entries, re_entry=pack.rules.re_entry).excess
        found += [Conflict(cti=cti, first=first, again=again) for first, again in excess]
        if cti in open_requests:
            row = GateExcessRow.get_or_none(
                GateExcessRow.tenant == tenant, GateExcessRow.event == event, GateExcessRow.cti == cti
            )
            total += len(excess) - (int(row.times) if row is not None else 0)
    return tuple(sorted(found, key=lambda one: one.again.time, reverse=True)[:_MOST_CONFLICTS]), total


def _devices(tenant: str, event: str, pack: GatePack, asked: Iterable[Asked], now: int) -> tuple[Device, ...]:
    contacts = {
        bytes(row.gate): row
        for row in GateContactRow.select().where((GateContactRow.tenant == tenant) & (GateContactRow.event == event))
    }
    locks = locks_of(tenant, event, pack)
    own = own_names(tenant)
    only = Counter(one.seen.gate for one in asked)
    devices = []
    for gate in pack.gates:
        contact = contacts.get(gate.gate)
        tip = (
            GateEntryRow.select()
            .where((GateEntryRow.tenant == tenant) & (GateEntryRow.event == event) & (GateEntryRow.gate == gate.gate))
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
                seen_at=now if gate.gate in own else int(contact.seen_at) if contact else None,
                clock_off=round(int(contact.clock_off) / 1000) if contact else 0,
                locked_at=locks.get(gate.gate),
                entries=int(tip.sequence) if tip else 0,
                hub_only=only[gate.gate],
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
