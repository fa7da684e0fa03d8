"""Is somebody inside with this ticket? Purely derived from the entries about it, whoever wrote them and in whatever order they came.

An entry that its own gate undid counts as never written. Where a gate's chain is forked nothing is undone, so that a copied device cannot
make an admission vanish. The other branch may be about other tickets: whoever reads entries from a journal leaves such an undo out
(`verifier.gate.journal.forks`). What is left is walked through by time, then gate, then sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.formats.gate_pass.labels import MAX_TIME
from common.gate.journal_entry import Kind
from common.record import Record
from verifier.checks.gate_facts import Whereabouts

_INSIDE = (Kind.IN, Kind.OVERRIDE)


class Seen(Record, frozen=True):
    """An entry about a ticket. undoes: the sequence of the gate's own entry, for UNDO; time: milliseconds; hash: of the entry."""

    kind: int
    gate: bytes
    sequence: int
    hash: bytes
    time: int
    entrance: int
    undoes: int | None


class Presence(Record, frozen=True):
    """inside: the entry by which the ticket is in, None when it is out. exits: how often it left after an entry.

    excess: each admission of a ticket that was inside already, with the one before it.
    """

    inside: Seen | None
    exits: int
    excess: tuple[tuple[Seen, Seen], ...]
    admissions: int


NOWHERE = Presence(None, 0, (), 0)


def presence_of(entries: Sequence[Seen], *, re_entry: bool) -> Presence:
    """re_entry: an exit makes room for another entry; without it a ticket enters once for all."""
    if not entries:
        return NOWHERE
    inside: Seen | None = None
    exits = admissions = 0
    excess: list[tuple[Seen, Seen]] = []
    for entry in in_order(standing(entries)):
        if entry.kind in _INSIDE:
            admissions += 1
            if inside is not None:
                excess.append((inside, entry))
            inside = entry
        elif entry.kind == Kind.OUT and inside is not None and re_entry:
            inside = None
            exits += 1
    return Presence(inside, exits, tuple(excess), admissions)


def standing(entries: Sequence[Seen]) -> list[Seen]:
    """The entries about going in and out that were not undone."""
    undone = {(one.gate, one.undoes) for one in entries if one.kind == Kind.UNDO}
    moves = [one for one in entries if one.kind <= Kind.OVERRIDE]
    if not undone:
        return moves
    places: dict[tuple[bytes, int], set[bytes]] = {}
    for one in moves:
        places.setdefault((one.gate, one.sequence), set()).add(one.hash)
    return [one for one in moves if (place := (one.gate, one.sequence)) not in undone or len(places[place]) > 1]


def latest_of(entries: Sequence[Seen]) -> Seen | None:
    """The entry that stands last in the order by which presence is derived."""
    return max(standing(entries), key=_place, default=None)


def whereabouts(entries: Sequence[Seen], *, alone: bool) -> Whereabouts:
    """Of a ticket that wants to leave. alone: a gate that hears nobody cannot say of a stranger that it never came in."""
    last = latest_of(entries)
    if last is None:
        return "unheard" if alone else "outside"
    return "outside" if last.kind == Kind.OUT else "inside"


def time_after(entries: Sequence[Seen], now: int) -> int:
    """What the next entry is dated: now, or just after all that is known of the ticket.

    Clocks differ by minutes. Dated by its own clock alone, a second entry could come to stand before the exit that made room for it, and
    the ticket would be out again in everybody's eyes.
    """
    last = latest_of(entries)
    return now if last is None else min(max(now, last.time + 1), MAX_TIME)


def _place(one: Seen) -> tuple[int, bytes, int, bytes]:
    return one.time, one.gate, one.sequence, one.hash


def in_order(entries: Iterable[Seen]) -> list[Seen]:
    return sorted(entries, key=_place)
