"""One set of make-believe authorities for all tests of a process: keys are slow to make. Nothing is written to disk."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from examples.cards.chip import Chip
from examples.cards.keys import KeyRing
from examples.cards.my_number.authorities import MyNumberAuthorities
from examples.cards.my_number.card import build_my_number
from examples.cards.people import PEOPLE

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
_RING = KeyRing()


@lru_cache(maxsize=2)
def authorities(*, pretends: bool = False) -> MyNumberAuthorities:
    """Of the test hierarchy, or of one that calls itself as the production one does. Both have one ring of keys."""
    return MyNumberAuthorities(now=NOW, keys=_RING, pretends=pretends)


def card(person: str = "hanako", fault: str | None = None, *, pretends: bool = False, **options: object) -> Chip:
    """A new chip: what a test does to it, no other sees."""
    return build_my_number(PEOPLE[person], authority=authorities(pretends=pretends), fault=fault, **options)  # type: ignore[arg-type]


def say(chip: Chip, *apdus: str | bytes) -> bytes:
    """What is answered to the last of them."""
    answer = b""
    for apdu in apdus:
        answer = chip.answer(bytes.fromhex(apdu) if isinstance(apdu, str) else apdu)
    return answer


def select(aid: bytes) -> bytes:
    return b"\x00\xa4\x04\x0c" + bytes([len(aid)]) + aid


def verify(fid: int, value: bytes) -> bytes:
    """Of the application's password with that file identifier, named by its short one."""
    return bytes([0x00, 0x20, 0x00, 0x80 | fid & 0x1F, len(value)]) + value


def read(chip: Chip, fid: int) -> bytes:
    """The whole file of the application that is selected, with the status word at its end; only that where it cannot be selected."""
    selected = say(chip, b"\x00\xa4\x02\x0c\x02" + fid.to_bytes(2, "big"))
    return say(chip, "00b00000000000") if selected == b"\x90\x00" else selected
