"""A venue's hub in this process, on a real socket: its pages, and gates that write journals beside it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import uvicorn

from common.gate.admit_request import build_admit_request
from common.gate.enrolment import build_enrolment
from common.gate.exchange import build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import GatePack, build_pack
from common.gate.pack_members import PackEntrance
from common.keys.software import SoftwareKey
from common.trust.anchors import TrustAnchors
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from tests.verifier.gate.chains import Chain
from tests.verifier.gate.scene import EVENT, NORTH, NOW, SOUTH
from tests.verifier.gate.venue import ORGANISER, gate_of, open_gate_database, pack_of
from verifier.cli.gate_app import build_hub
from verifier.cli.gate_desk import VENUE
from verifier.deps import Deps, build_deps
from verifier.flows.create_relying_party import NewRelyingParty, create_relying_party
from verifier.gate.devices import ask_to_enrol
from verifier.gate.hub import admit, exchange
from verifier.gate.settings import GateSettings

DOORS = (
    PackEntrance(NORTH, {"en": "North gate", "ja": "北口"}, False),
    PackEntrance(SOUTH, {"en": "South gate", "ja": "南口"}, False),
)
TWICE = 777


@dataclass
class Hub:
    """north, south: gates at work. lost: a scanner that was destroyed after it had asked the hub for two people."""

    address: str
    deps: Deps
    token: str
    north: Chain = field(default_factory=lambda: Chain(entrance=NORTH))
    south: Chain = field(default_factory=lambda: Chain(entrance=SOUTH))
    lost: Chain = field(default_factory=lambda: Chain(entrance=NORTH))

    def pack(self, serial: int = 1) -> GatePack:
        names = {self.north: "北口 1", self.south: "南口 1", self.lost: "Handy 3"}
        gates = tuple(gate_of(chain.key, name, entrances=(chain.entrance,)) for chain, name in names.items())
        title = {"en": "Sumida Fireworks 2026", "ja": "隅田川花火大会2026"}
        return pack_of(gates, serial=serial, names=title, entrances=DOORS)

    def signed(self, serial: int = 1) -> bytes:
        return build_pack(self.pack(serial), ORGANISER)

    def meet(self, chain: Chain) -> None:
        """The gate exchanges, by its own head alone and then with what it wrote."""
        exchange(VENUE, EVENT, build_exchange(EVENT, (chain.journal(),), {}), now=NOW * 1000)

    def spend_the_evening(self) -> None:
        """People by the minute, one ticket at both gates, one person let in, one leaving, one taken back, one scanner gone."""
        for minute in range(55):
            for person in range(minute % 7 + (10 if 30 < minute < 36 else 1)):
                self.north.write(Kind.IN, 10_000 + 100 * minute + person, 60 * (minute - 55))
            if minute % 3 == 0:
                self.south.write(Kind.IN, 50_000 + minute, 60 * (minute - 55))
        self.north.write(Kind.IN, TWICE, -600)
        self.south.write(Kind.IN, TWICE, -300)
        self.south.write(Kind.OVERRIDE, 51_000, -290)
        self.south.write(Kind.OUT, 50_000, -200)
        self.south.write(Kind.IN, 52_000, -100)
        self.south.write(Kind.UNDO, len(self.south.entries), -90)
        for chain in (self.north, self.south):
            self.meet(chain)
        self.lost.write(Kind.NOTE, None, -100)
        self.meet(self.lost)
        for number in (60_001, 60_002):
            entry = self.lost.write(Kind.IN, number, -60)
            admit(VENUE, EVENT, build_admit_request(entry, 0, self.lost.key), now=NOW * 1000)
        asks = build_enrolment(event=EVENT, code="ABCD-2345", name="西口スマートフォン", signer=SoftwareKey.generate())
        ask_to_enrol(VENUE, EVENT, asks, now=NOW)


@contextmanager
def open_hub(folder: Path) -> Iterator[Hub]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://localhost:{listener.getsockname()[1]}"
    open_gate_database(folder).close_all()
    settings = GateSettings(
        environment="sandbox",
        public_url=address,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'gate.sqlite3'}",
        job_seconds=0,
    )
    deps = build_deps(settings, clock=FixedClock(NOW), fetch=FakeFetch(), anchors=TrustAnchors())
    create_relying_party(
        NewRelyingParty(slug=VENUE, name_ja="会場のハブ", name_en="Venue hub"),
        addresses=deps.addresses,
        box=deps.box,
        sandbox=True,
        now=NOW,
        actor="test",
    )
    server = uvicorn.Server(
        uvicorn.Config(build_hub(deps), log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Hub(address, deps, deps.login.new_token(VENUE, "first", "operator"))
    server.should_exit = True
    thread.join(10)
    listener.close()
    deps.database.close_all()
