"""Scanners and hubs of an event: let in by a code that the organiser's page shows, named in the next pack, locked when one is lost."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import compact_json, parse_json
from common.errors import Conflict, Malformed, NotFound, Refused
from common.gate.enrolment import Enrolment, parse_enrolment
from common.gate.pack_members import HUB, SCANNER
from common.gate.signed import name_of
from issuer.flows.desk import Desk
from issuer.flows.events.create_event import count_change
from issuer.flows.events.find_events import entrances_of, find_event
from issuer.flows.tenant_secrets import digest
from issuer.store.audit import record
from issuer.store.event_tables import EventGate, GateCode

ROLES = {"scanner": SCANNER, "hub": HUB}
SEEN_EVERY = 30
"""Seconds between two notes that a device was here."""
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_MAX_GATES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCode:
    """code: to be typed at the device, or scanned there."""

    id: str
    code: str = field(repr=False)
    role: str
    entrances: tuple[int, ...]
    home_group: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledGate:
    """token: with which the device fetches packs. It works from the pack of this serial on."""

    gate_id: str
    token: str = field(repr=False)
    serial: int


def make_code(
    desk: Desk,
    tenant: str,
    event_id: str,
    *,
    role: str = "scanner",
    entrances: Sequence[int] = (),
    home_group: int = 0,
    actor: str,
) -> ShownCode:
    """A code for one device. entrances: numbers at which it may stand; empty: all.

    Raises NotFound, Malformed("unknown_role" | "unknown_entrance" | "bad_group"), Conflict("too_many_gates").
    """
    event = find_event(tenant, event_id)
    known = {one.number for one in entrances_of(tenant, event_id)}
    if role not in ROLES:
        raise Malformed("unknown_role", f"a device is one of: {', '.join(ROLES)}")
    if not set(entrances) <= known:
        raise Malformed("unknown_entrance", "a device stands at entrances of this event")
    if not 0 <= home_group < max(1, event.home_groups):
        raise Malformed("bad_group", "this event has no such home group")
    if EventGate.select().where(EventGate.tenant == tenant, EventGate.event_id == event_id).count() >= _MAX_GATES:
        raise Conflict("too_many_gates", f"an event has at most {_MAX_GATES} devices")
    now, code_id = desk.now, secrets.token_hex(12)
    with transaction(desk.database, "make_gate_code"):
        GateCode.insert(
            tenant=tenant,
            id=code_id,
            event_id=event_id,
            code_hash=digest(_code(desk, tenant, code_id)),
            role=ROLES[role],
            entrances=compact_json(sorted(set(entrances) or known)).decode(),
            home_group=home_group,
            created_at=now,
            expires_at=now + desk.settings.gate_code_seconds,
        ).execute()
        record(tenant, at=now, actor=actor, act="gate_code_made", subject=event_id, role=role)
    return _shown(desk, tenant, GateCode.get(GateCode.tenant == tenant, GateCode.id == code_id))


def open_codes(desk: Desk, tenant: str, event_id: str) -> list[ShownCode]:
    """Codes that wait for their device, the newest first."""
    rows = GateCode.select().where(
        GateCode.tenant == tenant,
        GateCode.event_id == event_id,
        GateCode.state == "open",
        GateCode.expires_at > desk.now,
    )
    return [_shown(desk, tenant, row) for row in rows.order_by(GateCode.created_at.desc(), GateCode.id)]


def enrol_gate(desk: Desk, tenant: str, event_id: str, body: bytes) -> EnrolledGate:
    """body: what the device sends (`common.gate.enrolment`), by itself or through its hub. Said again, the answer is the same.

    Raises NotFound, Malformed, Rejected, Refused("wrong_code") for a code that is unknown, over or another device's,
    Conflict("device_locked").
    """
    find_event(tenant, event_id)
    asked = parse_enrolment(body, event=event_id)
    gate_id, now = name_of(asked.point).hex(), desk.now
    mine = (GateCode.tenant == tenant) & (GateCode.event_id == event_id)
    mine &= GateCode.code_hash == digest(asked.code.upper())
    known = find_gate(tenant, event_id, gate_id, or_none=True)
    if known is not None and known.locked_at is not None:
        raise Conflict("device_locked", "this device was locked: it needs a new key")
    with transaction(desk.database, "enrol_gate"):
        fresh = (GateCode.state == "open") & (GateCode.expires_at > now)
        if changed(GateCode.update(state="used", gate_id=gate_id).where(mine, fresh)):
            _write_gate(desk, tenant, GateCode.get(mine), asked, gate_id)
            count_change(tenant, event_id)
            record(tenant, at=now, actor="job:gates", act="gate_enrolled", subject=event_id, gate=gate_id)
    row = GateCode.get_or_none(mine, GateCode.gate_id == gate_id)
    if row is None:
        raise Refused("wrong_code", "this code is unknown, over, or was used by another device")
    return EnrolledGate(
        gate_id=gate_id, token=_token(desk, tenant, event_id, gate_id), serial=find_event(tenant, event_id).serial
    )


def lock_gate(desk: Desk, tenant: str, event_id: str, gate_id: str, *, actor: str) -> int:
    """A lost device: since when its entries count no more, in seconds. Its token is dead. Raises NotFound, Conflict("as_it_is")."""
    find_gate(tenant, event_id, gate_id)
    now = desk.now
    with transaction(desk.database, "lock_gate"):
        if not changed(
            EventGate.update(locked_at=now).where(_this(tenant, event_id, gate_id), EventGate.locked_at.is_null())
        ):
            raise Conflict("as_it_is", "this device is locked already")
        count_change(tenant, event_id)
        record(tenant, at=now, actor=actor, act="gate_locked", subject=event_id, gate=gate_id)
    return now


def lock_by_a_hub(desk: Desk, tenant: str, event_id: str, gate_id: str, *, hub: Any) -> int:
    """A scanner that was locked at the venue, told by its hub (a row of `EventGate`); said again, the answer is the same.

    Raises NotFound, Refused("not_a_hub" | "hub_stays").
    """
    if hub.role != HUB:
        raise Refused("not_a_hub", "only a venue's hub tells which devices were locked there")
    row = find_gate(tenant, event_id, gate_id)
    if row.role == HUB:
        raise Refused("hub_stays", "a hub is locked by the organiser")
    if row.locked_at is None:
        try:
            return lock_gate(desk, tenant, event_id, gate_id, actor=f"gate:{hub.gate_id}")
        except Conflict:  # somebody else did at the same moment
            row = find_gate(tenant, event_id, gate_id)
    return int(row.locked_at)


def cancel_code(desk: Desk, tenant: str, event_id: str, code_id: str, *, actor: str) -> None:
    """Raises NotFound("no_such_code")."""
    mine = (GateCode.tenant == tenant) & (GateCode.event_id == event_id) & (GateCode.id == code_id)
    with transaction(desk.database, "cancel_gate_code"):
        if not changed(GateCode.update(state="cancelled").where(mine, GateCode.state == "open")):
            raise NotFound("no_such_code", "no such code waits for a device")
        record(tenant, at=desk.now, actor=actor, act="gate_code_cancelled", subject=event_id)


def find_gate(tenant: str, event_id: str, gate_id: str, *, or_none: bool = False) -> Any:
    """A row of `EventGate`. Raises NotFound("no_such_gate"), unless None will do."""
    row = EventGate.get_or_none(_this(tenant, event_id, gate_id))
    if row is None and not or_none:
        raise NotFound("no_such_gate", "no such device here")
    return row


def gate_of_token(desk: Desk, tenant: str, event_id: str, token: str) -> Any:
    """The device that has this token, or None; a locked one has none. Notes that it was here."""
    mine = (EventGate.tenant == tenant) & (EventGate.event_id == event_id) & EventGate.locked_at.is_null()
    row = EventGate.get_or_none(mine, EventGate.token_hash == digest(token))
    if row is not None and (row.seen_at is None or row.seen_at <= desk.now - SEEN_EVERY):
        EventGate.update(seen_at=desk.now).where(_this(tenant, event_id, row.gate_id)).execute()
    return row


def _write_gate(desk: Desk, tenant: str, code: Any, asked: Enrolment, gate_id: str) -> None:
    columns = {
        "name": asked.name,
        "role": code.role,
        "entrances": code.entrances,
        "home_group": code.home_group,
    }
    made = (
        EventGate.insert(
            tenant=tenant,
            event_id=code.event_id,
            gate_id=gate_id,
            point=asked.point,
            token_hash=digest(_token(desk, tenant, code.event_id, gate_id)),
            enrolled_at=desk.now,
            **columns,
        )
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    if made != 1:  # it was here before, and is given another place
        this = _this(tenant, code.event_id, gate_id)
        if not changed(EventGate.update(**columns).where(this, EventGate.locked_at.is_null())):
            raise Conflict("device_locked", "this device was locked: it needs a new key")


def _this(tenant: str, event_id: str, gate_id: str) -> Any:
    return (EventGate.tenant == tenant) & (EventGate.event_id == event_id) & (EventGate.gate_id == gate_id)


def _shown(desk: Desk, tenant: str, row: Any) -> ShownCode:
    return ShownCode(
        id=row.id,
        code=_code(desk, tenant, row.id),
        role=next(name for name, role in ROLES.items() if role == row.role),
        entrances=tuple(parse_json(row.entrances)),
        home_group=row.home_group,
        expires_at=row.expires_at,
    )


def _code(desk: Desk, tenant: str, code_id: str) -> str:
    """Twelve characters that nobody confuses, from the key file: they stand in no table."""
    raw = hashlib.sha256(desk.secrets.token(tenant, "gate code", code_id).encode()).digest()
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in raw[:12])
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def _token(desk: Desk, tenant: str, event_id: str, gate_id: str) -> str:
    return "tgg_" + desk.secrets.token(tenant, "gate token", f"{event_id}\x1f{gate_id}")
