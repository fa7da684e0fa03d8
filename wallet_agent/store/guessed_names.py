"""Wrong passphrases at wallets that do not exist: they cost waiting, like those at wallets that do, and so tell nothing."""

from __future__ import annotations

import hashlib

from common.adapters.database import across_tenants
from common.ids import Tenant
from wallet_agent.store.tables import GuessedName

NOBODY = Tenant("-")
"""No wallet's name; the rows belong to no holder."""


def find_guesses(name: str) -> tuple[int, int]:
    """(failures, next_try_at); (0, 0) while nobody tried."""
    row = GuessedName.get_or_none(GuessedName.tenant == NOBODY, GuessedName.id == _id(name))
    return (0, 0) if row is None else (int(row.failures), int(row.next_try_at))


def count_guess(name: str, *, failures: int, next_try_at: int) -> None:
    """failures: with this one."""
    GuessedName.insert(tenant=NOBODY, id=_id(name), failures=failures, next_try_at=next_try_at).on_conflict(
        conflict_target=[GuessedName.tenant, GuessedName.id],
        update={GuessedName.failures: failures, GuessedName.next_try_at: next_try_at},
    ).execute()


def delete_guesses(*, before: int) -> int:
    """Forgets names whose last wait was over by then."""
    with across_tenants("guessed names"):
        return int(GuessedName.delete().where(GuessedName.next_try_at <= before).execute())


def _id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
