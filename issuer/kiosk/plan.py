"""What of a card is read: what its chip has and some certificate of this issuer needs, and what the person left ticked. Pure.

Nothing is read that no certificate could use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from common.cards.contract import CardDriver
from common.cards.detect import MY_NUMBER, CardType
from common.cards.offered_parts import OfferedPart, PartName, offer_parts, with_holder
from common.errors import Malformed, Refused

REVOCABLE = frozenset({MY_NUMBER, "passport"})
"""Drivers whose cards hold certificates that somebody can revoke, and that we can ask about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lies in the reader, and what of it may be read; in the order of reading."""

    cards: tuple[CardType, ...]
    parts: tuple[OfferedPart, ...]

    @property
    def usual(self) -> frozenset[PartName]:
        return frozenset(each.name for each in self.parts if each.usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One driver's share of the reading."""

    driver: str
    parts: frozenset[str]


def find_parts(cards: tuple[CardType, ...], drivers: Mapping[str, CardDriver], wanted: Collection[str]) -> Found:
    """As `offer_parts`."""
    return Found(cards=cards, parts=offer_parts(cards, drivers, wanted))


def make_plan(found: Found, chosen: Iterable[PartName]) -> tuple[Step, ...]:
    """Who reads what, in order. Adds the holder's key where only it says whose document this is.

    Raises Refused("nothing_chosen"), Refused("two_documents") where two would have to be bound to one holder, Malformed("unknown_part")
    for a part that was not offered.
    """
    names = set(chosen)
    offered = {each.name for each in found.parts}
    if names - offered:
        raise Malformed("unknown_part", "this was not offered to be read")
    if not any(each.part.claims for each in found.parts if each.name in names):
        raise Refused("nothing_chosen", "nothing was chosen to be read")
    if len({driver for driver, _ in names} - {MY_NUMBER}) > 1:
        raise Refused("two_documents", "one document at a time is read together with the card")
    read = with_holder(names, found.parts)
    order = dict.fromkeys(each.driver for each in found.parts)
    return tuple(
        Step(driver=driver, parts=parts)
        for driver in order
        if (parts := frozenset(part for owner, part in read if owner == driver))
    )


def can_be_revoked(plan: Iterable[Step]) -> bool:
    """Whether something may come to be known later of what is read."""
    return any(step.driver in REVOCABLE for step in plan)
