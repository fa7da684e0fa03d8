"""Opens a session in which one card is read: a challenge of ours, which the card answers once (`accept_card`).

The reading's life: open → read → offered → over. Its id stands where offers, grants and credentials of the roll have a person's.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from common.adapters.database import transaction
from common.cards.possession import PossessionChallenge
from common.cards.trust import CardTrust
from common.errors import Conflict, NotFound, Refused
from issuer.flows.desk import Desk
from issuer.store.audit import record
from issuer.store.tables import CardReading

NONCE_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSession:
    """token: proves to the relay's endpoint that this session is meant; it opens nothing else. expires_at: seconds since 1970."""

    id: str
    token: str = field(repr=False)
    challenge: PossessionChallenge
    expires_at: int


def open_card_session(desk: Desk, tenant: str, *, actor: str, seconds: int | None = None) -> CardSession:
    """seconds: it is open; None: ``card_session_seconds``. Raises Refused("cards_not_set_up") where card_trust names no roots."""
    desk.keys.identity(tenant)
    believed_roots(desk)
    now, reading_id, nonce = desk.now, secrets.token_hex(12), secrets.token_bytes(NONCE_BYTES)
    expires_at = now + (desk.settings.card_session_seconds if seconds is None else seconds)
    with transaction(desk.database, "open_card_session"):
        CardReading.insert(
            tenant=tenant,
            id=reading_id,
            nonce=nonce,
            created_at=now,
            expires_at=expires_at,
            forget_at=expires_at,
        ).execute()
        record(tenant, at=now, actor=actor, act="card_session_opened", subject=reading_id)
    return _describe(desk, tenant, reading_id, nonce, expires_at)


def find_card_session(desk: Desk, tenant: str, session_id: str) -> CardSession:
    """An open session, to go on with. Raises NotFound("no_such_card_session"), Conflict("card_session_over")."""
    row = find_reading(tenant, session_id)
    if row.state != "open" or row.nonce is None or desk.now >= row.expires_at:
        raise session_over()
    return _describe(desk, tenant, row.id, bytes(row.nonce), row.expires_at)


def is_card_token(desk: Desk, tenant: str, session_id: str, token: str) -> bool:
    """Whether this is the session's token, in constant time."""
    return hmac.compare_digest(token.encode(), desk.secrets.token(tenant, "card session", session_id).encode())


def find_reading(tenant: str, session_id: str) -> Any:
    """A row of `CardReading`, in whatever state. Raises NotFound("no_such_card_session")."""
    row = CardReading.get_or_none(CardReading.tenant == tenant, CardReading.id == session_id)
    if row is None:
        raise NotFound("no_such_card_session", "no such session for a card here")
    return row


def believed_roots(desk: Desk) -> CardTrust:
    """By whom cards are believed here: test hierarchies only where the setting says so. Raises Refused("cards_not_set_up")."""
    if desk.card_trust is None:
        raise Refused("cards_not_set_up", "no cards are read here; see the setting card_trust")
    return desk.card_trust if desk.settings.card_environment == "test" else desk.card_trust.without_test()


def delivery_key_of(desk: Desk) -> bytes:
    """The agency's key that opens 特定在留カード, for who reads cards; empty where none is configured. Raises as `believed_roots`."""
    from common.cards.drivers.residence_card.authorities import find_delivery_key  # for those who read cards

    return find_delivery_key(believed_roots(desk))


def session_over() -> Conflict:
    return Conflict("card_session_over", "this session for a card is over; open a new one")


def _describe(desk: Desk, tenant: str, reading_id: str, nonce: bytes, expires_at: int) -> CardSession:
    return CardSession(
        id=reading_id,
        token=desk.secrets.token(tenant, "card session", reading_id),
        challenge=PossessionChallenge(origin=origin_of(desk.settings.public_url), session=reading_id, nonce=nonce),
        expires_at=expires_at,
    )


def origin_of(address: str) -> str:
    """Scheme, host and port of an address: what a card's holder sees of the issuer, and what the card signs."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
