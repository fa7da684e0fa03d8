"""The pack of an event: made when it is asked for and something changed, or when its facts are older than `pack_seconds`; never one
serial twice.

Every change counts `Event.serial` in its own transaction. Who makes a pack holds the event's row meanwhile, so that what is counted by the
serial is in the pack, and whoever asks at the same moment is given the same one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from common.adapters.database import transaction
from common.encoding import parse_json
from common.errors import NotFound
from common.gate.delta import build_delta
from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus, build_pack, parse_pack
from common.gate.pack_members import PackClass, PackEntrance, PackGate, PackIssuerKey, PackRules
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import classes_of, entrances_of, find_event
from issuer.flows.events.issue_pass import ALG
from issuer.flows.events.ticket_facts import GRACE
from issuer.flows.key_ring import Identity
from issuer.settings import DAY
from issuer.store.event_tables import Event, EventGate, EventPack
from issuer.store.tables import Credential, StatusEntry

KEPT_SECONDS = 6 * 3600
"""How long a pack is kept that there is a newer one of: who has it may ask what changed since."""
_AT_ONCE = 500
_MAX_KEYS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """file: as it is downloaded, `<event>.tgpack`."""

    event_id: str
    serial: int
    issued_at: int
    good_until: int
    file: bytes = field(repr=False)


def current_pack(desk: Desk, tenant: str, event_id: str) -> Pack:
    """The newest pack, which tells all that was changed before it was asked for. Raises NotFound, Unavailable where no key signs."""
    event, identity = find_event(tenant, event_id), desk.keys.identity(tenant)
    keys = _keys_digest(identity)
    if (row := _fresh(desk, _newest(tenant, event_id), event, keys)) is not None:
        return _pack(row)
    now = desk.now
    mine = (Event.tenant == tenant) & (Event.id == event_id)
    with transaction(desk.database, "publish_pack"):
        Event.update(serial=Event.serial).where(mine).execute()  # the event's row is ours from here on
        event, newest = Event.get(mine), _newest(tenant, event_id)
        if (row := _fresh(desk, newest, event, keys)) is not None:
            return _pack(row)
        if newest is not None and newest.serial >= event.serial:
            Event.update(serial=Event.serial + 1).where(mine).execute()
            event = Event.get(mine)
        good_until = now + desk.settings.pack_good_seconds
        content = _content(desk, tenant, event, identity, now=now, good_until=good_until)
        EventPack.insert(
            tenant=tenant,
            event_id=event_id,
            serial=event.serial,
            file=build_pack(content, identity.signer_for(ALG)),
            keys=keys,
            issued_at=now,
            good_until=good_until,
        ).execute()
        packs = (EventPack.tenant == tenant) & (EventPack.event_id == event_id)
        EventPack.delete().where(
            packs, EventPack.issued_at < now - KEPT_SECONDS, EventPack.serial < event.serial
        ).execute()
    return _pack(_newest(tenant, event_id))


def delta_since(desk: Desk, tenant: str, event_id: str, serial: int) -> bytes | None:
    """What changed since the pack of this serial; None where nothing did. Raises NotFound("no_such_pack"): take the whole pack."""
    newest = current_pack(desk, tenant, event_id)
    if serial == newest.serial:
        return None
    mine = (EventPack.tenant == tenant) & (EventPack.event_id == event_id)
    before = EventPack.get_or_none(mine, EventPack.serial == serial) if 0 < serial < newest.serial else None
    if before is None:
        raise NotFound("no_such_pack", "that pack is not known here any more: take the whole new one")
    signer = desk.keys.identity(tenant).signer_for(ALG)
    return build_delta(parse_pack(bytes(before.file)).pack, newest.file, signer)


def signer_points(identity: Identity) -> tuple[bytes, ...]:
    """Who may sign packs of the institution now and next: what a scanner is shown to compare, and pins."""
    return tuple(
        sorted(
            compress(key.public)
            for key in identity.published
            if key.alg == ALG and key.entry.retired_at is None and key.entry.compromised_since is None
        )
    )[:_MAX_KEYS]


def signer_fingerprint(identity: Identity) -> str:
    """What people compare: the name that packs made now call their signer by, "A1B2 C3D4 E5F6 0718", as scanners show it."""
    name = name_of(compress(identity.signer_for(ALG).public_jwk())).hex().upper()
    return " ".join(name[at : at + 4] for at in range(0, len(name), 4))


def _content(desk: Desk, tenant: str, event: Any, identity: Identity, *, now: int, good_until: int) -> GatePack:
    entrances = entrances_of(tenant, event.id)
    every = tuple(one.number for one in entrances)
    fallen = _fallen(tenant, event.list_id)
    return GatePack(
        event=event.id,
        serial=event.serial,
        issued_at=now,
        good_until=good_until,
        names={"en": event.name_en, "ja": event.name_ja},
        issuer_keys=_issuer_keys(identity, event),
        gates=tuple(_gate(row, set(every)) for row in gates_of(tenant, event.id)),
        classes=tuple(
            PackClass(
                one.number,
                {"en": one.name_en, "ja": one.name_ja},
                tuple(parse_json(one.entrances)) or every,
                tuple((begin, end) for begin, end in parse_json(one.windows)),
                one.required,
                bool(one.paper),
            )
            for one in classes_of(tenant, event.id)
        ),
        entrances=tuple(
            PackEntrance(one.number, {"en": one.name_en, "ja": one.name_ja}, bool(one.challenge)) for one in entrances
        ),
        rules=PackRules(
            bool(event.reentry),
            bool(event.undetermined),
            event.clock_error,
            event.home_groups,
            event.stale_after,
            event.challenge_seconds,
        ),
        status=PackStatus(
            now,
            desk.addresses.status(tenant, event.list_id),
            IndexSet(index for index, state in fallen.items() if state == "revoked"),
            IndexSet(index for index, state in fallen.items() if state == "suspended"),
        ),
        next_signers=signer_points(identity),
    )


def gates_of(tenant: str, event_id: str) -> list[Any]:
    """Rows of `EventGate`, by when they came."""
    rows = EventGate.select().where(EventGate.tenant == tenant, EventGate.event_id == event_id)
    return list(rows.order_by(EventGate.enrolled_at, EventGate.gate_id))


def _gate(row: Any, entrances: set[int]) -> PackGate:
    return PackGate(
        bytes.fromhex(row.gate_id),
        row.name,
        bytes(row.point),
        tuple(number for number in parse_json(row.entrances) if number in entrances),
        row.enrolled_at,
        row.locked_at,
        row.role,
        row.home_group,
    )


def _issuer_keys(identity: Identity, event: Any) -> tuple[PackIssuerKey, ...]:
    """A retired key's passes are good to the end; a compromised key's are not."""
    end = event.ends_at + GRACE + DAY
    return tuple(
        PackIssuerKey(compress(key.public), max(0, min(key.entry.valid_from, end - 1) - DAY), end)
        for key in identity.published
        if key.alg == ALG and key.entry.compromised_since is None
    )[:_MAX_KEYS]


def _keys_digest(identity: Identity) -> str:
    told = [
        f"{key.kid}:{key.entry.valid_from}:{key.entry.retired_at}:{key.entry.compromised_since}"
        for key in identity.published
        if key.alg == ALG
    ]
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


def _fallen(tenant: str, list_id: str) -> dict[int, str]:
    """Index → revoked | suspended, of passes. The list's decoys are left out: a pack is read by gates, and every byte of it counts."""
    entries = StatusEntry.select(StatusEntry.list_index).where(
        StatusEntry.tenant == tenant, StatusEntry.list_id == list_id
    )
    indices = [index for (index,) in entries.tuples()]
    found: dict[int, str] = {}
    for start in range(0, len(indices), _AT_ONCE):
        rows = Credential.select(Credential.list_index, Credential.state).where(
            Credential.tenant == tenant,
            Credential.list_id == list_id,
            Credential.list_index.in_(indices[start : start + _AT_ONCE]),
            Credential.state != "valid",
        )
        found.update(rows.tuples())
    return found


def _newest(tenant: str, event_id: str) -> Any:
    rows = EventPack.select().where(EventPack.tenant == tenant, EventPack.event_id == event_id)
    return rows.order_by(EventPack.serial.desc()).first()


def _fresh(desk: Desk, row: Any, event: Any, keys: str) -> Any:
    """The row, where it tells all there is to tell."""
    if row is None or row.serial != event.serial or row.keys != keys:
        return None
    return row if desk.now < row.issued_at + desk.settings.pack_seconds else None


def _pack(row: Any) -> Pack:
    return Pack(
        event_id=row.event_id,
        serial=row.serial,
        issued_at=row.issued_at,
        good_until=row.good_until,
        file=bytes(row.file),
    )
