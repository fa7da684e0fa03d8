"""The audit record of what was asked and decided: one row with each act, in the act's own transaction. No personal data."""

from __future__ import annotations

from common.adapters.audit_table import AuditLog, audit_tables
from verifier.store.base import Row

AUDIT_TABLES = audit_tables(Row)
AUDIT = AuditLog(AUDIT_TABLES)


def record(tenant: str, *, at: int, actor: str, act: str, subject: str, **facts: str | int) -> None:
    """Notes what was done. actor: `Visitor.actor`, "holder", "cli:…" or "job:…". Raises Malformed for what is no code and no opaque id."""
    AUDIT.record(tenant, at=at, actor=actor, act=act, subject=subject, **facts)
