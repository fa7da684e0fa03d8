"""Seals the audit records of every wallet of the deployment: a job, which needs no passphrase."""

from __future__ import annotations

from common.adapters.database import across_tenants
from common.ids import Tenant
from wallet_agent.store.audit import AUDIT
from wallet_agent.store.tables import Holder


def seal_audits(*, now: int) -> int:
    """Seals what is open in every wallet's audit record. Answers how many entries."""
    with across_tenants("audit seal"):
        tenants = [Tenant(str(row.tenant)) for row in Holder.select(Holder.tenant)]
    return sum(AUDIT.seal_all(tenant, now=now) for tenant in tenants)
