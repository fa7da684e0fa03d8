"""Queries on holders: making one, finding one, counting wrong passphrases without letting two guesses share one count."""

from __future__ import annotations

from peewee import IntegrityError

from common.adapters.database import changed
from common.errors import Conflict
from common.ids import Tenant
from wallet_agent.store.tables import Holder


def insert_holder(tenant: Tenant, *, vault_id: str, wrapping: str, key_file_wrapping: bytes | None, now: int) -> None:
    """Raises Conflict("name_taken")."""
    try:
        Holder.insert(
            tenant=tenant,
            vault_id=vault_id,
            created_at=now,
            wrapping=wrapping,
            key_file_wrapping=key_file_wrapping,
            failures=0,
            next_try_at=0,
        ).execute()
    except IntegrityError as error:
        raise Conflict("name_taken", "there is a wallet of this name already") from error


def find_holder(tenant: Tenant) -> Holder | None:
    row: Holder | None = Holder.get_or_none(Holder.tenant == tenant)
    return row


def take_a_try(holder: Holder, *, next_try_at: int, now: int) -> bool:
    """Counts one wrong passphrase *before* it is tried. False when another try is under way or must be waited for."""
    return changed(
        Holder.update(failures=holder.failures + 1, next_try_at=next_try_at).where(
            Holder.tenant == holder.tenant, Holder.failures == holder.failures, Holder.next_try_at <= now
        )
    )


def forgive_tries(tenant: Tenant) -> None:
    """After the right passphrase."""
    Holder.update(failures=0, next_try_at=0).where(Holder.tenant == tenant).execute()


def replace_wrapping(tenant: Tenant, *, seen: str, wrapping: str) -> bool:
    """A new passphrase in place of the one that was seen; False when it was changed meanwhile."""
    return changed(Holder.update(wrapping=wrapping).where(Holder.tenant == tenant, Holder.wrapping == seen))


def set_key_file_wrapping(tenant: Tenant, wrapping: bytes | None) -> None:
    Holder.update(key_file_wrapping=wrapping).where(Holder.tenant == tenant).execute()
