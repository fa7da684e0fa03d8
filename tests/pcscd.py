"""Virtual cards in the virtual reader of a real pcscd, which each test process starts for itself (`examples.cards.pcscd`)."""

from __future__ import annotations

import importlib.util
import os
from time import monotonic, sleep

from common.adapters.pcsc import PcscConnection, open_card
from examples.cards.chip import Card
from examples.cards.pcscd import Pcscd, why_not
from examples.cards.plug import Plugged

POLLED_WITHIN = 1.0
"""Seconds within which pcscd has looked into the virtual reader."""


def no_card_readers() -> str | None:
    """Why cards cannot be tested over a real pcscd here; None where they can. TEGATA_TEST_NO_PCSCD=1 is a reason too."""
    if os.environ.get("TEGATA_TEST_NO_PCSCD") == "1":
        return "as TEGATA_TEST_NO_PCSCD asks for"
    return why_not() or (None if importlib.util.find_spec("smartcard") else "pyscard is not installed")


class Slot:
    """A slot that stays filled. Since pcscd looks for cards every 400 ms only, the card behind the connection is exchanged instead of
    being taken out and put in: opening it resets it, as a new one."""

    def __init__(self, daemon: Pcscd) -> None:
        self._daemon = daemon
        self.reader = daemon.readers[0]
        self._plugged: Plugged | None = None
        self._open: PcscConnection | None = None
        self._emptied = 0.0

    def insert(self, card: Card, *, patience: float = 20.0, card_time: float = 60.0) -> PcscConnection:
        self.let_go()
        self.hold(card)
        self._open = open_card(self.reader, seconds=40, patience=patience, card_time=card_time)
        return self._open

    def hold(self, card: Card) -> None:
        """Puts it in without opening it: for a program under test that does."""
        if self._plugged is not None and self._plugged.is_in:
            self._plugged.card = card
        else:
            self.empty()
            self.pause()
            self._plugged = self._daemon.insert(card)

    def let_go(self) -> None:
        if self._open is not None:
            connection, self._open = self._open, None
            connection.close()
            if connection.is_lost:  # what it waited for may still come
                self.empty()

    def empty(self) -> None:
        """Takes the card out."""
        self.let_go()
        if self._plugged is not None:
            self._plugged.remove()
            self._plugged, self._emptied = None, monotonic()

    def pause(self) -> None:
        """Until pcscd has surely seen that the slot is empty. A card that is exchanged for another one between two looks stays "absent" for
        ever: it saw no change of presence."""
        sleep(max(0.0, self._emptied + POLLED_WITHIN - monotonic()))
