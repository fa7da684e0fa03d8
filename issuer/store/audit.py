"""The audit record of what was issued, changed and withdrawn: one row with each act, in the act's own transaction."""

from __future__ import annotations

from common.adapters.audit_table import AuditLog, audit_tables
from issuer.store.base import Row

AUDIT_TABLES = audit_tables(Row)
AUDIT = AuditLog(AUDIT_TABLES)


def record(tenant: str, *, at: int, actor: str, act: str, subject: str, **facts: str | int) -> None:
    """Notes what was done. actor: `Visitor.actor`, "holder", "cli:…" or "job:…". facts: words and counts, never names or claims.

    Raises Malformed for what is no code and no opaque id.
    """
    AUDIT.record(tenant, at=at, actor=actor, act=act, subject=subject, **facts)
