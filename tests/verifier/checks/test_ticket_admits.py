"""``ticket_admits`` by itself: every word, on the good case with one thing changed. Whole tickets: tests/verifier/gate/test_decide.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.verifier.checks.cases import HOUR, NOW, TICKET, WANTED_GATE, check, good_case
from verifier.checks.gate_facts import ClassRule, Earlier, home_of
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer

INSIDE = Earlier(gate=b"gate one", sequence=1, entrance=1, time_ms=NOW * 1000)
HOME = home_of(TICKET.cti, 2)


def asked(word: str, gate: dict[str, Any], ticket: dict[str, Any]) -> tuple[str, Answer]:
    case = good_case(
        wanted=replace(good_case().wanted, gate=replace(WANTED_GATE, **gate)),
        ticket=msgspec.structs.replace(TICKET, **ticket),
    )
    answer, reason = check("ticket_admits", case)
    return reason, answer


def classes(**rule: Any) -> dict[str, Any]:
    return {"classes": {1: ClassRule(**{"entrances": frozenset({1}), **rule})}}


@pytest.mark.parametrize(
    ("word", "answer", "gate", "ticket"),
    [
        ("admitted", Answer.PASSED, {}, {}),
        ("admitted", Answer.PASSED, classes(windows=((NOW, NOW + 1),)), {}),
        ("admitted", Answer.PASSED, {"homes": 2, "home": HOME}, {}),
        ("admitted", Answer.PASSED, {"challenge": True}, {"answers": True}),
        ("admitted", Answer.PASSED, classes(flags=3), {"flags": 7}),
        ("admitted", Answer.PASSED, classes(paper=True), {"bound": False, "issued_at": None, "document_seen": True}),
        ("left", Answer.PASSED, {"leaving": True}, {"klass": 9, "earlier": INSIDE}),
        ("left_unheard", Answer.PASSED, {"leaving": True}, {"whereabouts": "unheard"}),
        ("not_inside", Answer.UNDETERMINED, {"leaving": True}, {"whereabouts": "outside"}),
        ("left_unheard", Answer.PASSED, {"leaving": True}, {"whereabouts": "outside", "document_seen": True}),
        ("device_locked", Answer.FAILED, {"locked_at": NOW}, {}),
        ("pack_rolled_back", Answer.FAILED, {"rolled_back": True}, {}),
        ("pack_expired", Answer.FAILED, {"good_until": NOW}, {}),
        ("excluded", Answer.FAILED, {}, {"excluded": True}),
        ("stale_code", Answer.FAILED, {}, {"issued_at": NOW - 31}),
        ("stale_code", Answer.FAILED, {}, {"issued_at": NOW - 31, "document_seen": True}),
        ("clock_off", Answer.FAILED, {}, {"issued_at": NOW + 6}),
        ("clock_off", Answer.FAILED, {}, {"issued_at": None}),
        ("clock_off_or_recording", Answer.UNDETERMINED, {}, {"issued_at": NOW - 31, "advancing": True}),
        ("challenge_unanswered", Answer.FAILED, {"challenge": True}, {}),
        ("wrong_class", Answer.FAILED, {}, {"klass": 2}),
        ("paper_not_taken", Answer.FAILED, {}, {"bound": False, "issued_at": None}),
        ("not_open_yet", Answer.FAILED, classes(windows=((NOW + 1, NOW + HOUR),)), {}),
        ("closed", Answer.FAILED, classes(windows=((NOW - HOUR, NOW),)), {}),
        ("wrong_entrance", Answer.FAILED, {"entrance": 2}, {}),
        ("other_home", Answer.FAILED, {"homes": 2, "home": 1 - HOME}, {}),
        ("already_admitted", Answer.FAILED, {}, {"earlier": INSIDE}),
        ("paper_document", Answer.UNDETERMINED, classes(paper=True), {"bound": False, "issued_at": None}),
        ("assurance_missing", Answer.UNDETERMINED, classes(flags=3), {"flags": 1}),
    ],
)
def test_each_word(word: str, answer: Answer, gate: dict[str, Any], ticket: dict[str, Any]) -> None:
    assert asked(word, gate, ticket) == (word, answer)


def test_no_word_is_without_a_case() -> None:
    marks = test_each_word.pytestmark[0].args[1]
    assert {word for word, *_ in marks} | {"not_reached"} == set(CHECKS["ticket_admits"].reasons)


def test_only_a_gate_asks_for_a_ticket() -> None:
    case = good_case()
    assert CHECKS["ticket_admits"].applies(case)
    assert not CHECKS["ticket_admits"].applies(replace(case, wanted=replace(case.wanted, gate=None)))
    assert check("ticket_admits", replace(case, ticket=None)) == (Answer.UNDETERMINED, "not_reached")
