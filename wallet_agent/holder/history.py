"""The holder's own record: which card came, who asked, what was given, what was refused. Sealed; only its holder reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from common.encoding import random_token
from common.errors import NotFound
from wallet_agent.holder.sealed_rows import open_object, seal_object
from wallet_agent.holder.texts import Texts
from wallet_agent.store.cards import find_history, insert_history, list_history, replace_history
from wallet_agent.store.tables import History
from wallet_agent.vault.open_vault import OpenVault

Path = tuple[str | int | None, ...]
Kind = Literal["received", "presented", "shown", "declined", "deleted", "superseded", "restored", "pass_bound"]
Outcome = Literal["done", "unknown", "refused", "not_sent"]
"""unknown: sent, and nobody knows whether it arrived (a crash, a network that broke)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one card gave. names: of the card at that time, since the card may be gone later. copy_id: of what is shown in person."""

    card_id: str
    names: Texts
    paths: tuple[Path, ...]
    copy_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. party: identifier of the issuer or verifier; party_names: what it called itself; verified_by: how its
    identity was proven, "" where it was not; purpose: why it asked. Who looks at what is shown in person (``shown``) is not known."""

    kind: Kind
    outcome: Outcome
    party: str
    party_names: Texts
    verified_by: str = ""
    purpose: Texts | None = None
    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    id: str
    at: int
    entry: Entry


def add_history(vault: OpenVault, entry: Entry, *, now: int, entry_id: str | None = None) -> str:
    """Writes the entry, inside the caller's transaction; answers its id."""
    entry_id = entry_id or random_token(12)
    insert_history(
        vault.tenant, entry_id=entry_id, at=now, sealed=seal_object(vault, "history", entry_id, Entry, entry)
    )
    return entry_id


def amend_history(vault: OpenVault, entry_id: str, entry: Entry) -> None:
    """What became of it, once that is known."""
    replace_history(vault.tenant, entry_id, seal_object(vault, "history", entry_id, Entry, entry))


def read_history(vault: OpenVault, *, card_id: str | None = None) -> list[HistoryEntry]:
    """Newest first. card_id: only what concerns that card."""
    entries = [_entry(vault, row) for row in list_history(vault.tenant)]
    return [one for one in entries if card_id is None or any(given.card_id == card_id for given in one.entry.given)]


def read_history_entry(vault: OpenVault, entry_id: str) -> HistoryEntry:
    """Raises NotFound."""
    row = find_history(vault.tenant, entry_id)
    if row is None:
        raise NotFound("no_such_entry", "there is no such entry in this wallet's history")
    return _entry(vault, row)


def _entry(vault: OpenVault, row: History) -> HistoryEntry:
    return HistoryEntry(id=row.id, at=row.at, entry=open_object(vault, "history", row.id, Entry, row.sealed))
