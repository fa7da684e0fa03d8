"""A hub that takes everything and answers nothing: guests do not wait for it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator

import pytest

from common.errors import Unavailable
from common.gate.journal_entry import Kind
from tests.verifier.gate.scene import Guest
from tests.verifier.gate.test_desk import RE_ENTRY, scan
from tests.verifier.gate.venue import Venue, Wire
from verifier.cli.gate_scan import Counter, run
from verifier.gate.link import ANSWER_SECONDS, EXCHANGE_SECONDS, GUEST_SECONDS
from verifier.gate.reasons import GateReason


class Silent(Wire):
    """Keeps an exchange until it is let go, however long that takes. patience: what it was given for each; called: one is waiting."""

    def __init__(self, venue: Venue) -> None:
        super().__init__("hub", venue.clock)
        self.called, self.free = threading.Event(), threading.Event()
        self.patience: list[float] = []

    def admit(self, event: str, request: bytes, *, seconds: float) -> bytes:
        assert seconds == ANSWER_SECONDS
        raise Unavailable("no_answer")

    def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
        self.patience.append(seconds)
        self.called.set()
        if seconds > GUEST_SECONDS:
            assert self.free.wait(60), "nobody let it go"
        raise Unavailable("no_answer")


@pytest.fixture
def silenced(venue_of: Callable[..., Venue]) -> Iterator[tuple[Venue, Silent]]:
    venue = venue_of("a", "b", rules=RE_ENTRY)
    venue.sync()
    hub = Silent(venue)
    venue.desks["a"].link.hub = hub
    yield venue, hub
    hub.free.set()


def test_somebody_who_was_admitted_waits_a_third_of_a_second(silenced: tuple[Venue, Silent]) -> None:
    venue, hub = silenced
    guest = Guest()
    venue.desks["a"].journal.append(Kind.IN, time=venue.now, entrance=1, cti=guest.cti)
    assert scan(venue, "a", guest) == (GateReason.ALREADY_ADMITTED, False), "no answer in time, so it is alone"
    assert len(hub.patience) == 1
    assert 0 < hub.patience[0] <= GUEST_SECONDS


def test_all_of_an_exchange_has_that_time(silenced: tuple[Venue, Silent], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer comes in a tenth of a second: the fourth would be too late."""
    venue, _ = silenced
    clock, given = [0.0], list[float]()

    class Slow(Wire):
        def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
            given.append(round(seconds, 3))
            clock[0] += 0.11
            venue.desks["a"].journal.append(Kind.NOTE, time=venue.now, entrance=1, detail="restart")  # never done
            return super().exchange(event, body, seconds=seconds)

    monkeypatch.setattr("verifier.gate.desk.monotonic", lambda: clock[0])
    desk = venue.desks["a"]
    desk.link.hub = Slow("hub", venue.clock)
    assert desk.sync(venue.now, within=GUEST_SECONDS) is None
    assert not desk.link.linked
    assert given == [0.3, 0.19, 0.08]


def test_an_exchange_in_another_thread_is_not_waited_for(silenced: tuple[Venue, Silent]) -> None:
    venue, hub = silenced
    desk, guest = venue.desks["a"], Guest()
    scan(venue, "a", guest)
    desk.link.made(venue.now)
    other = threading.Thread(target=lambda: desk.sync(venue.now))
    other.start()
    try:
        assert hub.called.wait(30)
        assert scan(venue, "a", guest) == (GateReason.ALREADY_ADMITTED, True)
        assert scan(venue, "a", Guest(2))[0] is GateReason.ADMITTED
        assert other.is_alive(), "it is under way still"
    finally:
        hub.free.set()
        other.join(30)
    assert hub.patience == [EXCHANGE_SECONDS]


def test_a_gate_in_a_terminal_goes_on(silenced: tuple[Venue, Silent], capfd: pytest.CaptureFixture[str]) -> None:
    """All codes are judged while the first exchange is under way; a person who asks for one hears of it, and keeps nobody waiting."""
    venue, hub = silenced
    desk, judged = venue.desks["a"], threading.Semaphore(0)
    desk.link.lost(venue.now)

    def lines() -> Iterator[str]:
        for number in range(1, 6):
            yield Guest(number).shows(venue.now // 1000)
            if number == 3:
                yield ":sync"
        assert all(judged.acquire(timeout=60) for _ in range(6)), "they wait for the hub"
        hub.free.set()

    class Watched(Counter):
        def take(self, line: str) -> bool:
            goes_on = super().take(line)
            judged.release()
            return goes_on

    run(Watched(desk, "en", lambda: venue.now, json_lines=True, sound=False), lines())
    said = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [one["reason"] for one in said if "reason" in one] == ["admitted"] * 5
    assert said[-1] == {"said": "no answer from the hub"}


def test_a_gate_whose_hub_is_there_begins_linked(venue: Venue, capfd: pytest.CaptureFixture[str]) -> None:
    desk = venue.desks["a"]
    run(Counter(desk, "en", lambda: venue.now, json_lines=True, sound=False), [Guest().shows(), ":sync"])
    said = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (verdict,) = (one for one in said if "reason" in one)
    assert (verdict["reason"], verdict["linked"]) == ("admitted", True)
    assert said[-1] == {"said": "0 new entries"}


def test_what_fails_in_the_link_is_said_and_the_link_is_looked_after_on(
    venue: Venue, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken(Wire):
        fails = 1

        def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
            if self.fails:
                self.fails -= 1
                raise RuntimeError("whatever it is")
            return super().exchange(event, body, seconds=seconds)

    desk = venue.desks["a"]
    desk.link.hub = Broken("hub", venue.clock)
    run(Counter(desk, "en", lambda: venue.now, json_lines=True, sound=False), [":sync"])
    # the log of the other thread may stand on the same line here
    said = [json.loads(line) for line in re.findall(r'\{"[^\n{}]*\}', capfd.readouterr().out)]
    assert [one["pack_refused"] for one in said if "pack_refused" in one] == ["link_failed"]
    assert said[-1] == {"said": "0 new entries"}
    assert desk.link.linked
