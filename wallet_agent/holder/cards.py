"""Cards: what the vault keeps of a certificate, and reading it back. Domain types and the gathering around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from common.errors import NotFound
from common.formats.credential import StatusReference
from common.oid4vci.issuer_metadata import CredentialConfiguration, Display
from wallet_agent.holder.offer_states import Terms, Token
from wallet_agent.holder.sealed_rows import open_object
from wallet_agent.store.cards import find_card, list_cards, list_copies
from wallet_agent.store.tables import Card, CardCopy
from wallet_agent.vault.open_vault import OpenVault

CardState = Literal["held", "superseded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the card came from and how to ask there again. token: None where the issuer gave none that lasts."""

    terms: Terms
    configuration: CredentialConfiguration
    token: Token | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFace:
    """What a card says. claims: the whole document, the root of claims paths; subject: the claims about the person alone.

    issuer: identifier in the credential; key_path, key_evidence: how its key was found when the card came. Times in seconds.
    """

    format: str
    types: tuple[str, ...]
    issuer: str
    issuer_display: tuple[Display, ...]
    display: tuple[Display, ...]
    claims: dict[str, Any] = field(repr=False)
    subject: dict[str, Any] = field(repr=False)
    issued_at: int | None
    valid_from: int | None
    valid_until: int | None
    key_path: str
    key_evidence: str
    origin: Origin = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyContent:
    """One copy: the credential as it came, the private key it is bound to, and its own places in the status lists."""

    credential: str = field(repr=False)
    private_jwk: dict[str, Any] = field(repr=False)
    holder_did: str | None
    status: StatusReference | None
    more_statuses: tuple[StatusReference, ...] = ()

    @property
    def statuses(self) -> tuple[StatusReference, ...]:
        return (*((self.status,) if self.status is not None else ()), *self.more_statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStatus:
    """What the issuer's status list said. value: valid, invalid, suspended, application_specific or unknown.

    as_of: when the issuer stated it; checked_at: when we looked.
    """

    value: str
    reason: str
    as_of: int | None
    checked_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCard:
    """A card as pages and flows see it. copies: how many there are; fresh: how many were never shown."""

    id: str
    state: str
    received_at: int
    face: CardFace
    status: KnownStatus | None
    copies: int
    fresh: int


def open_face(vault: OpenVault, row: Card) -> CardFace:
    return open_object(vault, "card", row.id, CardFace, row.sealed)


def open_copy(vault: OpenVault, row: CardCopy) -> CopyContent:
    return open_object(vault, "card_copy", row.id, CopyContent, row.sealed)


def read_card(vault: OpenVault, card_id: str) -> HeldCard:
    """Raises NotFound."""
    row = find_card(vault.tenant, card_id)
    if row is None:
        raise NotFound("no_such_card", "there is no such card in this wallet")
    return _held(vault, row)


def read_cards(vault: OpenVault) -> list[HeldCard]:
    """Every card, newest first; superseded ones after those that are held."""
    cards = [_held(vault, row) for row in list_cards(vault.tenant)]
    return sorted(cards, key=lambda card: card.state != "held")


def _held(vault: OpenVault, row: Card) -> HeldCard:
    copies = list_copies(vault.tenant, row.id)
    return HeldCard(
        id=row.id,
        state=row.state,
        received_at=row.created_at,
        face=open_face(vault, row),
        status=None
        if row.sealed_status is None
        else open_object(vault, "card status", row.id, KnownStatus, row.sealed_status),
        copies=len(copies),
        fresh=sum(copy.uses == 0 for copy in copies),
    )
