"""Every ready-made question. To add one: its file, and its line here."""

from __future__ import annotations

from common.registry import Registry
from verifier.queries import graduate, identity, name_birthdate_chip, name_chip, over_18, over_20_chip, student
from verifier.queries.contract import Question

QUESTIONS: Registry[Question] = Registry(
    "question",
    (
        student.QUESTION,
        graduate.QUESTION,
        over_18.QUESTION,
        over_20_chip.QUESTION,
        name_chip.QUESTION,
        name_birthdate_chip.QUESTION,
        identity.QUESTION,
    ),
    name=lambda question: question.name,
)
