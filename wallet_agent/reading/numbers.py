"""Wrong numbers of cards that count none themselves (residence cards, passports), at this machine: counted before they are tried.

Before the handshake such a card says nothing that would tell it from another one, so numbers are counted by kind, for everybody here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from common.adapters.card_attempts import CardAttempts
from common.cards.drivers.residence_card.attempts import check_attempt
from common.ids import Tenant


class Numbers(Protocol):
    def begin(self, kind: str) -> int:
        """Counts one of this kind that is about to be tried. Raises TooMany("card_number_attempts") with the time to wait."""

    def release(self, kind: str, at: int) -> None:
        """It was right, or never tried. at: what `begin` returned."""


class NumbersOfOneRelay:
    """While this conversation runs, and no longer."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wrong: list[int] = []

    def begin(self, kind: str) -> int:
        del kind
        now = int(self._clock())
        check_attempt(self._wrong, now)
        self._wrong.append(now)
        return now

    def release(self, kind: str, at: int) -> None:
        del kind
        self._wrong.remove(at)


class KeptNumbers:
    """In the wallet's database: a restart frees nobody, and two programs share one count. tenant: to whom the rows belong."""

    def __init__(self, attempts: CardAttempts, tenant: Tenant) -> None:
        self._attempts, self._tenant = attempts, tenant

    def begin(self, kind: str) -> int:
        return self._attempts.begin(self._tenant, "own reader", kind)

    def release(self, kind: str, at: int) -> None:
        self._attempts.release(self._tenant, "own reader", kind, at=at)
