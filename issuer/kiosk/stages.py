"""What a visitor sees, step by step, whatever shows it. Secrets are in none of these; what a card proved is in `Proven` alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from common.cards.detect import CardType
from common.cards.offered_parts import PartName
from common.cards.prompts import Progress, SecretPrompt
from common.cards.secret import Secret
from issuer.kiosk.issuer_desk import Accepted, Contact, MadeOffer, OfferedType
from issuer.kiosk.plan import Found
from issuer.kiosk.trouble import Trouble

Problem = Literal["", "wrong", "malformed", "not_agreed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PutCard:
    """Nobody is here. has_reader: a card can be put somewhere."""

    has_reader: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """A card was put, and is being asked which one it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAsked:
    """Whether, and where, to write when the card is revoked: a mail address or none. problem: with the last answer."""

    problem: Problem = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A secret is needed. problem: with the last answer; *wrong* was said by the card, and cost a try."""

    card: CardType
    prompt: SecretPrompt
    problem: Problem = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The card must stay where it is."""

    card: CardType
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """The card has been read and may be taken; the issuer examines what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """accepted: what the issuer found. types: of its certificates, by name, for titles."""

    accepted: Accepted
    types: dict[str, OfferedType] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """The QR code. state: of the offer, as the issuer tells it."""

    offer: MadeOffer
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCardOut:
    """All is done, and the card is still in the reader."""


Stage = PutCard | Looking | Found | AddressAsked | Asked | Reading | Judging | Proven | Taking | Trouble | TakeCardOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A secret as typed. agreed: yes to spending the last try."""

    typed: Secret
    agreed: bool = False


NEXT_VISITOR = "next_visitor"
OVER = frozenset({"issued", "cancelled", "dead", "expired", NEXT_VISITOR})
"""States in which nothing more becomes of an offer."""
Watch = Callable[[], None]
"""To be called now and then while a person thinks: raises CardRemoved once the card is gone, where it is needed yet."""


class Person(Protocol):
    """The visitor, as a screen knows them. Where they are asked and go away: Refused("stopped") by their word, "left" without."""

    def show(self, stage: Stage) -> None:
        """No answer is wanted."""

    def choose_parts(self, found: Found, watch: Watch) -> frozenset[PartName]: ...

    def leave_address(self, asked: AddressAsked, watch: Watch) -> Contact | None:
        """As typed. None: they would rather not."""

    def give_secret(self, asked: Asked, watch: Watch) -> Answered: ...

    def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
        """At least one of ``proven.accepted.types``. watch: here it raises Refused("left") once somebody else may stand there."""

    def take(self, taking: Taking, state: Callable[[], str]) -> None:
        """Until the offer is taken, or the person goes. state: asks the issuer; `NEXT_VISITOR` once somebody else's card is put: then the
        QR code must go at once."""

    def read_on(self, stage: Trouble) -> None:
        """Until the person has read it, or has had the time to."""
