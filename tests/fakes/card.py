"""A virtual card within this process: what `common.ports.CardConnection` is without a reader between."""

from __future__ import annotations

from collections.abc import Callable

from common.errors import CardRemoved
from common.ports import CardConnection
from examples.cards.chip import Card, Removed

Insert = Callable[[Card], CardConnection]
"""Inserts a card and opens it. The fixture ``insert`` is one over each kind of connection."""


class InProcessCard:
    """The card, freshly powered. ``exchanges``: how many commands went to it."""

    def __init__(self, card: Card) -> None:
        self._card: Card | None = card
        self.exchanges = 0
        card.power()

    def transmit(self, command: bytes) -> bytes:
        if self._card is None:
            raise CardRemoved
        self.exchanges += 1
        try:
            return self._card.answer(command)
        except Removed:
            self._card = None
            raise CardRemoved from None


def insert_in_process(card: Card) -> CardConnection:
    return InProcessCard(card)
