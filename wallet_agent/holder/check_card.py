"""Is a card still good? Its times, and what the issuer's status list says, with how fresh that knowledge is."""

from __future__ import annotations

from common.adapters.database import transaction
from common.formats.credential import StatusReference
from common.status.fetch_status import worst
from wallet_agent.holder.cards import HeldCard, KnownStatus, open_copy, read_card, read_cards
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.sealed_rows import seal_object
from wallet_agent.store.base import database
from wallet_agent.store.cards import list_copies, set_card_state, set_card_status
from wallet_agent.vault.open_vault import OpenVault


def check_card(vault: OpenVault, card_id: str, *, outside: Outside) -> HeldCard:
    """Asks the status lists of the card's first copy (copies are withdrawn together) and writes down the answer.

    An unreachable list overwrites no better knowledge. A withdrawn card becomes ``superseded`` when a younger card of the same issuer
    and types is held. Raises NotFound.
    """
    card = read_card(vault, card_id)
    now = outside.clock.now()
    known = _ask(_references(vault, card_id), card.face.issuer, outside=outside, now=now)
    if known.value == "unknown" and card.status is not None and card.status.value != "unknown":
        return card
    with transaction(database, "check_card"):
        set_card_status(vault.tenant, card_id, seal_object(vault, "card status", card_id, KnownStatus, known))
        if known.value == "invalid" and card.state == "held" and _has_younger(vault, card):
            set_card_state(vault.tenant, card_id, state="superseded")
    return read_card(vault, card_id)


def check_cards(vault: OpenVault, *, outside: Outside, older_than: int = 300) -> list[HeldCard]:
    """Every held card whose status was not looked at within ``older_than`` seconds."""
    now = outside.clock.now()
    for card in read_cards(vault):
        if card.state == "held" and (card.status is None or card.status.checked_at + older_than <= now):
            check_card(vault, card.id, outside=outside)
    return read_cards(vault)


def standing(card: HeldCard, *, now: int) -> str:
    """One word for pages: superseded, revoked, suspended, expired, not_yet_valid, unknown (never checked, or no answer) or valid."""
    if card.state == "superseded":
        return "superseded"
    if card.status is not None and card.status.value in ("invalid", "suspended"):
        return "revoked" if card.status.value == "invalid" else "suspended"
    if card.face.valid_until is not None and now >= card.face.valid_until:
        return "expired"
    if card.face.valid_from is not None and now < card.face.valid_from:
        return "not_yet_valid"
    return "valid" if card.status is not None and card.status.value in ("valid", "none") else "unknown"


def _references(vault: OpenVault, card_id: str) -> tuple[StatusReference, ...]:
    rows = list_copies(vault.tenant, card_id)
    return open_copy(vault, rows[0]).statuses if rows else ()


def _ask(references: tuple[StatusReference, ...], issuer: str, *, outside: Outside, now: int) -> KnownStatus:
    fact = worst(outside.statuses.check_all(references, issuer=issuer, now=now))
    if fact is None:
        return KnownStatus(value="none", reason="no_status", as_of=None, checked_at=now)
    return KnownStatus(value=fact.value, reason=fact.reason, as_of=fact.as_of, checked_at=now)


def _has_younger(vault: OpenVault, card: HeldCard) -> bool:
    return any(
        other.id != card.id
        and other.state == "held"
        and other.face.issuer == card.face.issuer
        and other.face.types == card.face.types
        and other.face.subject.get("ticket_number") == card.face.subject.get("ticket_number")  # people have several
        and (other.received_at, other.face.issued_at or 0) > (card.received_at, card.face.issued_at or 0)
        for other in read_cards(vault)
    )
