"""The promise about double entry, worked out beside the code under test from what was seen to happen: who turned green, in which groups.

An *occupant* is an entry by which somebody is inside: an admission, an override, or an admission that a crash left without its green.
Groups are compared at the moments of admissions only. With more moments the refinement has more blocks: what holds here holds for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.stories.gate.grounds import ALONE, Grounds

Partition = tuple[int, ...]
"""Of each gate: the block it is in. Gates that are alone get numbers of their own."""


class Broken(AssertionError):
    """The promise does not hold."""


@dataclass(slots=True)
class Entered:
    """green: a person saw it. by_hand: an override. at: its entry's time as written, milliseconds. where: blocks at that moment."""

    gate: int
    name: bytes
    sequence: int
    at: int
    where: Partition
    green: bool
    by_hand: bool = False
    undone: bool = False


@dataclass(slots=True)
class Left:
    """An exit, as written. stood: somebody was admitted by a gate for which it counted; one whose undoing all had heard made no room."""

    gate: int
    name: bytes
    sequence: int
    at: int
    undone: bool = False
    stood: bool = False


@dataclass(slots=True)
class History:
    """One ticket. most: admissions that stood at once; most_allowed: the k of that moment."""

    entered: list[Entered] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    most: int = 0
    most_allowed: int = 0

    def standing(self) -> list[Entered]:
        return [one for one in self.entered if not one.undone]


def place(one: Entered | Left) -> tuple[int, bytes, int]:
    """Where it stands among all entries, by what is written: time, then gate, then sequence."""
    return one.at, one.name, one.sequence


def partition(grounds: Grounds) -> Partition:
    return tuple(post.block if post.block != ALONE else -1 - post.number for post in grounds.posts)


def refinement(parts: list[Partition], gates: frozenset[int]) -> dict[int, tuple[int, ...]]:
    """Gate → its block of the common refinement: gates that were together every time."""
    return {gate: tuple(part[gate] for part in parts) for gate in gates}


def check_admission(history: History, homes: frozenset[int], *, re_entry: bool) -> None:
    """After somebody turned green: the bound, and nobody twice within a group.

    k = blocks of the refinement among the gates that may let the ticket in. Where it may come back each exit makes room once in each
    block: admissions of one block ≤ 1 + exits, and between two of them stands an exit.
    """
    standing = history.standing()
    greens = [one for one in standing if one.green and not one.by_hand]
    last = greens[-1]
    if last.gate not in homes:
        raise Broken("a gate let in a ticket whose home is another group")
    for exit_ in history.left:
        exit_.stood |= not exit_.undone
    exits = [one for one in history.left if one.stood]
    blocks = refinement([one.where for one in standing], homes)
    k = len(set(blocks.values()))
    allowed = k * (1 + len(exits)) if re_entry else k
    if not re_entry and len(greens) >= history.most:
        history.most, history.most_allowed = len(greens), k
    if len(greens) > allowed:
        raise Broken(f"{len(greens)} admissions where {allowed} are possible")
    for other in standing[: standing.index(last)]:
        if last.where[other.gate] != last.where[last.gate]:
            continue
        low, high = sorted((place(other), place(last)))
        if not (re_entry and any(low < place(one) < high for one in exits)):
            raise Broken(f"gates {other.gate} and {last.gate} are of one group, and both let it in")


def check_report(
    histories: dict[bytes, History], grounds: Grounds, told: set[tuple[bytes, bytes, int, bytes, int]]
) -> None:
    """After a merge of all. told: (ticket, first gate, its time, gate that let it in again, its time).

    Without re-entry: of each ticket every entry but the first is told, beside the one before it. With re-entry: walked by time, an exit
    after an entry makes room.
    """
    wanted = set()
    for cti, history in histories.items():
        moves = [(*place(one), True) for one in history.standing()]
        if grounds.shape.re_entry:
            moves += [(*place(one), False) for one in history.left if not one.undone]
        inside: tuple[int, bytes] | None = None
        for at, gate, _, enters in sorted(moves):
            if not enters:
                inside = None
                continue
            if inside is not None:
                wanted.add((cti, inside[1], inside[0], gate, at))
            inside = (at, gate)
    if told != wanted:
        raise Broken(f"reported: {len(told)} entries too many, of {len(wanted)}")
