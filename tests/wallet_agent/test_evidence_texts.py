"""What a wallet's holder reads of the chip's record: a sentence, in every language, and never what stands in the data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from common.cards.evidence import Answer, Environment, Finding, RevocationAnswer, RevocationFinding
from common.cards.evidence_json import build_evidence
from common.cards.registry import DRIVERS
from common.pages.catalogue import Catalogue, Words
from tests.house.tree import ROOT
from tests.verifier.checks.cases import CHIP, READ
from wallet_agent.pages import card_views
from wallet_agent.pages.claim_texts import show_value
from wallet_agent.pages.evidence_texts import is_evidence, show_evidence

CATALOGUE = Catalogue((ROOT / "common/pages/messages", ROOT / "wallet_agent/pages/messages"))
JA, EN = Words(CATALOGUE, "ja"), Words(CATALOGUE, "en")


def test_a_sentence_in_each_language() -> None:
    told = build_evidence(replace(READ, sources=(CHIP, replace(CHIP, source="text", origins=()))))
    assert show_value(told, JA) == (
        "マイナンバーカードを令和8年9月21日（2026年）に読み取り、ICチップは本物、暗証番号を確認、失効していない"
    )
    assert show_value(told, EN) == (
        "My Number card, read on 21 September 2026, chip genuine, PIN or password known, not revoked"
    )
    tested = build_evidence(replace(READ, sources=(replace(CHIP, trust_anchor=Environment.TEST),)))
    assert show_value(tested, JA).endswith("、試験用のカード")


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("revocation", RevocationAnswer)
def test_every_answer_has_its_words(answer: Answer, revocation: RevocationAnswer) -> None:
    found = Finding(answer=answer, reason="" if answer is Answer.PROVEN else "word")
    source = replace(
        CHIP, chip_genuineness=found, holder_verification=found, revocation=RevocationFinding(answer=revocation)
    )
    for words in (JA, EN):
        assert "_" not in show_evidence(build_evidence(replace(READ, sources=(source,))), words)


@pytest.mark.parametrize("name", DRIVERS.names)
def test_every_card_that_is_read_has_a_name_for_people(name: str) -> None:
    assert CATALOGUE.has(f"evidence.card.{name}")
    named = CATALOGUE.text("ja", f"evidence.card.{name}")
    assert show_evidence(build_evidence(replace(READ, card=name)), JA).startswith(f"{named}を")


@pytest.mark.parametrize(
    "value", [[], ["ChipEvidence"], [{"type": "IdentityObject"}], {"type": ["ChipEvidence"]}, None, [None], [[]]]
)
def test_what_is_no_record_is_shown_as_before(value: Any) -> None:
    assert not is_evidence(value)
    assert isinstance(show_value(value, JA), str)


@pytest.mark.parametrize("day", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "yesterday"])
def test_a_record_of_an_impossible_day_breaks_no_page(day: str) -> None:
    told = [{**one, "read_at": day} for one in build_evidence(READ)]
    for words in (JA, EN):
        assert show_value(told, words)


@dataclass(frozen=True)
class _Line:
    value: Any


@pytest.mark.parametrize(
    ("state", "proven", "again"),
    [
        ("suspended", True, True),
        ("revoked", True, True),
        ("valid", True, False),
        ("expired", True, False),
        ("superseded", True, False),
        ("unknown", True, False),
        ("revoked", False, False),
        ("suspended", False, False),
    ],
)
def test_who_holds_what_a_chip_had_proved_is_told_to_have_the_card_read_again(
    monkeypatch: pytest.MonkeyPatch, state: str, proven: bool, again: bool
) -> None:
    lines = [_Line("桜川大学"), *([_Line(build_evidence(READ))] if proven else [])]
    monkeypatch.setattr(card_views, "claim_lines", lambda _: lines)
    held: Any = SimpleNamespace(face=None)
    assert card_views.needs_reading(held, state) is again
    for words in (JA, EN):
        assert words.text("card.read_again_text")
        assert words.text("card.read_again_where")
