"""What of somebody's journals is to be believed: entries that a head leads to, which the gate signed, hash by hash. Pure.

Read and verified before anything is written: a hub's database has one writer at a time, and gates wait for it with guests before them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from common.errors import Malformed, Rejected
from common.gate.exchange import Exchange, GateJournal
from common.gate.journal_entry import (
    NO_HASH,
    JournalEntry,
    ParsedHead,
    hash_entry,
    parse_journal_entry,
    parse_journal_head,
)
from common.gate.signed import HEAD, verify_message
from common.record import Record

MOST_HEADS = 1024
"""Of one journal, that are verified: a merged file has some of every file that it is of."""
PATIENCE = 16
"""Heads of one body that may turn out false; the rest of it is left unread."""
IsHere = Callable[[bytes, int, bytes], bool]
"""Whether the entry of this gate, with this sequence and hash, is stored."""


class Proven(Record, frozen=True):
    """heads: verified. entries: what they lead to, each after the one that it follows. Both with their bytes.

    unproven: how many entries no head leads to. strangers: gates that no pack names.
    """

    heads: tuple[tuple[ParsedHead, bytes], ...]
    entries: tuple[tuple[JournalEntry, bytes], ...]
    unproven: int
    strangers: tuple[bytes, ...]


def prove(exchange: Exchange, points: Mapping[bytes, bytes], is_here: IsHere) -> Proven:
    """points: the keys of the event's gates.

    1. the gate is one of the event's      2. its heads are signed by it, and of this event
    3. entries are of this gate and event, and a head leads to them      4. their chain begins at 1, or at an entry that is here
    """
    heads: list[tuple[ParsedHead, bytes]] = []
    entries: list[tuple[JournalEntry, bytes]] = []
    strangers: list[bytes] = []
    patience = PATIENCE
    for journal in exchange.journals:
        # 1
        if journal.gate not in points:
            strangers.append(journal.gate)
            continue
        # 2
        believed, false = _believed(journal, exchange.event, points[journal.gate], patience)
        patience -= false
        heads += believed
        # 3, 4
        if believed:
            entries += _led_to(exchange.event, journal, [parsed for parsed, _ in believed], is_here)
    sent = sum(len(journal.entries) for journal in exchange.journals)
    return Proven(tuple(heads), tuple(entries), sent - len(entries), tuple(strangers))


def _believed(
    journal: GateJournal, event: str, point: bytes, patience: int
) -> tuple[list[tuple[ParsedHead, bytes]], int]:
    """The heads that the gate signed, and how many it did not."""
    found: list[tuple[ParsedHead, bytes]] = []
    false = 0
    for data in dict.fromkeys(journal.heads):
        if false >= patience or len(found) == MOST_HEADS:
            break
        try:
            parsed = parse_journal_head(data)
            verify_message(parsed.message, [point], HEAD)
        except (Malformed, Rejected):
            false += 1
            continue
        if parsed.head.event == event and parsed.head.gate == journal.gate:
            found.append((parsed, data))
    return found, false


def _led_to(
    event: str, journal: GateJournal, heads: Sequence[ParsedHead], is_here: IsHere
) -> list[tuple[JournalEntry, bytes]]:
    """Only what heads lead to is read at all, and once: what leads nowhere is ``dead`` for the next head too."""
    by_hash = {hash_entry(data): data for data in journal.entries}
    proven: dict[bytes, tuple[JournalEntry, bytes]] = {}
    dead: set[bytes] = set()
    for head in heads:
        chain: list[tuple[bytes, JournalEntry]] = []
        place, sequence = head.head.hash, head.head.sequence
        while place in by_hash and place not in proven and place not in dead:
            entry = _entry(by_hash[place], event, journal.gate)
            if entry is None or entry.sequence != sequence:
                break
            chain.append((place, entry))
            place, sequence = entry.previous, sequence - 1
        if place == NO_HASH or place in proven or is_here(journal.gate, sequence, place):
            proven.update((one, (entry, by_hash[one])) for one, entry in reversed(chain))
        else:
            dead.update(one for one, _ in chain)
    return list(proven.values())


def _entry(data: bytes, event: str, gate: bytes) -> JournalEntry | None:
    try:
        entry = parse_journal_entry(data)
    except Malformed:
        return None
    return entry if entry.event == event and entry.gate == gate else None
