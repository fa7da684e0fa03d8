"""Which cards answer a question, what each would give, and what it would hold back: the ground for consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.formats.registry import FORMATS
from common.oid4vp.dcql_match import Candidate, Choice, Choices, match
from wallet_agent.holder.cards import HeldCard, open_copy, read_cards
from wallet_agent.holder.check_card import standing
from wallet_agent.holder.claim_lines import ClaimLine, disclosed_lines, held_back_lines
from wallet_agent.holder.history import read_history
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.read_request import RequestView, view_request
from wallet_agent.holder.request_states import Question
from wallet_agent.holder.verify_received import BASE_TYPE
from wallet_agent.store.cards import list_copies
from wallet_agent.vault.open_vault import OpenVault

_ORDER = ("valid", "unknown", "not_yet_valid", "suspended", "expired", "revoked", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChoice:
    """One card for one query. given: everything that the asker would see; held_back: what it would not. standing: as in `check_card`."""

    choice: Choice
    card: HeldCard
    standing: str
    given: tuple[ClaimLine, ...]
    held_back: tuple[ClaimLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the holder decides on. options: query id → cards, the best first; missing: what is wanting, if anything.

    preselected: query id → card, for the required sets alone; seen_before: the asker was answered before, as the history tells.
    """

    view: RequestView
    question: Question
    choices: Choices
    options: Mapping[str, tuple[CardChoice, ...]]
    preselected: Mapping[str, str]
    seen_before: bool

    @property
    def satisfiable(self) -> bool:
        return self.choices.satisfiable

    @property
    def missing(self) -> tuple[str, ...]:
        """Queries without a card, of required sets that cannot be satisfied; not those that another option stands in for."""
        asked, answerable = self.choices.query.sets(), self.choices.sets
        needed = [one for one, found in zip(asked, answerable, strict=True) if one.required and not found.options]
        names = dict.fromkeys(name for one in needed for option in one.options for name in option)
        return tuple(name for name in names if name not in self.options)


def choose_credentials(vault: OpenVault, request_id: str, *, outside: Outside) -> Consent:
    """Gathers the ground for consent. Raises NotFound."""
    view = view_request(vault, request_id)
    question = view.state.question
    now = outside.clock.now()
    cards = candidate_cards(vault, now=now)
    choices = match(question.request.dcql_query, [candidate_of(card) for card in cards])
    by_id = {card.id: card for card in cards}
    options = {
        query_id: tuple(_card_choice(vault, one, by_id[one.candidate_id], now) for one in found)
        for query_id, found in choices.choices.items()
    }
    preselected = {one.query_id: one.candidate_id for one in choices.preferred()} if choices.satisfiable else {}
    return Consent(
        view=view,
        question=question,
        choices=choices,
        options=options,
        preselected=preselected,
        seen_before=_seen_before(vault, question.asker.client_id),
    )


def candidate_cards(vault: OpenVault, *, now: int) -> list[HeldCard]:
    """Held cards, the soundest first. A withdrawn card may still be shown: the asker judges it, and the holder is told."""
    held = [card for card in read_cards(vault) if card.state == "held" and card.copies]
    return sorted(held, key=lambda card: _ORDER.index(standing(card, now=now)))


def candidate_of(card: HeldCard) -> Candidate:
    is_w3c = FORMATS[card.face.format].subject_root != ()
    types = (BASE_TYPE, *card.face.types) if is_w3c else card.face.types
    return Candidate(id=card.id, format=card.face.format, types=types, claims=card.face.claims)


def _card_choice(vault: OpenVault, choice: Choice, card: HeldCard, now: int) -> CardChoice:
    copy = open_copy(vault, list_copies(vault.tenant, card.id)[0])
    given = disclosed_lines(card.face, copy.credential, choice.paths)
    return CardChoice(
        choice=choice,
        card=card,
        standing=standing(card, now=now),
        given=given,
        held_back=held_back_lines(card.face, given),
    )


def picked_or_preferred(choices: Choices, picked: Mapping[str, Sequence[str]] | None) -> tuple[Choice, ...]:
    """The holder's own choice, or the preselected one. Raises Refused("credential_missing"), Malformed("bad_choice")."""
    return choices.preferred() if picked is None else choices.pick(picked)


def _seen_before(vault: OpenVault, client_id: str) -> bool:
    return any(
        one.entry.kind == "presented" and one.entry.party == client_id and one.entry.outcome == "done"
        for one in read_history(vault)
    )
