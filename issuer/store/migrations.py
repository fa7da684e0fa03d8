"""The issuer's schema, step by step, forward only. A released step is never edited."""

from __future__ import annotations

from common.adapters.migrations import Migration, create
from issuer.store.audit import AUDIT_TABLES
from issuer.store.staff import StaffSession, StaffToken, Tries
from issuer.store.tables import (
    Credential,
    Grant,
    Institution,
    Offer,
    OutboxMail,
    Person,
    SigningKey,
    StatusEntry,
    StatusList,
    UsedNonce,
)

TABLES = (
    Institution,
    SigningKey,
    Person,
    Offer,
    Grant,
    UsedNonce,
    Credential,
    StatusList,
    StatusEntry,
    OutboxMail,
    *AUDIT_TABLES,
    StaffToken,
    StaffSession,
    Tries,
)

MIGRATIONS = (Migration(1, "the issuer's first tables", create(*TABLES)),)
