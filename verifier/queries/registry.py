"""Every ready-made question. To add one: its file, and its line here."""

from __future__ import annotations

from common.registry import Registry
from verifier.queries import graduate, over_18, student
from verifier.queries.contract import Question

QUESTIONS: Registry[Question] = Registry(
    "question", (student.QUESTION, graduate.QUESTION, over_18.QUESTION), name=lambda question: question.name
)
