"""What a wallet forgets by itself: sessions that are over, offers and requests that are done or were left lying. Never cards or history.

Works across holders and opens no vault: it sees times and states only.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.adapters.card_attempts import CardAttempts
from common.adapters.database import transaction
from common.ports import Clock
from wallet_agent.holder.offer_states import UNFINISHED
from wallet_agent.store.base import database
from wallet_agent.store.guessed_names import NOBODY, delete_guesses
from wallet_agent.store.offers import delete_old_offers
from wallet_agent.store.requests import delete_old_requests
from wallet_agent.store.sessions import delete_expired_sessions
from wallet_agent.store.tables import CardAttempt

GUESSES_KEPT = 86_400
"""Seconds."""
_LEFT_LYING = ("received", "done", "declined", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many rows went."""

    sessions: int
    offers: int
    requests: int


def sweep(*, clock: Clock, offer_seconds: int, request_seconds: int) -> Swept:
    """Deletes what is older than its period.

    An offer with an access token in hand is kept ten times as long: it may still become a card.
    """
    now = clock.now()
    with transaction(database, "retention"):
        CardAttempts(clock, CardAttempt).sweep(NOBODY)
        delete_guesses(before=now - GUESSES_KEPT)
        return Swept(
            sessions=delete_expired_sessions(now=now),
            offers=delete_old_offers(before=now - offer_seconds, states=_LEFT_LYING)
            + delete_old_offers(before=now - 10 * offer_seconds, states=UNFINISHED),
            requests=delete_old_requests(before=now - request_seconds),
        )
