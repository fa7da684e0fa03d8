"""What can go wrong with any card, on demand: around it (it is still a `Card`), or inside a chip (its files, counters, transport).

What is wrong with one kind of card (a clone, a revoked certificate) stands with that card.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from examples.cards.chip import Card, Chip, Removed
from examples.cards.files import Application, Pin, Transparent
from examples.cards.transport import Transport

GARBAGE = bytes.fromhex("ffdeadbeef84ffffffff7f21ff0030801f")
"""Bytes that are no answer to anything: long lengths, unfinished tags, a status word (801F) that no text knows."""


class Around:
    """A card with something around it. heard: how many commands were sent to it since it was made, over all sessions."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.heard = 0

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def power(self) -> None:
        self.card.power()

    def answer(self, apdu: bytes) -> bytes:
        at, self.heard = self.heard, self.heard + 1
        return self.exchange(at, apdu)

    def exchange(self, at: int, apdu: bytes) -> bytes:  # noqa: ARG002 - for subclasses
        """The answer to command number ``at``, counted from 0."""
        return self.card.answer(apdu)


class RemovedAt(Around):
    """Gone when command ``at`` is sent, and from then on. executed: the card still heard that command, only its answer was lost."""

    def __init__(self, card: Card, at: int, *, executed: bool = False) -> None:
        super().__init__(card)
        self.at, self.executed = at, executed

    def exchange(self, at: int, apdu: bytes) -> bytes:
        if at < self.at:
            return self.card.answer(apdu)
        if at == self.at and self.executed:
            self.card.answer(apdu)
        raise Removed


class GarbageAt(Around):
    """Command ``at`` is answered by ``garbage``; with ``onwards`` all after it too. The card itself never hears of them."""

    def __init__(self, card: Card, at: int, *, garbage: bytes = GARBAGE, onwards: bool = False) -> None:
        super().__init__(card)
        self.at, self.garbage, self.onwards = at, garbage, onwards

    def exchange(self, at: int, apdu: bytes) -> bytes:
        if at == self.at or (self.onwards and at > self.at):
            return self.garbage
        return self.card.answer(apdu)


class Endless(Around):
    """No file ends: what was read beyond its end is ``filling``, in full length and with 9000."""

    def __init__(self, card: Card, *, filling: bytes = b"\x30\x84\x7f\xff\xff\xff") -> None:
        super().__init__(card)
        self.filling = filling

    def exchange(self, at: int, apdu: bytes) -> bytes:  # noqa: ARG002
        answer = self.card.answer(apdu)
        if len(apdu) < 5 or apdu[1] != 0xB0 or answer[-2:] not in {b"\x90\x00", b"\x62\x82", b"\x6b\x00"}:
            return answer
        wanted = apdu[4] or 256 if len(apdu) == 5 else int.from_bytes(apdu[5:7], "big") or 65536
        data = answer[:-2]
        return data + (self.filling * (wanted // len(self.filling) + 1))[: wanted - len(data)] + b"\x90\x00"


class AlwaysMore(Around):
    """Whatever is asked, there is always more to fetch (61 20)."""

    def exchange(self, at: int, apdu: bytes) -> bytes:  # noqa: ARG002
        return bytes(32 if apdu[1:2] == b"\xc0" else 0) + b"\x61\x20"


class NeverTheLength(Around):
    """Whatever length is asked for, another one is right (6Cxx)."""

    def exchange(self, at: int, apdu: bytes) -> bytes:  # noqa: ARG002
        return b"\x6c" + bytes([(apdu[-1] + 1) & 0xFF])


class TooMuch(Around):
    """Every answer has ``surplus`` bytes more than were asked for."""

    def __init__(self, card: Card, *, surplus: int = 400) -> None:
        super().__init__(card)
        self.surplus = surplus

    def exchange(self, at: int, apdu: bytes) -> bytes:  # noqa: ARG002
        answer = self.card.answer(apdu)
        return answer[:-2] + bytes(self.surplus) + answer[-2:]


class Slow(Around):
    """Thinks about every command for so many seconds."""

    def __init__(self, card: Card, seconds: float, *, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(card)
        self.seconds, self.sleep = seconds, sleep

    def exchange(self, at: int, apdu: bytes) -> bytes:  # noqa: ARG002
        self.sleep(self.seconds)
        return self.card.answer(apdu)


AROUND: dict[str, Callable[[Card], Card]] = {
    "removed": lambda card: RemovedAt(card, 3),
    "removed_after_hearing": lambda card: RemovedAt(card, 3, executed=True),
    "garbage": lambda card: GarbageAt(card, 2, onwards=True),
    "silence": lambda card: GarbageAt(card, 2, garbage=b"", onwards=True),
    "endless": Endless,
    "always_more": AlwaysMore,
    "never_the_length": NeverTheLength,
    "too_much": TooMuch,
    "slow": lambda card: Slow(card, 0.05),
}
"""Faults by name. None of them changes evidence: the reading ends with an error, or (slow) takes its time."""


# Inside a chip.


def application(chip: Chip, aid: bytes) -> Application:
    """The application of that name, the master file for an empty one. Raises KeyError."""
    for found in chip.all_applications():
        if found.aid == aid:
            return found
    raise KeyError(aid.hex())


def file(chip: Chip, aid: bytes, fid: int) -> Transparent:
    return application(chip, aid).transparent(fid)


def alter_byte(chip: Chip, aid: bytes, fid: int, *, at: int = -1) -> Chip:
    """The lowest bit of one byte is turned. at: from the start, or (negative) from the end of what was written."""
    found = file(chip, aid, fid)
    content = bytearray(found.content)
    content[at] ^= 0x01
    found.content = bytes(content)
    return chip


def truncate(chip: Chip, aid: bytes, fid: int, size: int) -> Chip:
    """The file ends after so many bytes, its filler is gone."""
    found = file(chip, aid, fid)
    found.content, found.size = found.content[:size], 0
    return chip


def lying_length(chip: Chip, aid: bytes, fid: int, claimed: int) -> Chip:
    """The outermost object of the file says that it is ``claimed`` bytes long; the file stays as long as it was."""
    found = file(chip, aid, fid)
    content = found.content
    tag = 1
    if content[0] & 0x1F == 0x1F:
        tag = next(at for at in range(1, len(content)) if content[at] < 0x80) + 1
    octets = content[tag] & 0x7F if content[tag] >= 0x80 else 0
    lie = b"\x84" + claimed.to_bytes(4, "big")
    found.content = content[:tag] + lie + content[tag + 1 + octets :]
    return chip


def counter(chip: Chip, aid: bytes, name: str, left: int) -> Chip:
    """So many tries are left of the password ``name``: 1, or 0 for a blocked one."""
    pin: Pin = application(chip, aid).pin(name)
    pin.left = left
    return chip


def fragmented(chip: Chip, *, piece: int | None = None, exact: bool = False, extended: bool = True) -> Chip:
    """Long answers come in pieces (61xx), short ones only by their exact length (6Cxx), extended length is not understood."""
    chip.transport = Transport(extended=extended, piece=piece, exact=exact)
    return chip
