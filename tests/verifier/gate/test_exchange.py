"""What two who meet believe of each other: chains that a signed head leads to, forks of a copied device, long journals in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.errors import Refused
from common.gate.exchange import Exchange, GateJournal, build_exchange, parse_exchange
from common.gate.journal_entry import Kind
from tests.verifier.gate.chains import Chain, exchange_of, points_of_chains
from tests.verifier.gate.scene import EVENT, Guest
from tests.verifier.gate.venue import Venue, open_gate_database
from verifier.gate.devices import lock
from verifier.gate.hub import exchange
from verifier.gate.journal.chain import HEADS_EVERY
from verifier.gate.journal.exchange import absorb, known_here, lacking

MOVES = [(Kind.IN, number, number) for number in range(1, 8)]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[None]:
    database = open_gate_database(tmp_path)
    yield
    database.close_all()


def taken(found: Exchange, *chains: Chain) -> int:
    return len(absorb("here", found, points_of_chains(*chains)).new)


def test_a_proven_chain_is_taken_once(here: None) -> None:
    chain = Chain(MOVES)
    assert taken(exchange_of(chain), chain) == 7
    assert taken(exchange_of(chain), chain) == 0
    assert known_here("here", EVENT, [chain.gate]) == {chain.gate: 7}
    (told,) = lacking("here", EVENT, [chain.gate], {chain.gate: 5})
    assert told.entries == tuple(chain.entries[5:])


def test_what_nobody_signed_and_who_nobody_knows_is_left_aside(here: None) -> None:
    chain, stranger = Chain(MOVES), Chain(MOVES)
    found = absorb("here", exchange_of(chain, stranger, signed=False), points_of_chains(chain))
    assert (found.new, found.unproven, found.strangers) == ((), 14, (stranger.gate,))
    tail = GateJournal(chain.gate, tuple(chain.entries), (chain.head(4),))
    assert taken(Exchange(EVENT, (tail,)), chain) == 4
    forged = GateJournal(chain.gate, tuple(stranger.entries), (stranger.head(),))
    assert taken(Exchange(EVENT, (forged,)), chain) == 0


def test_a_chain_with_a_hole_waits_for_what_is_missing(here: None) -> None:
    chain = Chain(MOVES)
    late = GateJournal(chain.gate, tuple(chain.entries[3:]), (chain.head(),))
    assert taken(Exchange(EVENT, (late,)), chain) == 0
    assert known_here("here", EVENT, [chain.gate]) == {chain.gate: 0}, (
        "a head that leads nowhere: everything is asked for"
    )
    assert taken(exchange_of(chain), chain) == 7


def test_a_copied_device_is_found_out_by_its_head_alone(here: None) -> None:
    chain = Chain(MOVES)
    copy = chain.fork(3)
    copy.write(Kind.IN, 99, 50)
    assert taken(exchange_of(chain), chain) == 7
    head_only = GateJournal(chain.gate, (), (copy.head(),))
    assert taken(Exchange(EVENT, (head_only,)), chain) == 0
    assert known_here("here", EVENT, [chain.gate]) == {chain.gate: 0}
    assert taken(exchange_of(copy), chain) == 1
    (told,) = lacking("here", EVENT, [chain.gate], {})
    assert len(told.entries) == 8, "both are kept, and told to others"


def test_a_long_journal_goes_in_parts_each_proven(here: None) -> None:
    chain = Chain()
    for number in range(1, 2 * HEADS_EVERY + 500):
        chain.write(Kind.IN, number)
    heads = tuple(chain.head(place) for place in (HEADS_EVERY - 1, 2 * HEADS_EVERY - 1, len(chain.entries)))
    whole = Exchange(EVENT, (GateJournal(chain.gate, tuple(chain.entries), heads),))
    absorb("from", whole, points_of_chains(chain))
    rounds = 0
    known: dict[bytes, int] = {}
    while known.get(chain.gate, 0) < len(chain.entries):
        rounds += 1
        assert rounds < 9
        part = lacking("from", EVENT, [chain.gate], known, most_bytes=150_000)
        absorb("here", parse_exchange(build_exchange(EVENT, part)), points_of_chains(chain))
        known = known_here("here", EVENT, [chain.gate])
    assert rounds >= 2


def test_a_gate_that_is_away_is_told_of_by_one_that_met_it(venue_of: Callable[..., Venue]) -> None:
    venue = venue_of("a", "b", "away")
    guest = Guest()
    venue.desks["away"].scan(guest.shows(), venue.now)
    head = venue.desks["away"].journal.head(time=venue.now)
    assert head is not None
    points = {gate.gate: gate.point for gate in venue.gates.values()}
    told = lacking("away", EVENT, sorted(points), {})
    absorb("b", parse_exchange(build_exchange(EVENT, told)), points)  # by a file, or an animated code
    assert venue.desks["b"].journal.presence(guest.cti).inside is not None
    venue.sync("b")
    venue.sync("a")
    assert venue.desks["a"].journal.presence(guest.cti).inside is not None


def test_a_locked_devices_entries_are_taken_before_it_is_refused(venue: Venue) -> None:
    venue.desks["b"].scan(Guest().shows(), venue.now)
    lock("hub", EVENT, venue.gates["b"].gate, now=venue.now // 1000)
    venue.sync("b")
    assert not venue.desks["b"].link.linked
    own = lacking("b", EVENT, [venue.gates["b"].gate], {})
    with pytest.raises(Refused):
        exchange("hub", EVENT, build_exchange(EVENT, own, {}), now=venue.now)
    assert known_here("hub", EVENT, [venue.gates["b"].gate])[venue.gates["b"].gate] >= 1
