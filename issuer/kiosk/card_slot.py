"""Where cards are put: a port, and the PC/SC reader behind it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from common.adapters.pcsc import count_moves, open_card, wait_for_card, wait_for_removal
from common.ports import CardConnection


class CardSlot(Protocol):
    def wait(self, seconds: float) -> str:
        """The name of a reader that holds a card. Raises Unavailable: "no_reader", "no_card" after ``seconds``, or that nothing works."""

    def open(self, reader: str) -> AbstractContextManager[CardConnection]:
        """The card, freshly reset, for us alone until it is closed."""

    def is_gone(self, reader: str, seconds: float = 0.0) -> bool:
        """Whether the card was taken out within ``seconds``."""

    def count_moves(self, reader: str) -> int:
        """Another number than before: a card was put or taken out since. Where the reader does not count, always the same."""


class PcscSlot:
    """Implements `CardSlot` over PC/SC. readers: only these, by name; all where none is named."""

    def __init__(self, readers: tuple[str, ...] = ()) -> None:
        self._readers = readers or None

    def wait(self, seconds: float) -> str:
        return wait_for_card(seconds=seconds, readers=self._readers)

    def open(self, reader: str) -> AbstractContextManager[CardConnection]:
        return open_card(reader)

    def is_gone(self, reader: str, seconds: float = 0.0) -> bool:
        return wait_for_removal(reader, seconds=seconds)

    def count_moves(self, reader: str) -> int:
        return count_moves(reader)
