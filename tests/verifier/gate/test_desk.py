"""Gates at work: linked, alone, and back; who enters, and what the journals say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from common.errors import NotFound, Unavailable
from common.formats.gate_pass.labels import OVER_20
from common.gate.index_set import IndexSet
from common.gate.journal_entry import Kind
from common.gate.pack import PackStatus, build_pack
from common.gate.pack_members import PackGate
from tests.verifier.gate.scene import EVENT, NORTH, NOW, PAPER, SOUTH, STANDING, Guest
from tests.verifier.gate.venue import ORGANISER, RULES, Venue
from verifier.checks.gate_facts import ClassRule
from verifier.gate.desk import GateDesk
from verifier.gate.devices import CONTACT_SECONDS, hear_of, lock
from verifier.gate.link import GUEST_SECONDS
from verifier.gate.packs import load_pack, locks_of, plan_gate, points_of, require_event
from verifier.gate.plan import GatePlan
from verifier.gate.reasons import GateReason
from verifier.store.gate import GateContactRow

NEEDY = 9
NEEDING = {
    NEEDY: ClassRule(entrances=frozenset({1}), flags=OVER_20),
    STANDING: ClassRule(entrances=frozenset({1})),
}
RE_ENTRY = msgspec.structs.replace(RULES, re_entry=True)


def scan(venue: Venue, gate: str, guest: Guest) -> tuple[GateReason, bool]:
    outcome = venue.desks[gate].scan(guest.shows(venue.now // 1000), venue.now)
    assert outcome.decision.opens == (outcome.sequence is not None)
    return outcome.decision.reason, outcome.linked


def test_alone_a_ticket_enters_once_at_each_gate(venue: Venue) -> None:
    guest = Guest()
    assert scan(venue, "a", guest) == (GateReason.ADMITTED, False)
    assert scan(venue, "a", guest) == (GateReason.ALREADY_ADMITTED, False)
    assert scan(venue, "b", guest) == (GateReason.ADMITTED, False)


def test_linked_a_ticket_enters_once_and_the_second_gate_hears_where_it_was(venue: Venue) -> None:
    venue.sync()
    guest = Guest()
    assert scan(venue, "a", guest) == (GateReason.ADMITTED, True)
    outcome = venue.desks["b"].scan(guest.shows(), venue.now)
    assert (outcome.decision.reason, outcome.linked) == (GateReason.ALREADY_ADMITTED, True)
    assert outcome.decision.earlier is not None
    assert outcome.decision.earlier.gate == venue.gates["a"].gate
    assert scan(venue, "a", guest) == (GateReason.ALREADY_ADMITTED, True)
    assert venue.desks["b"].journal.presence(guest.cti).inside is None, "what the hub refused was taken back"


def test_a_gate_without_an_answer_is_alone_until_it_has_exchanged(venue: Venue) -> None:
    venue.sync()
    venue.wires["b"].cut = True
    first, second = Guest(1), Guest(2)
    assert scan(venue, "b", first) == (GateReason.ADMITTED, False)
    assert not venue.desks["b"].link.linked
    assert scan(venue, "a", first) == (GateReason.ADMITTED, True), "split: once in each group"
    venue.wires["b"].cut = False
    assert scan(venue, "b", second) == (GateReason.ADMITTED, False), "reachable is not linked"
    venue.sync("b")
    assert scan(venue, "a", second)[0] is GateReason.ALREADY_ADMITTED
    kinds = [entry.kind for entry in venue.desks["b"].journal.latest(9)]
    assert kinds == [*([Kind.NOTE, Kind.IN] * 2), Kind.NOTE, Kind.NOTE], "the journal tells when it was alone"


def test_an_answer_that_is_lost_lets_nobody_in_twice(venue: Venue) -> None:
    venue.sync()
    guest = Guest()
    venue.wires["a"].lose_answers = True
    assert scan(venue, "a", guest) == (GateReason.ADMITTED, False)
    assert scan(venue, "b", guest) == (GateReason.ALREADY_ADMITTED, True)


def test_what_others_admitted_is_known_without_the_hub_after_an_exchange(venue: Venue) -> None:
    guest = Guest()
    scan(venue, "a", guest)
    venue.sync("a", "b")
    venue.wires["b"].cut = True
    assert scan(venue, "b", guest)[0] is GateReason.ALREADY_ADMITTED


def test_who_leaves_may_come_back_where_the_event_says_so(venue_of: Callable[..., Venue]) -> None:
    venue = venue_of("a", "b", "exit", rules=RE_ENTRY)
    venue.desks["exit"] = venue.open("exit", leaving=True)
    venue.sync()
    guest = Guest()
    assert scan(venue, "a", guest) == (GateReason.ADMITTED, True)
    venue.pass_time(60)
    venue.sync("a")
    assert scan(venue, "exit", guest)[0] is GateReason.ADMITTED
    venue.pass_time(60)
    assert scan(venue, "b", guest)[0] is GateReason.ALREADY_ADMITTED, "nobody told b or the hub yet that it left"
    venue.sync("exit")
    assert scan(venue, "a", guest) == (GateReason.ADMITTED, True), "a asks again before it refuses"
    venue.pass_time(1)
    assert scan(venue, "b", guest)[0] is GateReason.ALREADY_ADMITTED


def test_who_is_not_inside_is_counted_out_only_where_a_person_insists(venue_of: Callable[..., Venue]) -> None:
    venue = venue_of("a", "exit", rules=RE_ENTRY)
    venue.desks["exit"] = venue.open("exit", leaving=True)
    venue.sync()
    guest, paper = Guest(1), Guest(2, paper=True, klass=PAPER)

    def word(guest: Guest, *, insists: bool = False) -> str:
        outcome = venue.desks["exit"].scan(guest.shows(venue.now // 1000), venue.now, document_seen=insists)
        assert outcome.decision.opens == (outcome.sequence is not None)
        (rule,) = (one for one in outcome.decision.verdict.presentations[0].checks if one.name == "ticket_admits")
        return rule.reason

    def outs() -> int:
        return sum(one.kind == Kind.OUT for one in venue.desks["exit"].journal.latest(99))

    assert [word(guest), word(paper), outs()] == ["not_inside", "not_inside", 0], "the hub knows of no entry"
    assert scan(venue, "exit", guest)[0] is GateReason.DOCUMENT_REQUIRED
    assert scan(venue, "a", guest)[0] is GateReason.ADMITTED
    venue.sync("a")
    assert [word(guest), outs()] == ["left", 1], "the gate asks the hub before it says so"
    venue.pass_time(60)
    assert [word(guest), outs()] == ["not_inside", 1], "it is out already"
    assert [word(guest, insists=True), outs()] == ["left_unheard", 2]
    venue.wires["exit"].cut = True
    assert [word(Guest(3)), outs()] == ["left_unheard", 3], "alone it hears of nobody, and lets go"
    assert [word(guest), outs()] == ["not_inside", 3], "what it knows itself it still says"
    presence = venue.desks["exit"].journal.presence(guest.cti)
    assert (presence.exits, presence.inside) == (1, None)


def test_without_re_entry_an_exit_makes_no_room(venue_of: Callable[..., Venue]) -> None:
    venue = venue_of("a", "exit")
    venue.desks["exit"] = venue.open("exit", leaving=True)
    venue.sync()
    guest = Guest()
    scan(venue, "a", guest)
    scan(venue, "exit", guest)
    venue.sync()
    assert scan(venue, "a", guest)[0] is GateReason.ALREADY_ADMITTED


def test_an_undone_admission_makes_room_at_the_hub_too(venue: Venue) -> None:
    venue.sync()
    guest = Guest()
    outcome = venue.desks["a"].scan(guest.shows(), venue.now)
    assert outcome.sequence is not None
    assert venue.desks["a"].undo(outcome.sequence, venue.now)
    assert not venue.desks["a"].undo(outcome.sequence, venue.now), "once"
    assert not venue.desks["a"].undo(99, venue.now)
    venue.sync()
    assert scan(venue, "b", guest) == (GateReason.ADMITTED, True)
    venue.sync()
    assert scan(venue, "a", guest)[0] is GateReason.ALREADY_ADMITTED


@pytest.mark.parametrize("re_entry", [False, True])
def test_who_was_taken_back_enters_at_the_same_gate_at_once(venue_of: Callable[..., Venue], *, re_entry: bool) -> None:
    """The hub has not heard of it yet: the gate tells it before it believes its no."""
    venue = venue_of("a", "b", rules=RE_ENTRY if re_entry else RULES)
    venue.sync()
    guest = Guest()
    outcome = venue.desks["a"].scan(guest.shows(), venue.now)
    assert outcome.sequence is not None
    assert venue.desks["a"].undo(outcome.sequence, venue.now)
    assert scan(venue, "a", guest) == (GateReason.ADMITTED, True)
    assert scan(venue, "b", guest) == (GateReason.ALREADY_ADMITTED, True), "once"


def test_a_person_lets_somebody_in_and_says_why(venue: Venue) -> None:
    guest, desk = Guest(), venue.desks["a"]
    desk.override(guest.cti, "phone is broken", venue.now)
    assert scan(venue, "a", guest)[0] is GateReason.ALREADY_ADMITTED
    desk.override(None, "no ticket, a child", venue.now)
    assert [entry.kind for entry in desk.journal.latest(2)] == [Kind.OVERRIDE, Kind.OVERRIDE]


def test_a_document_and_what_is_written_of_it(venue: Venue) -> None:
    desk, guest = venue.desks["a"], Guest(paper=True, klass=PAPER)
    first = desk.scan(guest.shows(), venue.now)
    assert first.decision.asks_document
    assert desk.journal.latest(1) == ()
    assert desk.scan(guest.shows(), venue.now, document_seen=True).decision.opens
    assert desk.scan(guest.shows(), venue.now, document_seen=True).decision.reason is GateReason.ALREADY_ADMITTED


def test_a_phone_with_a_wrong_clock_and_a_picture_of_it(venue: Venue) -> None:
    desk, guest = venue.desks["a"], Guest()
    assert desk.scan(guest.shows(NOW - 300), venue.now).decision.reason is GateReason.STALE_CODE
    venue.pass_time(10)
    assert desk.scan(guest.shows(NOW - 300), venue.now).decision.reason is GateReason.STALE_CODE, "a picture"
    late = desk.scan(guest.shows(NOW - 290), venue.now).decision
    assert (late.reason, late.asks_document) == (GateReason.CLOCK_OFF, True)
    assert desk.scan(guest.shows(NOW - 290), venue.now, document_seen=True).decision.opens


@pytest.mark.parametrize("seconds", [35, 90, 180])
def test_a_document_takes_the_time_that_it_takes(venue: Venue, seconds: int) -> None:
    """A person asks for it, it is searched for, it is looked at: the code is as old then, and was good when it was shown."""
    desk, guest, late = venue.desks["a"], Guest(klass=NEEDY), Guest(2)
    desk.take(replace(desk.plan, asks=replace(desk.plan.asks, classes=NEEDING, challenge=True)))
    shown = desk.challenge(venue.now)
    assert shown is not None
    text, at = guest.shows(cnonce=shown.nonce), venue.now
    assert desk.scan(text, venue.now).decision.asks_document
    desk.scan(late.shows(NOW - 100), venue.now)
    venue.pass_time(10)
    behind, seen = late.shows(NOW - 90), venue.now
    assert desk.scan(behind, venue.now).decision.asks_document
    for _ in range(seconds - 10):
        venue.pass_time()
        desk.challenge(venue.now)
    assert desk.scan(text, venue.now, document_seen=True).decision.reason is GateReason.STALE_CODE, "as if just shown"
    for one, when in ((text, at), (behind, seen)):
        outcome = desk.scan(one, venue.now, document_seen=True, shown_at=when)
        assert outcome.decision.opens
        assert desk.journal.latest(1)[0].time == venue.now, "dated when the guest goes in"
        again = desk.scan(one, venue.now, document_seen=True, shown_at=when).decision
        assert again.reason is GateReason.ALREADY_ADMITTED


def test_a_person_who_looks_does_not_look_for_ever(venue: Venue) -> None:
    desk, paper, guest = venue.desks["a"], Guest(1, paper=True, klass=PAPER), Guest(2)
    text, at = guest.shows(), venue.now
    venue.pass_time(181)
    assert desk.scan(text, venue.now, document_seen=True, shown_at=at).decision.reason is GateReason.STALE_CODE
    assert desk.scan(text, venue.now - 181_000 - 60_000, shown_at=at).decision.reason is GateReason.CLOCK_OFF
    assert desk.scan(paper.shows(), venue.now, document_seen=True, shown_at=at).decision.opens


def test_a_challenge_entrance_takes_the_number_that_it_shows(venue: Venue) -> None:
    plan = plan_gate(venue.pack, venue.gates["a"], 1, challenge=True)
    desk, guest = venue.desks["a"], Guest()
    desk.take(plan)
    shown = desk.challenge(venue.now)
    assert shown is not None
    assert desk.scan(guest.shows(), venue.now).decision.reason is GateReason.STALE_CODE
    text = guest.shows(NOW + 61, cnonce=shown.nonce)
    venue.pass_time(61)
    assert desk.scan(text, venue.now).decision.reason is GateReason.STALE_CODE, "its time is over"
    again = desk.challenge(venue.now)
    assert again is not None
    assert again.number != shown.number
    assert desk.scan(guest.shows(NOW + 61, cnonce=again.nonce), venue.now).decision.opens


def test_a_locked_device_is_refused_by_the_hub_and_then_by_itself(venue: Venue) -> None:
    venue.sync()
    lock("hub", venue.pack.event, venue.gates["b"].gate, now=NOW)
    guest = Guest()
    assert scan(venue, "b", guest) == (GateReason.DEVICE_LOCKED, True)
    venue.wires["b"].cut = True
    assert scan(venue, "b", guest)[0] is GateReason.DEVICE_LOCKED
    assert scan(venue, "a", guest) == (GateReason.ADMITTED, True)
    assert locks_of("hub", venue.pack.event, venue.pack) == {venue.gates["b"].gate: NOW}
    assert venue.desks["b"].journal.latest(1)[0].kind == Kind.LOCK_SEEN


def test_a_lock_outlives_a_restart_a_newer_pack_and_a_clock_set_back(venue: Venue) -> None:
    venue.sync()
    lock("hub", venue.pack.event, venue.gates["b"].gate, now=NOW)
    for _ in range(3):
        venue.pass_time(3)
        venue.sync("b")
    journal = venue.desks["b"].journal
    assert [one.kind for one in journal.latest(9)].count(Kind.LOCK_SEEN) == 1, "it is noted once"
    assert journal.lock_seen() == venue.now - 6000
    venue.wires["b"].cut = True
    venue.pass_time(-3600)
    assert scan(venue, "b", Guest())[0] is GateReason.DEVICE_LOCKED
    newer = msgspec.structs.replace(venue.pack, serial=2)
    venue.desks["b"].take(plan_gate(newer, venue.gates["b"], 1))
    assert scan(venue, "b", Guest())[0] is GateReason.DEVICE_LOCKED
    venue.desks["b"] = venue.open("b")
    assert scan(venue, "b", Guest())[0] is GateReason.DEVICE_LOCKED
    assert journal.length() == len(journal.latest(99)), "a locked device wrote nothing of them"
    assert scan(venue, "a", Guest())[0] is GateReason.ADMITTED


def test_a_lock_holds_at_a_hub_whose_clock_is_behind_the_organisers(venue: Venue) -> None:
    venue.sync()
    lock("hub", venue.pack.event, venue.gates["b"].gate, now=NOW + 300)
    assert scan(venue, "b", Guest()) == (GateReason.DEVICE_LOCKED, True)


def test_the_hub_writes_that_it_heard_of_a_device_no_oftener_than_people_look(venue: Venue, tmp_path: Path) -> None:
    def written() -> int:
        return (tmp_path / "gate.sqlite3-wal").stat().st_size

    def heard(at: int, off: int) -> tuple[int, int]:
        hear_of("hub", venue.pack.event, venue.gates["a"].gate, now=at * 1000, clock_off=off)
        row = GateContactRow.get(GateContactRow.tenant == "hub", GateContactRow.event == venue.pack.event)
        return int(row.seen_at), int(row.clock_off)

    assert heard(NOW, 5) == (NOW, 5)
    before = written()
    assert heard(NOW + CONTACT_SECONDS - 1, 7) == (NOW, 5)
    assert written() == before, "nothing waited for the disk"
    assert heard(NOW + CONTACT_SECONDS, 7) == (NOW + CONTACT_SECONDS, 7)
    assert heard(NOW + 1, 8) == (NOW + 1, 8), "our own clock was set back"


def test_an_older_pack_than_the_last_admits_nobody(venue: Venue) -> None:
    desk, newer = venue.desks["a"], msgspec.structs.replace(venue.pack, serial=2)
    desk.take(plan_gate(newer, venue.gates["a"], 1))
    desk.take(plan_gate(venue.pack, venue.gates["a"], 1))
    assert scan(venue, "a", Guest())[0] is GateReason.PACK_ROLLED_BACK
    desk.take(plan_gate(newer, venue.gates["a"], 1))
    assert scan(venue, "a", Guest())[0] is GateReason.ADMITTED


def test_who_leaves_is_let_go_with_old_facts(venue_of: Callable[..., Venue]) -> None:
    venue = venue_of("a", "exit", rules=msgspec.structs.replace(RE_ENTRY, facts_stale_after=90))
    venue.desks["exit"] = venue.open("exit", leaving=True)
    guest = Guest()
    assert scan(venue, "a", guest)[0] is GateReason.ADMITTED
    venue.pass_time(60)
    assert scan(venue, "a", Guest(2))[0] is GateReason.PACK_EXPIRED
    assert scan(venue, "exit", guest)[0] is GateReason.ADMITTED


def test_a_device_knows_its_entrances(venue: Venue) -> None:
    only = replace_gate(venue, (1,))
    with pytest.raises(NotFound):
        plan_gate(venue.pack, only, SOUTH)
    with pytest.raises(NotFound):
        plan_gate(venue.pack, None, 99)


def test_a_gate_whose_entrance_was_taken_from_it_lets_nobody_in(venue: Venue) -> None:
    """Also who is at the gate when it hears of it."""
    was = venue.desks["a"]
    moved = replace_gate(venue, (SOUTH,))
    newer = msgspec.structs.replace(venue.pack, serial=2)

    def plan(serial: int, seconds: float) -> GatePlan:
        return plan_gate(newer, moved, NORTH, at_work=True)

    venue.desks["a"] = GateDesk(was.plan, was.journal, lambda: points_of(venue.pack), link=was.link, newer=plan)
    venue.sync()
    load_pack("hub", build_pack(newer, ORGANISER), now=NOW)
    assert [scan(venue, "a", Guest(number)) for number in (1, 2)] == [(GateReason.WRONG_ENTRANCE, True)] * 2
    venue.sync("a")
    assert scan(venue, "b", Guest(1)) == (GateReason.ADMITTED, True), "what was granted was taken back"


def replace_gate(venue: Venue, entrances: tuple[int, ...]) -> PackGate:
    return msgspec.structs.replace(venue.gates["a"], entrances=entrances)


def test_a_clock_error_is_bounded_by_the_organiser(venue: Venue) -> None:
    assert plan_gate(venue.pack, None, 1, clock_error=999).asks.clock_error == 10
    assert replace(plan_gate(venue.pack, None, 1).asks).clock_error == 0


def test_a_linked_gate_with_an_old_pack_refuses_a_ticket_that_fell_a_moment_ago(venue: Venue) -> None:
    fallen, other, later = Guest(1, index=1), Guest(2), Guest(3)
    asked: list[float] = []

    def newer(serial: int, seconds: float) -> GatePlan | None:
        asked.append(seconds)
        if not there:
            raise Unavailable("no_answer")
        load_pack("a", data, now=NOW)
        pack = require_event("a", EVENT).pack
        return plan_gate(pack, venue.gates["a"], NORTH) if pack.serial > serial else None

    status = PackStatus(NOW, venue.pack.status.uri, IndexSet({1, 66}), venue.pack.status.excluded)
    pack = msgspec.structs.replace(venue.pack, serial=2, status=status)
    data, there = build_pack(pack, ORGANISER), False
    was = venue.desks["a"]
    desk = venue.desks["a"] = GateDesk(was.plan, was.journal, lambda: points_of(venue.pack), link=was.link, newer=newer)
    venue.sync()
    load_pack("hub", data, now=NOW)
    assert scan(venue, "a", other) == (GateReason.ADMITTED, True), (
        "who does not get the new facts in time goes by the old ones"
    )
    assert asked == [GUEST_SECONDS]
    there, desk._may_fetch = True, 0.0
    assert scan(venue, "a", fallen) == (GateReason.REVOKED, True)
    assert (desk.plan.serial, desk.journal.presence(fallen.cti).inside) == (2, None)
    assert {entry.kind for entry in desk.journal.latest(2)} == {Kind.IN, Kind.UNDO}
    assert scan(venue, "a", later) == (GateReason.ADMITTED, True)
    assert len(asked) == 2, "nobody is asked for what is here"
    venue.wires["b"].cut = True
    assert scan(venue, "b", fallen)[1] is False
    assert venue.desks["b"].plan.serial == 1, "its facts are as old as they are: as_of says so"
    assert venue.desks["b"].plan.as_of == NOW - 60
