"""A scanner that was destroyed before its journal went out: what it asked the hub is all that is left, and it is counted; once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from common.gate.exchange import parse_exchange
from common.gate.journal_entry import Kind
from common.pages.catalogue import Catalogue, Words
from common.pages.language import Language
from tests.verifier.gate.scene import EVENT, Guest
from tests.verifier.gate.venue import Venue
from verifier.gate.account import Account, account
from verifier.gate.asked import asked_only
from verifier.gate.hub import all_journals, take_file
from verifier.gate.live import Live, look
from verifier.gate.merge import empty, merge, read_set, write_set
from verifier.gate.packs import points_of
from verifier.gate.reasons import GateReason
from verifier.gate.report import report_json, report_lines
from verifier.pages.gate_views import view_live

ROOT = Path(__file__).parents[3]
CATALOGUE = Catalogue((ROOT / "common/pages/messages", ROOT / "verifier/pages/messages"))


def hub_file(venue: Venue, tenant: str = "hub") -> bytes:
    return all_journals(tenant, EVENT)


def told(venue: Venue, *files: bytes) -> Account:
    whole = merge([empty(EVENT), *(read_set(parse_exchange(file)) for file in files)])
    return account(whole, points=points_of(venue.pack), locks={}, re_entry=False)


def seen(venue: Venue) -> Live:
    return look("hub", EVENT, now=venue.now // 1000)


def test_what_a_linked_scanner_admitted_is_accounted_for_though_it_is_gone(venue: Venue) -> None:
    venue.sync()
    venue.desks["b"].scan(Guest(1).shows(), venue.now)
    assert venue.desks["b"].scan(Guest(2).shows(), venue.now).linked
    venue.desks["b"].override(Guest(1).cti, "bracelet torn", venue.now)  # the hub says no, and the person is inside
    live = seen(venue)
    assert (live.ins, len(live.hub_only), live.too_many) == (3, 3, 1)
    assert sum(map(sum, (flow.minutes for flow in live.flows))) == 3
    assert {one.name: one.hub_only for one in live.devices} == {"a": 0, "b": 3}
    before = hub_file(venue)
    found = told(venue, before)
    assert (found.admitted, found.admissions, len(found.hub_only)) == (2, 3, 3)
    assert (found.kinds[Kind.IN], found.kinds[Kind.OVERRIDE]) == (2, 1)
    assert sum(ins + let_in for ins, _, let_in in found.by_minute.values()) == 3
    (gate,) = [one for one in found.gates if one.hub_only]
    assert (gate.gate, gate.hub_only, gate.stranger) == (venue.gates["b"].gate, 3, False)
    (excess,) = found.excess
    assert {excess.first.gate, excess.again.gate} == {venue.gates["b"].gate}
    # the journal comes after all
    venue.pass_time()
    venue.sync("b")
    assert asked_only("hub", EVENT) == ()
    again = seen(venue)
    assert (again.ins, again.hub_only, again.too_many) == (3, frozenset(), 1)
    late = told(venue, hub_file(venue))
    assert (late.admissions, late.hub_only) == (3, frozenset())
    for files in ((hub_file(venue), before), (before, hub_file(venue))):
        both = told(venue, *files)
        assert (both.admissions, both.hub_only, both.excess) == (3, frozenset(), late.excess)


def test_a_gate_alone_admits_it_again_and_the_report_names_both(venue: Venue) -> None:
    venue.sync()
    guest = Guest(5)
    assert venue.desks["a"].scan(guest.shows(), venue.now).linked
    venue.wires["b"].cut = True
    venue.pass_time()
    assert not venue.desks["b"].scan(guest.shows(venue.now // 1000), venue.now).linked
    venue.wires["b"].cut = False
    venue.sync("b")  # "a" is destroyed
    (conflict,) = seen(venue).conflicts
    assert (conflict.first.gate, conflict.again.gate) == (venue.gates["a"].gate, venue.gates["b"].gate)
    (excess,) = told(venue, hub_file(venue)).excess
    assert (excess.first, excess.again) == (conflict.first, conflict.again)
    marks: dict[Language, str] = {"en": "known from the hub only", "ja": "ハブの情報のみ"}
    for language, mark in marks.items():
        words = Words(CATALOGUE, language)
        (shown,) = view_live(seen(venue), words).conflicts
        assert mark in shown.first_place
        assert mark not in shown.again_place
        text = "\n".join(report_lines(told(venue, hub_file(venue)), venue.pack, language))
        assert mark in text


def test_another_hub_takes_the_requests_from_the_file(venue: Venue) -> None:
    venue.sync()
    venue.desks["a"].scan(Guest(5).shows(), venue.now)
    file = hub_file(venue)
    assert len(parse_exchange(file).asked) == 1
    take_file("b", EVENT, file)
    assert len(asked_only("b", EVENT)) == 1
    whole = read_set(parse_exchange(file))
    assert read_set(parse_exchange(write_set(whole))) == whole
    assert json.dumps(report_json(told(venue, file))).count('"hub_only": 1') == 1


def test_a_hub_in_anothers_place_lets_nobody_in_again_whom_the_destroyed_gate_let_in(
    venue_of: Callable[..., Venue],
) -> None:
    venue = venue_of("a", "b", "c")
    venue.sync()
    assert venue.desks["a"].scan(Guest(5).shows(), venue.now).linked
    venue.wires["c"].tenant = "b"
    take_file("b", EVENT, hub_file(venue))
    venue.sync("c")
    for guest, reason in ((5, GateReason.ALREADY_ADMITTED), (6, GateReason.ADMITTED)):
        outcome = venue.desks["c"].scan(Guest(guest).shows(), venue.now)
        assert (outcome.decision.reason, outcome.linked) == (reason, True)
