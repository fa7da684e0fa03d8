"""One evening: thousands of tickets, twelve gates at four entrances, two of them on a LAN of their own, and what goes wrong on such a day.

    17:00 doors · 17:20 a phone is lost, its ticket issued anew · 17:30 everybody has the delta · 18:00–19:00 the venue's network is down,
    forty tickets are refunded · 19:00 the delta with the refunds · 19:20 a scanner is stolen, locked at once · 20:00 doors close

Gates, hubs, packs, deltas and journals are the shipped ones. What really happened is written down beside them, entry by entry.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from common.formats.gate_pass.build import build_pass_proof, build_pass_token, write_pass_text
from common.gate.delta import build_delta
from common.gate.exchange import build_exchange, parse_exchange
from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus, build_pack
from common.gate.pack_members import PackClass, PackEntrance
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.stories.gate.grounds import HubPlace, Post
from tests.verifier.gate.scene import EVENT, HOUR, ISSUER, NOW, STANDING
from tests.verifier.gate.venue import ORGANISER, RULES, SIGNER, gate_of, open_gate_database, pack_of
from verifier.gate.devices import lock
from verifier.gate.journal.exchange import absorb, lacking
from verifier.gate.packs import load_delta, load_pack, plan_gate, require_event
from verifier.gate.reasons import GateReason

MINUTE = 60
CUT, MENDED, CLOSED = HOUR, 2 * HOUR, 3 * HOUR
REISSUED, TOLD = 20 * MINUTE, 30 * MINUTE
STOLEN = 140 * MINUTE
ENTRANCES = (1, 2, 3, 4)
GATES = 12
SIDE = (10, 11)
"""The two gates with a hub of their own."""
CLOCK_ERROR = 10
REFUNDS = 40
_KEYS = [SoftwareKey.generate() for _ in range(64)]
"""Of phones: enough that no two tickets that meet have the same."""


@dataclass(slots=True)
class Guest:
    """behind: seconds by which the phone's clock is late. twin: somebody has a copy of the phone and comes too."""

    number: int
    index: int
    cti: bytes
    key: SoftwareKey
    token: bytes
    behind: int = 0
    twin: bool = False
    heard: str = "did not come"


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody went in. why: how it came to it. sequence: of the gate's journal."""

    cti: bytes
    gate: int
    sequence: int
    at: int
    why: str


class Evening:
    """tickets: how many were sold. seed: of everything that is by chance."""

    def __init__(self, folder: Path, tickets: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.database = open_gate_database(folder)
        self.clock = [NOW * 1000]
        keys = [SoftwareKey.generate() for _ in range(GATES)]
        gates = tuple(gate_of(key, f"gate {n}", entrances=(ENTRANCES[n // 3],)) for n, key in enumerate(keys))
        both = {"en": "Gate", "ja": "口"}
        self.pack = pack_of(
            gates,
            rules=RULES,
            classes=(PackClass(STANDING, both, ENTRANCES, (), 0, False),),
            entrances=tuple(PackEntrance(number, both, False) for number in ENTRANCES),
            status=PackStatus(NOW - 60, "https://issuer.example/status/1", IndexSet(), IndexSet()),
        )
        data = build_pack(self.pack, ORGANISER)
        self.hubs = [HubPlace(data), HubPlace(data)]
        self.posts: list[Post] = []
        for number, (gate, key) in enumerate(zip(gates, keys, strict=True)):
            post = Post(number, self.pack, gate, key, self.clock, gate.entrances[0])
            load_pack(post.tenant, data, now=NOW, signer=SIGNER)
            post.plan = plan_gate(self.pack, gate, gate.entrances[0], clock_error=CLOCK_ERROR)
            post.off = self.chance.randrange(-4000, 4000)
            post.open()
            post.face(self.hubs[number in SIDE])
            self.posts.append(post)
        self.sold = [self._sell(number) for number in range(tickets)]
        self.truth: list[Entry] = []
        self.after_refund: set[bytes] = set()
        self.refunded: set[bytes] = set()
        self.stolen = self.posts[4]
        self.stolen_entries: list[Entry] = []

    def _sell(self, number: int, index: int | None = None) -> Guest:
        key = _KEYS[number % len(_KEYS)]
        place = 5 * number if index is None else index
        cti = (place * 2654435761 % (1 << 64)).to_bytes(8, "big")
        token = build_pass_token(
            event=EVENT,
            klass=STANDING,
            index=place,
            flags=0,
            cti=cti,
            exp=NOW + 24 * HOUR,
            holder=compress(key.public_jwk()),
            signer=ISSUER,
        )
        lot = self.chance.random()
        behind = self.chance.randrange(-3, 4) if lot < 0.97 else self.chance.choice((180, 300, -240))
        return Guest(number, place, cti, key, token, behind, self.chance.random() < 0.05)

    # -- what people do -------------------------------------------------------------------------------------------------

    def come(self, guest: Guest, post: Post, why: str) -> GateReason:
        """Shows the phone; where its clock is late, again ten seconds later and with a document; ahead: with the clock set right."""
        decision = self._show(guest, post, why)
        if decision is GateReason.STALE_CODE and guest.behind > 30:
            self.clock[0] += 10_000
            decision = self._show(guest, post, why)
            if decision is GateReason.CLOCK_OFF:
                decision = self._show(guest, post, f"{why}, document", document_seen=True)
        elif decision is GateReason.CLOCK_OFF and guest.behind < 0:
            guest.behind = 0
            decision = self._show(guest, post, f"{why}, clock set")
        return decision

    def _show(self, guest: Guest, post: Post, why: str, *, document_seen: bool = False) -> GateReason:
        iat = self.clock[0] // 1000 - guest.behind
        text = write_pass_text(build_pass_proof(guest.token, event=EVENT, iat=iat, signer=guest.key))
        outcome = post.desk.scan(text, post.now, document_seen=document_seen)
        if outcome.sequence is not None:
            self.truth.append(Entry(guest.cti, post.number, outcome.sequence, post.now, why))
            if guest.cti in self.refunded:
                self.after_refund.add(guest.cti)
        return outcome.decision.reason

    def at(self, seconds: int) -> None:
        self.clock[0] = max(self.clock[0], (NOW + seconds) * 1000)

    def anywhere(self) -> Post:
        posts = [post for post in self.posts if post is not self.stolen or self.clock[0] < (NOW + STOLEN) * 1000]
        return self.chance.choice(posts)

    # -- what happens to the venue ------------------------------------------------------------------------------------------

    def sync(self) -> None:
        for post in self.posts:
            post.sync()

    def cut(self, *, down: bool) -> None:
        """The venue's network; the two gates on their own LAN notice nothing."""
        for post in self.posts:
            if post.number not in SIDE and post.wire is not None:
                post.wire.state = "cut" if down else "whole"

    def revoke(self, indices: set[int], now: int) -> bytes:
        """The organiser's next pack, as a delta."""
        status = self.pack.status
        revoked = IndexSet(set(status.revoked) | indices)
        later: GatePack = replace(
            self.pack, serial=self.pack.serial + 1, issued_at=now, status=replace(status, as_of=now, revoked=revoked)
        )
        delta = build_delta(self.pack, build_pack(later, ORGANISER), ORGANISER)
        self.pack = later
        return delta

    def push(self, delta: bytes) -> None:
        """To both hubs and every gate."""
        seconds = self.clock[0] // 1000
        for place in self.hubs:
            load_delta(place.tenant, delta, now=seconds)
        for post in self.posts:
            load_delta(post.tenant, delta, now=seconds)
            pack = require_event(post.tenant, EVENT).pack
            post.plan = plan_gate(pack, post.gate, post.gate.entrances[0], clock_error=CLOCK_ERROR)
            post.desk.take(post.plan)

    def carry(self) -> None:
        """Somebody walks from the other LAN to the venue's and back with a stick."""
        for here, there in ((10, 0), (0, 10)):
            file = build_exchange(EVENT, lacking(self.posts[here].tenant, EVENT, sorted(self.posts[0].points), {}))
            absorb(self.posts[there].tenant, parse_exchange(file), self.posts[there].points)

    def steal(self) -> None:
        """A scanner is gone, with its key. The operator locks it; the thief lets friends in, out of reach of any hub."""
        if self.stolen.wire is not None:
            self.stolen.wire.state = "cut"
        lock(self.hubs[0].tenant, EVENT, self.stolen.gate.gate, now=self.clock[0] // 1000)

    def locks(self) -> dict[bytes, int]:
        return {self.stolen.gate.gate: NOW + STOLEN}

    def file_of(self, tenant: str) -> bytes:
        return build_exchange(EVENT, lacking(tenant, EVENT, sorted(self.posts[0].points), {}))
