"""A verdict at a gate as a steward sees and hears it in a terminal: shape, colour, words and the bell say the same."""

from __future__ import annotations

import time
from typing import Any

from common.adapters.terminal import console
from verifier.checks.verdict import Answer, Mender, Sentence
from verifier.gate.desk import Outcome
from verifier.gate.plan import GatePlan
from verifier.gate.reasons import GateReason

SHAPES = {Answer.PASSED: ("green", "████"), Answer.FAILED: ("red", "╲╱╲╱"), Answer.UNDETERMINED: ("yellow", "?  ?")}
"""A filled block, a broken line, question marks: told apart without colour."""
BELLS = {Answer.PASSED: "\a", Answer.FAILED: "\a\a\a", Answer.UNDETERMINED: "\a\a"}
_YES = {"ja": "入場できます", "en": "May enter"}
_LEFT = {"ja": "退場", "en": "Left"}
_MENDERS = {
    Mender.HOLDER: {"ja": "来場者が直せます。", "en": "The guest can mend it."},
    Mender.ISSUER: {"ja": "主催者に確かめてください。", "en": "Ask the organiser."},
    Mender.VERIFIER: {"ja": "会場の係員が直せます。", "en": "Venue staff can mend it."},
}
_LINKED = {
    True: {"ja": "ハブに確認済み", "en": "confirmed by the hub"},
    False: {"ja": "単独：ほかのゲートとはつながっていません", "en": "alone: not linked with other gates"},
}


def show(outcome: Outcome, plan: GatePlan, language: str, *, now: int, sound: bool) -> None:
    """Large, in one glance; then why, who can mend it, and how old the facts are. now: milliseconds."""
    decision = outcome.decision
    answer = decision.verdict.answer
    colour, shape = SHAPES[answer]
    word = (_LEFT if plan.asks.leaving else _YES)[language] if decision.opens else decision.reason.value.upper()
    if sound:
        console.file.write(BELLS[answer])
    for line in (shape * 12, f"{shape}  {word}  {shape}", shape * 12):
        console.print(f"[bold {colour}]{line}[/]")
    if decision.check is not None:
        console.print(in_language(decision.check.sentence, language))
        mender = _MENDERS.get(decision.check.mender)
        if mender is not None:
            console.print(mender[language])
    if decision.reason is GateReason.ALREADY_ADMITTED and decision.earlier is not None:
        earlier = decision.earlier
        entrance = plan.entrances.get(earlier.entrance)
        where = entrance.in_language(language) if entrance else str(earlier.entrance)
        console.print(f"{time.strftime('%H:%M:%S', time.localtime(earlier.time_ms / 1000))}  {where}", markup=False)
    if decision.asks_document:
        console.print(
            {"ja": ":doc で、書類を確認したことにします。", "en": "Type :doc once you have seen it."}[language]
        )
    console.print(f"[dim]{_LINKED[outcome.linked][language]} · {age_of_facts(plan, language, now=now)}[/]")


def in_language(sentence: Sentence, language: str) -> str:
    return sentence.ja if language == "ja" else sentence.en


def age_of_facts(plan: GatePlan, language: str, *, now: int) -> str:
    """Revocations known as of 18:02, 14 min ago."""
    at = time.strftime("%H:%M", time.localtime(plan.as_of))
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
