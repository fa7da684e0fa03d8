"""The issuer's schema, step by step, forward only. A released step is never edited: what a later one alters stands here as it was."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigIntegerField, BlobField, BooleanField, CharField, IntegerField, TextField

from common.adapters.database import TenantRow
from common.adapters.migrations import Migration, create
from issuer.store.audit import AUDIT_TABLES
from issuer.store.event_tables import EVENT_TABLES, TicketMail
from issuer.store.staff import StaffSession, StaffToken, Tries
from issuer.store.tables import (
    ONE_OF_A_STATE,
    CardAttempt,
    Grant,
    Institution,
    Offer,
    OutboxMail,
    Person,
    UsedNonce,
)


class _SigningKey1(TenantRow):
    """`SigningKey` as step 1 made it."""

    id = CharField(primary_key=True, max_length=64)
    alg = CharField(max_length=16)
    public_jwk = TextField()
    sealed = BlobField()
    x5c = TextField(default="[]")
    created_at = BigIntegerField()
    retired_at = BigIntegerField(null=True)

    class Meta:
        table_name = "signingkey"


class _Credential1(TenantRow):
    """`Credential` as step 1 made it."""

    id = CharField(primary_key=True, max_length=32)
    batch_id = CharField(max_length=32)
    grant_id = CharField(max_length=32)
    offer_id = CharField(max_length=32)
    person_id = CharField(max_length=32)
    type_name = CharField(max_length=64)
    configuration = CharField(max_length=64)
    list_id = CharField(max_length=32)
    list_index = BigIntegerField()
    holder_thumbprint = CharField(max_length=64)
    state = CharField(max_length=16)
    ended_by = CharField(max_length=32, default="")
    superseded_by = CharField(max_length=32, default="")
    received = CharField(max_length=32, default="")
    issued_at = BigIntegerField()
    valid_until = BigIntegerField()

    class Meta:
        table_name = "credential"
        indexes = (
            (("tenant", "list_id", "list_index"), True),
            (("tenant", "person_id"), False),
            (("tenant", "batch_id"), False),
            (("tenant", "grant_id"), False),
        )


class _StatusList1(TenantRow):
    """`StatusList` as step 1 made it."""

    id = CharField(primary_key=True, max_length=32)
    size = BigIntegerField()
    permutation_key = BlobField()
    next_position = BigIntegerField(default=0)
    full = BooleanField(default=False)
    version = BigIntegerField(default=0)
    created_at = BigIntegerField()

    class Meta:
        table_name = "statuslist"


class _StatusEntry1(TenantRow):
    """`StatusEntry` as step 1 made it."""

    list_id = CharField(max_length=32)
    list_index = BigIntegerField()
    value = IntegerField()

    class Meta:
        table_name = "statusentry"
        primary_key = peewee.CompositeKey("tenant", "list_id", "list_index")


class _SigningChoice2(TenantRow):
    """`SigningChoice` as step 2 made it."""

    type_name = CharField(max_length=64)
    alg = CharField(max_length=16)
    changed_at = BigIntegerField()

    class Meta:
        table_name = "signingchoice"
        primary_key = peewee.CompositeKey("tenant", "type_name")


class _DidLog4(TenantRow):
    """`DidLog` as step 4 made it."""

    id = CharField(primary_key=True, max_length=64)
    did = CharField(max_length=512)
    number = IntegerField()
    log = TextField()
    pending = TextField(default="")
    witness_file = TextField(default="[]")
    keys = BlobField()
    deactivated = BooleanField(default=False)
    changed_at = BigIntegerField()

    class Meta:
        table_name = "didlog"


class _TimeStamp6(TenantRow):
    """`TimeStamp` as step 6 made it."""

    digest = CharField(max_length=43)
    batch_id = CharField(max_length=32)
    state = CharField(max_length=16)
    answer = BlobField(null=True)
    stamped_at = BigIntegerField(null=True)
    attempts = IntegerField(default=0)
    not_before = BigIntegerField()
    problem = CharField(max_length=64, default="")
    created_at = BigIntegerField()

    class Meta:
        table_name = "timestamp"
        primary_key = peewee.CompositeKey("tenant", "digest")
        indexes = ((("state", "not_before"), False),)


class _Course7(TenantRow):
    """`Course` as step 7 made it."""

    person_id = CharField(max_length=32)
    code = CharField(max_length=32)
    term = CharField(max_length=32)
    name_ja = CharField(max_length=100)
    name_en = CharField(max_length=100)
    credits = CharField(max_length=8)
    grade = CharField(max_length=16)
    completed_on = CharField(max_length=10)
    updated_at = BigIntegerField()

    class Meta:
        table_name = "course"
        primary_key = peewee.CompositeKey("tenant", "person_id", "code", "term")


class _CardReading8(TenantRow):
    """`CardReading` as step 8 made it."""

    id = CharField(primary_key=True, max_length=32)
    state = CharField(max_length=16, default="open")
    nonce = BlobField(null=True)
    card = CharField(max_length=32, default="")
    environment = CharField(max_length=16, default="")
    types = TextField(default="[]")
    claims = BlobField(null=True)
    record = BlobField(null=True)
    questions = BlobField(null=True)
    offer_id = CharField(max_length=32, default="")
    next_question_at = BigIntegerField(null=True)
    revoked_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    expires_at = BigIntegerField()
    forget_at = BigIntegerField()

    class Meta:
        table_name = "card_reading"
        indexes = ((("next_question_at",), False), (("tenant", "state"), False))


for frozen in (
    _SigningKey1,
    _Credential1,
    _SigningChoice2,
    _DidLog4,
    _TimeStamp6,
    _Course7,
    _CardReading8,
):  # peewee names an index by its model's name
    frozen._meta.name = frozen._meta.table_name

TABLES_1 = (
    Institution,
    _SigningKey1,
    Person,
    Offer,
    Grant,
    UsedNonce,
    _Credential1,
    _StatusList1,
    _StatusEntry1,
    OutboxMail,
    *AUDIT_TABLES,
    StaffToken,
    StaffSession,
    Tries,
)


def _give_keys_a_life(migrator: Any) -> None:
    """Until now each institution had one key, which signed everything that it issued."""
    create(_SigningChoice2)(migrator)
    key = {
        "purpose": CharField(max_length=16, default="credentials"),
        "state": CharField(max_length=16, default="active"),
        "backend": CharField(max_length=16, default="software"),
        "token_object": CharField(max_length=64, default=""),
        "published_at": BigIntegerField(default=0),
        "active_from": BigIntegerField(default=0),
        "compromised_since": BigIntegerField(null=True),
    }
    steps = [migrator.add_column("signingkey", name, column) for name, column in key.items()]
    steps.append(migrator.add_column("credential", "kid", CharField(max_length=64, default="")))
    for step in steps:
        migrator.migrate(step)
    run = migrator.database.execute_sql
    run("UPDATE signingkey SET published_at = created_at, active_from = created_at")
    run("UPDATE signingkey SET state = 'retired' WHERE retired_at IS NOT NULL")
    run(
        "UPDATE credential SET kid = (SELECT MAX(signingkey.id) FROM signingkey WHERE signingkey.tenant = credential.tenant)"
    )
    for state in ONE_OF_A_STATE:
        run(f"CREATE UNIQUE INDEX signingkey_one_{state} ON signingkey (tenant, alg, purpose) WHERE state = '{state}'")
    run("CREATE INDEX credential_tenant_kid ON credential (tenant, kid)")


def _tell_what_changed(migrator: Any) -> None:
    """Entries know since which version of their list they stand as they do, so that changes can be told without the whole list."""
    for table, name in (("statuslist", "changed_at"), ("statusentry", "version")):
        migrator.migrate(migrator.add_column(table, name, BigIntegerField(default=0)))
    run = migrator.database.execute_sql
    run("UPDATE statuslist SET changed_at = created_at")
    run("UPDATE statusentry SET version = 1")
    run("CREATE INDEX statusentry_tenant_list_id_version ON statusentry (tenant, list_id, version)")


def _let_keys_sign_mdocs(migrator: Any) -> None:
    migrator.migrate(migrator.add_column("signingkey", "document_signer", TextField(default="[]")))


def _let_holders_be_told(migrator: Any) -> None:
    migrator.migrate(migrator.add_column("card_reading", "contact", BlobField(null=True)))


MIGRATIONS = (
    Migration(1, "the issuer's first tables", create(*TABLES_1)),
    Migration(2, "keys have a life", _give_keys_a_life),
    Migration(3, "status lists tell what changed", _tell_what_changed),
    Migration(4, "institutions may have a did:webvh", create(_DidLog4)),
    Migration(5, "keys may sign mdocs", _let_keys_sign_mdocs),
    Migration(6, "copies may be time-stamped", create(_TimeStamp6)),
    Migration(7, "people have courses", create(_Course7)),
    Migration(8, "cards are read", create(_CardReading8)),
    Migration(9, "numbers of cards are not guessed", create(CardAttempt)),
    Migration(10, "holders of cards may be told of a revocation", _let_holders_be_told),
    Migration(11, "events have tickets", create(*EVENT_TABLES)),
    Migration(12, "links to tickets are mailed", create(TicketMail)),
)
