"""A venue in one process: a hub and its gates, each with a database of its own by tenant, and links that can be cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common.adapters.database import Database, open_database
from common.adapters.migrations import migrate
from common.errors import Unavailable
from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus, build_pack
from common.gate.pack_members import PackClass, PackEntrance, PackGate, PackIssuerKey, PackRules
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.verifier.gate.scene import EVENT, HOUR, NORTH, NOW, PAPER, POINT, SOUTH, STANDING
from verifier.gate.desk import GateDesk
from verifier.gate.hub import admit, exchange
from verifier.gate.journal.chain import Journal
from verifier.gate.link import Link
from verifier.gate.packs import load_pack, plan_gate, points_of, require_event
from verifier.store.base import bind
from verifier.store.migrations import MIGRATIONS

ORGANISER = SoftwareKey.generate()
SIGNER = compress(ORGANISER.public_jwk())
RULES = PackRules(
    re_entry=False,
    document_if_undetermined=False,
    max_clock_error=10,
    home_groups=0,
    facts_stale_after=12 * HOUR,
    challenge_seconds=30,
)


_made: list[bytes] = []


def open_gate_database(folder: Path, *, durable: bool = False) -> Database:
    """A database with all tables, copied from one that was made before. durable: as in earnest; most tests need not wait for a disk."""
    file = folder / "gate.sqlite3"
    if _made:
        file.write_bytes(_made[0])
    database = open_database(f"sqlite:///{file}")
    bind(database)
    if not durable:
        database.execute_sql("PRAGMA synchronous = OFF")
    if not _made:
        migrate(database, MIGRATIONS, now=NOW)
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        _made.append(file.read_bytes())
    return database


def gate_of(key: SoftwareKey, name: str = "gate", **changes: Any) -> PackGate:
    point = compress(key.public_jwk())
    given: dict[str, Any] = {
        "gate": name_of(point),
        "name": name,
        "point": point,
        "entrances": (NORTH, SOUTH),
        "enrolled_at": NOW - HOUR,
        "locked_at": None,
        "role": 0,
        "home_group": 0,
    }
    return PackGate(**{**given, **changes})


def pack_of(gates: tuple[PackGate, ...] = (), **changes: Any) -> GatePack:
    both = {"en": "North", "ja": "北"}
    given: dict[str, Any] = {
        "event": EVENT,
        "serial": 1,
        "issued_at": NOW - HOUR,
        "good_until": NOW + 24 * HOUR,
        "names": {"en": "Fireworks", "ja": "花火"},
        "issuer_keys": (PackIssuerKey(POINT, 0, NOW + 48 * HOUR),),
        "gates": tuple(sorted(gates, key=lambda gate: gate.gate)),
        "classes": (
            PackClass(STANDING, both, (NORTH, SOUTH), (), 0, False),
            PackClass(PAPER, both, (NORTH,), (), 0, True),
        ),
        "entrances": (PackEntrance(NORTH, both, False), PackEntrance(SOUTH, {"en": "South", "ja": "南"}, False)),
        "rules": RULES,
        "status": PackStatus(NOW - 60, "https://issuer.example/status/1", IndexSet({66}), IndexSet({77})),
        "next_signers": (SIGNER,),
    }
    return GatePack(**{**given, **changes})


class Wire:
    """A hub reached within the process. cut: nobody answers. lose_answers: it hears, and its answer is lost."""

    def __init__(self, tenant: str, clock: list[int]) -> None:
        self.tenant = tenant
        self.clock = clock
        self.cut = False
        self.lose_answers = False

    def _carry(self, answer: bytes) -> bytes:
        if self.lose_answers:
            raise Unavailable("no_answer")
        return answer

    def admit(self, event: str, request: bytes, *, seconds: float) -> bytes:
        if self.cut:
            raise Unavailable("no_answer")
        return self._carry(admit(self.tenant, event, request, now=self.clock[0]))

    def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
        if self.cut:
            raise Unavailable("no_answer")
        return self._carry(exchange(self.tenant, event, body, now=self.clock[0])[0])


class Venue:
    """gates: names of devices. rules: changes to the pack's rules."""

    def __init__(self, folder: Path, gates: tuple[str, ...] = ("a", "b"), **changes: Any) -> None:
        self.database = open_gate_database(folder)
        self.clock = [NOW * 1000]
        self.keys = {name: SoftwareKey.generate() for name in gates}
        self.gates = {name: gate_of(key, name) for name, key in self.keys.items()}
        self.pack = pack_of(tuple(self.gates.values()), **changes)
        data = build_pack(self.pack, ORGANISER)
        self.wires = {name: Wire("hub", self.clock) for name in gates}
        for tenant in ("hub", *gates):
            load_pack(tenant, data, now=NOW, signer=SIGNER)
        self.desks = {name: self.open(name) for name in gates}

    @property
    def now(self) -> int:
        return self.clock[0]

    def open(self, name: str, entrance: int = NORTH, *, leaving: bool = False) -> GateDesk:
        """A desk over the journal as it is on the disk: also how a gate comes back after it died."""
        pack = require_event(name, EVENT).pack
        return GateDesk(
            plan_gate(pack, self.gates[name], entrance, leaving=leaving),
            Journal(name, EVENT, self.keys[name]),
            lambda: points_of(require_event(name, EVENT).pack),
            link=Link(self.wires[name], after=0),
        )

    def sync(self, *names: str) -> None:
        for name in names or tuple(self.desks):
            self.desks[name].sync(self.now)

    def pass_time(self, seconds: int = 1) -> None:
        self.clock[0] += seconds * 1000
