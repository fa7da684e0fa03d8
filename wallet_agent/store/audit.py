"""The audit record of acts: what was done in which wallet and when, never what stood on a card or who asked for it."""

from __future__ import annotations

from common.adapters.audit_table import AuditLog, audit_tables
from common.ids import Tenant
from wallet_agent.store.base import WalletRow

AUDIT_TABLES = audit_tables(WalletRow)
AUDIT = AuditLog(AUDIT_TABLES)


def record(tenant: Tenant, act: str, *, now: int, subject: str = "wallet") -> None:
    """Notes an act, inside the transaction of the act itself. act: one of a few fixed words (``card.received``).

    subject: "wallet", or the random id of a row.
    """
    AUDIT.record(tenant, at=now, actor="holder", act=act, subject=subject)
