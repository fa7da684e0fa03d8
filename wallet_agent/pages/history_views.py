"""The holder's record as a list of things that happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.pages.catalogue import Words
from wallet_agent.holder.cards import HeldCard
from wallet_agent.holder.claim_lines import claim_lines
from wallet_agent.holder.history import Given, HistoryEntry, Path
from wallet_agent.holder.texts import pick
from wallet_agent.pages.claim_texts import label_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenView:
    """claims: labels, never values: the record says what was shown, not the contents again."""

    title: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    at: int
    kind: str
    outcome: str
    party: str
    purpose: str
    given: tuple[GivenView, ...]


def view_entry(one: HistoryEntry, cards: Mapping[str, HeldCard], words: Words) -> EntryView:
    """cards: those that are still here, by id; they know what their claims are called."""
    entry, language = one.entry, words.language
    return EntryView(
        at=one.at,
        kind=entry.kind,
        outcome=entry.outcome,
        party=pick(entry.party_names, language, otherwise=entry.party or words("consent.no_name", "")),
        purpose="" if entry.purpose is None else pick(entry.purpose, language),
        given=tuple(_given(given, cards.get(given.card_id), words) for given in entry.given),
    )


def _given(given: Given, card: HeldCard | None, words: Words) -> GivenView:
    names = {line.path: label_of(line, words) for line in claim_lines(card.face)} if card else {}
    labels = [names.get(_words_of(path), next(iter(reversed(_words_of(path))), "")) for path in given.paths]
    return GivenView(
        title=pick(given.names, words.language), claims=tuple(dict.fromkeys(label for label in labels if label))
    )


def _words_of(path: Path) -> tuple[str, ...]:
    return tuple(step for step in path if isinstance(step, str))
