"""The tables of events and their tickets. Times are whole seconds, lists are JSON texts, life-cycles a text column (`issuer.store.tables`).

What a gate is told of an event is its pack: every change of what stands in one counts `Event.serial`, in the change's own transaction.
"""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, BooleanField, CharField, CompositeKey, IntegerField, TextField

from issuer.store.base import Row


class Event(Row):
    """id: as it stands in passes and packs, in all deployments. state: open (tickets are had) | closed (none are sold any more).

    capacity, sold: tickets at most, and those that are held or sold now. serial: of the newest pack. list_id: the status list of its
    passes.
    required flags and the like stand with the classes. reentry: 0 none, 1 after an exit. undetermined: 0 refuse, 1 look at a document.
    clock_error: seconds that a gate's clock may err. home_groups: 0 is off. stale_after, challenge_seconds: seconds.
    """

    id = CharField(primary_key=True, max_length=64)
    name_ja = CharField(max_length=100)
    name_en = CharField(max_length=100)
    venue = CharField(max_length=100, default="")
    starts_at = BigIntegerField()
    ends_at = BigIntegerField()
    state = CharField(max_length=16, default="open")
    capacity = BigIntegerField()
    sold = BigIntegerField(default=0)
    reentry = IntegerField(default=0)
    undetermined = IntegerField(default=0)
    clock_error = IntegerField()
    home_groups = IntegerField(default=0)
    stale_after = IntegerField()
    challenge_seconds = IntegerField()
    serial = BigIntegerField(default=1)
    list_id = CharField(max_length=32)
    created_at = BigIntegerField()
    changed_at = BigIntegerField()

    class Meta:
        table_name = "event"
        indexes = ((("tenant", "list_id"), True),)


class EventEntrance(Row):
    """number: 1…255, as gates know it. challenge: codes are shown there in answer to a short number."""

    event_id = CharField(max_length=64)
    number = IntegerField()
    name_ja = CharField(max_length=100)
    name_en = CharField(max_length=100)
    challenge = BooleanField(default=False)

    class Meta:
        table_name = "event_entrance"
        primary_key = CompositeKey("tenant", "event_id", "number")


class EventClass(Row):
    """A class of tickets. number: 1…255, as passes name it. entrances: numbers; windows: pairs of seconds, empty for the whole event.

    required: what must be verified of who holds such a ticket (`issuer.flows.events.flags`). paper: it may be had as a paper pass.
    """

    event_id = CharField(max_length=64)
    number = IntegerField()
    name_ja = CharField(max_length=100)
    name_en = CharField(max_length=100)
    capacity = BigIntegerField()
    sold = BigIntegerField(default=0)
    entrances = TextField(default="[]")
    windows = TextField(default="[]")
    required = IntegerField(default=0)
    paper = BooleanField(default=False)

    class Meta:
        table_name = "event_class"
        primary_key = CompositeKey("tenant", "event_id", "number")


class TicketOrder(Row):
    """A purchase. key_hash: of the idempotency key; asked: of what was asked under it. name, email: the buyer's, may be empty.

    state: asked (a credential is demanded first) → sold | released (it did not come in time).
    """

    id = CharField(primary_key=True, max_length=32)
    event_id = CharField(max_length=64)
    key_hash = CharField(max_length=64)
    token_hash = CharField(max_length=64)
    asked = CharField(max_length=64)
    state = CharField(max_length=16)
    name = CharField(max_length=200, default="")
    email = CharField(max_length=320, default="")
    language = CharField(max_length=8, default="ja")
    expires_at = BigIntegerField(default=0)
    created_at = BigIntegerField()
    changed_at = BigIntegerField()

    class Meta:
        table_name = "ticket_order"
        indexes = (
            (("tenant", "event_id", "key_hash"), True),
            (("tenant", "token_hash"), True),
            (("tenant", "event_id", "created_at"), False),
            (("tenant", "state", "expires_at"), False),
        )


class Entitlement(Row):
    """One ticket of one holder: what all its passes and certificates are made from. Its id stands where others say ``person_id``.

    state: held → sold | released; sold → transferred | refunded | upgraded | excluded; excluded → sold. Each move is one conditional
    UPDATE.
    number: the ticket's, as people read it. flags: what was verified of its holder. replaces, replaced_by: ids, after a transfer or an
    upgrade.
    name_mark, email_mark: keyed hashes by which exclusions find them.
    """

    id = CharField(primary_key=True, max_length=32)
    event_id = CharField(max_length=64)
    class_number = IntegerField()
    order_id = CharField(max_length=32)
    number = CharField(max_length=16)
    state = CharField(max_length=16)
    flags = IntegerField(default=0)
    name = CharField(max_length=200, default="")
    email = CharField(max_length=320, default="")
    name_mark = CharField(max_length=32, default="")
    email_mark = CharField(max_length=32, default="")
    token_hash = CharField(max_length=64)
    replaces = CharField(max_length=32, default="")
    replaced_by = CharField(max_length=32, default="")
    passes = IntegerField(default=0)
    created_at = BigIntegerField()
    changed_at = BigIntegerField()

    class Meta:
        table_name = "entitlement"
        indexes = (
            (("tenant", "event_id", "number"), True),
            (("tenant", "token_hash"), True),
            (("tenant", "event_id", "state"), False),
            (("tenant", "order_id"), False),
            (("tenant", "event_id", "name_mark"), False),
            (("tenant", "event_id", "email_mark"), False),
        )


class GatePass(Row):
    """The last gate pass of a ticket and of those that it replaces. cti: the 8 bytes of them all, in hex. credential_id: the row of
    `Credential` with its status."""

    event_id = CharField(max_length=64)
    cti = CharField(max_length=16)
    entitlement_id = CharField(max_length=32)
    credential_id = CharField(max_length=32)

    class Meta:
        table_name = "gate_pass"
        primary_key = CompositeKey("tenant", "event_id", "cti")
        indexes = ((("tenant", "entitlement_id"), False),)


class TicketTransfer(Row):
    """An invitation to take a ticket over. state: open → taken | cancelled. name, email: of who wants it, once they have said so;
    taker_hash:
    of a secret in their browser, by which they are known again.
    """

    id = CharField(primary_key=True, max_length=32)
    event_id = CharField(max_length=64)
    entitlement_id = CharField(max_length=32)
    state = CharField(max_length=16, default="open")
    token_hash = CharField(max_length=64)
    taker_hash = CharField(max_length=64, default="")
    name = CharField(max_length=200, default="")
    email = CharField(max_length=320, default="")
    taken_by = CharField(max_length=32, default="")
    created_at = BigIntegerField()
    expires_at = BigIntegerField()

    class Meta:
        table_name = "ticket_transfer"
        indexes = ((("tenant", "token_hash"), True), (("tenant", "entitlement_id"), False))


class TicketMail(Row):
    """That a link was mailed: kind link (subject: a ticket; about: its order) or transfer (an invitation; about: the ticket). It is
    mailed once, so this stays when the row of the outbox (mail_id) goes.
    """

    subject = CharField(max_length=32)
    event_id = CharField(max_length=64)
    kind = CharField(max_length=16)
    about = CharField(max_length=32)
    language = CharField(max_length=8, default="")
    mail_id = CharField(max_length=32)

    class Meta:
        table_name = "ticket_mail"
        primary_key = CompositeKey("tenant", "subject")
        indexes = (
            (("tenant", "event_id"), False),
            (("tenant", "mail_id"), False),
            (("tenant", "kind", "about"), False),
        )


class CredentialDemand(Row):
    """A credential that is demanded before a ticket is had, asked for by the verifier. subject: id of an order, or of a
    transfer and who takes it.

    state: open → passed | failed. session, link, wallet_link: the verifier's. flags: what it proved. asked_at: when the verifier was
    last asked.
    """

    id = CharField(primary_key=True, max_length=32)
    event_id = CharField(max_length=64)
    subject = CharField(max_length=32)
    question = CharField(max_length=64)
    session = CharField(max_length=128)
    link = TextField()
    wallet_link = TextField(default="")
    state = CharField(max_length=16, default="open")
    flags = IntegerField(default=0)
    asked_at = BigIntegerField(default=0)
    created_at = BigIntegerField()
    expires_at = BigIntegerField()

    class Meta:
        table_name = "credential_demand"
        indexes = ((("tenant", "subject"), False),)


class EventExclusion(Row):
    """Somebody who is not let in. mark: a keyed hash of what was written down; the writing itself is not kept. kind: email | name."""

    id = CharField(primary_key=True, max_length=32)
    event_id = CharField(max_length=64)
    kind = CharField(max_length=16)
    mark = CharField(max_length=32)
    created_at = BigIntegerField()

    class Meta:
        table_name = "event_exclusion"
        indexes = ((("tenant", "event_id", "kind", "mark"), True),)


class GateCode(Row):
    """A code with which one device becomes a gate (role 0) or a hub (role 1). state: open → used | cancelled. entrances: numbers."""

    id = CharField(primary_key=True, max_length=32)
    event_id = CharField(max_length=64)
    code_hash = CharField(max_length=64)
    state = CharField(max_length=16, default="open")
    role = IntegerField(default=0)
    entrances = TextField(default="[]")
    home_group = IntegerField(default=0)
    gate_id = CharField(max_length=16, default="")
    created_at = BigIntegerField()
    expires_at = BigIntegerField()

    class Meta:
        table_name = "gate_code"
        indexes = ((("tenant", "event_id", "code_hash"), True),)


class EventGate(Row):
    """A scanner or hub. gate_id: the first 8 bytes of SHA-256 of its public key, hex. point: that key, compressed.

    token_hash: of the token with which it fetches packs. seen_at: when it last did.
    """

    event_id = CharField(max_length=64)
    gate_id = CharField(max_length=16)
    name = CharField(max_length=100)
    point = BlobField()
    role = IntegerField(default=0)
    entrances = TextField(default="[]")
    home_group = IntegerField(default=0)
    token_hash = CharField(max_length=64)
    enrolled_at = BigIntegerField()
    locked_at = BigIntegerField(null=True)
    seen_at = BigIntegerField(null=True)

    class Meta:
        table_name = "event_gate"
        primary_key = CompositeKey("tenant", "event_id", "gate_id")
        indexes = ((("tenant", "token_hash"), True),)


class EventPack(Row):
    """A pack as it was signed, for those who have it and ask what changed since. file: COSE_Sign1. keys: digest of the keys that it
    names."""

    event_id = CharField(max_length=64)
    serial = BigIntegerField()
    file = BlobField()
    keys = CharField(max_length=64)
    issued_at = BigIntegerField()
    good_until = BigIntegerField()

    class Meta:
        table_name = "event_pack"
        primary_key = CompositeKey("tenant", "event_id", "serial")


EVENT_TABLES = (
    Event,
    EventEntrance,
    EventClass,
    TicketOrder,
    Entitlement,
    GatePass,
    TicketTransfer,
    CredentialDemand,
    EventExclusion,
    GateCode,
    EventGate,
    EventPack,
)
