"""Journals from anywhere, put together: a set that only grows. Pure; in any order, any number of times, the same set comes out.

The key of an entry is its gate and its hash, and the hash covers its sequence and all before it. Nothing is judged here: what a set means
is derived from it (`verifier.gate.account`), so that merging can lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.errors import Malformed
from common.gate.exchange import Exchange, GateJournal, build_exchange
from common.gate.journal_entry import hash_entry


class JournalSet:
    """entries: gate → hash → bytes. heads: gate → bytes of signed heads. asked: requests that a hub heard of gates whose journal it lacked.

    Not to be changed once made; equal by what is in it.
    """

    __slots__ = ("asked", "entries", "event", "heads")

    def __init__(
        self,
        event: str,
        entries: Mapping[bytes, Mapping[bytes, bytes]],
        heads: Mapping[bytes, frozenset[bytes]],
        asked: frozenset[bytes] = frozenset(),
    ) -> None:
        self.event = event
        self.entries = entries
        self.heads = heads
        self.asked = asked

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, JournalSet)
            and (self.event, self.entries, self.heads, self.asked)
            == (other.event, other.entries, other.heads, other.asked)
        )  # fmt: skip

    __hash__ = None  # type: ignore[assignment]  # as of a set

    def __len__(self) -> int:
        return sum(map(len, self.entries.values()))


def empty(event: str) -> JournalSet:
    """What every merge begins with."""
    return JournalSet(event, {}, {})


def read_set(exchange: Exchange) -> JournalSet:
    """What one file or body holds; whether it is well-formed is seen when it is accounted for."""
    return JournalSet(
        exchange.event,
        {one.gate: {hash_entry(data): data for data in one.entries} for one in exchange.journals if one.entries},
        {one.gate: frozenset(one.heads) for one in exchange.journals if one.heads},
        frozenset(exchange.asked),
    )


def merge(sets: Iterable[JournalSet]) -> JournalSet:
    """The union. Raises Malformed for none, or for sets of different events."""
    event = ""
    entries: dict[bytes, dict[bytes, bytes]] = {}
    heads: dict[bytes, frozenset[bytes]] = {}
    asked: frozenset[bytes] = frozenset()
    for one in sets:
        if event and one.event != event:
            raise Malformed("wrong_event", f"journals of {event} and of {one.event} have nothing to do with each other")
        event = one.event
        for gate, found in one.entries.items():
            entries.setdefault(gate, {}).update(found)
        for gate, signed in one.heads.items():
            heads[gate] = heads.get(gate, frozenset()) | signed
        asked |= one.asked
    if not event:
        raise Malformed("no_journals", "there is nothing to merge")
    return JournalSet(event, entries, heads, asked)


def write_set(journals: JournalSet) -> bytes:
    """The file: gates and heads in order, entries by their hash, so that the same set gives the same file."""
    gates = sorted({*journals.entries, *journals.heads})
    bodies = tuple(
        GateJournal(
            gate,
            tuple(data for _, data in sorted(journals.entries.get(gate, {}).items())),
            tuple(sorted(journals.heads.get(gate, ()))),
        )
        for gate in gates
    )
    return build_exchange(journals.event, bodies, asked=journals.asked)
