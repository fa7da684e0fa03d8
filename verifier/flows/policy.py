"""What a relying party demands of a verdict, and the arithmetic of answers. Fails closed: an empty policy refuses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer, Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """required: names of the checks that count. forgive: those of them that may be undetermined (the default forgives none).

    max_status_age: seconds that the knowledge of a status may be old. test_cards: chips of test hierarchies are believed; sandbox only.
    """

    required: tuple[str, ...] = CHECKS.names
    forgive: frozenset[str] = frozenset()
    max_status_age: int = 24 * 3600
    test_cards: bool = False


def with_forgiveness(checks: Iterable[Check], policy: Policy) -> tuple[Check, ...]:
    """The same checks, marked where the policy lets *undetermined* pass."""
    return tuple(
        replace(check, forgiven=True) if check.answer is Answer.UNDETERMINED and check.name in policy.forgive else check
        for check in checks
    )


def total(answers: Iterable[Answer]) -> Answer:
    """One answer of many: any *failed* fails, else any *undetermined* leaves it open, else passed. Of none: failed."""
    seen = set(answers)
    if not seen or Answer.FAILED in seen:
        return Answer.FAILED
    return Answer.UNDETERMINED if Answer.UNDETERMINED in seen else Answer.PASSED


def answer_of(checks: Iterable[Check]) -> Answer:
    """`total` over checks, with what is forgiven counted as passed."""
    return total(Answer.PASSED if check.forgiven else check.answer for check in checks)
