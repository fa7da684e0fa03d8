"""The hub on both databases: of gates that ask at once one hears yes, and what the operator sees is counted there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.adapters.database import open_database
from common.adapters.migrations import migrate
from common.errors import Rejected
from common.gate.admit_request import build_admit_request, parse_admit_answer
from common.gate.exchange import build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from tests.verifier.gate.chains import Chain
from tests.verifier.gate.scene import EVENT, NOW
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, pack_of
from verifier.gate.devices import lock
from verifier.gate.hub import admit, exchange
from verifier.gate.live import look
from verifier.gate.packs import load_pack
from verifier.store.base import bind
from verifier.store.migrations import MIGRATIONS

GATES = 6


def meet(*chains: Chain) -> None:
    """Every gate exchanges with the hub, as it does before it asks anything."""
    for chain in chains:
        if not chain.entries:
            chain.write(Kind.NOTE, None)
        exchange("hub", EVENT, build_exchange(EVENT, (chain.journal(),), {}), now=NOW * 1000)


def test_of_gates_that_ask_at_once_one_hears_yes(database_url: str) -> None:
    database = open_database(database_url)
    bind(database)
    migrate(database, MIGRATIONS, now=NOW)
    chains = [Chain(entrance=1 + number % 2) for number in range(GATES)]
    load_pack("hub", build_pack(pack_of(tuple(gate_of(one.key) for one in chains)), ORGANISER), now=NOW, signer=SIGNER)
    meet(*chains)
    requests = []
    for chain in chains:
        chain.write(Kind.IN, 7)
        requests.append(build_admit_request(chain.entries[-1], 0, chain.key))

    def ask(request: bytes) -> bool:
        return parse_admit_answer(admit("hub", EVENT, request, now=NOW * 1000)).admitted

    with ThreadPoolExecutor(GATES) as pool:
        answers = list(pool.map(ask, requests))
    assert answers.count(True) == 1
    assert [ask(request) for request in requests] == answers, "asked again, everybody hears the same"
    winner = chains[answers.index(True)]
    for chain in chains:
        if chain is not winner:
            chain.write(Kind.UNDO, 2)
    meet(*chains)
    lock("hub", EVENT, winner.gate, now=NOW)
    live = look("hub", EVENT, now=NOW)
    assert (live.ins, live.outs, live.conflicts) == (1, 0, ())
    assert sum(sum(flow.minutes) for flow in live.flows) == 1
    assert [one.locked_at for one in live.devices if one.gate == winner.gate] == [NOW]
    assert all(one.seen_at == NOW for one in live.devices)
    database.close_all()


def test_a_place_that_was_given_up_is_taken_by_the_next(database_url: str) -> None:
    database = open_database(database_url)
    bind(database)
    migrate(database, MIGRATIONS, now=NOW)
    first, second = Chain(), Chain()
    load_pack("hub", build_pack(pack_of((gate_of(first.key), gate_of(second.key))), ORGANISER), now=NOW, signer=SIGNER)
    meet(first, second)
    for chain in (first, second):
        chain.write(Kind.IN, 7)
    asked = [build_admit_request(one.entries[1], 0, one.key) for one in (first, second)]
    assert parse_admit_answer(admit("hub", EVENT, asked[0], now=NOW * 1000)).admitted
    assert not parse_admit_answer(admit("hub", EVENT, asked[1], now=NOW * 1000)).admitted
    first.write(Kind.UNDO, 2)
    meet(first)
    answer = parse_admit_answer(admit("hub", EVENT, asked[1], now=NOW * 1000))
    assert answer.admitted
    assert answer.first == second.entries[1]
    stranger = Chain([(Kind.IN, 8, 0)])
    with pytest.raises(Rejected):
        admit("hub", EVENT, build_admit_request(stranger.entries[0], 0, stranger.key), now=NOW * 1000)
    database.close_all()
