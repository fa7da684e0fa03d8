"""What of a card is read: what its chip has and some certificate of this issuer needs, and what the person left ticked. Pure.

Nothing is read that no certificate could use. An application of a My Number card that names nobody is read together with the card's own
key, in one transaction, since nothing else says whose it is (`common.cards.binding`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from common.cards.contract import CardDriver, Part
from common.cards.detect import MY_NUMBER, CardType
from common.errors import Malformed, Refused

PartName = tuple[str, str]
"""(driver, part)."""
HOLDER: Final[PartName] = (MY_NUMBER, "jpki_signature")
"""What is added where a document on a My Number card would be read without anything that says whose it is."""
_HOLDERS: Final = frozenset({HOLDER, (MY_NUMBER, "jpki_authentication")})
_USUAL: Final[Mapping[str, frozenset[str]]] = {
    MY_NUMBER: frozenset({"jpki_signature"}),
    "driving_licence": frozenset({"entries", "signature"}),
    "residence_card": frozenset({"card", "photo"}),
    "passport": frozenset({"identity", "photo"}),
}
"""What is ticked at first. Of a My Number card nothing but the certificate: whoever wants more says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPart:
    """A part that may be read. usual: ticked at first."""

    driver: str
    part: Part
    usual: bool

    @property
    def name(self) -> PartName:
        return (self.driver, self.part.name)


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
    """wanted: claims that certificates of this issuer are made of. Parts without claims prove the others, and stay.

    Raises Refused("nothing_from_this_card") where no claim of the card is wanted.
    """
    parts: list[OfferedPart] = []
    on_my_number = any(card.name == MY_NUMBER for card in cards)
    for card in cards:
        if card.driver not in drivers:
            continue
        parts_of = drivers[card.driver].parts
        kept = [part for part in parts_of if not part.claims or set(part.claims) & set(wanted)]
        if not any(part.claims for part in kept) and card.name != MY_NUMBER:
            continue
        # Of two applications on one chip the person says which one they came for.
        usual = frozenset() if on_my_number and card.name != MY_NUMBER else _USUAL.get(card.driver, frozenset())
        parts += [OfferedPart(driver=card.driver, part=part, usual=part.name in usual) for part in kept]
    if not any(each.part.claims for each in parts):
        raise Refused("nothing_from_this_card", "no certificate of this issuer is made from such a card")
    return Found(cards=cards, parts=tuple(parts))


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
    if HOLDER in offered and any(driver != MY_NUMBER for driver, _ in names) and not names & _HOLDERS:
        names.add(HOLDER)
    order = dict.fromkeys(each.driver for each in found.parts)
    return tuple(
        Step(driver=driver, parts=parts)
        for driver in order
        if (parts := frozenset(part for owner, part in names if owner == driver))
    )
