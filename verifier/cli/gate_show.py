"""A verdict at a gate as a steward sees and hears it in a terminal: shape, colour, words and the bell say the same."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from common.adapters.terminal import console
from verifier.checks.ticket_admits import RULE
from verifier.checks.verdict import Answer
from verifier.gate.decide import Decision
from verifier.gate.desk import Outcome
from verifier.gate.plan import GatePlan
from verifier.gate.reasons import GateReason
from verifier.pages.gate_words import terminal_words

_DOC = {
    False: {"ja": ":doc で、書類を確認したことにします。", "en": "Type :doc once you have seen it."},
    True: {"ja": ":doc で、それでも退場を記録します。", "en": "Type :doc to count them out anyway."},
}
SHAPES = {Answer.PASSED: ("green", "████"), Answer.FAILED: ("red", "╲╱╲╱"), Answer.UNDETERMINED: ("yellow", "?  ?")}
"""A filled block, a broken line, question marks: told apart without colour."""
BELLS = {Answer.PASSED: "\a", Answer.FAILED: "\a\a\a", Answer.UNDETERMINED: "\a\a"}
_LINKED = {
    True: {"ja": "ハブに確認済み", "en": "confirmed by the hub"},
    False: {"ja": "単独：ほかのゲートとはつながっていません", "en": "alone: not linked with other gates"},
}


def show(outcome: Outcome, plan: GatePlan, language: str, *, now: int, sound: bool) -> None:
    """Large, in one glance; then why, who can mend it, and how old the facts are. now: milliseconds."""
    decision = outcome.decision
    answer = decision.verdict.answer
    words = terminal_words("ja" if language == "ja" else "en")
    colour, shape = SHAPES[answer]
    if sound:
        console.file.write(BELLS[answer])
    for line in (shape * 12, f"{shape}  {heading_of(decision, words)}  {shape}", shape * 12):
        console.print(f"[bold {colour}]{line}[/]")
    for line in _lines(decision, plan, language, words):
        console.print(line, markup=False, highlight=False)
    told = f"{decision.reason.value} · {_LINKED[outcome.linked][language]} · {age_of_facts(plan, language, now=now)}"
    console.print(told, style="dim", markup=False, highlight=False)


def word_of(decision: Decision) -> str:
    """What exactly was decided, as the rules name it: the browser's scanner has the same words."""
    (rule,) = (one for one in decision.verdict.presentations[0].checks if one.name == RULE.name)
    if decision.check is None or decision.check is rule:
        return rule.reason
    if decision.check.name == "not_revoked" and decision.check.answer is Answer.UNDETERMINED:
        return "status_stale_document" if decision.reason is GateReason.DOCUMENT_REQUIRED else "status_stale"
    return decision.reason.value


def heading_of(decision: Decision, words: Mapping[str, str]) -> str:
    """In two or three words, the same as on the scanner's page."""
    word = word_of(decision)
    if word in ("left", "left_unheard"):
        return words["left"]
    return words.get(f"reason.{word}") or words[f"reason.{decision.reason.value}"]


def _lines(decision: Decision, plan: GatePlan, language: str, words: Mapping[str, str]) -> Iterator[str]:
    """The class; or why not, and who can mend it; where it entered before; what the steward may type."""
    word, answer, read = word_of(decision), decision.verdict.answer, decision.read
    if decision.opens and read is not None and (klass := plan.classes.get(read.klass)) is not None:
        yield klass.in_language(language)
    if not decision.opens or word == "left_unheard":
        yield words.get(f"sentence.{word}", "")
    if answer is Answer.FAILED and (mends := words.get(f"mends.{word}")):
        yield mends
    if decision.reason is GateReason.ALREADY_ADMITTED and decision.earlier is not None:
        earlier = decision.earlier
        entrance = plan.entrances.get(earlier.entrance)
        where = entrance.in_language(language) if entrance else str(earlier.entrance)
        yield f"{time.strftime('%H:%M:%S %Z', time.localtime(earlier.time_ms / 1000))}  {where}"
    if decision.asks_document:
        yield _DOC[word == "not_inside"][language]


def is_ticket_number(text: str) -> bool:
    """Whether somebody typed what is printed on a ticket, which is no code."""
    return re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", text.strip().upper()) is not None


def age_of_facts(plan: GatePlan, language: str, *, now: int) -> str:
    """Revocations known as of 18:02, 14 min ago."""
    at = time.strftime("%H:%M %Z", time.localtime(plan.as_of))
    minutes = max(0, now // 1000 - plan.as_of) // 60
    if language == "ja":
        return f"取り消し情報は{at}（{minutes}分前）現在"
    return f"revocations known as of {at}, {minutes} min ago"


def as_json(outcome: Outcome, plan: GatePlan) -> dict[str, Any]:
    """One line for programs."""
    decision = outcome.decision
    return {
        "reason": decision.reason.value,
        "opens": decision.opens,
        "answer": decision.verdict.answer.value,
        "asks_document": decision.asks_document,
        "linked": outcome.linked,
        "sequence": outcome.sequence,
        "ticket": decision.read.cti.hex() if decision.read else None,
        "class": decision.read.klass if decision.read else None,
        "facts_as_of": plan.as_of,
        "earlier": (
            {
                "gate": decision.earlier.gate.hex(),
                "entrance": decision.earlier.entrance,
                "time": decision.earlier.time_ms,
            }
            if decision.earlier
            else None
        ),
    }
