"""What a hub counts as journals come in is what they say when all are read: in any order, with entries taken back and chains forked."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import msgspec
import pytest

from common.gate.exchange import Exchange, GateJournal
from common.gate.journal_entry import Kind, parse_journal_entry
from common.gate.pack import build_pack
from tests.amount import examples
from tests.verifier.gate.chains import Chain, points_of_chains
from tests.verifier.gate.scene import EVENT, NOW
from tests.verifier.gate.venue import ORGANISER, RULES, SIGNER, gate_of, open_gate_database, pack_of
from verifier.gate import live, tally
from verifier.gate.account import Account, account
from verifier.gate.hub import take_in
from verifier.gate.journal.chain import seen_of
from verifier.gate.journal.exchange import MOST_AT_ONCE
from verifier.gate.live import look
from verifier.gate.merge import empty, merge, read_set
from verifier.gate.packs import load_pack
from verifier.gate.presence import presence_of
from verifier.gate.tally import UNCOUNTED, WHOLE, entries_of, recount
from verifier.store.gate import GateEventRow, GateExcessRow, GateTallyRow

KEYS = [Chain().key for _ in range(2)]
KINDS = (Kind.IN, Kind.IN, Kind.OUT, Kind.OVERRIDE, Kind.UNDO, Kind.NOTE)
Moves = list[tuple[Kind, int, int]]
_tenants = itertools.count()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    database = open_gate_database(tmp_path_factory.mktemp("tally"))
    yield
    database.close_all()


def moves(chance: random.Random) -> Moves:
    return [(chance.choice(KINDS), chance.randint(1, 3), chance.randint(0, 130)) for _ in range(chance.randint(1, 7))]


def chains_of(chance: random.Random) -> list[Chain]:
    """Each with a second branch, as of a copied device, that parts from it somewhere."""
    chains = []
    for _ in range(chance.randint(1, 3)):
        chain = Chain(key=chance.choice(KEYS))
        _write(chain, moves(chance))
        branch = chain.fork(min(chance.randint(0, 9), len(chain.entries)))
        _write(branch, moves(chance))
        chains += [chain, branch]
    return chains


def _write(chain: Chain, moves: Moves) -> None:
    for kind, number, after in moves:
        last = len(chain.entries)
        if kind is Kind.UNDO:
            if last:
                chain.write(kind, 1 + number % last, after)
        else:
            chain.write(kind, None if kind is Kind.NOTE else number, after)


def counted(tenant: str) -> tuple[dict[tuple[int, int, int], int], dict[bytes, tuple[int, int]]]:
    people = {
        (int(row.minute), int(row.entrance), int(row.kind)): int(row.people)
        for row in GateTallyRow.select().where(GateTallyRow.tenant == tenant)
        if int(row.people)
    }
    excess = GateExcessRow.select().where(GateExcessRow.tenant == tenant)
    return people, {bytes(row.cti): (int(row.times), int(row.last)) for row in excess}


@pytest.mark.parametrize("seed", range(examples(12, 1500)))
def test_in_whatever_parts_they_come(opened: None, seed: int) -> None:
    chance = random.Random(seed)
    chains, re_entry = chains_of(chance), chance.random() < 0.5
    parts = [(chance.randint(0, 5), chance.randint(1, 9)) for _ in range(chance.randint(0, 6))]
    gates = {chain.gate: gate_of(chain.key) for chain in chains}
    pack = pack_of(tuple(gates.values()), rules=msgspec.structs.replace(RULES, re_entry=re_entry))
    tenant = f"hub{next(_tenants)}"
    _open(tenant)
    delivered = []
    for which, length in [*parts, *((number, 99) for number in range(len(chains)))]:
        chain = chains[which % len(chains)]
        end = min(length, len(chain.entries))
        if end:
            journal = GateJournal(chain.gate, tuple(chain.entries[:end]), (chain.head(end),))
            delivered.append(Exchange(EVENT, (journal,)))
            take_in(tenant, delivered[-1], pack)
            if chance.random() < 0.5:
                _look(tenant, re_entry)
    _look(tenant, re_entry)
    found = account(
        merge([empty(EVENT), *map(read_set, delivered)]), points=points_of_chains(*chains), locks={}, re_entry=re_entry
    )
    people, excess = counted(tenant)
    assert people == said(found)
    assert entries_of(tenant, EVENT) == found.entries
    for cti in {one.cti for chain in chains for one in map(parse_journal_entry, chain.entries) if one.cti}:
        twice = presence_of(seen_of(tenant, EVENT, cti), re_entry=re_entry).excess
        assert excess.get(cti) == ((len(twice), twice[-1][1].time) if twice else None)
    recount(tenant, EVENT, re_entry=re_entry)
    assert counted(tenant) == (people, excess)


def _look(tenant: str, re_entry: bool) -> None:
    """As a page of live numbers begins."""
    if entries_of(tenant, EVENT) == UNCOUNTED:
        recount(tenant, EVENT, re_entry=re_entry)


def _open(tenant: str) -> None:
    GateEventRow.insert(tenant=tenant, event=EVENT, serial=1, pack=b"", signers=[], loaded_at=NOW).execute()


def said(found: Account) -> dict[tuple[int, int, int], int]:
    """The account by minute, as the hub counts it."""
    people: dict[tuple[int, int, int], int] = {}
    for (entrance, minute), counts in found.by_minute.items():
        for kind, count in enumerate(counts):
            if count:
                people[minute, entrance, kind] = count
                people[WHOLE, entrance, kind] = people.get((WHOLE, entrance, kind), 0) + count
    return people


def test_events_of_before_are_counted_when_somebody_looks(opened: None) -> None:
    """As after step 5 of the schema: the entries are here, the counts are not."""
    chain = Chain([(Kind.IN, 1, 0), (Kind.IN, 2, 60), (Kind.UNDO, 2, 61), (Kind.OUT, 1, 70)])
    pack = pack_of((gate_of(chain.key),))
    load_pack("old", build_pack(pack, ORGANISER), now=NOW, signer=SIGNER)
    take_in("old", Exchange(EVENT, (chain.journal(),)), pack)
    first = look("old", EVENT, now=NOW + 90)
    assert (first.ins, first.outs) == (1, 1)
    for table in (GateTallyRow, GateExcessRow):
        table.delete().where(table.tenant == "old").execute()
    GateEventRow.update(entries=UNCOUNTED).where(GateEventRow.tenant == "old").execute()
    assert look("old", EVENT, now=NOW + 90).flows == first.flows
    GateEventRow.update(entries=UNCOUNTED).where(GateEventRow.tenant == "old").execute()
    chain.write(Kind.IN, 3, 80)
    take_in("old", Exchange(EVENT, (chain.journal(),)), pack)
    assert (look("old", EVENT, now=NOW + 90).ins, entries_of("old", EVENT)) == (2, 5)


def test_a_branch_of_a_copied_device_is_counted_when_somebody_looks_and_once(
    opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks to let somebody in waits for what its exchange does with the database held."""
    chain = Chain([(Kind.IN, number, 0) for number in range(3)])
    branch = chain.fork(1)
    for number in range(MOST_AT_ONCE + 50):
        branch.write(Kind.IN, 1000 + number)
    pack = pack_of((gate_of(chain.key),))
    load_pack("copied", build_pack(pack, ORGANISER), now=NOW, signer=SIGNER)
    recounts: list[str] = []

    def counted_anew(tenant: str, event: str, *, re_entry: bool) -> None:
        recounts.append(tenant)
        recount(tenant, event, re_entry=re_entry)

    for module in (tally, live):
        monkeypatch.setattr(module, "recount", counted_anew)
    for one in (chain, branch):
        take_in("copied", Exchange(EVENT, (one.journal(),)), pack)
    assert recounts == []
    for _ in range(2):
        assert look("copied", EVENT, now=NOW).ins == 3 + MOST_AT_ONCE + 50
    assert recounts == ["copied"]


def test_a_new_rule_of_re_entry_is_another_look_at_every_ticket(opened: None) -> None:
    chain = Chain([(Kind.IN, 1, 0), (Kind.OUT, 1, 60), (Kind.IN, 1, 90)])
    pack = pack_of((gate_of(chain.key),))
    load_pack("rules", build_pack(pack, ORGANISER), now=NOW, signer=SIGNER)
    take_in("rules", Exchange(EVENT, (chain.journal(),)), pack)
    assert look("rules", EVENT, now=NOW).too_many == 1
    later = pack_of((gate_of(chain.key),), serial=2, rules=msgspec.structs.replace(RULES, re_entry=True))
    load_pack("rules", build_pack(later, ORGANISER), now=NOW)
    assert (look("rules", EVENT, now=NOW).too_many, look("rules", EVENT, now=NOW).conflicts) == (0, ())
