"""Plays steps against the grounds and holds each to the promise. Steps are plain numbers, so that any part of a run can be played again.

draw (seed) → steps → play → Broken → shrink: ever fewer steps that still break it
"""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from common import failpoints
from common.adapters.database import Database, open_database
from common.gate.exchange import Exchange, build_exchange, parse_exchange
from common.gate.journal_entry import Kind
from common.keys.software import SoftwareKey
from tests.stories.gate.grounds import ALONE, Grounds, Post, Shape, Ticket
from tests.stories.gate.promise import Broken, Entered, History, Left, check_admission, check_report, partition
from tests.verifier.gate.scene import EVENT
from tests.verifier.gate.venue import open_gate_database
from verifier.gate import account as accounts
from verifier.gate import merge as merging
from verifier.gate.desk import Outcome
from verifier.gate.journal.chain import Journal, seen_of
from verifier.gate.journal.exchange import absorb, lacking
from verifier.gate.merge import JournalSet
from verifier.store.base import bind
from verifier.store.gate import GateEntryRow

_numbers = itertools.count(1)


class Step(NamedTuple):
    """act: which of `ACTS`; gate, a, b: numbers, taken modulo what there is."""

    act: str
    gate: int
    a: int
    b: int


class PowerOff(BaseException):
    """The process is gone."""


ACTS = {
    "scan": 40,
    "sync": 14,
    "tick": 8,
    "cut": 5,
    "mend": 6,
    "face": 3,
    "pack_up": 3,
    "hand_over": 4,
    "undo": 3,
    "override": 2,
    "crash": 4,
    "restart": 3,
    "meanwhile": 3,
    "leave": 8,
    "clock": 2,
    "lose_hub": 1,
    "torn": 0.4,
    "merge": 1.5,
}
"""How often each happens, about."""


def draw(seed: int, count: int) -> list[Step]:
    chance = random.Random(seed)
    acts = chance.choices(list(ACTS), list(ACTS.values()), k=count)
    return [Step(act, *(chance.randrange(1 << 16) for _ in range(3))) for act in acts]


class Play:
    """One run over one shape."""

    def __init__(self, folder: Path, shape: Shape, journal: Callable[..., Journal] = Journal) -> None:
        self.folder = folder / f"run-{next(_numbers)}"
        self.folder.mkdir()
        self.database: Database = open_gate_database(self.folder)
        self._quick()
        self.grounds = Grounds(shape, journal)
        self.histories = {ticket.cti: History() for ticket in self.grounds.tickets}
        self.read = [0] * shape.gates
        self.bag: list[bytes] = []
        self.chance = random.Random(shape.gates)
        self.crashes: set[str] = set()

    def close(self) -> None:
        self.database.close_all()
        shutil.rmtree(self.folder)

    def run(self, steps: Sequence[Step]) -> None:
        for step in steps:
            post = self.grounds.posts[step.gate % len(self.grounds.posts)]
            getattr(self, step.act)(post, step.a, step.b)
            self.observe(post)
            if post.desk.link.linked != (post.block != ALONE):
                raise Broken(f"gate {post.number} is wrong about its link")
        self.merge(self.grounds.posts[0], 0, 0)

    # -- what is seen -------------------------------------------------------------------------------------------------

    def observe(self, post: Post, outcome: Outcome | None = None) -> None:
        """Takes note of what the gate has written since; of a green the promise is asked at once."""
        rows = GateEntryRow.select().where(
            (GateEntryRow.tenant == post.tenant)
            & (GateEntryRow.event == EVENT)
            & (GateEntryRow.gate == post.gate.gate)
            & (GateEntryRow.sequence > self.read[post.number])
        )
        for row in rows.order_by(GateEntryRow.sequence):
            self.read[post.number] = int(row.sequence)
            place = (post.number, post.gate.gate, int(row.sequence), int(row.time))
            if row.kind == Kind.UNDO:
                self._undone(post.number, int(row.undoes))
            elif row.kind == Kind.OUT:
                self.histories[bytes(row.cti)].left.append(Left(*place))
            elif row.kind <= Kind.OVERRIDE:
                by_hand, where = row.kind == Kind.OVERRIDE, partition(self.grounds)
                self.histories[bytes(row.cti)].entered.append(Entered(*place, where, by_hand, by_hand))
        if outcome is not None and outcome.sequence is not None:
            history, entered = self._entered(post.number, outcome.sequence)
            entered.green = True
            homes = self.grounds.home_of(next(t for t in self.grounds.tickets if self.histories[t.cti] is history))
            for exit_ in history.left:
                exit_.stood |= exit_.undone and not _knows_undone(post, exit_)
            check_admission(history, homes, re_entry=self.grounds.shape.re_entry)

    def _entered(self, gate: int, sequence: int) -> tuple[History, Entered]:
        for history in self.histories.values():
            for one in history.entered:
                if (one.gate, one.sequence) == (gate, sequence):
                    return history, one
        raise Broken(f"gate {gate} turned green, and its journal has no such entry")

    def _undone(self, gate: int, sequence: int) -> None:
        for history in self.histories.values():
            moves: list[Entered | Left] = [*history.entered, *history.left]
            for one in moves:
                if (one.gate, one.sequence) == (gate, sequence):
                    one.undone = True

    def _came_back(self, post: Post) -> None:
        """Power off: who was admitted stays admitted."""
        for cti, history in self.histories.items():
            mine = [one for one in history.standing() if one.green and one.gate == post.number]
            found = {(one.sequence, one.time) for one in seen_of(post.tenant, EVENT, cti) if one.gate == post.gate.gate}
            if not {(one.sequence, one.at) for one in mine} <= found:
                raise Broken(f"gate {post.number} forgot whom it let in")
            if mine and not self.grounds.shape.re_entry and post.journal.presence(cti).inside is None:
                raise Broken(f"gate {post.number} would let somebody in again")

    # -- what happens -------------------------------------------------------------------------------------------------

    def ticket(self, number: int) -> Ticket:
        return self.grounds.tickets[number % len(self.grounds.tickets)]

    def scan(self, post: Post, a: int, b: int) -> None:
        outcome = post.desk.scan(self.ticket(a).shows(post.now // 1000), post.now)
        self.observe(post, outcome)

    def leave(self, post: Post, a: int, b: int) -> None:
        if self.grounds.shape.re_entry:
            post.desk.take(post.exit_plan)
            post.desk.scan(self.ticket(a).shows(post.now // 1000), post.now)
            post.desk.take(post.plan)

    def sync(self, post: Post, a: int, b: int) -> None:
        post.sync()

    def meanwhile(self, post: Post, a: int, b: int) -> None:
        """A scan by another thread while this gate exchanges: after the first answer of the hub, or a later one."""
        if post.wire is not None:
            post.wire.after = b % 4
            post.wire.midway = lambda: self.scan(post, a, b)
            post.sync()
            post.wire.midway = None

    def tick(self, post: Post, a: int, b: int) -> None:
        self.grounds.clock[0] += a % 60_000

    def clock(self, post: Post, a: int, b: int) -> None:
        if self.grounds.shape.skewed:
            post.off = (a % 1_200_000) - 600_000

    def cut(self, post: Post, a: int, b: int) -> None:
        if post.wire is not None:
            post.wire.state = ("cut", "deaf")[a % 2]

    def mend(self, post: Post, a: int, b: int) -> None:
        if post.wire is not None:
            post.wire.state = "whole"

    def face(self, post: Post, a: int, b: int) -> None:
        """Groups form anew: the gate is taken to another hub, or to none."""
        hubs = self.grounds.hubs
        place = (*hubs, None)[a % (len(hubs) + 1)]
        if (post.wire.place if post.wire else None) is not place:
            post.face(place)

    def lose_hub(self, post: Post, a: int, b: int) -> None:
        """Another machine at the hub's address, with nothing on its disk. Gates that believe themselves linked find out when they ask."""
        if post.wire is not None:
            post.wire.place.lose_disk()

    def pack_up(self, post: Post, a: int, b: int) -> None:
        self.bag.append(self._file(post.tenant))

    def hand_over(self, post: Post, a: int, b: int) -> None:
        """A file from any gate, however old, in any order, again and again."""
        if self.bag:
            absorb(post.tenant, parse_exchange(self.bag[a % len(self.bag)]), post.points)

    def undo(self, post: Post, a: int, b: int) -> None:
        recent = [one for one in post.journal.latest(6) if one.kind <= Kind.OVERRIDE]
        if recent:
            post.desk.undo(recent[a % len(recent)].sequence, post.now)

    def override(self, post: Post, a: int, b: int) -> None:
        post.desk.override(self.ticket(a).cti, "a person said so", post.now)

    def restart(self, post: Post, a: int, b: int) -> None:
        post.die()
        self._came_back(post)

    def crash(self, post: Post, a: int, b: int) -> None:
        """The power fails within a scan or an exchange: around a commit of gate or hub, before it asks, before it hears the answer."""
        left, last = [1 + b % 8], list[str]()

        def hit(name: str) -> None:
            if name.startswith(("gate_entry.", "gate_admit.", "gate_exchange.", "wire.")):
                left[0] -= 1
                last.append(name)
                if left[0] == 0:
                    raise PowerOff

        with patch.object(failpoints, "hit", hit):
            try:
                if b & 8:
                    post.sync()
                else:
                    self.observe(post, post.desk.scan(self.ticket(a).shows(post.now // 1000), post.now))
            except PowerOff:
                self.crashes.update(last[-1:])
            else:
                return
        post.die()
        self.observe(post)
        self._came_back(post)

    def torn(self, post: Post, a: int, b: int) -> None:
        """Everything loses power while somebody writes: the log ends within an entry that nobody was promised."""
        log = self.folder / "gate.sqlite3-wal"
        before = log.stat().st_size
        Journal("nobody", EVENT, SoftwareKey.generate()).append(Kind.NOTE, time=1, entrance=1, detail="cut off")
        whole = log.read_bytes()
        again = self.folder.parent / f"run-{next(_numbers)}"
        again.mkdir()
        shutil.copy(self.folder / "gate.sqlite3", again)
        (again / log.name).write_bytes(whole[: before + b % max(1, len(whole) - before)])
        self.close()
        self.folder, self.database = again, open_database(f"sqlite:///{again / 'gate.sqlite3'}")
        bind(self.database)
        self._quick()
        for each in self.grounds.posts:
            each.die()
            self.observe(each)
            self._came_back(each)

    def _quick(self) -> None:
        """The disk is not asked to wait, and the log is never shortened, so that it can be cut anywhere."""
        self.database.execute_sql("PRAGMA synchronous = OFF")
        self.database.execute_sql("PRAGMA wal_autocheckpoint = 0")

    # -- what is reported ---------------------------------------------------------------------------------------------

    def _file(self, tenant: str) -> bytes:
        gates = sorted(self.grounds.posts[0].points)
        return build_exchange(EVENT, lacking(tenant, EVENT, gates, {}))

    def merge(self, post: Post, a: int, b: int) -> None:
        """All gates' files, put together in several orders: one set, and every excess is in its account."""
        for one in self.grounds.posts:
            one.journal.head(time=one.now)
        files = [parse_exchange(self._file(one.tenant)) for one in self.grounds.posts]
        sets = [merging.read_set(one) for one in files if isinstance(one, Exchange)]
        whole = merging.merge(sets)
        told = self._told(whole)
        for _ in range(2):
            self.chance.shuffle(sets)
            middle = self.chance.randrange(len(sets)) or len(sets)
            parts = [merging.merge([*sets[:middle], sets[0]]), *sets[middle:]]
            again = merging.merge([*reversed(parts), parts[0]])
            if again != whole or self._told(again) != told:
                raise Broken("the order of merging matters")
        check_report(self.histories, self.grounds, told)

    def _told(self, whole: JournalSet) -> set[tuple[bytes, bytes, int, bytes, int]]:
        found = accounts.account(
            whole, points=self.grounds.posts[0].points, locks={}, re_entry=self.grounds.shape.re_entry
        )
        return {(one.cti, one.first.gate, one.first.time, one.again.gate, one.again.time) for one in found.excess}


@contextmanager
def played(folder: Path, shape: Shape, journal: Callable[..., Journal] = Journal) -> Iterator[Play]:
    """Each answer comes at once or never: how long a guest waits for one must not depend on how busy this machine is."""
    play = Play(folder, shape, journal)
    try:
        with patch("verifier.gate.desk.monotonic", lambda: 0.0):
            yield play
    finally:
        play.close()


def breaks(folder: Path, shape: Shape, steps: Sequence[Step], journal: Callable[..., Journal] = Journal) -> str:
    """What breaks, in words; empty where the promise holds."""
    with played(folder, shape, journal) as play:
        try:
            play.run(steps)
        except Broken as broken:
            return str(broken)
    return ""


def shrink(folder: Path, shape: Shape, steps: Sequence[Step], journal: Callable[..., Journal] = Journal) -> list[Step]:
    """The fewest steps that still break it, by leaving out ever smaller pieces."""
    kept, size = list(steps), max(1, len(steps) // 2)
    while size:
        at = 0
        while at < len(kept):
            fewer = kept[:at] + kept[at + size :]
            if fewer and breaks(folder, shape, fewer, journal):
                kept = fewer
            else:
                at += size
        size //= 2
    return kept


def _knows_undone(post: Post, exit_: Left) -> bool:
    """Whether this gate has heard that the exit was taken back: until then it goes by it, and lets the ticket in."""
    mine = (GateEntryRow.tenant == post.tenant) & (GateEntryRow.event == EVENT)
    undo = (GateEntryRow.gate == exit_.name) & (GateEntryRow.undoes == exit_.sequence)
    return bool(GateEntryRow.select().where(mine & undo).exists())
