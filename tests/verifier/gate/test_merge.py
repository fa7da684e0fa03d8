"""Merging is a union: commutative, associative, idempotent. What the set means counts every entry and finds every admission too many."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed
from common.gate.exchange import Exchange, GateJournal, parse_exchange
from common.gate.journal_entry import Kind
from tests.amount import examples
from tests.verifier.gate.chains import Chain, Move, exchange_of, points_of_chains
from tests.verifier.gate.scene import EVENT, NOW
from verifier.gate.account import Account, account
from verifier.gate.merge import JournalSet, empty, merge, read_set, write_set
from verifier.gate.presence import Seen, presence_of

KEYS = [Chain().key for _ in range(3)]
MOVES = st.lists(
    st.tuples(st.sampled_from([Kind.IN, Kind.IN, Kind.OUT, Kind.OVERRIDE]), st.integers(1, 4), st.integers(0, 90)),
    max_size=8,
)
SETS = st.lists(st.tuples(st.integers(0, 2), MOVES, st.booleans()), min_size=3, max_size=3)


def sets_of(drawn: list[tuple[int, list[Move], bool]]) -> list[JournalSet]:
    """The same key twice makes forks; some parts come without their head."""
    return [read_set(exchange_of(Chain(moves, key=KEYS[number]), signed=signed)) for number, moves, signed in drawn]


def accounted(journals: JournalSet, *, re_entry: bool = True, **given: object) -> Account:
    points = points_of_chains(*(Chain(key=key) for key in KEYS))
    return account(journals, points=points, locks={}, re_entry=re_entry)


@given(SETS)
@settings(deadline=None, max_examples=examples(60, 1000))
def test_in_any_order_any_number_of_times_to_the_same_set(drawn: list[tuple[int, list[Move], bool]]) -> None:
    a, b, c = sets_of(drawn)
    whole = merge([a, b, c])
    for order in itertools.permutations((a, b, c)):
        assert merge(order) == whole
    assert merge([merge([a, b]), c]) == merge([a, merge([b, c])]) == whole
    assert merge([whole, whole, a]) == whole
    assert merge([empty(EVENT), whole]) == whole
    assert accounted(merge([c, a, b, a])) == accounted(whole)


@given(SETS, st.booleans())
@settings(deadline=None, max_examples=examples(60, 1000))
def test_the_account_counts_every_entry_and_is_written_and_read_again(
    drawn: list[tuple[int, list[Move], bool]], re_entry: bool
) -> None:
    whole = merge(sets_of(drawn))
    found = accounted(whole, re_entry=re_entry)
    assert found.entries == len(whole) == sum(found.kinds.values())
    if not re_entry:
        assert found.admissions - found.admitted == len(found.excess), "every admission too many is told"
    moved = [sum(counts) for counts in found.by_minute.values()]
    assert sum(moved) == found.kinds[Kind.IN] + found.kinds[Kind.OUT] + found.kinds[Kind.OVERRIDE]
    again = read_set(parse_exchange(write_set(whole)))
    assert merge([again, whole]) == again == whole


def test_two_gates_apart_let_one_ticket_in_and_it_is_told_with_both() -> None:
    north, south = Chain([(Kind.IN, 7, 10)]), Chain([(Kind.NOTE, None, 0), (Kind.IN, 7, 70)], entrance=2)
    found = account(
        read_set(exchange_of(north, south)), points=points_of_chains(north, south), locks={}, re_entry=False
    )
    (excess,) = found.excess
    assert (excess.first.gate, excess.again.gate) == (north.gate, south.gate)
    assert (excess.first.time, excess.again.time) == ((NOW + 10) * 1000, (NOW + 70) * 1000)
    assert (found.admitted, found.admissions, found.inside) == (1, 2, 1)
    assert [one.proven for one in found.gates] == [one.entries for one in found.gates]
    assert not excess.flagged


def test_an_exit_between_divides_where_the_event_allows_it_and_an_undo_always() -> None:
    moves = [
        (Kind.IN, 7, 0),
        (Kind.OUT, 7, 10),
        (Kind.IN, 7, 20),
        (Kind.IN, 8, 30),
        (Kind.UNDO, 4, 31),
        (Kind.IN, 8, 40),
    ]
    chain = Chain(moves)

    def excess(re_entry: bool) -> int:
        return len(
            account(read_set(exchange_of(chain)), points=points_of_chains(chain), locks={}, re_entry=re_entry).excess
        )

    assert (excess(True), excess(False)) == (0, 1)


def test_a_fork_is_told_and_cannot_undo() -> None:
    first = Chain([(Kind.NOTE, None, 0), (Kind.IN, 1, 1), (Kind.IN, 2, 2)])
    copied = first.fork(1)
    copied.write(Kind.IN, 9, 3)
    copied.write(Kind.UNDO, 2, 4)
    whole = merge([read_set(exchange_of(first)), read_set(exchange_of(copied))])
    found = account(whole, points=points_of_chains(first), locks={}, re_entry=False)
    (gate,) = found.gates
    assert gate.forks == (2, 3)
    assert (gate.entries, gate.proven, gate.missing) == (5, 5, 0)
    assert found.admitted == 3, "nothing was undone where the chain is forked"


def test_what_no_head_leads_to_is_counted_apart_and_what_was_changed_is_not_proven() -> None:
    chain = Chain([(Kind.IN, number, number) for number in range(1, 6)])
    tail = GateJournal(chain.gate, tuple(chain.entries), (chain.head(3),))
    found = account(read_set(Exchange(EVENT, (tail,))), points=points_of_chains(chain), locks={}, re_entry=False)
    assert (found.gates[0].entries, found.gates[0].proven) == (5, 3)
    other = Chain([(Kind.IN, 50, 0)], key=chain.key)
    swapped = GateJournal(chain.gate, (*other.entries, *chain.entries[1:]), (chain.head(),))
    found = account(read_set(Exchange(EVENT, (swapped,))), points=points_of_chains(chain), locks={}, re_entry=False)
    assert (found.gates[0].entries, found.gates[0].proven) == (5, 4), (
        "the first is not what the second was written after"
    )


def test_gaps_strangers_and_nonsense_are_told() -> None:
    chain = Chain([(Kind.IN, number, number) for number in range(1, 5)])
    holes = GateJournal(chain.gate, (chain.entries[0], chain.entries[3], b"\x00nonsense"), (chain.head(), b"no head"))
    found = account(read_set(Exchange(EVENT, (holes,))), points={}, locks={}, re_entry=False)
    (gate,) = found.gates
    assert (gate.entries, gate.missing, gate.unreadable, gate.proven, gate.stranger) == (2, 2, 1, 0, True)


def test_entries_after_a_lock_are_flagged() -> None:
    lost, kept = Chain([(Kind.IN, 1, 0), (Kind.IN, 2, 61)]), Chain([(Kind.IN, 2, 5)])
    found = account(
        read_set(exchange_of(lost, kept)),
        points=points_of_chains(lost, kept),
        locks={lost.gate: NOW + 60},
        re_entry=False,
    )
    assert {one.gate: one.after_lock for one in found.gates} == {lost.gate: 1, kept.gate: 0}
    assert [one.flagged for one in found.excess] == [True]


def test_people_without_a_ticket_are_counted_by_minute() -> None:
    chain = Chain([(Kind.OVERRIDE, None, 0), (Kind.OVERRIDE, None, 1), (Kind.UNDO, 2, 2)])
    found = account(read_set(exchange_of(chain)), points=points_of_chains(chain), locks={}, re_entry=False)
    assert (list(found.by_minute.values()), len(found.overrides), found.admitted) == ([(0, 0, 1)], 2, 0)


def test_journals_of_two_events_do_not_merge() -> None:
    with pytest.raises(Malformed):
        merge([empty("one"), empty("other")])
    with pytest.raises(Malformed):
        merge([])


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Kind)[:4]), st.integers(0, 2), st.integers(1, 6), st.integers(0, 9)), max_size=10
    ),
    st.booleans(),
)
@settings(deadline=None, max_examples=examples(80, 2000))
def test_presence_follows_from_the_set_alone(drawn: list[tuple[Kind, int, int, int]], re_entry: bool) -> None:
    entries = [
        Seen(
            int(kind),
            bytes([gate]) * 8,
            sequence,
            bytes([number]) * 32,
            time,
            1,
            sequence - 1 if kind is Kind.UNDO else None,
        )
        for number, (kind, gate, sequence, time) in enumerate(drawn)
    ]
    found = presence_of(entries, re_entry=re_entry)
    assert presence_of(list(reversed(entries)), re_entry=re_entry) == found
    if not re_entry:
        assert len(found.excess) == max(0, found.admissions - 1)
        assert found.exits == 0
    assert found.admissions - len(found.excess) - found.exits == (found.inside is not None)
