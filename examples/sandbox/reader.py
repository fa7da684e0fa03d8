"""A card reader for virtual cards: a private pcscd with its virtual reader, or none at all and the card is reached within this process.

The kiosk sees a `CardSlot` either way. `open_reader` takes the real one where it can be had, and tells which it is.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic, sleep
from typing import Protocol

from common.adapters.pcsc import wait_for_removal
from common.errors import CardRemoved, Unavailable
from common.ports import CardConnection
from examples.cards.chip import Card, Removed
from examples.cards.pcscd import Pcscd, why_not
from examples.cards.plug import Plugged
from issuer.kiosk.card_slot import CardSlot, PcscSlot

_POLLED_WITHIN = 0.5
"""Seconds within which pcscd has looked into the virtual reader. A card that comes sooner after another one is never seen."""


class Reader(Protocol):
    """One slot. what: of which kind it is, for people. environment: by which other processes find it, empty where they cannot."""

    what: str
    slot: CardSlot
    environment: dict[str, str]

    @property
    def is_empty(self) -> bool: ...

    def put(self, card: Card) -> None:
        """Puts a card in; the slot is empty."""

    def take(self) -> None:
        """Takes out whatever is in."""

    def close(self) -> None: ...


def why_no_reader() -> str | None:
    """Why there can be no real reader here, in one sentence; None where there can."""
    return why_not() or (None if importlib.util.find_spec("smartcard") else "pyscard is not installed")


def open_reader(*, real: bool = True) -> Reader:
    """real: a pcscd where one can be had. This process must not have used PC/SC before: it looks for the daemon once in its life."""
    why = why_no_reader() if real else "as asked for"
    if why is not None:
        return NoReader(why)
    try:
        return VirtualReader()
    except RuntimeError:  # its message is the end of a log
        return NoReader("pcscd does not come up")


class VirtualReader:
    """A pcscd of our own, found by this process alone."""

    def __init__(self) -> None:
        self._daemon = Pcscd()
        self.environment = self._daemon.environment
        os.environ |= self.environment
        self._name = self._daemon.readers[0]
        self._plugged: Plugged | None = None
        self._emptied = 0.0
        self.slot: CardSlot = PcscSlot((self._name,))
        self.what = f'本物のpcscdと仮想リーダー / a real pcscd with the virtual reader "{self._name}"'

    @property
    def is_empty(self) -> bool:
        return self._plugged is None or not self._plugged.is_in

    def put(self, card: Card) -> None:
        sleep(max(0.0, self._emptied + _POLLED_WITHIN - monotonic()))
        self._plugged = self._daemon.insert(card)

    def take(self) -> None:
        if self._plugged is None:
            return
        self._plugged.remove()
        self._plugged = None
        wait_for_removal(self._name, seconds=5)
        self._emptied = monotonic()

    def close(self) -> None:
        self.take()
        self._daemon.stop()


class NoReader:
    """Implements `CardSlot` too: opening resets the card, as a reader does."""

    def __init__(self, why: str) -> None:
        self._card: Card | None = None
        self.slot: CardSlot = self
        self.environment: dict[str, str] = {}
        self.what = f"リーダーなし、プロセス内のカード / no reader ({why}): the card is reached within this process"

    @property
    def is_empty(self) -> bool:
        return self._card is None

    def put(self, card: Card) -> None:
        self._card = card

    def take(self) -> None:
        self._card = None

    def close(self) -> None:
        self.take()

    def wait(self, seconds: float) -> str:
        if self._card is None:
            sleep(seconds)
            raise Unavailable("no_card", "no card is in the reader")
        return "in-process"

    def open(self, reader: str) -> AbstractContextManager[CardConnection]:
        return self._open(reader)

    @contextmanager
    def _open(self, reader: str) -> Iterator[CardConnection]:
        if self._card is None:
            raise Unavailable("no_card", f"no card is in {reader}")
        self._card.power()
        yield self

    def is_gone(self, reader: str, seconds: float = 0.0) -> bool:
        del reader, seconds  # nobody takes it out behind our back
        return self._card is None

    def count_moves(self, reader: str) -> int:
        del reader
        return 0

    def transmit(self, command: bytes) -> bytes:
        if self._card is None:
            raise CardRemoved
        try:
            return self._card.answer(command)
        except Removed:
            self._card = None
            raise CardRemoved from None
