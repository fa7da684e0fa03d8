"""Which card it is, told of every virtual card, by selecting alone."""

from __future__ import annotations

import pytest

from common.cards.channel import CardChannel
from common.cards.detect import CARD_TYPES, detect_cards
from common.errors import CardRemoved
from examples.cards.chip import Chip
from examples.cards.faults import RemovedAt
from examples.cards.files import Application, Pin
from examples.cards.overheard import Overheard
from examples.cards.registry import CARDS
from tests.cards.sandbox import sandbox
from tests.fakes.card import InProcessCard, Insert

EXPECTED = {
    "my-number": (["my_number"], 4),
    "passport": (["passport"], 1),
    "passport-2025": (["passport"], 1),
    "passport-cam": (["passport"], 1),
    "driving-licence": (["driving_licence"], 4),
    "mynumber-licence": (["my_number", "mynumber_licence"], 4),
    "residence-card-1": (["residence_card"], 6),
    "residence-card-2": (["residence_card"], 6),
    "specified-residence-card": (["my_number", "specified_residence_card"], 4),
}


def test_every_virtual_card_is_expected() -> None:
    assert set(EXPECTED) == set(CARDS)


@pytest.mark.parametrize("name", EXPECTED)
def test_told_by_selecting(name: str, insert: Insert) -> None:
    dealt = CARDS[name].build(CARDS[name].holders[0], sandbox(), None)
    heard = Overheard(dealt.card)
    channel = CardChannel(insert(heard))
    assert ([each.name for each in detect_cards(channel)], channel.exchanges) == EXPECTED[name]
    assert {command[:4].hex() for command in heard.commands} == {"00a4040c"}


def test_tries_are_left_alone() -> None:
    dealt = CARDS["specified-residence-card"].build("nguyen", sandbox(), None)
    assert isinstance(dealt.card, Chip)
    pins = [file for each in dealt.card.all_applications() for file in each.files.values() if isinstance(file, Pin)]
    before = [pin.left for pin in pins]
    detect_cards(CardChannel(InProcessCard(dealt.card)))
    assert len(pins) >= 5
    assert [pin.left for pin in pins] == before


def test_a_card_that_we_do_not_know() -> None:
    unknown = Chip([Application(aid=bytes.fromhex("A000000003000000"), files=[])])
    channel = CardChannel(InProcessCard(unknown))
    assert detect_cards(channel) == ()
    assert channel.exchanges == len(CARD_TYPES)


@pytest.mark.parametrize("sw", ["6999", "6D00", "6F00", "6283", "6A82"])
def test_a_refusal_of_any_kind_is_a_no(sw: str) -> None:
    class Refuses:
        def transmit(self, command: bytes) -> bytes:
            return bytes.fromhex(sw)

    assert detect_cards(CardChannel(Refuses())) == ()


def test_removed_meanwhile() -> None:
    dealt = CARDS["driving-licence"].build("hanako", sandbox(), None)
    with pytest.raises(CardRemoved):
        detect_cards(CardChannel(InProcessCard(RemovedAt(dealt.card, 2))))
