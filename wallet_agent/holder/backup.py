"""Everything in a vault into one sealed file, and back: cards with their copies and keys, and the history. Offers under way stay out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from common.adapters.database import transaction
from common.encoding import random_token
from common.errors import Malformed, Refused
from common.ports import Clock
from wallet_agent.holder.cards import CardFace, CopyContent, open_copy, open_face
from wallet_agent.holder.history import Entry, add_history, read_history
from wallet_agent.holder.sealed_rows import seal_object
from wallet_agent.holder.unlock import wrapping_of
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.cards import (
    find_card,
    find_history,
    insert_card,
    insert_copy,
    list_cards,
    list_copies,
)
from wallet_agent.store.holders import find_holder
from wallet_agent.vault.open_vault import OpenVault
from wallet_agent.vault.sealed_file import build_backup, build_backup_under_vault, open_backup
from wallet_agent.vault.wrapping import Cost, check_new_passphrase


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedCopy:
    uses: int
    last_used_at: int
    content: CopyContent


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedCard:
    id: str
    state: str
    received_at: int
    face: CardFace
    copies: tuple[SavedCopy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedEntry:
    id: str
    at: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedWallet:
    """The body of a backup, version 1."""

    cards: tuple[SavedCard, ...]
    history: tuple[SavedEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """How many came back, and how many were here already."""

    made_at: int
    cards: int
    history: int
    already_here: int


_WALLET: TypeAdapter[SavedWallet] = TypeAdapter(SavedWallet)


def make_backup(vault: OpenVault, *, passphrase: str | None, clock: Clock, cost: Cost) -> bytes:
    """The file. passphrase: its own; None: it opens with the passphrase that the vault has now.

    Raises Malformed for a weak passphrase.
    """
    now = clock.now()
    content: dict[str, Any] = _WALLET.dump_python(_gather(vault), mode="json")
    if passphrase is not None:
        check_new_passphrase(passphrase, tenant=vault.tenant)
        file = build_backup(content, passphrase=passphrase, cost=cost, now=now)
    else:
        holder = find_holder(vault.tenant)
        if holder is None:
            raise Refused("locked", "the vault is locked")
        file = build_backup_under_vault(
            content, vault=vault, wrapping=wrapping_of(holder), vault_id=holder.vault_id, now=now
        )
    record(vault.tenant, "backup.made", now=now)
    return file


def restore_backup(vault: OpenVault, file: bytes, passphrase: str, *, clock: Clock) -> Restored:
    """Puts back what is not here: into the same wallet or into another. Twice is the same as once.

    Raises Malformed, Unsupported (a later version), Refused("wrong_passphrase"), Rejected (changed).
    """
    backup = open_backup(file, passphrase)
    try:
        saved = _WALLET.validate_python(backup.content)
    except ValidationError as error:
        raise Malformed("not_a_backup", "the backup's content is not of this version") from error
    now, cards, entries = clock.now(), 0, 0
    with transaction(database, "restore_backup"):
        for card in saved.cards:
            cards += _put_card(vault, card)
        for one in saved.history:
            if find_history(vault.tenant, one.id) is None:
                add_history(vault, one.entry, now=one.at, entry_id=one.id)
                entries += 1
        if cards or entries:
            add_history(vault, Entry(kind="restored", outcome="done", party="", party_names={}), now=now)
        record(vault.tenant, "backup.restored", now=now)
    return Restored(
        made_at=backup.made_at,
        cards=cards,
        history=entries,
        already_here=len(saved.cards) + len(saved.history) - cards - entries,
    )


def _gather(vault: OpenVault) -> SavedWallet:
    cards = tuple(
        SavedCard(
            id=row.id,
            state=row.state,
            received_at=row.created_at,
            face=open_face(vault, row),
            copies=tuple(
                SavedCopy(uses=copy.uses, last_used_at=copy.last_used_at, content=open_copy(vault, copy))
                for copy in list_copies(vault.tenant, row.id)
            ),
        )
        for row in list_cards(vault.tenant)
    )
    entries = tuple(SavedEntry(id=one.id, at=one.at, entry=one.entry) for one in read_history(vault))
    return SavedWallet(cards=cards, history=entries)


def _put_card(vault: OpenVault, card: SavedCard) -> int:
    if find_card(vault.tenant, card.id) is not None:
        return 0
    insert_card(
        vault.tenant,
        card_id=card.id,
        state=card.state,
        sealed=seal_object(vault, "card", card.id, CardFace, card.face),
        now=card.received_at,
    )
    for copy in card.copies:
        copy_id = random_token(12)
        insert_copy(
            vault.tenant,
            copy_id=copy_id,
            card_id=card.id,
            uses=copy.uses,
            last_used_at=copy.last_used_at,
            sealed=seal_object(vault, "card_copy", copy_id, CopyContent, copy.content),
        )
    return 1
