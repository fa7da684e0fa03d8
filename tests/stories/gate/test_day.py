"""A day in the life: at its end the report accounts for every entry: which ticket, when, where, how often, and why."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from pathlib import Path

import pytest

from common.gate.exchange import parse_exchange
from common.gate.journal_entry import Kind
from tests.stories.gate.evening import (
    CLOSED,
    CUT,
    ENTRANCES,
    GATES,
    MENDED,
    MINUTE,
    REFUNDS,
    REISSUED,
    SIDE,
    STOLEN,
    TOLD,
    Entry,
    Evening,
    Guest,
)
from tests.verifier.gate.scene import EVENT, NOW
from verifier.gate.account import Account, account
from verifier.gate.live import look
from verifier.gate.merge import JournalSet, merge, read_set
from verifier.gate.reasons import GateReason
from verifier.gate.report import report_json, report_lines


def spend(evening: Evening) -> None:
    """From doors to close. Every guest who comes hears something, and it is noted."""
    chance, sold = evening.chance, evening.sold
    lost, *others = sold
    lost.behind, lost.twin = 0, False
    arrivals = [(int(chance.triangular(0, CLOSED - MINUTE, CUT)), guest) for guest in others if chance.random() < 0.9]
    arrivals += [(min(at + chance.randrange(30, 1800), CLOSED), guest) for at, guest in arrivals if guest.twin]
    refunds = chance.sample(others, REFUNDS)
    events: list[tuple[int, str, Guest | None]] = [(at, "come", guest) for at, guest in arrivals]
    events += [(at, "sync", None) for at in range(0, CLOSED, 30 * MINUTE)]
    events += [(at, "carry", None) for at in (50 * MINUTE, 150 * MINUTE)]
    events += [(REISSUED, "reissue", lost), (TOLD, "found", lost), (CUT, "cut", None), (STOLEN, "steal", None)]
    events += [(CUT + 10 * MINUTE + 60 * n, "refund", guest) for n, guest in enumerate(refunds)]
    events += [(MENDED, "mend", None), (MENDED + 1, "sync", None), (MENDED + 2, "refunds", None)]
    came: Counter[bytes] = Counter()
    delta = b""
    for at, what, guest in sorted(events, key=lambda one: (one[0], one[1], one[2].number if one[2] else 0)):
        evening.at(at)
        if what == "come" and guest is not None:
            reason = evening.come(guest, evening.anywhere(), "twin" if came[guest.cti] else "ticket")
            came[guest.cti] += 1
            guest.heard = reason.value if came[guest.cti] == 1 else guest.heard
        elif what == "reissue" and guest is not None:
            delta = evening.revoke({guest.index}, NOW + at)
        elif what == "found" and guest is not None:
            evening.push(delta)
            guest.heard = evening.come(guest, evening.posts[3], "finder").value
            anew = evening._sell(len(sold), 5 * len(sold) + 1)
            anew.behind, anew.twin = 0, False
            sold.append(anew)
            anew.heard = evening.come(anew, evening.posts[5], "issued anew").value
        elif what == "refund" and guest is not None:
            evening.refunded.add(guest.cti)
        elif what == "refunds":
            gone = {guest.index for guest in refunds}
            evening.push(evening.revoke(gone, NOW + at))
        elif what in ("cut", "mend"):
            evening.cut(down=what == "cut")
        elif what == "steal":
            evening.steal()
            friends = [evening._sell(len(sold) + n, 5 * (len(sold) + n) + 2) for n in range(3)]
            for friend in friends:
                friend.behind, friend.twin = 0, False
                sold.append(friend)
                friend.heard = evening.come(friend, evening.stolen, "thief").value
            evening.stolen.desk.override(None, "thief's mate", evening.stolen.now)
        else:
            evening.sync() if what == "sync" else evening.carry()


def whole(evening: Evening) -> JournalSet:
    """Every gate's file, the stolen one's too: it was found the next morning."""
    for post in evening.posts:
        post.journal.head(time=post.now)
    return merge(read_set(parse_exchange(evening.file_of(post.tenant))) for post in evening.posts)


@pytest.mark.parametrize("tickets", [600, pytest.param(20_000, marks=[pytest.mark.slow, pytest.mark.timeout(1500)])])
def test_a_day_in_the_life(tmp_path: Path, capsys: pytest.CaptureFixture[str], tickets: int) -> None:
    began = time.process_time()
    evening = Evening(tmp_path, tickets, seed=7)
    spend(evening)
    journals = whole(evening)
    found = account(journals, points=evening.posts[0].points, locks=evening.locks(), re_entry=False)
    spent = time.process_time() - began
    check_entries(evening, found)
    check_minutes(evening, found)
    check_guests(evening, found)
    check_the_stolen_one(evening, found)
    check_hub(evening, found)
    text = "\n".join(report_lines(found, evening.pack, "en"))
    assert f"{len(found.excess)} admissions too many:" in text
    assert f"{found.admitted} tickets entered" in text
    assert len(report_json(found)["excess"]) == len(found.excess)
    evening.database.close_all()
    with capsys.disabled():
        why = Counter(one.why for one in evening.truth)
        print(
            f"\n{tickets} tickets in {spent:.1f} s CPU: {len(evening.truth)} entries ({dict(why)}), "
            f"{len(found.excess)} too many, {len(evening.after_refund)} after their refund, "
            f"heard: {dict(Counter(guest.heard for guest in evening.sold))}"
        )


def check_entries(evening: Evening, found: Account) -> None:
    """The account and what happened, entry by entry; every entry of a ticket but its first is reported beside the one before."""
    names = [post.gate.gate for post in evening.posts]
    by_ticket: dict[bytes, list[Entry]] = {}
    for one in evening.truth:
        by_ticket.setdefault(one.cti, []).append(one)
    assert (found.admitted, found.admissions) == (len(by_ticket), len(evening.truth))
    wanted = set()
    for cti, entries in by_ticket.items():
        ordered = sorted(entries, key=lambda one: (one.at, names[one.gate], one.sequence))
        for before, again in itertools.pairwise(ordered):
            wanted.add((cti, names[before.gate], before.at, names[again.gate], again.at))
    told = {(one.cti, one.first.gate, one.first.time, one.again.gate, one.again.time) for one in found.excess}
    assert told == wanted
    assert wanted, "with the network down some twin must have got in"
    # no ticket twice at one gate, nor within the LAN that was never cut, nor at the venue outside of the hour
    for entries in by_ticket.values():
        assert len({one.gate for one in entries}) == len(entries)
        assert len([one for one in entries if one.gate in SIDE]) <= 1
        linked = [
            one
            for one in entries
            if one.gate not in SIDE and not NOW + CUT - 20 <= one.at // 1000 <= NOW + MENDED + 20 and one.why != "thief"
        ]
        assert len(linked) <= 1
    assert all(one.proven == one.entries and not one.missing and not one.forks for one in found.gates)
    assert len(found.gates) == GATES
    assert found.entries == sum(found.kinds.values())
    assert found.kinds[Kind.IN] - found.undone == len(evening.truth)


def check_minutes(evening: Evening, found: Account) -> None:
    """People by entrance and minute add up to the entries."""
    counted = Counter((evening.posts[one.gate].gate.entrances[0], one.at // 60_000) for one in evening.truth)
    assert {place: ins for place, (ins, _, _) in found.by_minute.items() if ins} == counted
    assert sum(ins for ins, _, _ in found.by_minute.values()) == found.admissions
    assert sum(let_in for _, _, let_in in found.by_minute.values()) == found.kinds[Kind.OVERRIDE] == 1


def check_guests(evening: Evening, found: Account) -> None:
    """Everybody who bought a ticket is somewhere: inside, refused with a word, or never came."""
    inside = {one.cti for one in evening.truth}
    for guest in evening.sold:
        if guest.heard == GateReason.ADMITTED:
            assert guest.cti in inside
        elif guest.heard == "did not come":
            assert guest.cti not in inside
    heard = Counter(guest.heard for guest in evening.sold)
    assert sum(heard.values()) == len(evening.sold)
    assert set(heard) <= {GateReason.ADMITTED, GateReason.REVOKED, GateReason.ALREADY_ADMITTED, "did not come"}
    assert evening.sold[0].heard == GateReason.REVOKED, "whoever found the phone"
    assert [one.why for one in evening.truth].count("issued anew") == 1
    # refunds: before the delta a gate could not know; after it none of them enters
    assert heard[GateReason.REVOKED] > 1
    refunded = [one for one in evening.truth if one.cti in evening.after_refund]
    assert all(one.at // 1000 <= NOW + MENDED + 20 for one in refunded)
    assert any("document" in one.why for one in evening.truth)
    assert any("clock set" in one.why for one in evening.truth)


def check_the_stolen_one(evening: Evening, found: Account) -> None:
    """What it wrote after its lock is flagged, and only that."""
    late = {one.gate: one.after_lock for one in found.gates}
    stolen = evening.stolen.gate.gate
    thieves = [one for one in evening.truth if one.why == "thief"]
    assert len(thieves) == 3
    assert late.pop(stolen) >= len(thieves) + 1
    assert set(late.values()) == {0}


def check_hub(evening: Evening, found: Account) -> None:
    """After a last exchange, with a walk with the stick, the venue's hub knows all of it but what the thief's device keeps."""
    for _ in range(2):  # what the last gate of a LAN tells, the others hear in the next round
        evening.sync()
    evening.carry()
    evening.sync()
    shown = look(evening.hubs[0].tenant, EVENT, now=evening.clock[0] // 1000)
    kept = {one.gate: one.after_lock for one in found.gates}
    assert kept[evening.stolen.gate.gate]
    known = {one.gate: one.entries + one.hub_only for one in shown.devices}
    wanted = {one.gate: one.entries - kept[one.gate] for one in found.gates}
    # Of what it never delivered the hub knows whom it let in by the hub's own word; not what it wrote and took back at the hub's no.
    stolen = evening.stolen.gate.gate
    assert known.pop(stolen) <= wanted.pop(stolen)
    assert known == wanted
    entered = Counter(evening.posts[one.gate].gate.entrances[0] for one in evening.truth if one.why != "thief")
    assert {one.entrance: (one.ins, one.outs, one.let_in) for one in shown.flows} == {
        entrance: (entered[entrance], 0, 0) for entrance in ENTRANCES
    }
    assert shown.too_many == len(found.excess)
    assert shown.conflicts
    assert {(one.cti, one.first.hash, one.again.hash) for one in shown.conflicts} <= {
        (one.cti, one.first.hash, one.again.hash) for one in found.excess
    }
