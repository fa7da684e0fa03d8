"""How cards, offers, questions and history look in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from common.adapters.terminal import console, print_qr, say
from common.plain_text import make_visible
from wallet_agent.holder.cards import HeldCard
from wallet_agent.holder.check_card import standing
from wallet_agent.holder.choose_credentials import Consent
from wallet_agent.holder.claim_lines import ClaimLine, claim_lines
from wallet_agent.holder.history import HistoryEntry
from wallet_agent.holder.receive_offer import OfferView
from wallet_agent.holder.show_card import Showing
from wallet_agent.holder.texts import Texts, names_of, pick

PROOFS = {
    "certificate": "a trusted authority vouches for this name",
    "did_web": "the domain is proven; nobody vouches for who runs it",
    "key": "only a key is proven, no name",
    "none": "NOTHING is proven about the asker (sandbox)",
}


def _say_line(text: str) -> None:
    """What others call themselves stays in its line: a name with a line feed in it would look like something of ours."""
    say(make_visible(text))


def moment(seconds: int | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def print_cards(cards: list[HeldCard], *, now: int, language: str) -> None:
    table = Table("id", "certificate", "issuer", "standing", "until", "copies (unshown)")
    table.columns[0].no_wrap, table.columns[0].overflow = True, "fold"
    for card in cards:
        table.add_row(
            card.id,
            pick(names_of(card.face.display), language, otherwise=card.face.types[0]),
            pick(names_of(card.face.issuer_display), language, otherwise=card.face.issuer),
            standing(card, now=now),
            moment(card.face.valid_until),
            f"{card.copies} ({card.fresh})",
        )
    console.print(table)


def print_card(card: HeldCard, *, now: int, language: str) -> None:
    print_cards([card], now=now, language=language)
    _print_lines(claim_lines(card.face), language)
    _say_line(f"issuer {card.face.issuer}, its key found by {card.face.key_path}: {card.face.key_evidence}")
    if card.status is not None and card.status.as_of is not None:
        _say_line(f"status {card.status.value}, as the issuer stated at {moment(card.status.as_of)}")


def print_offer(view: OfferView, *, language: str) -> None:
    terms = view.state.terms
    _say_line(f"offer {view.id}: {view.state.state}")
    _say_line(f"  from {pick(names_of(terms.issuer_display), language, otherwise=terms.issuer)}  <{terms.issuer}>")
    for one in terms.configurations:
        _say_line(f"  {pick(names_of(one.display), language, otherwise=one.id)}  ({one.format})")


def print_consent(consent: Consent, *, language: str) -> None:
    """The consent page in letters: who asks and how that is known, why, what is given, what is not."""
    asker = consent.question.asker
    said = pick(asker.said_names, language)
    _say_line(f"Who asks:  {asker.proven_name or '(unknown)'}" + (f" — calls itself {said}" if said else ""))
    _say_line(f"           {PROOFS[asker.proof]}" + (f" ({asker.vouched_by})" if asker.vouched_by else ""))
    _say_line(
        f"           the answer goes to {asker.response_host}; {'asked' if consent.seen_before else 'never asked'} before"
    )
    _say_line(f"Why:       {pick(consent.question.purposes, language, otherwise='(it does not say)')}")
    for query_id in consent.missing:
        _say_line(f"Missing:   no card answers {query_id!r}")
    for query_id, card_id in consent.preselected.items():
        option = next(one for one in consent.options[query_id] if one.card.id == card_id)
        _say_line(
            f"Card:      {pick(names_of(option.card.face.display), language)} ({option.standing}), card {card_id}"
        )
        _say_line("Given:")
        _print_lines(option.given, language)
        _say_line(
            "Not given: "
            + (", ".join(_name(line.names, language) for line in option.held_back) or "(nothing is held back)")
        )


def print_showing(showing: Showing, *, language: str) -> None:
    """The codes, the same as text, and what is in it."""
    for number, code in enumerate(showing.codes, 1):
        if len(showing.codes) > 1:
            _say_line(f"Code {number} of {len(showing.codes)}: all of them are to be scanned, in any order.")
        print_qr(code)
    say(showing.text)
    _say_line("Shown:")
    _print_lines(showing.given, language)
    _say_line(
        f"Good for a minute from {moment(showing.made_at)}; a photograph of it could be shown elsewhere within that minute."
    )


def print_history(entries: list[HistoryEntry], *, language: str) -> None:
    table = Table("when", "what", "outcome", "with whom", "which claims")
    table.columns[-1].overflow = "fold"
    for one in entries:
        entry = one.entry
        claims = ["/".join(str(part) for part in path) for given in entry.given for path in given.paths]
        table.add_row(
            moment(one.at),
            entry.kind,
            entry.outcome,
            pick(entry.party_names, language, otherwise=entry.party),
            "\n".join(claims),
        )
    console.print(table)


def _print_lines(lines: tuple[ClaimLine, ...], language: str) -> None:
    for line in lines:
        name = " / ".join(_name(names, language) for names in (*line.group, line.names))
        _say_line(f"  {name}: {_value(line.value)}")


def _name(names: Texts, language: str) -> str:
    return pick(names, language)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(_value(one) for one in value) if isinstance(value, list) else str(value)
