"""The ready-made questions in the reader's language, for pages that let an operator choose one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from common.pages.catalogue import Words
from verifier.queries.registry import QUESTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    name: str
    question: str
    purpose: str


def view_questions(allowed: Collection[str], words: Words) -> list[QuestionView]:
    """allowed: names of those that the relying party may ask."""
    ja = words.language == "ja"
    return [
        QuestionView(
            name=one.name,
            question=one.question_ja if ja else one.question_en,
            purpose=one.purpose_ja if ja else one.purpose_en,
        )
        for one in QUESTIONS
        if one.name in allowed
    ]
