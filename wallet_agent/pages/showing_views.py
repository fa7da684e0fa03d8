"""What a card shows in person, as its pages name it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from common.encoding import compact_json, parse_json
from common.errors import Malformed
from common.pages.catalogue import Words
from wallet_agent.holder.claim_lines import ClaimLine
from wallet_agent.holder.show_card import Showable, Showing
from wallet_agent.pages.claim_texts import show_line


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView:
    """One claim that may be shown. value: for the form."""

    value: str
    label: str
    text: str
    ticked: bool


def view_choices(
    found: Showable, words: Words, ticked: Collection[str] | None
) -> tuple[list[tuple[str, str]], list[ChoiceView]]:
    """(what is always shown, what may be). ticked: values of the form that came back; None: what is preselected."""
    optional = []
    for line in found.optional:
        label, text = show_line(line, words)
        value = _value(line)
        chosen = line.path in found.preselected if ticked is None else value in ticked
        optional.append(ChoiceView(value=value, label=label, text=text, ticked=chosen))
    return [show_line(line, words) for line in found.always], optional


def view_given(showing: Showing, words: Words) -> list[tuple[str, str]]:
    return [show_line(line, words) for line in showing.given]


def parse_choice(value: str) -> tuple[str, ...]:
    """A value of the form → the claim's path. Raises Malformed."""
    path = parse_json(value)
    if not isinstance(path, list) or not path or not all(isinstance(step, str) for step in path):
        raise Malformed("no_such_claim", "the card has no such claim")
    return tuple(path)


def _value(line: ClaimLine) -> str:
    return compact_json(list(line.path)).decode()
