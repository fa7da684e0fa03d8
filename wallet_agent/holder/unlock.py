"""Unlocking and locking: a passphrase or key file → an open vault; an open vault → a session that only its token opens again.

Wrong passphrases are counted per holder, in the database, *before* they are tried: many guesses at once, in many processes, count as
many. The right passphrase sets the count back.
"""

from __future__ import annotations

from common.adapters.database import transaction
from common.encoding import compact_json, parse_json_object
from common.errors import Conflict, Refused, TooMany
from common.ids import Tenant
from common.ports import Clock
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.guessed_names import count_guess, find_guesses
from wallet_agent.store.holders import (
    find_holder,
    forgive_tries,
    replace_wrapping,
    set_key_file_wrapping,
    take_a_try,
)
from wallet_agent.store.sessions import delete_session, delete_sessions, find_session, insert_session
from wallet_agent.store.tables import Holder
from wallet_agent.vault.open_vault import OpenVault
from wallet_agent.vault.session_key import open_session, resume_session, session_id
from wallet_agent.vault.throttle import wait_after
from wallet_agent.vault.wrapping import (
    Cost,
    PassphraseWrapping,
    check_new_passphrase,
    unwrap_with_key_file,
    unwrap_with_passphrase,
    wrap_with_key_file,
    wrap_with_passphrase,
)

_MEETINGS = 5
"""How often to look again when another try was counted at the same moment."""


def wrapping_of(holder: Holder) -> PassphraseWrapping:
    return PassphraseWrapping.from_json(parse_json_object(holder.wrapping))


def open_with_passphrase(tenant: Tenant, passphrase: str, *, clock: Clock, cost: Cost) -> OpenVault:
    """The vault, open. cost: what a passphrase of a wallet that does not exist costs, so that it takes as long to be refused; its
    tries are counted alike, so that nobody learns from the answers which wallets there are.

    Raises Refused("wrong_passphrase") (also for an unknown wallet), TooMany after several wrong ones.
    """
    now = clock.now()
    holder = _count_a_try(tenant, now=now)
    if holder is None:
        _count_guess(tenant, now=now)
        wrap_with_passphrase(bytes(32), passphrase[:64], label="nobody", cost=cost)
        raise Refused("wrong_passphrase", "this passphrase does not open the vault")
    try:
        key = unwrap_with_passphrase(wrapping_of(holder), passphrase, label=holder.vault_id)
    except Refused:
        record(tenant, "passphrase.wrong", now=now)
        raise
    forgive_tries(tenant)
    return OpenVault(tenant, key)


def _count_a_try(tenant: Tenant, *, now: int) -> Holder | None:
    """The holder, with this try counted as a failure until it proves right; None where there is no such wallet."""
    wait = 1
    for _ in range(_MEETINGS):
        holder = find_holder(tenant)
        if holder is None:
            return None
        wait = max(1, holder.next_try_at - now)
        if holder.next_try_at > now:
            break
        if take_a_try(holder, next_try_at=now + wait_after(holder.failures + 1), now=now):
            return holder
    raise _too_many(wait)


def _count_guess(tenant: Tenant, *, now: int) -> None:
    """Counts a try at a name that no wallet has, and makes the guesser wait as for one that there is."""
    failures, next_try_at = find_guesses(tenant)
    if next_try_at > now:
        raise _too_many(next_try_at - now)
    count_guess(tenant, failures=failures + 1, next_try_at=now + wait_after(failures + 1))


def _too_many(wait: int) -> TooMany:
    return TooMany("too_many_tries", "too many wrong passphrases; wait before the next try", retry_after=wait)


def open_with_key_file(tenant: Tenant, file_key: bytes) -> OpenVault:
    """The vault, open, without a passphrase. Raises Refused("wrong_key_file") (also where none was ever set up)."""
    holder = find_holder(tenant)
    if holder is None or holder.key_file_wrapping is None:
        raise Refused("wrong_key_file", "this key file does not open the vault")
    return OpenVault(tenant, unwrap_with_key_file(holder.key_file_wrapping, file_key, label=holder.vault_id))


def start_session(vault: OpenVault, *, clock: Clock, seconds: int) -> str:
    """The token for cookie or bearer. It is shown here once and kept nowhere."""
    session, now = open_session(vault), clock.now()
    with transaction(database, "unlock"):
        insert_session(
            vault.tenant,
            session_id=session.session_id,
            sealed_key=session.sealed_key,
            now=now,
            expires_at=now + seconds,
        )
        record(vault.tenant, "wallet.unlocked", now=now)
    return session.token


def resume(tenant: Tenant, token: str, *, clock: Clock) -> OpenVault:
    """The vault behind a token. Raises Refused("locked"): unknown, expired, locked since, or another holder's."""
    row = find_session(tenant, session_id(token), now=clock.now())
    if row is None:
        raise Refused("locked", "the vault is locked")
    return resume_session(tenant, token, row.sealed_key)


def lock(tenant: Tenant, token: str, *, clock: Clock) -> None:
    """Ends this session. Locking twice is no error, and no act: a stranger's noise does not get into the holder's record."""
    with transaction(database, "lock"):
        if delete_session(tenant, session_id(token)):
            record(tenant, "wallet.locked", now=clock.now())


def lock_everywhere(tenant: Tenant, *, clock: Clock) -> int:
    """Ends every session of the holder; answers how many there were."""
    with transaction(database, "lock_everywhere"):
        ended = delete_sessions(tenant)
        record(tenant, "wallet.locked-everywhere", now=clock.now())
    return ended


def change_passphrase(tenant: Tenant, old: str, new: str, *, clock: Clock, cost: Cost) -> OpenVault:
    """Wraps the vault key anew and ends every session; rows stay as they are. Answers the open vault.

    Raises as `open_with_passphrase`; Malformed for a weak new one; Conflict when two changes met.
    """
    check_new_passphrase(new, tenant=tenant)
    vault = open_with_passphrase(tenant, old, clock=clock, cost=cost)
    holder = find_holder(tenant)
    if holder is None:
        raise Refused("wrong_passphrase", "this passphrase does not open the vault")
    wrapping = wrap_with_passphrase(vault.key, new, label=holder.vault_id, cost=cost)
    with transaction(database, "change_passphrase"):
        if not replace_wrapping(tenant, seen=holder.wrapping, wrapping=compact_json(wrapping.as_json()).decode()):
            raise Conflict("passphrase_changed", "the passphrase was changed by somebody else at this moment")
        delete_sessions(tenant)
        record(tenant, "passphrase.changed", now=clock.now())
    return vault


def set_key_file(vault: OpenVault, file_key: bytes | None, *, clock: Clock) -> None:
    """Lets a key file open the vault from now on; None takes that back."""
    holder = find_holder(vault.tenant)
    if holder is None:
        raise Refused("locked", "the vault is locked")
    with transaction(database, "set_key_file"):
        set_key_file_wrapping(
            vault.tenant, None if file_key is None else wrap_with_key_file(vault.key, file_key, label=holder.vault_id)
        )
        record(vault.tenant, "key-file.set" if file_key is not None else "key-file.removed", now=clock.now())
