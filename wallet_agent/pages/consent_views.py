"""A question as the consent page shows it: who asks and how that is known, why, what would be given, and what would not."""

from __future__ import annotations

from dataclasses import dataclass

from common.pages.catalogue import Words
from wallet_agent.holder.choose_credentials import CardChoice, Consent
from wallet_agent.holder.request_states import Asker, Question
from wallet_agent.holder.texts import pick
from wallet_agent.pages.card_views import FORMAT_KEYS, card_title, issuer_name
from wallet_agent.pages.claim_texts import label_of, show_line


@dataclass(frozen=True, slots=True, kw_only=True)
class AskView:
    """asker: what to call it. said: what it calls itself, where that is more than its proven name. proof: see `Proof`."""

    id: str
    asker: str
    said: str
    proven: str
    proof: str
    proof_text: str
    address: str
    purpose: str
    retention: str
    expires_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """One card's share of an answer. state: its standing."""

    title: str
    issuer: str
    format_key: str
    state: str
    state_text: str
    given: tuple[tuple[str, str], ...]
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayView:
    """One way to answer. value: for the form, "" for the preselected cards; parts: the cards that it shows."""

    value: str
    parts: tuple[PartView, ...]


def asker_name(asker: Asker, words: Words) -> str:
    """What to call it. Its own word for itself never stands alone: beside it stands what is proven, or that nothing is."""
    said, proven = pick(asker.said_names, words.language), asker.proven_name
    if not said or said == proven:
        return proven or words.text("consent.no_name")
    if asker.proof in ("certificate", "did_web"):
        return words.text("consent.named", name=said, proven=proven)
    return words.text("consent.calls_itself", name=said)


def view_ask(request_id: str, question: Question, words: Words) -> AskView:
    asker = question.asker
    return AskView(
        id=request_id,
        asker=asker_name(asker, words),
        said=pick(asker.said_names, words.language),
        proven=asker.proven_name,
        proof=asker.proof,
        proof_text=words.text(f"consent.proof.{asker.proof}", name=asker.proven_name, vouched=asker.vouched_by),
        address=asker.response_host,
        purpose=pick(question.purposes, words.language),
        retention=pick(question.retention, words.language),
        expires_at=question.expires_at,
    )


def view_ways(consent: Consent, words: Words) -> list[WayView]:
    """Every way to answer where one card answers; else the preselected cards together. The soundest cards come first."""
    required = [one for one in consent.choices.sets if one.required]
    if len(required) == 1 and all(len(option) == 1 for option in required[0].options):
        queries = [option[0] for option in required[0].options]
        return [
            WayView(value=f"{query}/{one.card.id}", parts=(_part(one, words),))
            for query in queries
            for one in consent.options.get(query, ())
        ]
    chosen = [
        one for query, card in consent.preselected.items() for one in consent.options[query] if one.card.id == card
    ]
    return [WayView(value="", parts=tuple(_part(one, words) for one in chosen))] if chosen else []


def picked_of(value: str) -> dict[str, list[str]] | None:
    """A way's value → what `answer_request` takes."""
    query, _, card = value.partition("/")
    return {query: [card]} if query and card else None


def _part(one: CardChoice, words: Words) -> PartView:
    return PartView(
        title=card_title(one.card, words.language),
        issuer=issuer_name(one.card, words.language),
        format_key=FORMAT_KEYS[one.card.face.format],
        state=one.standing,
        state_text=words(f"card.state_text.{one.standing}", one.standing),
        given=tuple(show_line(line, words) for line in one.given),
        withheld=tuple(dict.fromkeys(label_of(line, words) for line in one.held_back)),
    )
