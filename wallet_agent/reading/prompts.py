"""What the person before the card sees and is asked, whatever shows it; and what was typed → a secret of the right form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from common.cards.detect import CardType
from common.cards.offered_parts import OfferedPart, PartName
from common.cards.prompts import SecretKind, SecretPrompt
from common.cards.relay import Progress, Result, Session, Take
from common.cards.secret import Secret
from common.errors import Malformed

Outcome = Literal["asked", "accepted", "wrong", "blocked", "unknown"]
Problem = Literal["", "wrong", "malformed", "not_agreed"]
MAX_TYPED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A secret is needed. problem: with the last answer; *wrong* was said by the card, and cost a try if the card counts them."""

    prompt: SecretPrompt
    problem: Problem = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """typed: forgotten by who takes it. agreed: yes to spending the last try."""

    typed: Secret
    agreed: bool = False


class Person(Protocol):
    """Whoever will not go on raises Refused("declined")."""

    def meet(self, session: Session) -> None:
        """Who asks: the institution's names, and the address that vouches for them."""

    def choose_parts(self, cards: Sequence[CardType], offered: Sequence[OfferedPart]) -> frozenset[PartName]:
        """What may be read. Nothing else is."""

    def give_secret(self, asked: Asked) -> Answered: ...

    def show(self, progress: Progress) -> None: ...

    def take(self, result: Result) -> Take:
        """Which certificates, in which formats; at least one of ``result.types``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What is known of a secret that was asked for. outcome: *asked*: nothing was sent; *unknown*: sent, and the card was gone before it
    answered. left: tries, as the card last told; None where it does not tell."""

    kind: SecretKind
    outcome: Outcome
    left: int | None


def read_pin(kind: SecretKind, typed: Secret) -> Secret:
    """Full width and small letters are forgiven where they mean nothing; ``typed`` is forgotten. What cannot be it by its form is not sent.

    Raises Malformed("secret_malformed").
    """
    try:
        text = unicodedata.normalize("NFKC", typed.reveal()[: 4 * MAX_TYPED].decode("utf-8", "replace")).strip()
    finally:
        typed.forget()
    for form in (text, text.upper()):
        if re.fullmatch(kind.pattern, form):
            return Secret(form)
    raise Malformed("secret_malformed", f"this cannot be what is asked for: {kind.name}")
