"""How often strangers tried at this wallet's door (``common.web.limits``). Apart from the other tables: flows do not need it."""

from __future__ import annotations

from common.adapters.database import across_tenants
from common.web.tables import limit_table
from wallet_agent.store.base import WalletRow

TRIES = limit_table(WalletRow)


def delete_old_tries(*, now: int) -> int:
    with across_tenants("old tries"):
        return int(TRIES.delete().where(TRIES.expires_at <= now).execute())
