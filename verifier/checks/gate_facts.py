"""What the rule `ticket_admits` looks at: what a gate asks of every ticket, and what is known of this one. Plain values, no I/O.

Times are seconds since 1970 unless a name says milliseconds. Nothing here is about a person: a ticket is its eight bytes ``cti``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from common.record import Record

PAST_SECONDS = 30
"""A code that is older than this, and the gate's clock error, is a picture of one."""
AHEAD_SECONDS = 5
"""How far a phone's clock may run ahead of the gate's, beside the gate's own error."""


Whereabouts = Literal["inside", "outside", "unheard"]
"""Of a ticket that leaves. outside: it is known not to be inside; unheard: nothing is known of it, at a gate that hears nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """Who a class of tickets lets in. windows: (from, to) pairs, the end excluded; none: always. flags: assurance that must be there."""

    entrances: frozenset[int]
    windows: tuple[tuple[int, int], ...] = ()
    flags: int = 0
    paper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedGate:
    """This gate, as the pack and its own settings describe it; the same for every ticket.

    rolled_back: a newer pack was in use here before. locked_at: the organiser locked this device then. clock_error: what the gate concedes
    its own clock, in seconds. homes: number of home groups, 0 without them; home: the group of this entrance. leaving: it counts
    people out.
    """

    entrance: int
    classes: Mapping[int, ClassRule]
    good_until: int
    rolled_back: bool = False
    locked_at: int | None = None
    clock_error: int = 0
    challenge: bool = False
    re_entry: bool = False
    homes: int = 0
    home: int = 0
    leaving: bool = False
    open_classes: frozenset[int] = field(init=False, default=frozenset())
    """Classes that this entrance takes at any time without a word more: most tickets are of these."""

    def __post_init__(self) -> None:
        plain = (
            number for number, rule in self.classes.items() if self.entrance in rule.entrances and not rule.windows
        )
        object.__setattr__(self, "open_classes", frozenset(plain))


class Earlier(Record, frozen=True, kw_only=True):
    """The entry by which a ticket is inside: where and when (milliseconds), by which gate (its identifier)."""

    gate: bytes
    sequence: int
    entrance: int
    time_ms: int


class TicketFact(Record, frozen=True, kw_only=True):
    """What was learnt of one ticket whose signatures hold. issued_at: when its holder signed the code, None on paper.

    answers: its holder put the number that the gate shows into the code. advancing: an earlier stale code of this ticket was seen, and
    since then the holder's clock has run as fast as the gate's. earlier: it is inside, by this entry. document_seen: a person at the gate
    has looked at a document, or at whoever leaves, and insists. whereabouts: only where people are counted out.
    """

    cti: bytes
    klass: int
    flags: int
    bound: bool
    issued_at: int | None
    excluded: bool
    answers: bool = False
    advancing: bool = False
    earlier: Earlier | None = None
    document_seen: bool = False
    whereabouts: Whereabouts = "inside"


def home_of(cti: bytes, homes: int) -> int:
    """The home group of a ticket: its first four bytes, as a number, modulo the groups. 0 where there are none."""
    return int.from_bytes(cti[:4], "big") % homes if homes else 0
