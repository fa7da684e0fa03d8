"""Journals too long for one animated code: Python and the browser cut them alike, byte by byte, and each takes the parts in any order."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Unsupported
from common.gate.exchange import Exchange, GateJournal, build_exchange, parse_exchange
from common.gate.journal_entry import Kind, parse_journal_entry, parse_journal_head
from common.gate.parts import LEAST_PART, Pending, split_exchange
from tests.amount import examples
from tests.common.gate_ts.node import run
from tests.verifier.gate.chains import Chain, points_of_chains
from tests.verifier.gate.scene import EVENT
from verifier.gate.frames import PART_BYTES, Collector, split

LONG = 10_000


def chain_of(length: int) -> Chain:
    chain = Chain()
    for number in range(length):
        chain.write(Kind.IN, number + 1, number)
    return chain


def journal_of(chain: Chain, *, heads: int) -> GateJournal:
    """With as many signed heads on the way, and the last."""
    places = {round(at * len(chain.entries) / (heads + 1)) for at in range(1, heads + 1)} - {0} | {len(chain.entries)}
    return GateJournal(chain.gate, tuple(chain.entries), tuple(chain.head(place) for place in sorted(places)))


def exchange_of(*journals: GateJournal) -> Exchange:
    return Exchange(EVENT, tuple(sorted(journals, key=lambda one: one.gate)))


CHAINS = {length: chain_of(length) for length in (1, 30, 90, 200)}


@given(st.lists(st.sampled_from(sorted(CHAINS)), min_size=1, max_size=4, unique=True), st.integers(0, 20))
@settings(deadline=None, max_examples=examples(8, 200))
def test_parts_are_small_and_lose_nothing(lengths: list[int], heads: int) -> None:
    whole = exchange_of(*(journal_of(CHAINS[length], heads=min(heads, length)) for length in lengths))
    parts = split_exchange(whole, LEAST_PART)
    for part in parts:
        assert len(build_exchange(part.event, part.journals)) <= LEAST_PART
        assert parse_exchange(build_exchange(part.event, part.journals)).journals == part.journals
    for journal in whole.journals:
        pieces = [piece for part in parts for piece in part.journals if piece.gate == journal.gate]
        assert tuple(data for piece in pieces for data in piece.entries) == journal.entries
        assert {data for piece in pieces for data in piece.heads} <= {*journal.heads}
        assert journal.heads[-1] in pieces[-1].heads
    again = run([{"do": "split_parts", "data": build_exchange(EVENT, whole.journals).hex(), "most": LEAST_PART}])
    assert again[0]["ok"] == [build_exchange(EVENT, part.journals).hex() for part in parts]


def test_a_part_ends_at_a_head_where_there_is_one() -> None:
    for part in split_exchange(exchange_of(journal_of(CHAINS[200], heads=40)), LEAST_PART):
        (journal,) = part.journals
        assert parse_journal_head(journal.heads[-1]).head.sequence == parse_journal_entry(journal.entries[-1]).sequence


def test_every_head_of_a_forked_chain_goes_along() -> None:
    one = chain_of(40)
    other = one.fork(10)
    for number in range(50):
        other.write(Kind.IN, 1000 + number, number)
    whole = exchange_of(
        GateJournal(one.gate, (*one.entries, *other.entries[10:]), (one.head(40), other.head(20), other.head(60)))
    )
    parts = split_exchange(whole, LEAST_PART)
    assert {data for part in parts for journal in part.journals for data in journal.heads} == {*whole.journals[0].heads}
    again = run([{"do": "split_parts", "data": build_exchange(EVENT, whole.journals).hex(), "most": LEAST_PART}])
    assert again[0]["ok"] == [build_exchange(EVENT, part.journals).hex() for part in parts]


def frames_of(parts: tuple[Exchange, ...]) -> list[list[str]]:
    return [list(split(build_exchange(part.event, part.journals))) for part in parts]


def taken(frames: list[list[str]], chain: Chain) -> tuple[list[int], int]:
    points = {gate.hex(): point.hex() for gate, point in points_of_chains(chain).items()}
    (answer,) = run([{"do": "take_parts", "frames": [frame for one in frames for frame in one], "points": points}])
    counts, waiting = answer["ok"]
    return counts, waiting


@pytest.mark.parametrize("heads", [0, 12])
def test_the_browser_takes_parts_in_any_order(heads: int) -> None:
    """In order each is believed as it comes, where it ends at a head; backwards all of them wait for the first."""
    chain = CHAINS[200]
    parts = frames_of(split_exchange(exchange_of(journal_of(chain, heads=heads)), LEAST_PART))
    assert len(parts) > 3
    counts, waiting = taken(parts, chain)
    assert (counts[-1], waiting) == (200, 0)
    assert all((count > 0) == (heads > 0) for count in counts[:-1])
    counts, waiting = taken(parts[::-1], chain)
    assert (counts, waiting) == ([0] * (len(parts) - 1) + [200], 0)


def test_what_waits_is_let_go_before_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = split_exchange(exchange_of(journal_of(CHAINS[90], heads=0)), LEAST_PART)[:3]
    pending = Pending()
    assert pending.hold(first, 40, ()) == 40
    assert len(pending.joined(second).journals[0].entries) > len(second.journals[0].entries)
    entries = sum(len(data) for one in (first, second) for data in one.journals[0].entries)
    many = msgspec.structs.replace(second.journals[0], heads=tuple(bytes([n]) * 100 for n in range(10)))
    monkeypatch.setattr("common.gate.parts.MAX_PENDING", entries + 999)
    assert pending.joined(second) != second
    headed = Exchange(second.event, (many,))
    assert pending.joined(headed) == headed, "heads count too"
    monkeypatch.setattr("common.gate.parts.MAX_PENDING", 100)
    assert pending.joined(third) == third
    assert pending.hold(first, len(first.journals[0].entries), {CHAINS[90].gate}) == 0
    assert pending.joined(second) == second


@pytest.mark.slow
def test_a_journal_of_ten_thousand_entries_goes_over_in_parts() -> None:
    """Frames shuffled within each part, each part shown twice with losses, parts in any order."""
    chance, chain = random.Random(10), chain_of(LONG)
    whole = exchange_of(journal_of(chain, heads=LONG // 20))
    with pytest.raises(Unsupported):
        split(build_exchange(EVENT, whole.journals))
    parts = split_exchange(whole, PART_BYTES)
    again = run([{"do": "split_parts", "data": build_exchange(EVENT, whole.journals).hex(), "most": PART_BYTES}])
    assert again[0]["ok"] == [build_exchange(EVENT, part.journals).hex() for part in parts]
    frames = frames_of(parts)
    assert all(len(one) <= 200 for one in frames)
    print(f"\n{LONG} entries: {len(parts)} parts, {sum(map(len, frames))} frames")
    chance.shuffle(frames)
    for one in frames:
        lost = chance.sample(one, len(one) // 5)
        one[:] = [*chance.sample([frame for frame in one if frame not in lost], len(one) - len(lost)), *lost]
    counts, waiting = taken(frames, chain)
    assert (counts[-1], waiting) == (LONG, 0)
    collector, found = Collector(), 0
    for one in frames:
        for frame in one:
            data = collector.take(frame)
            found += 0 if data is None else len(parse_exchange(data).journals[0].entries)
    assert found == LONG
