"""What of the cards in a reader may be read, for who offers it to a person: what a chip has and some certificate is made of. Pure.

An application of a My Number card that names nobody is read together with the card's own key, in one session, since nothing else says whose
it is (`binding`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from common.cards.contract import CardDriver, Part
from common.cards.detect import MY_NUMBER, CardType
from common.errors import Refused

PartName = tuple[str, str]
"""(driver, part)."""
HOLDER: Final[PartName] = (MY_NUMBER, "jpki_signature")
"""What is added where a document on a My Number card would be read without anything that says whose it is."""
NEVER_RELAYED: Final[frozenset[PartName]] = frozenset({(MY_NUMBER, "text")})
"""Not over a relay. The text application's integrity record holds the individual number's digest without salt: who has it tries them all.

It has to be read whole, since one signature stands over its digests; so it is read at a kiosk of the issuer's own, judged, and forgotten.
"""
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


def offer_parts(
    cards: Iterable[CardType], drivers: Mapping[str, CardDriver], wanted: Collection[str]
) -> tuple[OfferedPart, ...]:
    """In the order of the cards. wanted: claims that certificates are made of. Parts without claims prove the others, and stay.

    Raises Refused("nothing_from_this_card") where no claim of the cards is wanted.
    """
    known = [card for card in cards if card.driver in drivers]
    on_my_number = any(card.name == MY_NUMBER for card in known)
    parts: list[OfferedPart] = []
    for card in known:
        kept = [part for part in drivers[card.driver].parts if not part.claims or set(part.claims) & set(wanted)]
        if not any(part.claims for part in kept) and card.name != MY_NUMBER:
            continue
        # Of two applications on one chip the person says which one they came for.
        usual = frozenset() if on_my_number and card.name != MY_NUMBER else _USUAL.get(card.driver, frozenset())
        parts += [OfferedPart(driver=card.driver, part=part, usual=part.name in usual) for part in kept]
    if not any(each.part.claims for each in parts):
        raise Refused("nothing_from_this_card", "no certificate of this issuer is made from such a card")
    return tuple(parts)


def with_holder(chosen: Collection[PartName], offered: Iterable[OfferedPart]) -> frozenset[PartName]:
    """Adds `HOLDER` where a document is read of a card that has it, and none of the card's keys."""
    names = frozenset(chosen)
    is_document = any(driver != MY_NUMBER for driver, _ in names)
    if is_document and not names & _HOLDERS and HOLDER in {each.name for each in offered}:
        return names | {HOLDER}
    return names
