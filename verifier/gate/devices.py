"""Devices of an event: when a hub last heard of each, which are locked, which wait to be enrolled; and this machine's own key."""

from __future__ import annotations

from common.adapters.database import transaction
from common.gate.enrolment import parse_enrolment
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from common.ports import Signer
from verifier.flows.sealed_box import SealedBox
from verifier.store.base import database
from verifier.store.gate import GateContactRow, GateDeviceRow, GateEnrolmentRow, GateLockRow

MOST_WAITING = 200
"""Devices of one event that wait to be enrolled. Strangers may ask: the one that has waited longest makes room, and may ask again."""


CONTACT_SECONDS = 10


def hear_of(tenant: str, event: str, gate: bytes, *, now: int, clock_off: int) -> None:
    """Notes that the device is there, and no oftener than people look: a guest waits while a disk writes. Both in milliseconds; clock_off:
    its clock less ours."""
    last = GateContactRow.seen_at
    GateContactRow.insert(tenant=tenant, event=event, gate=gate, seen_at=now // 1000, clock_off=clock_off).on_conflict(
        conflict_target=[GateContactRow.tenant, GateContactRow.event, GateContactRow.gate],
        update={GateContactRow.seen_at: now // 1000, GateContactRow.clock_off: clock_off},
        where=(last <= now // 1000 - CONTACT_SECONDS) | (last > now // 1000),
    ).execute()


def has_heard_of(tenant: str, event: str, gate: bytes) -> bool:
    """Whether the device itself has exchanged with this hub."""
    mine = (GateContactRow.tenant == tenant) & (GateContactRow.event == event) & (GateContactRow.gate == gate)
    return bool(GateContactRow.select().where(mine).exists())


def lock(tenant: str, event: str, gate: bytes, *, now: int) -> bool:
    """Locks a device at this hub at once; to all others the organiser's next pack says it. False where it was locked before. Seconds."""
    inserted = (
        GateLockRow.insert(tenant=tenant, event=event, gate=gate, locked_at=now)
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    return bool(inserted == 1)


def locked_here(tenant: str, event: str) -> tuple[bytes, ...]:
    """Devices that an operator of this hub has locked."""
    rows = GateLockRow.select().where((GateLockRow.tenant == tenant) & (GateLockRow.event == event))
    return tuple(sorted(bytes(row.gate) for row in rows))


def own_names(tenant: str) -> frozenset[bytes]:
    """What this machine is called by packs."""
    rows = GateDeviceRow.select(GateDeviceRow.point).where(GateDeviceRow.tenant == tenant)
    return frozenset(name_of(bytes(row.point)) for row in rows)


def ask_to_enrol(tenant: str, event: str, body: bytes, *, now: int) -> bytes:
    """Keeps a device's request until the organiser has it; answers the device's identifier.

    The code in it is for the organiser to judge. Raises Malformed, Rejected. Seconds.
    """
    asked = parse_enrolment(body, event=event)
    gate = name_of(asked.point)
    with transaction(database, "gate_enrol"):
        GateEnrolmentRow.insert(
            tenant=tenant, event=event, gate=gate, name=asked.name, request=body, asked_at=now
        ).on_conflict(
            conflict_target=[GateEnrolmentRow.tenant, GateEnrolmentRow.event, GateEnrolmentRow.gate],
            update={
                GateEnrolmentRow.name: asked.name,
                GateEnrolmentRow.request: body,
                GateEnrolmentRow.asked_at: now,
                GateEnrolmentRow.forwarded_at: None,
            },
        ).execute()
        for row in waiting(tenant, event)[:-MOST_WAITING]:
            GateEnrolmentRow.delete().where(
                (GateEnrolmentRow.tenant == tenant)
                & (GateEnrolmentRow.event == event)
                & (GateEnrolmentRow.gate == bytes(row.gate))
            ).execute()
    return gate


def waiting(tenant: str, event: str) -> tuple[GateEnrolmentRow, ...]:
    """Requests that the organiser has not heard of yet, the oldest first."""
    return tuple(
        GateEnrolmentRow.select()
        .where(
            (GateEnrolmentRow.tenant == tenant)
            & (GateEnrolmentRow.event == event)
            & GateEnrolmentRow.forwarded_at.is_null()
        )
        .order_by(GateEnrolmentRow.asked_at)
    )


def forwarded(tenant: str, event: str, gate: bytes, *, now: int) -> None:
    """The organiser has it."""
    GateEnrolmentRow.update(forwarded_at=now).where(
        (GateEnrolmentRow.tenant == tenant) & (GateEnrolmentRow.event == event) & (GateEnrolmentRow.gate == gate)
    ).execute()


def own_key(tenant: str, name: str, *, box: SealedBox, now: int) -> Signer:
    """This machine's key as the gate of that name, made when it is first asked for; sealed at rest."""
    row = GateDeviceRow.get_or_none(GateDeviceRow.tenant == tenant, GateDeviceRow.name == name)
    if row is None:
        made = SoftwareKey.generate("ES256")
        sealed = box.close(made.private_jwk(), tenant=tenant, purpose="signing key", what=f"gate {name}")
        GateDeviceRow.insert(
            tenant=tenant, name=name, point=compress(made.public_jwk()), sealed_key=sealed, created_at=now
        ).on_conflict_ignore().execute()
        row = GateDeviceRow.get_or_none(GateDeviceRow.tenant == tenant, GateDeviceRow.name == name)
    jwk = box.open(row.sealed_key, tenant=tenant, purpose="signing key", what=f"gate {name}")
    return SoftwareKey.from_private_jwk(jwk)
