"""What gate and hub tell each other: only what is new, and all of it where a device was copied or an answer was lost."""

from __future__ import annotations

from typing import Any

import peewee
import pytest

from common.gate.exchange import LEAST_ENTRY, Exchange, GateJournal, build_exchange, parse_exchange
from common.gate.journal_entry import JournalHead, sign_journal_head
from tests.verifier.gate.scene import EVENT, Guest
from tests.verifier.gate.test_desk import scan
from tests.verifier.gate.venue import Venue, Wire
from verifier.gate.account import account
from verifier.gate.asked import asked_only, drop_delivered
from verifier.gate.desk import GateDesk
from verifier.gate.hub import take_in
from verifier.gate.journal.chain import HEADS_EVERY, Journal
from verifier.gate.journal.exchange import absorb, known_here, lacking
from verifier.gate.link import Link
from verifier.gate.merge import read_set
from verifier.gate.packs import points_of
from verifier.gate.reasons import GateReason
from verifier.store.gate import GateAskedRow, GateEntryRow, GateHeadRow


class Counting(Wire):
    """Counts what is sent and what comes back."""

    entries = calls = 0

    def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
        answer = super().exchange(event, body, seconds=seconds)
        for one in (*parse_exchange(body).journals, *parse_exchange(answer).journals):
            self.entries += len(one.entries)
        self.calls += 1
        return answer


def counting(venue: Venue, gate: str) -> Counting:
    wire = Counting("hub", venue.clock)
    venue.desks[gate].link.hub = wire
    return wire


def test_the_second_exchange_tells_what_is_new_and_no_more(venue: Venue) -> None:
    for number in range(1, 40):
        scan(venue, "a", Guest(number))
    venue.sync("a")
    wire = counting(venue, "a")
    scan(venue, "a", Guest(100))
    venue.sync("a")
    assert (wire.entries, wire.calls) == (2, 2), "the note that it is linked, and the admission"
    venue.sync("a")
    assert (wire.entries, wire.calls) == (2, 3), "nothing is new, and one call finds it out"


def test_a_head_that_came_without_its_entries_makes_nobody_talk_for_ever(venue: Venue) -> None:
    for number in range(1, 20):
        scan(venue, "a", Guest(number))
    venue.wires["a"].lose_answers = True
    venue.sync("a")
    wire = counting(venue, "b")
    venue.sync("b")
    assert venue.desks["b"].link.linked
    assert wire.calls <= 3


def test_no_more_rows_are_asked_for_than_an_exchange_can_hold(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that fetches whatever is asked for, as PostgreSQL's does, would read a whole journal for each answer."""
    for number in range(1, 30):
        scan(venue, "a", Guest(number))
    venue.desks["a"].journal.head(time=venue.now)
    run, rows = venue.database.execute, []

    def watched(query: Any, **options: Any) -> Any:
        if query.model is GateEntryRow:
            rows.append(len(run(query, **options).fetchall()))
        return run(query, **options)

    monkeypatch.setattr(venue.database, "execute", watched)
    gate = venue.desks["a"].journal.gate
    assert lacking("a", EVENT, (gate,), {}, most_bytes=500) == ()
    assert rows == [500 // LEAST_ENTRY + 1]
    assert len(lacking("a", EVENT, (gate,), {})[0].entries) == 29, "all, where there is room"


def copied(venue: Venue) -> None:
    """A second device with the key of a, and its journal as it was."""
    absorb("a2", all_of(venue, "a"), points_of(venue.pack))
    venue.keys["a2"], venue.gates["a2"] = venue.keys["a"], venue.gates["a"]
    venue.wires["a2"] = Wire("hub", venue.clock)
    venue.desks["a2"] = GateDesk(
        venue.desks["a"].plan,
        Journal("a2", EVENT, venue.keys["a2"]),
        lambda: points_of(venue.pack),
        link=Link(venue.wires["a2"], after=0),
    )


def all_of(venue: Venue, tenant: str) -> Exchange:
    if tenant in venue.desks:
        venue.desks[tenant].journal.head(time=venue.now)
    gates = sorted(points_of(venue.pack))
    return parse_exchange(build_exchange(EVENT, lacking(tenant, EVENT, gates, {})))


def test_both_branches_of_a_copied_device_reach_the_hub_and_the_others(venue: Venue) -> None:
    scan(venue, "a", Guest(1))
    copied(venue)
    for number in (2, 3):
        scan(venue, "a", Guest(number))
    venue.sync("a")
    for number in (4, 5, 6, 7, 8):
        scan(venue, "a2", Guest(number))
    venue.sync("a2", "b")
    assert venue.desks["a2"].link.linked
    for number in range(1, 9):
        assert scan(venue, "b", Guest(number))[0] is GateReason.ALREADY_ADMITTED, number
    venue.sync("b")
    for tenant in ("hub", "b"):
        found = account(read_set(all_of(venue, tenant)), points=points_of(venue.pack), locks={}, re_entry=False)
        (gate,) = (one for one in found.gates if one.gate == venue.gates["a"].gate)
        assert gate.forks, "the copy is told"
        assert gate.proven == gate.entries >= 8
    assert known_here("b", EVENT, [venue.gates["a"].gate])[venue.gates["a"].gate] > 0


def test_heads_that_lead_nowhere_are_few_and_hide_no_honest_entry(venue: Venue) -> None:
    """A stolen device signs as many as it likes, of entries that nobody has, here and farther on."""
    for number in range(1, 4):
        scan(venue, "a", Guest(number))
    venue.sync("a")
    gate, key = venue.desks["a"].journal.gate, venue.keys["a"]
    for first in (1, HEADS_EVERY):
        loose = [JournalHead(EVENT, gate, first + at, bytes([at]) * 32, venue.now) for at in range(60)]
        body = Exchange(EVENT, (GateJournal(gate, (), tuple(sign_journal_head(one, key) for one in loose)),))
        absorb("hub", body, points_of(venue.pack))
        kept = GateHeadRow.select().where((GateHeadRow.tenant == "hub") & (GateHeadRow.sequence >= first))
        assert kept.where(GateHeadRow.sequence < first + HEADS_EVERY - 1).count() <= 17, "and the honest one"
    venue.sync("b")
    for number in range(1, 4):
        assert scan(venue, "b", Guest(number))[0] is GateReason.ALREADY_ADMITTED, number
    known = known_here("b", EVENT, [gate])[gate]
    assert known >= 3
    venue.pass_time()
    scan(venue, "a", Guest(9))
    venue.sync("a", "b")
    assert known < known_here("b", EVENT, [gate])[gate] == venue.desks["a"].journal.length(), "the next is told too"


def test_what_was_asked_is_looked_for_only_where_its_gate_told_something(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue.sync()
    for number in range(1, 6):
        assert scan(venue, "a", Guest(number))[0] is GateReason.ADMITTED
    scan(venue, "b", Guest(7))
    run, found = venue.database.execute, []

    def watched(query: Any, **options: Any) -> Any:
        if query.model is GateAskedRow and isinstance(query, peewee.ModelSelect):
            found.append(query.sql())
        return run(query, **options)

    monkeypatch.setattr(venue.database, "execute", watched)
    drop_delivered("hub", EVENT, ())
    assert found == []
    all_of_b = parse_exchange(build_exchange(EVENT, (_told(venue, "b"),)))
    take_in("hub", all_of_b, venue.pack)
    ((text, values),) = found
    assert '"data"' not in text
    assert venue.desks["b"].journal.gate in [getattr(one, "obj", one) for one in values]
    monkeypatch.undo()
    assert {one.seen.gate for one in asked_only("hub", EVENT)} == {venue.desks["a"].journal.gate}
    assert len(asked_only("hub", EVENT)) == 5


def _told(venue: Venue, gate: str) -> GateJournal:
    journal = venue.desks[gate].journal
    journal.head(time=venue.now)
    (told,) = lacking(gate, EVENT, (journal.gate,), {})
    return told
