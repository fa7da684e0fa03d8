"""Gate packs on this machine: which signer a person pinned, what is loaded, newer ones, deltas, and what a pack means at an entrance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from common.adapters.database import changed, transaction
from common.errors import NotFound, Unavailable
from common.formats.gate_pass.labels import MAX_TIME
from common.gate.delta import apply_delta, parse_delta
from common.gate.pack import GatePack, PackRefused, ParsedPack, parse_pack, verify_pack
from common.gate.pack_members import PackGate
from common.gate.signed import PACK, name_of, verify_message
from verifier.checks.gate_facts import ClassRule, WantedGate
from verifier.gate.plan import GatePlan, Names
from verifier.gate.tally import recount
from verifier.store.base import database
from verifier.store.gate import GateDeltaRow, GateEventRow, GateLockRow

_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPack:
    """data: the signed file."""

    pack: GatePack
    data: bytes
    signers: tuple[bytes, ...]
    organiser: str


def load_pack(
    tenant: str, data: bytes, *, now: int, signer: bytes | None = None, trust_first: bool = False
) -> GatePack:
    """Verifies a pack and keeps it in place of an older one.

    signer: the organiser's key, given by a person; needed for the first pack of an event. trust_first: a person says that the file came
    from the organiser, so the key that it names for itself is pinned. Raises Malformed, PackRefused.
    """
    parsed = parse_pack(data)
    for _ in range(_TRIES):
        known = find_event(tenant, parsed.pack.event)
        if known is not None:
            signers: Collection[bytes] = known.signers
        elif signer is not None:
            signers = (signer,)
        else:
            own = (point for point in parsed.pack.next_signers if name_of(point) == parsed.message.key_name)
            signers = tuple(own) if trust_first else ()
        pack = _keep(tenant, parsed, data, signers, known, now)
        if pack is not None:
            return pack
    raise _busy()


def load_delta(tenant: str, data: bytes, *, now: int) -> GatePack:
    """Applies a delta to the pack that is loaded, and keeps both. Raises NotFound, Malformed, PackRefused."""
    parsed = parse_delta(data)
    for _ in range(_TRIES):
        known = require_event(tenant, parsed.delta.event)
        later = apply_delta(parsed, known.pack, signers=known.signers)
        pack = _keep(tenant, later, later.message.encode(), known.signers, known, now)
        if pack is not None:
            serials = {"from_serial": parsed.delta.from_serial, "to_serial": parsed.delta.to_serial}
            keep_delta(tenant, data, event=pack.event, **serials)
            return pack
    raise _busy()


def keep_delta(tenant: str, data: bytes, *, event: str, from_serial: int, to_serial: int) -> None:
    """For those who still have the older pack."""
    GateDeltaRow.insert(
        tenant=tenant, event=event, from_serial=from_serial, to_serial=to_serial, data=data
    ).on_conflict_ignore().execute()


def _keep(
    tenant: str, parsed: ParsedPack, data: bytes, signers: Collection[bytes], known: LoadedPack | None, now: int
) -> GatePack | None:
    """None where somebody loaded another one since ``known`` was read: what is pinned may be another key then, so all is verified anew."""
    pack = verify_pack(
        parsed,
        signers=signers,
        event=known.pack.event if known else None,
        now=now,
        loaded=known.pack.serial if known else 0,
    )
    if known is not None and pack.serial == known.pack.serial:
        if data != known.data and parsed.message.payload != parse_pack(known.data).message.payload:
            raise PackRefused("pack_rolled_back", "another pack of the same serial is loaded")
        return known.pack
    signed_by = verify_message(parsed.message, signers, PACK)
    pinned = [point.hex() for point in sorted({signed_by, *pack.next_signers})]
    with transaction(database, "gate_pack"):
        if known is None:
            first = GateEventRow.insert(
                tenant=tenant, event=pack.event, serial=pack.serial, pack=data, signers=pinned, loaded_at=now
            )
            if first.on_conflict_ignore().as_rowcount().execute() != 1:
                return None
        elif not changed(
            GateEventRow.update(serial=pack.serial, pack=data, signers=pinned, loaded_at=now).where(
                (GateEventRow.tenant == tenant)
                & (GateEventRow.event == pack.event)
                & (GateEventRow.serial == known.pack.serial)
            )
        ):
            return None
        if known is not None and known.pack.rules.re_entry != pack.rules.re_entry:
            recount(tenant, pack.event, re_entry=pack.rules.re_entry)
    return pack


def _busy() -> Unavailable:
    return Unavailable("gate_busy", "other packs of the event are being loaded at the same moment")


_parsed: dict[tuple[str, str], tuple[bytes, LoadedPack]] = {}
"""The last pack read of each event: a million tickets take a while to read."""


def find_event(tenant: str, event: str) -> LoadedPack | None:
    """The pack that is loaded, None for an event that is not."""
    row = GateEventRow.get_or_none(GateEventRow.tenant == tenant, GateEventRow.event == event)
    if row is None:
        return None
    data = bytes(row.pack)
    held = _parsed.get((tenant, event))
    if held is not None and held[0] == data and list(map(bytes.hex, held[1].signers)) == list(row.signers):
        return held[1]
    found = LoadedPack(
        pack=parse_pack(data).pack,
        data=data,
        signers=tuple(map(bytes.fromhex, row.signers)),
        organiser=str(row.organiser),
    )
    if len(_parsed) > 64:
        _parsed.clear()
    _parsed[tenant, event] = (data, found)
    return found


def require_event(tenant: str, event: str) -> LoadedPack:
    """Raises NotFound."""
    found = find_event(tenant, event)
    if found is None:
        raise NotFound("unknown_event", "no pack of this event is loaded here")
    return found


def list_events(tenant: str) -> tuple[LoadedPack, ...]:
    """All that are loaded, by their identifiers."""
    rows = GateEventRow.select().where(GateEventRow.tenant == tenant).order_by(GateEventRow.event)
    return tuple(found for row in list(rows) if (found := find_event(tenant, str(row.event))) is not None)


def find_delta(tenant: str, event: str, from_serial: int) -> bytes | None:
    """The delta from that serial to the pack that is loaded, where its signer made one."""
    row = (
        GateDeltaRow.select()
        .where(
            (GateDeltaRow.tenant == tenant) & (GateDeltaRow.event == event) & (GateDeltaRow.from_serial == from_serial)
        )
        .first()
    )
    return None if row is None else bytes(row.data)


def locks_of(tenant: str, event: str, pack: GatePack) -> dict[bytes, int]:
    """From when each locked device is locked: by the pack, or by an operator here, whichever is earlier. Seconds."""
    locks = {gate.gate: gate.locked_at for gate in pack.gates if gate.locked_at is not None}
    for row in GateLockRow.select().where((GateLockRow.tenant == tenant) & (GateLockRow.event == event)):
        gate, at = bytes(row.gate), int(row.locked_at)
        locks[gate] = min(at, locks.get(gate, MAX_TIME))
    return locks


def points_of(pack: GatePack) -> Mapping[bytes, bytes]:
    """The keys of the event's gates by their identifiers, locked ones too: what they wrote before stays true."""
    return {gate.gate: gate.point for gate in pack.gates}


def plan_gate(
    pack: GatePack,
    gate: PackGate | None,
    entrance: int,
    *,
    clock_error: int = 0,
    leaving: bool = False,
    locked_at: int | None = None,
    challenge: bool | None = None,
    at_work: bool = False,
) -> GatePlan:
    """The pack at one entrance. gate: this device as the pack knows it. clock_error: bounded by the organiser's rule.

    challenge: demanded where the pack does not. Raises NotFound for an entrance that the event, or this device, has not; at_work: of a
    gate that stands there already, and from then on lets nobody in.
    """
    here = pack.entrance_by_number.get(entrance)
    has_place = here is not None and (gate is None or entrance in gate.entrances)
    if not has_place and not at_work:
        raise NotFound("unknown_entrance", "this device has no such entrance; the pack names those that it has")
    rules = pack.rules
    classes = {
        one.klass: ClassRule(
            entrances=frozenset(one.entrances if has_place else ()),
            windows=tuple(one.windows),
            flags=one.flags,
            paper=bool(one.paper),
        )
        for one in pack.classes
    }
    by_pack = gate.locked_at if gate is not None else None
    locks = [at for at in (by_pack, locked_at) if at is not None]
    return GatePlan(
        event=pack.event,
        serial=pack.serial,
        issued_at=pack.issued_at,
        issuer_keys=pack.keys,
        revoked=frozenset(pack.status.revoked),
        excluded=frozenset(pack.status.excluded),
        as_of=pack.status.as_of,
        stale_after=rules.facts_stale_after,
        document_for_stale=rules.document_if_undetermined,
        challenge_seconds=rules.challenge_seconds,
        event_names=_names(pack.names),
        entrances={one.number: _names(one.names) for one in pack.entrances},
        classes={one.klass: _names(one.names) for one in pack.classes},
        has_place=has_place,
        asks=WantedGate(
            entrance=entrance,
            classes=classes,
            good_until=pack.good_until,
            locked_at=min(locks) if locks else None,
            clock_error=min(clock_error, rules.max_clock_error),
            challenge=bool(here and here.challenge) or bool(challenge),
            re_entry=rules.re_entry,
            homes=rules.home_groups,
            home=gate.home_group if gate is not None else 0,
            leaving=leaving,
        ),
    )


def _names(names: Mapping[str, str]) -> Names:
    return Names(ja=names["ja"], en=names["en"])
