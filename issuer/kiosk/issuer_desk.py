"""The issuer as a kiosk knows it: a port, and what goes over it. `staff_api` is the issuer over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from common.cards.evidence import Evidence
from common.cards.possession import PossessionChallenge
from common.cards.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedType:
    """A certificate that is made from cards. title, description: by language. needs: the drivers' names of claims."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsTaken:
    """What an issuer makes from cards. delivery_key: for 特定在留カード, DER; empty without one. tells: it can write to holders."""

    types: tuple[OfferedType, ...]
    delivery_key: bytes = b""
    tells: bool = False

    @property
    def wanted(self) -> frozenset[str]:
        """Claims that any of its certificates may hold."""
        return frozenset().union(*(kind.needs for kind in self.types))

    @property
    def by_name(self) -> dict[str, OfferedType]:
        return {kind.name: kind for kind in self.types}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    id: str
    challenge: PossessionChallenge


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What the issuer found. claims: not printed; a picture is told by its length, as {"bytes": n}. refusals: type → a word for why.

    holds: type → what of this card goes into it, for people, by language.
    """

    card: str
    environment: str
    claims: Mapping[str, Any] = field(repr=False)
    evidence: Evidence
    types: tuple[str, ...]
    refusals: Mapping[str, str]
    holds: Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeOffer:
    """link: for the QR code. wallet_link: the same for the web wallet of the deployment, or empty. expires_at: seconds since 1970."""

    link: str = field(repr=False)
    wallet_link: str = field(default="", repr=False)
    tx_code: str | None = field(default=None, repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A mail address that the visitor left to be told when the card is revoked. language: that they read here."""

    email: str = field(repr=False)
    language: str


class IssuerDesk(Protocol):
    """Raises Unavailable where the issuer does not answer, Refused("token_refused") where it does not know the kiosk, and what it says."""

    def describe(self) -> CardsTaken: ...

    def open_session(self) -> Session: ...

    def begin_number(self, session: str, reader: str) -> int:
        """A number that the card does not count is about to be tried. Raises TooMany with the time to wait."""

    def number_was_right(self, session: str, reader: str, attempt: int) -> None:
        """attempt: what `begin_number` returned."""

    def accept(self, session: str, readings: Sequence[Reading]) -> Accepted: ...

    def offer(self, session: str, types: Sequence[str], contact: Contact | None = None) -> MadeOffer: ...

    def offer_state(self, session: str) -> str:
        """open, redeemed, issued, cancelled, dead or expired."""
