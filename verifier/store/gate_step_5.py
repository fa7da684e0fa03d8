"""What step 5 of the schema added to a hub: counts that are kept up as journals come in, and requests whose journal has not come."""

from __future__ import annotations

from typing import Any

import peewee

from common.adapters.database import TenantRow
from common.adapters.migrations import create


class GateTallyRow(TenantRow):
    """`verifier.store.gate.GateTallyRow` as step 5 made it."""

    event = peewee.CharField(max_length=64)
    minute = peewee.BigIntegerField()
    entrance = peewee.SmallIntegerField()
    kind = peewee.SmallIntegerField()
    people = peewee.BigIntegerField()

    class Meta:
        table_name = "gate_tally"
        primary_key = peewee.CompositeKey("tenant", "event", "minute", "entrance", "kind")


class GateExcessRow(TenantRow):
    """`verifier.store.gate.GateExcessRow` as step 5 made it."""

    event = peewee.CharField(max_length=64)
    cti = peewee.BlobField()
    times = peewee.IntegerField()
    last = peewee.BigIntegerField()

    class Meta:
        table_name = "gate_excess"
        primary_key = peewee.CompositeKey("tenant", "event", "cti")


class GateAskedRow(TenantRow):
    """`verifier.store.gate.GateAskedRow` as step 5 made it."""

    event = peewee.CharField(max_length=64)
    gate = peewee.BlobField()
    sequence = peewee.BigIntegerField()
    hash = peewee.BlobField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_asked"
        primary_key = peewee.CompositeKey("tenant", "event", "gate", "sequence", "hash")


def count_at_a_hub(migrator: Any) -> None:
    """Events that are here already are counted when somebody looks, or the next journal comes: -1 says that nobody has."""
    create(GateTallyRow, GateExcessRow, GateAskedRow)(migrator)
    migrator.migrate(migrator.add_column("gate_event", "entries", peewee.BigIntegerField(default=-1)))
    migrator.database.execute_sql(
        "CREATE INDEX gateentryrow_undoes ON gate_entry (tenant, event, gate, undoes) WHERE undoes IS NOT NULL"
    )
