"""A long exchange beside a gate that asks: nothing is verified while the database is held, and it is held for a few rows at a time."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from common.adapters import database as adapter
from common.adapters.database import open_database
from common.gate.admit_request import build_admit_request, parse_admit_answer
from common.gate.exchange import Exchange, GateJournal, build_exchange
from common.gate.journal_entry import JournalEntry, Kind, parse_journal_entry
from common.gate.signed import verify_message
from tests.forks import Forks
from tests.verifier.gate.chains import Chain, exchange_of, points_of_chains
from tests.verifier.gate.scene import EVENT, NORTH
from tests.verifier.gate.test_exchange import all_of
from tests.verifier.gate.venue import Venue
from verifier.gate.account import account
from verifier.gate.account_gate import GateAccount
from verifier.gate.hub import admit, exchange
from verifier.gate.journal import exchange as exchanging
from verifier.gate.journal import proof
from verifier.gate.journal.exchange import MOST_AT_ONCE, absorb, known_here
from verifier.gate.merge import read_set
from verifier.gate.packs import points_of
from verifier.store.base import bind, database

MANY = 2 * MOST_AT_ONCE + 50


def long_chain(venue: Venue, gate: str = "b", count: int = MANY) -> Chain:
    chain = Chain(key=venue.keys[gate])
    for number in range(count):
        chain.write(Kind.IN, 10_000 + number)
    return chain


def test_what_one_transaction_does(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    chain, rows = long_chain(venue), [0]
    events: list[str] = []

    @contextmanager
    def transaction(held: Any, name: str) -> Iterator[None]:
        events.append("begin")
        with adapter.transaction(held, name):
            yield
        events.append("commit")

    def verify(*given: Any) -> bytes:
        assert not database.in_transaction(), "who waits for the database does not wait for a signature"
        return verify_message(*given)

    def keep(*given: Any) -> Any:
        events.append("row")
        return kept(*given)

    kept = exchanging._keep
    monkeypatch.setattr(exchanging, "transaction", transaction)
    monkeypatch.setattr(exchanging, "_keep", keep)
    monkeypatch.setattr(exchanging, "sleep", lambda _: events.append("pause"))
    monkeypatch.setattr(proof, "verify_message", verify)

    def count(new: Any) -> None:
        assert database.in_transaction()
        rows.append(len(new))

    found = absorb("hub", exchange_of(chain), points_of_chains(chain), then=count)
    assert (len(found.new), found.heads, found.unproven) == (MANY, 1, 0)
    assert (sum(rows), max(rows)) == (MANY, MOST_AT_ONCE)
    at_once = "".join({"begin": "(", "commit": ")", "row": ".", "pause": "|"}[one] for one in events)
    held = at_once.split("|")
    assert len(held) == 3
    assert all(one[0] == "(" and one[-1] == ")" and one.count(".") <= MOST_AT_ONCE for one in held), held


def test_false_heads_are_not_read_to_their_end(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = (long_chain(venue, gate, 3) for gate in ("a", "b"))
    verified: list[bytes] = []

    def verify(message: Any, points: Any, aad: bytes) -> bytes:
        verified.append(message)
        return verify_message(message, points, aad)

    monkeypatch.setattr(proof, "verify_message", verify)
    false = [chain.head()[:-4] + number.to_bytes(4, "big") for chain in (ours, theirs) for number in range(100)]
    journals = sorted(
        (
            GateJournal(ours.gate, tuple(ours.entries), tuple(false[:100])),
            GateJournal(theirs.gate, tuple(theirs.entries), tuple(false[100:])),
        ),
        key=lambda one: one.gate,
    )
    found = absorb("hub", Exchange(EVENT, tuple(journals)), points_of_chains(ours, theirs))
    assert (found.new, found.heads, found.unproven) == ((), 0, 6)
    assert len(verified) == proof.PATIENCE


def test_what_leads_nowhere_is_read_once_however_many_heads_point_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of eight megabytes holds a hundred thousand entries and a thousand heads that their own gate signed."""
    chain, read = Chain([(Kind.IN, number, 0) for number in range(1, 101)]), [0]
    beginning, entries = chain.entries[:1], chain.entries[1:]

    def parse(data: bytes) -> JournalEntry:
        read[0] += 1
        return parse_journal_entry(data)

    monkeypatch.setattr(proof, "parse_journal_entry", parse)
    heads = tuple(chain.head(2 + at) for at in range(99))
    for order in (heads, heads[::-1]):
        read[0] = 0
        body = Exchange(EVENT, (GateJournal(chain.gate, tuple(entries), order),))
        found = proof.prove(body, points_of_chains(chain), lambda *_: False)
        assert (found.entries, found.unproven, len(found.heads)) == ((), 99, 99)
        assert read[0] == 99
    whole = Exchange(EVENT, (GateJournal(chain.gate, (*entries, *beginning), heads),))
    assert len(proof.prove(whole, points_of_chains(chain), lambda *_: False).entries) == 100


def _exchange(folder: str, body: bytes, now: int, pause: Connection) -> None:
    """Another worker of the hub: after its first transaction it says so, and waits."""
    bind(open_database(f"sqlite:///{Path(folder) / 'gate.sqlite3'}"))

    def stop(_: float) -> None:
        pause.send("one transaction is done")
        pause.recv()

    pytest.MonkeyPatch().setattr(exchanging, "sleep", stop)
    exchange("hub", EVENT, body, now=now)


def test_who_asks_beside_it_is_answered_and_a_hub_that_dies_in_it_goes_on(venue: Venue, tmp_path: Path) -> None:
    venue.sync()
    journal = venue.desks["a"].journal
    entry = journal.append(Kind.IN, time=venue.now, entrance=NORTH, cti=(1).to_bytes(8, "big"))
    request = build_admit_request(entry, 0, journal.signer)
    chain = long_chain(venue, "b")
    whole = GateJournal(chain.gate, tuple(chain.entries), (chain.head(), chain.head(150)))
    body = build_exchange(EVENT, (whole,), {})
    venue.database.close_all()
    hears, says = Forks.Pipe()
    other = Forks.Process(target=_exchange, args=(str(tmp_path), body, venue.now, says))
    other.start()
    try:
        assert hears.poll(60), "a whole exchange in one transaction"
        hears.recv()
        assert parse_admit_answer(admit("hub", EVENT, request, now=venue.now)).admitted
        assert known_here("hub", EVENT, [chain.gate])[chain.gate] < MANY
    finally:
        os.kill(other.pid or 0, signal.SIGKILL)
        other.join(30)
    half = _account_of(venue, chain.gate)
    assert 150 <= half.proven < half.entries <= MOST_AT_ONCE, "up to the last head that came"
    exchange("hub", EVENT, body, now=venue.now)
    assert known_here("hub", EVENT, [chain.gate])[chain.gate] == MANY
    done = _account_of(venue, chain.gate)
    assert done.entries == done.proven == MANY + 1, "and the one that b wrote itself"


def _account_of(venue: Venue, gate: bytes) -> GateAccount:
    found = account(read_set(all_of(venue, "hub")), points=points_of(venue.pack), locks={}, re_entry=False)
    return next(one for one in found.gates if one.gate == gate)
