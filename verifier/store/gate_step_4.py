"""The tables of `verifier.store.gate` as step 4 of the schema made them: frozen, whatever the live ones become.

The classes have the names of the live ones, since peewee names indexes after them.
"""

from __future__ import annotations

import peewee

from common.adapters.database import TenantRow


class GateEventRow(TenantRow):
    event = peewee.CharField(max_length=64)
    serial = peewee.BigIntegerField()
    pack = peewee.BlobField()
    signers = peewee.TextField()
    loaded_at = peewee.BigIntegerField()
    organiser = peewee.CharField(max_length=500, default="")
    sealed_token = peewee.BlobField(null=True)

    class Meta:
        table_name = "gate_event"
        primary_key = peewee.CompositeKey("tenant", "event")


class GateDeltaRow(TenantRow):
    event = peewee.CharField(max_length=64)
    from_serial = peewee.BigIntegerField()
    to_serial = peewee.BigIntegerField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_delta"
        primary_key = peewee.CompositeKey("tenant", "event", "from_serial")


class GateEntryRow(TenantRow):
    event = peewee.CharField(max_length=64)
    gate = peewee.BlobField()
    sequence = peewee.BigIntegerField()
    hash = peewee.BlobField()
    kind = peewee.SmallIntegerField()
    cti = peewee.BlobField(null=True)
    time = peewee.BigIntegerField()
    entrance = peewee.SmallIntegerField()
    undoes = peewee.BigIntegerField(null=True)
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_entry"
        primary_key = peewee.CompositeKey("tenant", "event", "gate", "sequence", "hash")
        indexes = ((("tenant", "event", "cti"), False),)


class GateHeadRow(TenantRow):
    event = peewee.CharField(max_length=64)
    gate = peewee.BlobField()
    sequence = peewee.BigIntegerField()
    hash = peewee.BlobField()
    time = peewee.BigIntegerField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_head"
        primary_key = peewee.CompositeKey("tenant", "event", "gate", "sequence", "hash")


class GateAdmissionRow(TenantRow):
    event = peewee.CharField(max_length=64)
    cti = peewee.BlobField()
    generation = peewee.IntegerField()
    hash = peewee.BlobField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_admission"
        primary_key = peewee.CompositeKey("tenant", "event", "cti", "generation")


class GateContactRow(TenantRow):
    event = peewee.CharField(max_length=64)
    gate = peewee.BlobField()
    seen_at = peewee.BigIntegerField()
    clock_off = peewee.BigIntegerField(default=0)

    class Meta:
        table_name = "gate_contact"
        primary_key = peewee.CompositeKey("tenant", "event", "gate")


class GateLockRow(TenantRow):
    event = peewee.CharField(max_length=64)
    gate = peewee.BlobField()
    locked_at = peewee.BigIntegerField()

    class Meta:
        table_name = "gate_lock"
        primary_key = peewee.CompositeKey("tenant", "event", "gate")


class GateEnrolmentRow(TenantRow):
    event = peewee.CharField(max_length=64)
    gate = peewee.BlobField()
    name = peewee.CharField(max_length=200)
    request = peewee.BlobField()
    asked_at = peewee.BigIntegerField()
    forwarded_at = peewee.BigIntegerField(null=True)

    class Meta:
        table_name = "gate_enrolment"
        primary_key = peewee.CompositeKey("tenant", "event", "gate")


class GateDeviceRow(TenantRow):
    name = peewee.CharField(max_length=64)
    point = peewee.BlobField()
    sealed_key = peewee.BlobField()
    created_at = peewee.BigIntegerField()

    class Meta:
        table_name = "gate_device"
        primary_key = peewee.CompositeKey("tenant", "name")


GATE_TABLES_4 = (
    GateEventRow,
    GateDeltaRow,
    GateEntryRow,
    GateHeadRow,
    GateAdmissionRow,
    GateContactRow,
    GateLockRow,
    GateEnrolmentRow,
    GateDeviceRow,
)
