"""What a driver asks of the person before the card, and what the caller gives a driver to read with."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from common.cards.possession import PossessionChallenge
    from common.cards.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKind:
    """A secret that opens a card or a part of it. name: a word ("jpki_signature_password"). pattern: its form, for `re.fullmatch`.

    label_ja, label_en: for the person. counted: a wrong value spends one of few tries. printed: it stands on the card, for all to read.
    """

    name: str
    pattern: str
    label_ja: str
    label_en: str
    counted: bool = True
    printed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPrompt:
    """One question. tries_left: what the card says, None where it does not count or does not tell."""

    kind: SecretKind
    tries_left: int | None = None

    @property
    def may_lock(self) -> bool:
        """A wrong value may lock the card: it is sent only after an explicit yes."""
        return self.kind.counted and self.tries_left in (None, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSecret:
    """The person's answer. last_try_ok: they said yes, after being told, to spending the last try."""

    secret: Secret
    last_try_ok: bool = False


class AskSecret(Protocol):
    def __call__(self, prompt: SecretPrompt, /) -> GivenSecret:
        """Asked after the card's counter, before anything is sent. Raises Refused if the person will not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """step: a word for what is being read ("photo"). done, total: bytes so far and expected, 0 where unknown."""

    step: str
    done: int = 0
    total: int = 0


def _silent(_: Progress) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """parts: names of the driver's `Part`s to read. random: n → n bytes, for handshakes and for nothing that has to be the server's."""

    parts: frozenset[str]
    ask: AskSecret = field(repr=False)
    challenge: PossessionChallenge
    progress: Callable[[Progress], None] = field(default=_silent, repr=False)
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)
