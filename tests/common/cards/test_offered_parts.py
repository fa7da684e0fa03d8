"""What of the cards in a reader is offered to be read, and what is added to what was chosen."""

from __future__ import annotations

import pytest

from common.cards.contract import CardDriver
from common.cards.detect import CARD_TYPES, CardType
from common.cards.offered_parts import HOLDER, OfferedPart, PartName, offer_parts, with_holder
from common.cards.registry import DRIVERS
from common.errors import Refused

KNOWN: dict[str, CardDriver] = {driver.name: driver for driver in DRIVERS}
TYPES = {card.name: card for card in CARD_TYPES}
LICENCE, TEXT, KEY = ("mynumber_licence", "licence"), ("my_number", "text"), ("my_number", "jpki_authentication")


def cards(*names: str) -> list[CardType]:
    return [TYPES[name] for name in names]


def offered(*names: str, wanted: frozenset[str] = frozenset({"name", "categories"})) -> tuple[OfferedPart, ...]:
    return offer_parts(cards(*names), KNOWN, wanted)


def names_of(parts: tuple[OfferedPart, ...], *, usual: bool = False) -> list[PartName]:
    return [each.name for each in parts if each.usual or not usual]


def test_parts_without_a_wanted_claim_are_left_alone() -> None:
    assert names_of(offered("my_number")) == [HOLDER, KEY, TEXT]
    assert names_of(offered("my_number", wanted=frozenset({"photo"}))) == [KEY, ("my_number", "surface")]


def test_what_is_ticked_at_first() -> None:
    assert names_of(offered("my_number"), usual=True) == [HOLDER]
    beside = offered("my_number", "mynumber_licence")
    assert LICENCE in names_of(beside)
    assert names_of(beside, usual=True) == [HOLDER], "who came for the licence says so"
    assert names_of(offered("driving_licence"), usual=True) == [
        ("driving_licence", "entries"),
        ("driving_licence", "signature"),
    ]


@pytest.mark.parametrize(
    "names", [(), ("passport",), ("residence_card",)], ids=["no card", "passport", "residence card"]
)
def test_cards_of_which_nothing_is_wanted(names: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="nothing_from_this_card"):
        offered(*names, wanted=frozenset({"categories"}))


def test_cards_that_nobody_here_reads() -> None:
    with pytest.raises(Refused, match="nothing_from_this_card"):
        offer_parts(cards("my_number"), {}, {"name"})


def test_a_document_is_read_with_a_key_of_its_card() -> None:
    parts = offered("my_number", "mynumber_licence")
    assert with_holder({LICENCE}, parts) == {LICENCE, HOLDER}
    assert with_holder({LICENCE, TEXT}, parts) == {LICENCE, TEXT, HOLDER}, "a text says who, and not whose card"
    assert with_holder({LICENCE, KEY}, parts) == {LICENCE, KEY}
    assert with_holder({TEXT}, parts) == {TEXT}
    alone: PartName = ("driving_licence", "entries")
    assert with_holder({alone}, offered("driving_licence")) == {alone}
