"""What a gate, a hub and the verifier keep of events: packs, journals, admissions, devices. Every row has its event beside its tenant.

Journals are sets of entries, found by (gate, sequence, hash): they only grow. Admissions are what a hub's conditional insert decides by.
"""

from __future__ import annotations

import peewee

from verifier.store.base import JsonField, Row, TimeField


class _EventRow(Row):
    event = peewee.CharField(max_length=64)


class GateEventRow(_EventRow):
    """An event that was loaded here. pack: the signed file. signers: compressed points in hexadecimal, the pinned one and those it named.

    organiser: address of the organiser's API, or empty; sealed_token: what we are to it. entries: how many of its journals' entries a hub
    has taken in and counted (`verifier.gate.tally`); it grows with every exchange that brings something. -1: still to be counted.
    """

    serial = peewee.BigIntegerField()
    pack = peewee.BlobField()
    signers = JsonField()
    loaded_at = TimeField()
    organiser = peewee.CharField(max_length=500, default="")
    sealed_token = peewee.BlobField(null=True)
    entries = peewee.BigIntegerField(default=0)

    class Meta:
        table_name = "gate_event"
        primary_key = peewee.CompositeKey("tenant", "event")


class GateDeltaRow(_EventRow):
    """The way from an older pack to a later one, as its signer made it."""

    from_serial = peewee.BigIntegerField()
    to_serial = peewee.BigIntegerField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_delta"
        primary_key = peewee.CompositeKey("tenant", "event", "from_serial")


class GateEntryRow(_EventRow):
    """One entry of a journal. data: its bytes. undoes: of an UNDO, by an index over these alone. time: milliseconds."""

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


class GateHeadRow(_EventRow):
    """The signed head of a gate's chain. time: milliseconds."""

    gate = peewee.BlobField()
    sequence = peewee.BigIntegerField()
    hash = peewee.BlobField()
    time = peewee.BigIntegerField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_head"
        primary_key = peewee.CompositeKey("tenant", "event", "gate", "sequence", "hash")


class GateAdmissionRow(_EventRow):
    """Inserted once: the entry that let a ticket in. generation: how often it had entered and left before. data: the gate's request.

    It is no part of the gate's journal here until the journal itself arrives: what comes before it in the chain may be missing still.
    """

    cti = peewee.BlobField()
    generation = peewee.IntegerField()
    hash = peewee.BlobField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_admission"
        primary_key = peewee.CompositeKey("tenant", "event", "cti", "generation")


class GateAskedRow(_EventRow):
    """An entry that a gate asked this hub about and let somebody in by, until its journal brings it. data: the gate's signed request.

    Should the gate be destroyed before, this is all that is left of the entry.
    """

    gate = peewee.BlobField()
    sequence = peewee.BigIntegerField()
    hash = peewee.BlobField()
    data = peewee.BlobField()

    class Meta:
        table_name = "gate_asked"
        primary_key = peewee.CompositeKey("tenant", "event", "gate", "sequence", "hash")


class GateTallyRow(_EventRow):
    """People by minute since 1970, entrance and kind of entry, without those that were taken back. minute 0: of all minutes."""

    minute = peewee.BigIntegerField()
    entrance = peewee.SmallIntegerField()
    kind = peewee.SmallIntegerField()
    people = peewee.BigIntegerField()

    class Meta:
        table_name = "gate_tally"
        primary_key = peewee.CompositeKey("tenant", "event", "minute", "entrance", "kind")


class GateExcessRow(_EventRow):
    """A ticket that entered while it was inside. times: how often; last: when last, in milliseconds."""

    cti = peewee.BlobField()
    times = peewee.IntegerField()
    last = peewee.BigIntegerField()

    class Meta:
        table_name = "gate_excess"
        primary_key = peewee.CompositeKey("tenant", "event", "cti")


class GateContactRow(_EventRow):
    """A device as the hub last heard of it. seen_at: seconds. clock_off: its clock less ours, in milliseconds, when it last asked."""

    gate = peewee.BlobField()
    seen_at = TimeField()
    clock_off = peewee.BigIntegerField(default=0)

    class Meta:
        table_name = "gate_contact"
        primary_key = peewee.CompositeKey("tenant", "event", "gate")


class GateLockRow(_EventRow):
    """A device that an operator locked here; the organiser's next pack says it to all. locked_at: seconds."""

    gate = peewee.BlobField()
    locked_at = TimeField()

    class Meta:
        table_name = "gate_lock"
        primary_key = peewee.CompositeKey("tenant", "event", "gate")


class GateEnrolmentRow(_EventRow):
    """A device that asked to be enrolled, until the organiser has heard of it. request: its signed message."""

    gate = peewee.BlobField()
    name = peewee.CharField(max_length=200)
    request = peewee.BlobField()
    asked_at = TimeField()
    forwarded_at = TimeField(null=True)

    class Meta:
        table_name = "gate_enrolment"
        primary_key = peewee.CompositeKey("tenant", "event", "gate")


class GateDeviceRow(Row):
    """This machine's own key as a gate. point: compressed; sealed_key: private JWK, sealed."""

    name = peewee.CharField(max_length=64)
    point = peewee.BlobField()
    sealed_key = peewee.BlobField()
    created_at = TimeField()

    class Meta:
        table_name = "gate_device"
        primary_key = peewee.CompositeKey("tenant", "name")
