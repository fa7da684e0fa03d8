"""A card whose commands are written down, to tell what a reader asked for and what it never did. PINs are in it: for tests only."""

from __future__ import annotations

from examples.cards.chip import Card
from examples.cards.command import Refusal, parse
from examples.cards.faults import Around


class Overheard(Around):
    """commands: all APDUs as sent. Under secure messaging they say little."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self.commands: list[bytes] = []

    def exchange(self, at: int, apdu: bytes) -> bytes:  # noqa: ARG002
        self.commands.append(apdu)
        return self.card.answer(apdu)

    def selected(self) -> tuple[tuple[bytes, int], ...]:
        """(AID, FID) of every file that was selected or read by its short identifier (then the FID is the SFI), in order."""
        aid, found = b"", []
        for apdu in self.commands:
            try:
                command = parse(apdu)
            except Refusal:
                continue
            if command.ins == 0xA4 and command.p1 == 0x04:
                aid = command.data
            elif command.ins == 0xA4 and len(command.data) == 2:
                found.append((aid, int.from_bytes(command.data, "big")))
            elif command.ins == 0xB0 and command.p1 & 0x80:
                found.append((aid, command.p1 & 0x1F))
        return tuple(found)

    def verified(self) -> int:
        """How often a password was sent: questions for the counter do not count."""
        return sum(1 for apdu in self.commands if len(apdu) > 5 and apdu[1] == 0x20)
