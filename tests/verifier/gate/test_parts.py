"""A terminal takes in another gate's long journal part by part, in any order, into its database."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from common.gate.exchange import Exchange, build_exchange, parse_exchange
from common.gate.parts import LEAST_PART, Pending, split_exchange
from tests.amount import is_usual
from tests.common.gate_ts.test_parts_agree import LONG, chain_of, exchange_of, journal_of
from tests.verifier.gate.chains import Chain, points_of_chains
from tests.verifier.gate.scene import EVENT
from tests.verifier.gate.venue import Venue
from verifier.gate.frames import PART_BYTES
from verifier.gate.journal.exchange import absorb, known_here


def take(parts: list[Exchange], chain: Chain) -> tuple[int, int]:
    pending, waiting, found = Pending(), 0, 0
    points = points_of_chains(chain)
    for part in parts:
        told = pending.joined(parse_exchange(build_exchange(part.event, part.journals)))
        absorbed = absorb("venue", told, points)
        waiting = pending.hold(told, absorbed.unproven, absorbed.strangers)
        found += len(absorbed.new)
    return found, waiting


@pytest.mark.parametrize("heads", [0, 10])
@pytest.mark.parametrize("order", ["forwards", "backwards", "shuffled"])
def test_parts_in_any_order(venue: Venue, heads: int, order: str) -> None:
    chain = chain_of(120)
    parts = list(split_exchange(exchange_of(journal_of(chain, heads=heads)), LEAST_PART))
    assert len(parts) > 2
    if order != "forwards":
        parts.reverse()
    if order == "shuffled":
        random.Random(3).shuffle(parts)
    assert take(parts, chain) == (120, 0)
    assert known_here("venue", EVENT, [chain.gate]) == {chain.gate: 120}


@pytest.mark.slow
def test_ten_thousand_entries(venue: Venue, tmp_path: Path) -> None:
    assert not is_usual()
    chain = chain_of(LONG)
    parts = list(split_exchange(exchange_of(journal_of(chain, heads=300)), PART_BYTES))
    random.Random(4).shuffle(parts)
    assert take(parts, chain) == (LONG, 0)
