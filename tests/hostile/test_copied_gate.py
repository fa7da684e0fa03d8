"""Somebody copied a gate, key and all: no admission vanishes, at the hub, at a gate or in the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.gate.admit_request import build_admit_request
from common.gate.exchange import Exchange, GateJournal
from common.gate.journal_entry import (
    NO_HASH,
    JournalHead,
    Kind,
    build_journal_entry,
    hash_entry,
    sign_journal_head,
)
from tests.verifier.gate.scene import EVENT, NORTH, Guest
from tests.verifier.gate.venue import Venue
from verifier.gate.account import Account, account
from verifier.gate.hub import admit
from verifier.gate.journal.chain import seen_of
from verifier.gate.journal.exchange import absorb, lacking
from verifier.gate.merge import merge, read_set
from verifier.gate.packs import points_of
from verifier.gate.presence import presence_of
from verifier.gate.reasons import GateReason

Written = tuple[Kind, bytes | None, int | str | None]
NOTE: Written = (Kind.NOTE, None, "opened")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    made = Venue(tmp_path)
    made.sync()
    yield made
    made.database.close_all()


def scan(venue: Venue, gate: str, guest: Guest) -> GateReason:
    return venue.desks[gate].scan(guest.shows(venue.now // 1000), venue.now).decision.reason


def own_entries(venue: Venue, name: str) -> tuple[bytes, ...]:
    journal = venue.desks[name].journal
    return lacking(name, EVENT, (journal.gate,), {})[0].entries


def branch(venue: Venue, name: str, upto: int, *written: Written) -> Exchange:
    """What a copy of the gate wrote after entry ``upto``, with a head that its key signed."""
    gate, entries = venue.desks[name].journal.gate, list(own_entries(venue, name)[:upto])
    for kind, cti, detail in written:
        entries.append(
            build_journal_entry(
                event=EVENT,
                gate=gate,
                sequence=len(entries) + 1,
                previous=hash_entry(entries[-1]) if entries else NO_HASH,
                kind=kind,
                cti=cti,
                time=venue.now,
                entrance=NORTH,
                detail=detail,
            )
        )
    head = JournalHead(EVENT, gate, len(entries), hash_entry(entries[-1]), venue.now)
    return Exchange(EVENT, (GateJournal(gate, tuple(entries), (sign_journal_head(head, venue.keys[name]),)),))


def reported(venue: Venue, *more: Exchange) -> Account:
    """All that the two gates have, put together."""
    points = points_of(venue.pack)
    for name in venue.desks:
        venue.desks[name].journal.head(time=venue.now)
    files = [Exchange(EVENT, lacking(name, EVENT, sorted(points), {})) for name in venue.desks]
    return account(merge(map(read_set, (*files, *more))), points=points, locks={}, re_entry=False)


@pytest.mark.parametrize("about", ["another place", "the undo itself", "between"])
def test_a_copy_of_a_gate_takes_no_admission_back(venue: Venue, about: str) -> None:
    guest, other = Guest(1), Guest(2)
    assert scan(venue, "a", guest) is GateReason.ADMITTED
    place = venue.desks["a"].journal.length()
    assert scan(venue, "a", other) is GateReason.ADMITTED
    venue.sync()
    copies: dict[str, tuple[int, list[Written]]] = {
        # its own entry, about another ticket, stands where the gate let the guest in
        "another place": (place - 1, [(Kind.IN, Guest(3).cti, None), (Kind.UNDO, guest.cti, place)]),
        # it was copied after that, and the gate has gone on since
        "the undo itself": (place, [(Kind.UNDO, guest.cti, place)]),
        "between": (place, [NOTE, NOTE, NOTE, NOTE, (Kind.UNDO, None, place)]),
    }
    upto, written = copies[about]
    brought = branch(venue, "a", upto, *written)
    assert len(absorb("hub", brought, points_of(venue.pack)).new) == len(written), "it is kept, and told as a fork"
    venue.sync("b")
    assert scan(venue, "b", guest) is GateReason.ALREADY_ADMITTED, "the hub knows"
    venue.wires["b"].cut = True
    assert scan(venue, "b", guest) is GateReason.ALREADY_ADMITTED, "and so does a gate that exchanged with it"
    assert scan(venue, "b", Guest(4)) is GateReason.ADMITTED
    # had it been alone, it would be in the report
    venue.desks["b"].override(guest.cti, "a person said so", venue.now)
    told = reported(venue, brought)
    assert [one.cti for one in told.excess] == [guest.cti]
    assert any(one.forks for one in told.gates)
    assert len(presence_of(seen_of("b", EVENT, guest.cti), re_entry=False).excess) == 1, "the same by both ways"


def test_a_gate_takes_back_its_own_admission_where_nobody_copied_it(venue: Venue) -> None:
    guest = Guest(1)
    assert scan(venue, "a", guest) is GateReason.ADMITTED
    place = venue.desks["a"].journal.length()
    assert venue.desks["a"].undo(place, venue.now)
    brought = branch(venue, "a", place + 1, (Kind.IN, Guest(2).cti, None))
    assert scan(venue, "a", Guest(3)) is GateReason.ADMITTED
    venue.sync()
    assert len(absorb("hub", brought, points_of(venue.pack)).new) == 1, "a fork after the undo"
    assert scan(venue, "b", guest) is GateReason.ADMITTED
    assert reported(venue, brought).excess == ()


def test_an_undo_that_names_another_ticket_takes_nothing_back(venue: Venue) -> None:
    guest = Guest(1)
    assert scan(venue, "a", guest) is GateReason.ADMITTED
    place = venue.desks["a"].journal.length()
    brought = branch(venue, "a", place, (Kind.UNDO, Guest(2).cti, place))
    absorb("hub", brought, points_of(venue.pack))
    assert scan(venue, "b", guest) is GateReason.ALREADY_ADMITTED
    venue.desks["b"].override(guest.cti, "a person said so", venue.now)
    assert [one.cti for one in reported(venue, brought).excess] == [guest.cti]


def test_what_a_gate_asked_for_and_then_wrote_differently_is_not_taken_back(venue: Venue) -> None:
    """It asks for one ticket, and its journal says another at that place, then an undo that names the first."""
    guest = Guest(1)
    place = venue.desks["a"].journal.length() + 1
    asked = branch(venue, "a", place - 1, (Kind.IN, guest.cti, None)).journals[0].entries[-1]
    admit("hub", EVENT, build_admit_request(asked, 0, venue.keys["a"]), now=venue.now)
    absorb(
        "hub",
        branch(venue, "a", place - 1, (Kind.IN, Guest(2).cti, None), (Kind.UNDO, guest.cti, place)),
        points_of(venue.pack),
    )
    assert scan(venue, "b", guest) is GateReason.ALREADY_ADMITTED
