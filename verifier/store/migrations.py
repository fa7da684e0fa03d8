"""The verifier's schema, step by step, forward only. A released step is never edited."""

from __future__ import annotations

import peewee

from common.adapters.database import TenantRow
from common.adapters.migrations import Migration, create
from verifier.store.audit import AUDIT_TABLES
from verifier.store.gate_step_4 import GATE_TABLES_4
from verifier.store.gate_step_5 import count_at_a_hub
from verifier.store.operators import OperatorSession, OperatorToken, Tries
from verifier.store.relying_parties import RelyingPartyRow
from verifier.store.sessions import SessionRow
from verifier.store.verdicts import DisclosedRow, VerdictRow

TABLES = (
    RelyingPartyRow,
    SessionRow,
    VerdictRow,
    DisclosedRow,
    *AUDIT_TABLES,
    OperatorToken,
    OperatorSession,
    Tries,
)


class _Shown(TenantRow):
    """`verifier.store.shown.ShownRow` as step 2 made it."""

    digest = peewee.BlobField()
    forget_at = peewee.BigIntegerField(index=True)

    class Meta:
        table_name = "shown"
        primary_key = peewee.CompositeKey("tenant", "digest")


class _PartyKey(TenantRow):
    """`verifier.store.party_keys.PartyKeyRow` as step 3 made it."""

    kid = peewee.CharField(max_length=64)
    sealed_key = peewee.BlobField()
    public_jwk = peewee.TextField()
    x5c = peewee.TextField()
    created_at = peewee.BigIntegerField()
    active_from = peewee.BigIntegerField()

    class Meta:
        table_name = "relying_party_key"
        primary_key = peewee.CompositeKey("tenant", "kid")


MIGRATIONS = (
    Migration(1, "the verifier's first tables", create(*TABLES)),
    Migration(2, "what was shown in person", create(_Shown)),
    Migration(3, "keys that succeed a relying party's first one", create(_PartyKey)),
    Migration(4, "gates: packs, journals, admissions, devices", create(*GATE_TABLES_4)),
    Migration(5, "hubs count as journals come in", count_at_a_hub),
)
