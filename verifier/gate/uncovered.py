"""Entries of a file that no signed head of their gate leads to: somebody altered it, or cut it short. Pure.

A gate signs its head with every file that it writes, so a whole file has none. What is uncovered still is in the merged set, where it
counts as unproven: nothing that a gate wrote gets lost by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from common.errors import Malformed, Rejected
from common.gate.journal_entry import NO_HASH, JournalEntry, parse_journal_head
from common.gate.signed import HEAD, verify_message
from verifier.gate.account_gate import read_journal
from verifier.gate.merge import JournalSet


def uncovered(journals: JournalSet, points: Mapping[bytes, bytes]) -> dict[bytes, int]:
    """Gate → how many of its entries. points: keys of the event's gates, as far as a pack names them; whose key is not known, of it the
    hashes alone are followed: they show what was altered by accident, not who signed."""
    found = {}
    for gate, entries in journals.entries.items():
        read, _ = read_journal(journals, gate)
        count = len(entries) - len(_covered(journals, gate, read, points.get(gate)))
        if count:
            found[gate] = count
    return found


def _covered(journals: JournalSet, gate: bytes, read: Mapping[bytes, JournalEntry], point: bytes | None) -> set[bytes]:
    covered: set[bytes] = set()
    for data in journals.heads.get(gate, ()):
        try:
            parsed = parse_journal_head(data)
            if point is not None:
                verify_message(parsed.message, [point], HEAD)
        except (Malformed, Rejected):
            continue
        head, place = parsed.head, parsed.head.hash
        if (head.event, head.gate) != (journals.event, gate) or place not in read:
            continue
        while place != NO_HASH and place in read and place not in covered:
            covered.add(place)
            place = read[place].previous
    return covered
