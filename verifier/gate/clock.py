"""A stale code whose holder's clock runs as fast as ours: a phone that is wrong, or a recording. Pure.

One old code cannot be told from a screenshot. The next code of the same ticket can: a picture stands still, a clock runs on.
"""

from __future__ import annotations

from collections import OrderedDict

from common.record import Record

LOOK_SECONDS = 180
"""How long a person may take to look at a document: so long a code is judged as of when it was shown."""
AGREE_SECONDS = 11
"""How far two clocks may differ over the time between two codes: a page makes a new one every ten seconds."""
LEAST_SECONDS = 5
"""Two codes that are closer together than this say nothing about a clock."""
MOST_TICKETS = 256
"""What a gate remembers of stale codes: those who stand at it, not the whole evening."""


class Stale(Record, frozen=True, kw_only=True):
    """A code that was too old when it was read. issued_at: by its holder's clock, seen_at: by the gate's, in seconds."""

    issued_at: int
    seen_at: int


def runs_on(before: Stale, after: Stale) -> bool:
    """Whether the holder's clock went on between two stale codes as the gate's did."""
    holder, gate = after.issued_at - before.issued_at, after.seen_at - before.seen_at
    return holder >= LEAST_SECONDS and gate >= LEAST_SECONDS and abs(holder - gate) <= AGREE_SECONDS


class StaleCodes:
    """The first stale code of each of the latest tickets that showed one. Forgets the oldest, and those older than ``keep`` seconds."""

    def __init__(self, keep: int = 300) -> None:
        self._first: OrderedDict[bytes, Stale] = OrderedDict()
        self._keep = keep

    def advances(self, cti: bytes, issued_at: int, now: int) -> bool:
        """Whether this code, were it stale, runs on from an earlier one. Remembers it as the first where there was none."""
        code = Stale(issued_at=issued_at, seen_at=now)
        first = self._first.get(cti)
        if first is None or now - first.seen_at > self._keep or now < first.seen_at:
            self._first[cti] = code
            self._first.move_to_end(cti)
            while len(self._first) > MOST_TICKETS:
                self._first.popitem(last=False)
            return False
        return runs_on(first, code)
