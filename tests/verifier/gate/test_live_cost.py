"""The operator's page costs a hub the same early and late in the evening, on both databases."""

from __future__ import annotations

from typing import Any

from common.adapters.database import Sqlite, open_database
from common.adapters.migrations import migrate
from common.gate.exchange import build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from tests.amount import examples
from tests.verifier.gate.chains import Chain
from tests.verifier.gate.scene import EVENT, NOW
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, pack_of
from verifier.gate.hub import exchange
from verifier.gate.live import look
from verifier.gate.packs import load_pack
from verifier.routes.gate_live import state_of
from verifier.store.base import bind
from verifier.store.migrations import MIGRATIONS


def test_live_numbers_read_as_much_of_a_long_evening_as_of_a_short_one(database_url: str) -> None:
    """Rows, and for SQLite the steps of its machine: nothing grows with the entries."""
    opened = open_database(database_url)
    bind(opened)
    migrate(opened, MIGRATIONS, now=NOW)
    chains = [Chain(entrance=1 + number) for number in range(2)]
    gates = tuple(gate_of(chain.key) for chain in chains)
    load_pack("hub", build_pack(pack_of(gates), ORGANISER), now=NOW, signer=SIGNER)
    spent = []
    some = examples(300, 5000)
    for evening in (1, 4):
        for chain in chains:
            while len(chain.entries) < evening * some:
                at = len(chain.entries)
                chain.write(Kind.IN, 1_000_000 * chain.entrance + at, -3600 + 37 * at % 3600)
            if evening == 1:  # one ticket too many and one entry taken back, at both
                chain.write(Kind.IN, 7, 0)
                chain.write(Kind.UNDO, 5, 0)
            exchange("hub", EVENT, build_exchange(EVENT, (chain.journal(),)), now=NOW * 1000)
        opened.execute_sql("ANALYZE")
        spent.append(reads(opened))
        live = look("hub", EVENT, now=NOW)
        assert (live.ins, live.too_many) == (2 * some if evening == 1 else 8 * some - 4, 1)
    print(f"{type(opened).__name__}: {spent}")
    assert spent[1] <= 1.05 * spent[0], spent
    opened.close_all()


def reads(opened: Any) -> int:
    """What the page and its stream cost the database."""
    connection = opened.connection()
    if isinstance(opened, Sqlite):
        steps = [0]

        def step() -> None:
            steps[0] += 1

        connection.set_progress_handler(step, 1)
        look("hub", EVENT, now=NOW)
        state_of("hub", EVENT)
        connection.set_progress_handler(None, 0)
        return steps[0]
    with opened.atomic():  # what this connection has read and not yet reported, before and after
        before = _rows(opened)
        look("hub", EVENT, now=NOW)
        state_of("hub", EVENT)
        return _rows(opened) - before


def _rows(opened: Any) -> int:
    query = "SELECT SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
    return int(opened.execute_sql(query).fetchone()[0] or 0)
