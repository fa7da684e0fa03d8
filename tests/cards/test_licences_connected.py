"""Licences and residence cards over every kind of connection, a real pcscd among them: the same reading, and the same clean end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated, CardDriver
from common.cards.detect import detect_cards
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.evidence import Answer
from common.cards.evidence_json import build_evidence, parse_evidence
from common.cards.reading import Reading
from common.cards.registry import DRIVERS
from common.errors import CardRemoved
from examples.cards.chip import Card
from examples.cards.driving_licence import build_driving_licence
from examples.cards.faults import RemovedAt
from examples.cards.licence.holders import HANAKO
from examples.cards.residence.holders import ENGINEER, NGUYEN
from tests.cards import test_driving_licence_read as licence
from tests.cards import test_mynumber_licence_read as mynumber_licence
from tests.cards import test_residence_card_read as residence
from tests.cards import test_specified_residence_card_read as specified
from tests.cards.authorities import police_authority, residence_authority
from tests.cards.licence_world import Holder, request
from tests.fakes.card import Insert

PERSON = {
    "driving_licence_pin_1": HANAKO.pin_1,
    "driving_licence_pin_2": HANAKO.pin_2,
    "mynumber_licence_pin": HANAKO.pin_1,
}


@dataclass(frozen=True)
class Kind:
    """build: a new card. judge: its reading, believed as the tests of its own believe it. most: exchanges of one whole reading."""

    name: str
    build: Callable[[], Card]
    judge: Callable[[Reading], Authenticated]
    number: str = ""
    most: int = 0

    @property
    def driver(self) -> CardDriver:
        if self.name == "specified_residence_card":
            return ResidenceCardDriver(residence_authority(2).delivery_key_der)
        return DRIVERS[self.name]


KINDS = {
    "driving licence": Kind(
        "driving_licence", lambda: build_driving_licence(HANAKO, authority=police_authority()), licence.judge, most=17
    ),
    "licence on a My Number card": Kind("mynumber_licence", mynumber_licence.card, mynumber_licence.judge, most=7),
    "residence card 1": Kind(
        "residence_card",
        lambda: residence.card(ENGINEER, 1),
        lambda reading: residence.judge(reading, residence.trust(1)),
        ENGINEER.number,
        15,
    ),
    "residence card 2": Kind(
        "residence_card",
        lambda: residence.card(ENGINEER, 2),
        lambda reading: residence.judge(reading, residence.trust(2)),
        ENGINEER.number,
        15,
    ),
    "residence card on a My Number card": Kind(
        "specified_residence_card", specified.card, specified.judge, NGUYEN.number, 17
    ),
}
each_kind = pytest.mark.parametrize("kind", KINDS)


def read(channel: CardChannel, kind: Kind) -> Reading:
    holder = Holder(PERSON | {"residence_card_number": kind.number})
    return kind.driver.read(channel, request(holder, *(part.name for part in kind.driver.parts)))


@each_kind
def test_it_is_found_read_and_believed(kind: str, insert: Insert) -> None:
    card = KINDS[kind]
    channel = CardChannel(insert(card.build()))
    found = [each.driver for each in detect_cards(channel)]
    assert card.driver.name in found
    before = channel.exchanges
    told = card.judge(read(channel, card))
    assert told.evidence.sources[0].data_authenticity.answer is Answer.PROVEN
    assert channel.exchanges - before <= card.most
    assert parse_evidence(build_evidence(told.evidence, resolution=1)) == told.evidence, "it can go into a credential"


def test_it_is_taken_away(insert: Insert) -> None:
    """At one moment, since a reader takes its time to notice; at every moment in the tests of each card."""
    card = KINDS["residence card 2"]
    with pytest.raises(CardRemoved):
        read(CardChannel(insert(RemovedAt(card.build(), 7))), card)


def test_the_registry_knows_them() -> None:
    assert {"driving_licence", "mynumber_licence", "residence_card"} <= set(DRIVERS.names)
    for name in DRIVERS.names:
        parts = DRIVERS[name].parts
        assert len({part.name for part in parts}) == len(parts)
        assert all(part.label_ja and part.label_en for part in parts)
