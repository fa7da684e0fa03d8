"""A hub that is killed at any of its commits: asked again it gives the answer that was lost, lets nobody in twice and loses no entry."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from common import failpoints
from common.adapters.database import open_database
from common.gate.admit_request import build_admit_request, parse_admit_answer
from common.gate.enrolment import build_enrolment
from common.gate.exchange import build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from common.keys.software import SoftwareKey
from tests.forks import Forks
from tests.verifier.gate.scene import EVENT, NORTH, NOW
from tests.verifier.gate.venue import ORGANISER, SIGNER, Venue, pack_of
from verifier.gate.devices import ask_to_enrol
from verifier.gate.hub import admit, exchange
from verifier.gate.journal.exchange import known_here, lacking
from verifier.gate.live import look
from verifier.gate.packs import load_pack, require_event
from verifier.gate.tally import UNCOUNTED, entries_of
from verifier.store.base import bind
from verifier.store.gate import GateEnrolmentRow, GateEventRow

GATE_POINTS = ("gate_admit", "gate_exchange", "gate_enrol", "gate_pack", "gate_recount")
CTI = bytes(8)

ACTS: dict[str, Callable[[bytes], object]] = {
    "gate_admit": lambda body: admit("hub", EVENT, body, now=NOW * 1000 + 5000),
    "gate_exchange": lambda body: exchange("hub", EVENT, body, now=NOW * 1000 + 5000),
    "gate_enrol": lambda body: ask_to_enrol("hub", EVENT, body, now=NOW),
    "gate_pack": lambda body: load_pack("hub", body, now=NOW, signer=SIGNER),
    "gate_recount": lambda body: look("hub", EVENT, now=NOW + 5),
}


def _body(venue: Venue, point: str, gate: str = "a") -> bytes:
    """What the gate sends: an admission of the one ticket, its journal, or what a new device or the organiser sends."""
    journal = venue.desks[gate].journal
    if point == "gate_enrol":
        return build_enrolment(event=EVENT, code="ABCD-EFGH", name="new", signer=SoftwareKey.generate())
    if point == "gate_pack":
        return build_pack(pack_of(tuple(venue.gates.values()), serial=2), ORGANISER)
    entry = journal.append(Kind.IN, time=venue.now, entrance=NORTH, cti=CTI)
    if point == "gate_admit":
        return build_admit_request(entry, 0, journal.signer)
    journal.head(time=venue.now)
    if point == "gate_recount":
        venue.sync()
        GateEventRow.update(entries=UNCOUNTED).where(GateEventRow.tenant == "hub").execute()
        return b""
    return build_exchange(EVENT, lacking(gate, EVENT, (journal.gate,), {}), {})


def _child(folder: str, at: str, body: bytes) -> None:
    bind(open_database(f"sqlite:///{Path(folder) / 'gate.sqlite3'}"))
    failpoints.arm(at)
    ACTS[at.partition(".")[0]](body)


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("point", GATE_POINTS)
def test_killed(tmp_path: Path, point: str, moment: str) -> None:
    venue = Venue(tmp_path)
    venue.sync()
    venue.pass_time()
    body = _body(venue, point)
    venue.database.close_all()
    child = Forks.Process(target=_child, args=(str(tmp_path), f"{point}.{moment}", body))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    done, again = moment == "after_commit", ACTS[point]
    gate = venue.desks["a"].journal
    if point == "gate_admit":
        for _ in range(2):
            answer = again(body)
            assert isinstance(answer, bytes)
            assert parse_admit_answer(answer).admitted
        other = again(_body(venue, point, "b"))
        assert isinstance(other, bytes)
        assert not parse_admit_answer(other).admitted
    elif point == "gate_exchange":
        before = known_here("hub", EVENT, [gate.gate])[gate.gate]
        assert (before == gate.length()) == done
        again(body)
        again(body)
        assert known_here("hub", EVENT, [gate.gate])[gate.gate] == gate.length()
        assert look("hub", EVENT, now=NOW + 5).ins == 1, "counted with the journal, once"
    elif point == "gate_recount":
        assert (entries_of("hub", EVENT) != UNCOUNTED) == done
        assert (look("hub", EVENT, now=NOW + 5).ins, entries_of("hub", EVENT)) == (1, 2 + gate.length())
    elif point == "gate_enrol":
        mine = (GateEnrolmentRow.tenant == "hub") & (GateEnrolmentRow.event == EVENT)
        assert GateEnrolmentRow.select().where(mine).count() == int(done)
        again(body)
        assert GateEnrolmentRow.select().where(mine).count() == 1
    else:
        assert require_event("hub", EVENT).pack.serial == (2 if done else 1)
        again(body)
        assert require_event("hub", EVENT).pack.serial == 2
    venue.database.close_all()
