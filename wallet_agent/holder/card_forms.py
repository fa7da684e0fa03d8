"""Cards that are one certificate in several formats: an issuer gives a ticket as SD-JWT VC and as mdoc, and people see one card. Pure.

Two cards are that when the same issuer gives them the same name, they say the same wherever both say something, stand alike, and are of
different formats. What a verifier asks for decides which one answers; programs see each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from wallet_agent.holder.cards import HeldCard
from wallet_agent.holder.claim_lines import claim_lines
from wallet_agent.holder.texts import names_of

RANK = ("dc+sd-jwt", "mso_mdoc", "jwt_vc_json", "ldp_vc")
"""Which form stands for all: the one that can hold back most."""


def group_forms(cards: Sequence[HeldCard]) -> list[tuple[HeldCard, ...]]:
    """In the order of the first card of each; within, by `RANK`. Every card is in exactly one group."""
    groups: list[list[HeldCard]] = []
    for card in cards:
        for group in groups:
            if all(_is_another_form(card, one) for one in group):
                group.append(card)
                break
        else:
            groups.append([card])
    return [tuple(sorted(group, key=_rank)) for group in groups]


def forms_of(card_id: str, cards: Sequence[HeldCard]) -> tuple[HeldCard, ...]:
    """The group of this card, which is among them; else none."""
    return next((group for group in group_forms(cards) if any(one.id == card_id for one in group)), ())


def _rank(card: HeldCard) -> int:
    return RANK.index(card.face.format) if card.face.format in RANK else len(RANK)


def _is_another_form(one: HeldCard, other: HeldCard) -> bool:
    if one.face.format == other.face.format or _told(one) != _told(other):
        return False
    here, there = _says(one), _says(other)
    both = here.keys() & there.keys()
    return bool(both) and all(here[name] == there[name] for name in both)


def _says(card: HeldCard) -> dict[tuple[str, type], str | int]:
    """By the claim's own word, which mdocs have below a namespace, and by type: what one writes as a text and another as a number cannot
    be compared."""
    lines = claim_lines(card.face)
    return {(line.path[-1], type(line.value)): line.value for line in lines if isinstance(line.value, str | int)}


def _told(card: HeldCard) -> tuple[object, ...]:
    status = "" if card.status is None else card.status.value
    return card.state, status, card.face.origin.terms.issuer, tuple(names_of(card.face.display).items())
