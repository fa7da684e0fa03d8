"""What reading and judging residence cards and licences takes in a test: an in-process reader, a person who answers, differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from common.cards.contract import Authenticated
from common.cards.evidence import Environment, SourceEvidence
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest, SecretPrompt
from common.cards.secret import Secret
from common.errors import CardRemoved, Refused
from examples.cards.chip import Card, Removed

NOW = 1_795_000_000  # 2026-11-18
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(32))


class InProcess:
    """A reader with one card in it. exchanges: what went over, so that a test can count and look."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.exchanges: list[tuple[bytes, bytes]] = []
        card.power()

    def transmit(self, command: bytes) -> bytes:
        try:
            answer = self.card.answer(command)
        except Removed:
            raise CardRemoved from None
        self.exchanges.append((command, answer))
        return answer


@dataclass
class Holder:
    """Answers every question from what they know. asked: the prompts, in their order."""

    knows: Mapping[str, str]
    last_try_ok: bool = False
    asked: list[SecretPrompt] = field(default_factory=list)

    def __call__(self, prompt: SecretPrompt) -> GivenSecret:
        self.asked.append(prompt)
        if prompt.kind.name not in self.knows:
            raise Refused("secret_not_given", "the person will not say it")
        return GivenSecret(secret=Secret(self.knows[prompt.kind.name]), last_try_ok=self.last_try_ok)


def request(holder: Holder, *parts: str) -> ReadRequest:
    return ReadRequest(parts=frozenset(parts), ask=holder, challenge=CHALLENGE)


def source(told: Authenticated, name: str) -> SourceEvidence:
    return next(each for each in told.evidence.sources if each.source == name)


def changed(clean: SourceEvidence, other: SourceEvidence) -> set[str]:
    """Names of the findings that differ. What follows from them (which claims are left, the root's name) is not counted."""
    names = {each.name for each in fields(SourceEvidence)} - {"origins", "anchor"}
    return {name for name in names if getattr(clean, name) != getattr(other, name)}


def words(found: SourceEvidence) -> dict[str, str]:
    """The findings as the table of faults words them."""
    return {
        "data_authenticity": found.data_authenticity.answer.value,
        "chip_genuineness": found.chip_genuineness.answer.value,
        "holder_verification": found.holder_verification.answer.value,
        "revocation": found.revocation.answer.value,
        "trust_anchor": Environment(found.trust_anchor).value,
    }
