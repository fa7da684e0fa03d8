"""What the chip of a card proved, in a sentence for its holder: which card, when it was read, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.cards.evidence import Environment, SourceEvidence
from common.cards.evidence_json import TYPE, parse_evidence
from common.errors import Malformed
from common.pages.catalogue import Words
from common.pages.dates import show_date


def is_evidence(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) and TYPE in _types(one) for one in value)


def show_evidence(value: Any, words: Words) -> str:
    """Empty for a record that cannot be read. Of several parts of the card, each thing that was found is said once."""
    try:
        evidence = parse_evidence(value)
        read = words.text(
            "evidence.read",
            card=words(f"evidence.card.{evidence.card}", evidence.card),
            day=show_date(evidence.read_at, words.language),
        )
    except (Malformed, ValueError, OverflowError):  # a day that no calendar of ours has
        return ""
    found = dict.fromkeys(said for source in evidence.sources for said in _found(source, words))
    return words.text("common.comma").join((read, *found))


def _found(source: SourceEvidence, words: Words) -> tuple[str, ...]:
    test = (words.text("evidence.test"),) if source.trust_anchor is Environment.TEST else ()
    return (
        words.text(f"evidence.chip.{source.chip_genuineness.answer.value}"),
        words.text(f"evidence.holder.{source.holder_verification.answer.value}"),
        words.text(f"evidence.revocation.{source.revocation.answer.value}"),
        *test,
    )


def _types(entry: Mapping[str, Any]) -> list[Any]:
    kind = entry.get("type")
    return kind if isinstance(kind, list) else [kind]
