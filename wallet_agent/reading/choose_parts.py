"""What of a card may be read over the relay: what its chip has and some certificate of the issuer's is made of. The person chooses. Pure.

An application of a My Number card that names nobody is read together with the card's own key in the same session, since nothing else says
whose it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from common.cards.contract import Part
from common.cards.detect import MY_NUMBER, CardType
from common.cards.registry import DRIVERS
from common.cards.relay import MAX_READS, Begin, Read
from common.errors import Malformed, Refused

PartName = tuple[str, str]
"""(driver, part)."""
_HOLDER: Final[PartName] = (MY_NUMBER, "jpki_signature")
_USUAL: Final = {
    MY_NUMBER: frozenset({"jpki_signature"}),
    "driving_licence": frozenset({"entries", "signature"}),
    "residence_card": frozenset({"card", "photo"}),
    "passport": frozenset({"identity", "photo"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPart:
    """A part that may be read. usual: unless the person says otherwise."""

    driver: str
    part: Part
    usual: bool

    @property
    def name(self) -> PartName:
        return (self.driver, self.part.name)


def find_parts(cards: Sequence[CardType], wanted: Collection[str]) -> tuple[OfferedPart, ...]:
    """In the order of reading. Parts without claims prove the others, and stay.

    Raises Refused: "unknown_card", or "nothing_from_this_card" where the issuer makes no certificate from it.
    """
    if not cards:
        raise Refused("unknown_card", "this card is none of those that can be read here")
    on_my_number = any(card.name == MY_NUMBER for card in cards)
    found: list[OfferedPart] = []
    for card in sorted(cards, key=lambda one: one.name == MY_NUMBER):
        kept = [part for part in DRIVERS[card.driver].parts if not part.claims or set(part.claims) & set(wanted)]
        beside = on_my_number and card.name != MY_NUMBER
        if any(part.claims for part in kept) or card.name == MY_NUMBER:
            usual = frozenset() if beside else _USUAL.get(card.driver, frozenset())
            found += [OfferedPart(driver=card.driver, part=part, usual=part.name in usual) for part in kept]
    if not any(each.part.claims for each in found):
        raise Refused("nothing_from_this_card", "this issuer makes no certificate from such a card")
    return tuple(found)


def choose_reads(offered: Sequence[OfferedPart], chosen: Iterable[PartName]) -> Begin:
    """What is told to the issuer. A document on a My Number card is read first, then that card.

    Raises Refused("declined") where nothing was chosen, "two_documents"; Malformed("unknown_part") for what was not offered.
    """
    names = set(chosen)
    known = {each.name for each in offered}
    if names - known:
        raise Malformed("unknown_part", "this was not offered to be read")
    if not names:
        raise Refused("declined", "nothing was chosen to be read")
    documents = {driver for driver, _ in names} - {MY_NUMBER}
    if len(documents) >= MAX_READS:
        raise Refused("two_documents", "one document at a time is read together with the card")
    if documents and _HOLDER in known and not any(driver == MY_NUMBER for driver, _ in names):
        names.add(_HOLDER)
    order = dict.fromkeys(each.driver for each in offered)
    reads = [(driver, tuple(sorted(part for owner, part in names if owner == driver))) for driver in order]
    return Begin(tuple(Read(driver, parts) for driver, parts in reads if parts))
