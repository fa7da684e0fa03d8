"""The rows of the tables of faults that no card's own tests run: what goes wrong around a card, what ends its reading, and 特定在留カード.

The other rows are tested beside their drivers: ``test_<card>_read.py``, ``test_passport_faults.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from time import time

import pytest

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.detect import detect_cards
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.evidence import Environment, SourceEvidence
from common.cards.registry import DRIVERS
from common.cards.trust import CardTrust
from common.errors import TegataError, Unsupported
from examples.cards import faults
from examples.cards.fault_rows import FaultRow
from examples.cards.fault_tables import ANY_CARD, TABLES
from examples.cards.registry import CARDS, Dealt
from tests.amount import is_usual
from tests.cards.sandbox import sandbox
from tests.cards.test_every_card import CHALLENGE, believed, dealt, request_for
from tests.fakes.card import InProcessCard

__all__ = ["believed"]
PARTS = {"my-number": {"jpki_signature", "text"}}
"""What is read; of the others everything. `juki_card` has an old JPKI application alone."""
ONE_OF_A_KIND = ("my-number", "passport", "passport-2025", "driving-licence", "residence-card-2")
SPECIFIED = "specified-residence-card"
ENDED = [(name, row) for name, card in CARDS.items() for row in card.faults if row.changes == "no reading"]
ENDED_USUAL = [(name, row) for name, row in ENDED if name in (*ONE_OF_A_KIND, "mynumber-licence", SPECIFIED)]
MOST_COMMANDS = 3000
"""Of a reading, whatever the card says. A right one takes less than a hundred."""


@cache
def now() -> int:
    """One moment for all, since findings tell when they were made."""
    return int(time())


def read(card: Dealt, believed: CardTrust, name: str) -> Authenticated:
    connection = InProcessCard(card.card)
    try:
        channel = CardChannel(connection)
        kinds = detect_cards(channel)
        if not kinds:
            raise Unsupported("unknown_card", "what the kiosk says of it")
        kind = kinds[-1]
        driver = DRIVERS[kind.driver]
        if kind.name == "specified_residence_card":
            [delivery] = believed.of_scheme("residence_card_delivery")
            driver = ResidenceCardDriver(delivery_key=delivery.material)
        parts = frozenset(PARTS.get(name, {part.name for part in driver.parts}))
        reading = driver.read(channel, request_for(card, parts))
        return driver.authenticate(reading, challenge=CHALLENGE, trust=believed, now=now())
    finally:
        assert connection.exchanges < MOST_COMMANDS


def answers(sources: Iterable[SourceEvidence], field: str) -> set[str]:
    found = [getattr(source, field) for source in sources]
    return {str(getattr(one, "answer", one)) for one in found}


def test_every_row_belongs_to_a_card() -> None:
    of_cards = {row.name for card in CARDS.values() for row in card.faults}
    assert of_cards == {row.name for title, rows in TABLES for row in rows if title != "Any card"}


@pytest.mark.parametrize("row", ANY_CARD, ids=[row.name for row in ANY_CARD])
@pytest.mark.parametrize("name", ONE_OF_A_KIND if is_usual() else CARDS)
def test_what_goes_wrong_around_a_card_ends_its_reading_or_changes_nothing(
    name: str, row: FaultRow, believed: CardTrust
) -> None:
    right = dealt(name)
    around = faults.Slow(right.card, 0.0002) if row.name == "slow" else faults.AROUND[row.name](right.card)
    wrong = Dealt(card=around, known=right.known)
    if row.changes == "nothing":
        same, before = read(wrong, believed, name), read(right, believed, name)
        assert (same.claims, same.evidence.sources) == (before.claims, before.evidence.sources)
        return
    try:
        told = read(wrong, believed, name)
    except TegataError as error:
        ended = error.code
    else:
        ended = "nothing"
        assert told.evidence.sources == read(right, believed, name).evidence.sources
    allowed = {"an error": ended != "nothing", "an error, or nothing": True}
    assert allowed.get(row.becomes, ended == row.becomes), ended


@pytest.mark.parametrize(
    ("name", "row"), ENDED_USUAL if is_usual() else ENDED, ids=lambda one: one if isinstance(one, str) else one.name
)
def test_what_ends_a_reading_ends_it_with_the_word_of_its_row(name: str, row: FaultRow, believed: CardTrust) -> None:
    card = CARDS[name].build(CARDS[name].holders[0], sandbox(), row.name)
    with pytest.raises(TegataError) as caught:
        read(card, believed, name)
    assert caught.value.code == row.becomes


CHANGED = [row for row in CARDS[SPECIFIED].faults if row.changes != "no reading"]


@pytest.mark.parametrize("row", CHANGED, ids=[row.name for row in CHANGED])
def test_a_fault_of_the_card_that_is_two_changes_what_its_row_names(row: FaultRow, believed: CardTrust) -> None:
    wrong = CARDS[SPECIFIED].build(CARDS[SPECIFIED].holders[0], sandbox(), row.name)
    right, told = read(dealt(SPECIFIED), believed, SPECIFIED), read(wrong, believed, SPECIFIED)
    if row.changes == "nothing":
        assert [source.data_authenticity for source in told.evidence.sources] == [
            source.data_authenticity for source in right.evidence.sources
        ]
        return
    assert row.becomes in answers(told.evidence.sources, row.changes)
    signed = [source for source in right.evidence.sources if source.trust_anchor is not Environment.NONE]
    assert row.becomes not in answers(signed, row.changes), (
        "what lies outside of the signature has no anchor on a right card either"
    )
