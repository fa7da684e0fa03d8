"""Every reason of a gate: a ticket that gets it, beside one that is admitted where only that one thing is different."""

from __future__ import annotations

from typing import Any

import pytest

from common.formats.gate_pass.build import challenge_nonce, write_pass_text
from common.formats.gate_pass.labels import CHIP_VERIFIED, OVER_20
from common.formats.gate_pass.verify import issuer_key
from tests.verifier.gate.scene import (
    BAR,
    EARLY,
    EVENT,
    HOUR,
    ISSUER,
    LATE,
    NORTH,
    NOW,
    PAPER,
    POINT,
    SEAT,
    SOUTH,
    STRANGER,
    Guest,
    decided,
    plan,
)
from verifier.checks.gate_facts import Earlier, home_of
from verifier.checks.verdict import Answer
from verifier.gate.decide import Decision
from verifier.gate.reasons import GateReason

INSIDE = Earlier(gate=b"g" * 8, sequence=3, entrance=SOUTH, time_ms=(NOW - 60) * 1000)


def test_a_good_ticket_is_admitted_with_the_whole_tree_behind_it() -> None:
    decision = decided(Guest().shows())
    assert (decision.reason, decision.opens, decision.check) == (GateReason.ADMITTED, True, None)
    (branch,) = decision.verdict.presentations
    assert [check.name for check in branch.checks] == [
        *("format_valid", "issuer_trusted", "issuer_signature", "holder_bound", "not_replayed", "within_validity"),
        *("not_revoked", "ticket_admits"),
    ]
    assert {check.answer for check in branch.checks} == {Answer.PASSED}
    assert branch.checks[-2].as_of == NOW - 600, "the verdict says how old the revocations are"


def refused(decision: Decision, reason: GateReason) -> None:
    assert decision.reason is reason
    assert not decision.opens
    assert decision.check is not None
    assert decision.check.sentence.ja
    assert decision.check.sentence.en


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("device_locked", {"gate": {"locked_at": NOW}}, {}),
    ("device_locked", {"gate": {"locked_at": NOW + 99}}, {}),
    ("pack_rolled_back", {"gate": {"rolled_back": True}}, {}),
    ("pack_expired", {"gate": {"good_until": NOW}}, {"gate": {"good_until": NOW + 1}}),
    ("pack_expired", {"as_of": NOW - HOUR - 1}, {"as_of": NOW - HOUR}),
    ("unknown_issuer", {"issuer_keys": ()}, {}),
    ("unknown_issuer", {"issuer_keys": (issuer_key(POINT, not_before=0, not_after=NOW),)}, {}),
    ("revoked", {"revoked": frozenset({10})}, {"revoked": frozenset({11})}),
    ("excluded", {"excluded": frozenset({10})}, {"excluded": frozenset({11})}),
    ("wrong_class", {"gate": {"classes": {}}}, {}),
    ("wrong_entrance", {"gate": {"entrance": 9}}, {"gate": {"entrance": SOUTH}}),
    ("wrong_entrance", {"gate": {"homes": 3, "home": 0}}, {"gate": {"homes": 3, "home": 1}}),
    ("wrong_event", {"event": "another-event"}, {}),
]


@pytest.mark.parametrize(("reason", "at", "better"), CASES)
def test_what_pack_and_gate_say(reason: str, at: dict[str, Any], better: dict[str, Any]) -> None:
    cti = next(number for number in range(1 << 32, 1 << 40, 1 << 32) if home_of(number.to_bytes(8, "big"), 3) == 1)
    text = Guest(cti).shows()
    refused(decided(text, plan(**at)), GateReason(reason))
    assert decided(text, plan(**better)).opens


@pytest.mark.parametrize(
    ("reason", "ticket", "better"),
    [
        ("expired", {"exp": NOW}, {"exp": NOW + 1}),
        ("not_yet_valid", {"nbf": NOW + 1}, {"nbf": NOW}),
        ("expired", {"klass": LATE}, {}),
        ("not_yet_valid", {"klass": EARLY}, {}),
        ("wrong_class", {"klass": 99}, {}),
        ("wrong_entrance", {"klass": SEAT}, {}),
        ("unknown_issuer", {"signer": STRANGER}, {}),
        ("document_required", {"klass": BAR, "flags": OVER_20}, {"klass": BAR, "flags": CHIP_VERIFIED | OVER_20}),
    ],
)
def test_what_the_ticket_says(reason: str, ticket: dict[str, Any], better: dict[str, Any]) -> None:
    refused(decided(Guest(**ticket).shows()), GateReason(reason))
    assert decided(Guest(**better).shows()).opens


def test_a_class_enters_in_each_of_its_windows() -> None:
    text = Guest(klass=EARLY, exp=NOW + 5 * HOUR)
    assert [decided(text.shows(at), now=at).opens for at in (NOW - 61, NOW - 60, NOW + 59, NOW + 60)] == [
        *(True, False, False, True)
    ]
    after = plan(stale_after=9 * HOUR)
    assert decided(text.shows(NOW + HOUR), after, now=NOW + HOUR).reason is GateReason.EXPIRED


def test_forged_signatures() -> None:
    guest = Guest()
    forged = bytearray(guest.token)
    forged[-1] ^= 1
    mended = guest.token
    guest.token = bytes(forged)
    refused(decided(guest.shows()), GateReason.BAD_ISSUER_SIGNATURE)
    guest.token = mended
    refused(decided(guest.shows(signer=STRANGER)), GateReason.BAD_HOLDER_PROOF)
    assert decided(guest.shows()).opens


def test_a_bound_ticket_without_its_phone_is_no_paper_ticket() -> None:
    refused(decided(write_pass_text(Guest(klass=PAPER).token)), GateReason.BAD_HOLDER_PROOF)


@pytest.mark.parametrize("text", ["", "TG1:", "hello", "TG1:" + "0" * 596, "TG1:" + "0" * 597, "\ud800", "TG1:\x00"])
def test_what_is_no_pass_is_malformed(text: str) -> None:
    refused(decided(text), GateReason.MALFORMED)


def test_the_window_of_a_code() -> None:
    guest, at = Guest(), plan(gate={"clock_error": 2})
    assert decided(guest.shows(NOW - 32), at).opens
    refused(decided(guest.shows(NOW - 33), at), GateReason.STALE_CODE)
    assert decided(guest.shows(NOW + 7), at).opens
    refused(decided(guest.shows(NOW + 8), at), GateReason.CLOCK_OFF)


def test_a_phone_that_is_wrong_or_a_recording_is_for_a_person_to_judge() -> None:
    text = Guest().shows(NOW - 300)
    decision = decided(text, advancing=True)
    refused(decision, GateReason.CLOCK_OFF)
    assert decision.asks_document
    assert decided(text, advancing=True, document_seen=True).opens
    refused(decided(text, document_seen=True), GateReason.STALE_CODE)
    ahead = decided(Guest().shows(NOW + 300), advancing=True, document_seen=True)
    refused(ahead, GateReason.CLOCK_OFF)
    assert not ahead.asks_document, "codes of the future were signed beforehand"


def test_a_challenge_entrance() -> None:
    text, at = Guest().shows(cnonce=challenge_nonce(123)), plan(gate={"challenge": True})
    refused(decided(text, at), GateReason.STALE_CODE)
    assert decided(text, at, answers=True).opens


def test_who_is_inside_is_not_admitted_again() -> None:
    decision = decided(Guest().shows(), earlier=INSIDE)
    refused(decision, GateReason.ALREADY_ADMITTED)
    assert decision.earlier == INSIDE
    assert decision.check is not None
    assert decision.check.as_of == NOW - 60


def test_paper_asks_for_a_document_where_it_is_taken() -> None:
    text = Guest(paper=True, klass=PAPER).shows()
    decision = decided(text)
    refused(decision, GateReason.DOCUMENT_REQUIRED)
    assert decision.asks_document
    assert decided(text, document_seen=True).opens
    refused(decided(text, document_seen=True, earlier=INSIDE), GateReason.ALREADY_ADMITTED)
    refused(decided(Guest(paper=True).shows(), document_seen=True), GateReason.WRONG_CLASS)


def test_old_facts_and_a_document() -> None:
    text, at = Guest().shows(), plan(as_of=NOW - HOUR - 1, document_for_stale=True)
    decision = decided(text, at)
    refused(decision, GateReason.DOCUMENT_REQUIRED)
    assert decision.asks_document
    assert decided(text, at, document_seen=True).opens
    refused(decided(text, plan(as_of=NOW - HOUR - 1), document_seen=True), GateReason.PACK_EXPIRED)
    revoked = plan(as_of=NOW - HOUR - 1, document_for_stale=True, revoked=frozenset({10}))
    refused(decided(text, revoked, document_seen=True), GateReason.REVOKED)


@pytest.mark.parametrize("old", [{}, {"as_of": NOW - HOUR - 1}, {"as_of": NOW - HOUR - 1, "document_for_stale": True}])
def test_who_leaves_is_asked_for_a_proof_and_no_more(old: dict[str, Any]) -> None:
    leaving = plan(gate={"leaving": True}, revoked=frozenset({10}), **old)
    assert decided(Guest(klass=LATE).shows(), leaving, earlier=INSIDE).opens
    refused(decided(Guest().shows(NOW - 31), leaving), GateReason.STALE_CODE)
    refused(decided(Guest(signer=STRANGER).shows(), leaving), GateReason.UNKNOWN_ISSUER)


def test_the_worst_word_wins() -> None:
    locked = plan(gate={"locked_at": NOW - 1, "good_until": NOW}, revoked=frozenset({10}))
    assert decided("nonsense", locked).reason is GateReason.DEVICE_LOCKED
    assert decided(Guest().shows(), locked).reason is GateReason.DEVICE_LOCKED
    assert decided(Guest(klass=SEAT).shows(NOW - 99), plan(revoked=frozenset({10}))).reason is GateReason.REVOKED


def test_a_pass_of_another_event_says_so_even_by_the_same_issuer() -> None:
    decision = decided(Guest(event="matsuri-2026").shows())
    refused(decision, GateReason.WRONG_EVENT)
    tree = {check.name: check.reason for check in decision.verdict.presentations[0].checks}
    assert tree["issuer_signature"] == tree["issuer_trusted"] == "not_reached", "nothing was verified"
    paper = Guest(event="matsuri-2026", paper=True, klass=PAPER)
    refused(decided(paper.shows()), GateReason.BAD_ISSUER_SIGNATURE)


def test_no_name_and_no_code_stands_in_the_verdict() -> None:
    text = Guest().shows()
    assert text not in repr(decided(text).verdict.as_json())
    assert EVENT in repr(decided(text).verdict.as_json())


def test_every_word_has_a_case_here() -> None:
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    assert [one for one in GateReason if one.name not in source and f'"{one.value}"' not in source] == []
    assert ISSUER.alg == "ES256"
    assert NORTH != SOUTH
