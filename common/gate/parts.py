"""Journals too long for one animated code: several exchanges, each of which a device takes in for itself, in any order.

A part ends at a signed head where there is one, so that it is believed as soon as what comes before it is here. What is not believed yet
waits (`Pending`) for the part that proves it.
"""

from __future__ import annotations

from collections.abc import Collection

from common.gate.exchange import Exchange, GateJournal, build_exchange
from common.gate.journal_entry import parse_journal_entry, parse_journal_head

LEAST_PART = 4096
MAX_PENDING = 1 << 25
"""Bytes of entries that wait. What came first is let go beyond that, and has to be shown again."""
_FRAME, _JOURNAL, _STRING = 96, 24, 3
"""Bytes around what is in a part, in a journal, in an entry: no more than these."""
_HEADS_APART = 8
"""A head for each eighth of a part: gates sign one every thirty seconds."""
_Item = tuple[int, bool, bytes]


def split_exchange(exchange: Exchange, most_bytes: int) -> tuple[Exchange, ...]:
    """The same entries in parts of at most so many encoded bytes each (at least 4096). Raises Malformed for what are no entries."""
    if len(build_exchange(exchange.event, exchange.journals)) <= most_bytes:
        return (Exchange(exchange.event, exchange.journals),)
    most = max(most_bytes, LEAST_PART) - _FRAME
    parts: list[list[GateJournal]] = [[]]
    left = most
    for journal in exchange.journals:
        items = _items(journal, most // _HEADS_APART)
        at = 0
        while at < len(items):
            end = _end(items, at, left - _JOURNAL, is_fresh=not parts[-1])
            if end == at:
                parts.append([])
                left = most
                continue
            parts[-1].append(_journal(journal.gate, items[at:end]))
            left -= _JOURNAL + sum(len(data) + _STRING for _, _, data in items[at:end])
            at = end
    return tuple(Exchange(exchange.event, tuple(journals)) for journals in parts if journals)


def _items(journal: GateJournal, apart: int) -> list[_Item]:
    """(sequence, is a head, bytes): entries, each head after the entry that it signs. Of the heads those that are needed: the last, and
    some on the way; all of them where the chain has branches.
    """
    entries: list[_Item] = [(parse_journal_entry(data).sequence, False, data) for data in journal.entries]
    heads: list[_Item] = [(parse_journal_head(data).head.sequence, True, data) for data in journal.heads]
    items = sorted(entries + heads)
    if len({sequence for sequence, _, _ in entries}) < len(entries):
        return items
    kept: list[_Item] = []
    since = 0
    last = max(heads, default=None)
    for item in items:
        since += len(item[2])
        if not item[1] or item is last or since >= apart:
            kept.append(item)
            since = 0 if item[1] else since
    return kept


def _end(items: list[_Item], at: int, room: int, *, is_fresh: bool) -> int:
    """Up to where they fit, back to the last head; as they come where there is none and no other part has more room."""
    end = at
    while end < len(items) and room >= (size := len(items[end][2]) + _STRING):
        room -= size
        end += 1
    if end == len(items):
        return end
    head = next((place for place in range(end - 1, at, -1) if items[place][1]), None)
    return head + 1 if head is not None else end if is_fresh else at


def _journal(gate: bytes, items: list[_Item]) -> GateJournal:
    entries, heads = (tuple(data for _, is_head, data in items if is_head is wanted) for wanted in (False, True))
    return GateJournal(gate, entries, heads)


class Pending:
    """Entries of parts that came before the one that proves them."""

    def __init__(self) -> None:
        self._held: Exchange | None = None

    def joined(self, exchange: Exchange) -> Exchange:
        """With what waits of the same event."""
        held = self._held
        if held is None or held.event != exchange.event:
            return exchange
        by_gate = {journal.gate: journal for journal in held.journals}
        for one in exchange.journals:
            before = by_gate.get(one.gate, GateJournal(one.gate, (), ()))
            entries, heads = (*before.entries, *one.entries), (*before.heads, *one.heads)
            by_gate[one.gate] = GateJournal(one.gate, tuple(dict.fromkeys(entries)), tuple(dict.fromkeys(heads)))
        whole = Exchange(exchange.event, tuple(by_gate[gate] for gate in sorted(by_gate)))
        return whole if _weight(whole) <= MAX_PENDING else exchange

    def hold(self, exchange: Exchange, unproven: int, strangers: Collection[bytes]) -> int:
        """After it was taken in: how many of its entries wait now. Those of gates that nobody knows do not."""
        journals = tuple(one for one in exchange.journals if one.gate not in strangers)
        waiting = unproven - sum(len(one.entries) for one in exchange.journals if one.gate in strangers)
        self._held = Exchange(exchange.event, journals) if waiting > 0 else None
        return waiting


def _weight(exchange: Exchange) -> int:
    return sum(len(data) for journal in exchange.journals for data in (*journal.entries, *journal.heads))
