"""The short number of a challenge entrance: shown by the gate, put into the code by the holder's page. Stops codes signed beforehand.

Two digits would be guessed, four take too long to type with a queue behind: three, in a code that lasts seconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from common.record import Record
from verifier.gate.clock import LOOK_SECONDS

DIGITS = 3
_LEAST, _MOST = 10 ** (DIGITS - 1), 10**DIGITS - 1
BACKWARDS = 1
"""How many earlier numbers still count: who typed the last one while it changed is let in."""


class Challenge(Record, frozen=True, kw_only=True):
    """number: as shown. opened_at, until: seconds."""

    number: int
    opened_at: int
    until: int

    @property
    def nonce(self) -> bytes:
        """As it stands in the code: two bytes, big-endian."""
        return self.number.to_bytes(2, "big")


class Challenges:
    """The numbers of one entrance, one after the other. seconds: how long each is shown. draw: a random number of DIGITS digits."""

    def __init__(self, seconds: int, *, draw: Callable[[], int] | None = None) -> None:
        self._seconds = max(1, seconds)
        self._draw = draw or (lambda: _LEAST + secrets.randbelow(_MOST - _LEAST + 1))
        self._shown: list[Challenge] = []

    def shown(self, now: int) -> Challenge:
        """The number to be shown now; a new one where the last is over or the clock went back."""
        last = self._shown[-1] if self._shown else None
        if last is None or not last.opened_at <= now < last.until:
            past = {one.number for one in self._shown}
            number = self._draw()
            while number in past and len(past) < _MOST - _LEAST:
                number = self._draw()
            self._shown.append(Challenge(number=number, opened_at=now, until=now + self._seconds))
            del self._shown[: -(BACKWARDS + 1 + LOOK_SECONDS // self._seconds)]
        return self._shown[-1]

    def answered(self, nonce: bytes | None, now: int) -> bool:
        """Whether the nonce of a code is the number shown now, or the one before it, for as long again. now: when the code was read."""
        return any(
            nonce == one.nonce and one.opened_at <= now < one.until + BACKWARDS * self._seconds for one in self._shown
        )
