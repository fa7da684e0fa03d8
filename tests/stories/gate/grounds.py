"""Gates, hubs and tickets for the bound on double entry: the shipped desk, journal, hub, packs, with links that fail and clocks that lie.

Every gate and every hub is a tenant of its own in one database. What a wire does to a message is written down as it happens, so that who
was linked with whom is known from outside and is not what a gate says of itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import msgspec

from common import failpoints
from common.errors import TegataError, Unavailable
from common.formats.gate_pass.build import build_pass_proof, build_pass_token, write_pass_text
from common.gate.pack import GatePack, build_pack
from common.gate.pack_members import PackGate
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.verifier.gate.scene import EVENT, HOUR, ISSUER, NORTH, NOW, STANDING
from tests.verifier.gate.venue import ORGANISER, RULES, SIGNER, gate_of, pack_of
from verifier.checks.gate_facts import home_of
from verifier.gate import hub
from verifier.gate.desk import GateDesk
from verifier.gate.journal.chain import Journal
from verifier.gate.link import Link
from verifier.gate.packs import load_pack, plan_gate, points_of

_places = count(1)
ALONE = 0
"""The block of a gate that no hub links: its own, whatever the others do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What an event and its venue are like. skewed: clocks of gates are minutes wrong, and set anew now and then."""

    gates: int
    hubs: int
    tickets: int
    re_entry: bool = False
    homes: int = 0
    skewed: bool = False


class Ticket:
    """One ticket and its phone."""

    def __init__(self, number: int) -> None:
        self.key = SoftwareKey.generate()
        self.cti = number.to_bytes(4, "big") + b"tckt"
        self.token = build_pass_token(
            event=EVENT,
            klass=STANDING,
            index=1000 + number,
            flags=0,
            cti=self.cti,
            exp=NOW + 1000 * HOUR,
            holder=compress(self.key.public_jwk()),
            signer=ISSUER,
        )

    def shows(self, at: int) -> str:
        return write_pass_text(build_pass_proof(self.token, event=EVENT, iat=at, signer=self.key))


class HubPlace:
    """A hub at an address. life: another one each time its disk is lost."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.lose_disk()

    def lose_disk(self) -> None:
        self.life = next(_places)
        self.tenant = f"hub-{self.life}"
        load_pack(self.tenant, self._data, now=NOW, signer=SIGNER)


class Wire:
    """Between one gate and a hub. state: "whole", "cut" (nobody hears), "deaf" (the hub hears, its answer is lost).

    failures: calls that got no answer, or a no. midway: done once, after the hub has answered ``after`` more exchanges.
    """

    def __init__(self, post: Post, place: HubPlace) -> None:
        self.post = post
        self.place = place
        self.state = "whole"
        self.failures = 0
        self.midway: Callable[[], None] | None = None
        self.after = 0

    def admit(self, event: str, request: bytes, *, seconds: float) -> bytes:
        return self._carry(lambda: hub.admit(self.place.tenant, event, request, now=self.post.clock[0]))

    def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
        answer = self._carry(lambda: hub.exchange(self.place.tenant, event, body, now=self.post.clock[0])[0])
        self.after -= 1
        if self.midway is not None and self.after < 0:
            happens, self.midway = self.midway, None
            before = self.failures
            happens()
            self.failures = before  # they were calls of what happened, not of this exchange
        return answer

    def _carry(self, ask: Callable[[], bytes]) -> bytes:
        failpoints.hit("wire.before")
        try:
            if self.state == "cut":
                raise Unavailable("no_answer")
            answer = ask()
            failpoints.hit("wire.after")
            if self.state == "deaf":
                raise Unavailable("no_answer")
        except TegataError:
            self.failures += 1
            self.post.block = ALONE
            raise
        return answer


class Post:
    """A gate: its device, its clock, its place among the groups. block: the life of the hub it is linked with, or ALONE."""

    def __init__(
        self, number: int, pack: GatePack, gate: PackGate, key: SoftwareKey, clock: list[int], entrance: int = NORTH
    ) -> None:
        self.number = number
        self.pack = pack
        self.gate = gate
        self.key = key
        self.clock = clock
        self.off = 0
        self.tenant = f"gate-{next(_places)}"
        self.plan = plan_gate(pack, gate, entrance)
        self.exit_plan = plan_gate(pack, gate, entrance, leaving=True)
        self.points = points_of(pack)
        self.wire: Wire | None = None
        self.block = ALONE
        self.make_journal: Callable[..., Journal] = Journal
        self.journal: Journal
        self.desk: GateDesk

    @property
    def now(self) -> int:
        return self.clock[0] + self.off

    def die(self) -> None:
        """The process ends, and begins again with what is on the disk."""
        getattr(self.journal, "power_off", lambda: None)()
        self.open()

    def open(self) -> None:
        self.journal = self.make_journal(self.tenant, EVENT, self.key)
        self.desk = GateDesk(self.plan, self.journal, lambda: self.points)
        self.face(self.wire.place if self.wire else None)

    def face(self, place: HubPlace | None) -> None:
        """Another address to look for the hub at, or none."""
        self.block = ALONE
        self.wire = None if place is None else Wire(self, place)
        self.desk.link = Link(self.wire, after=0)

    def sync(self) -> None:
        """The gate is linked when every call of a whole exchange was answered."""
        if self.wire is None:
            return
        before, life = self.wire.failures, self.wire.place.life
        self.desk.sync(self.now)
        if self.wire.failures == before:
            self.block = life


class Grounds:
    """All of it. journal: another class for a test with a broken one."""

    def __init__(self, shape: Shape, journal: Callable[..., Journal] = Journal) -> None:
        self.shape = shape
        self.clock = [NOW * 1000]
        keys = [SoftwareKey.generate() for _ in range(shape.gates)]
        gates = [gate_of(key, home_group=n % shape.homes if shape.homes else 0) for n, key in enumerate(keys)]
        rules = msgspec.structs.replace(
            RULES, re_entry=shape.re_entry, home_groups=shape.homes, facts_stale_after=1000 * HOUR
        )
        self.pack = pack_of(tuple(gates), rules=rules, good_until=NOW + 1000 * HOUR)
        data = build_pack(self.pack, ORGANISER)
        self.hubs = [HubPlace(data) for _ in range(shape.hubs)]
        self.posts = [Post(n, self.pack, *each, self.clock) for n, each in enumerate(zip(gates, keys, strict=True))]
        self.tickets = [Ticket(number) for number in range(1, shape.tickets + 1)]
        for post in self.posts:
            post.make_journal = journal
            post.open()
            post.face(self.hubs[post.number % len(self.hubs)] if self.hubs else None)

    def home_of(self, ticket: Ticket) -> frozenset[int]:
        """The gates that may let it in at all."""
        homes = self.shape.homes
        wanted = home_of(ticket.cti, homes)
        return frozenset(post.number for post in self.posts if not homes or post.gate.home_group == wanted)
