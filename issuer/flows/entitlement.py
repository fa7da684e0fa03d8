"""Who may hold what: the roll's word, and for certificates that state courses that there are some. A row of `Person` in.

Losing the entitlement is the roll's word alone (`withdraw.end_entitlements`): a course does not go away.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from issuer.catalogue.contract import CourseFacts, CredentialType, PersonFacts
from issuer.flows.person_facts import facts_of
from issuer.store.tables import Course


def facts_for(kind: CredentialType, row: Any) -> PersonFacts:
    """A row of `Person` → the facts that this certificate states; with the courses, oldest first, where it states those."""
    facts = facts_of(row)
    return replace(facts, courses=_courses_of(row)) if kind.states_courses else facts


def is_entitled(kind: CredentialType, facts: PersonFacts) -> bool:
    """facts: of `facts_for` for the same type."""
    return kind.entitled(facts) and (bool(facts.courses) or not kind.states_courses)


def may_hold(kind: CredentialType, row: Any) -> bool:
    """The same, from the row; courses are looked for only where the roll does not say no already. Of cards the roll knows nothing."""
    if kind.source != "roll" or not kind.entitled(facts_of(row)):
        return False
    return not kind.states_courses or bool(
        Course.select(Course.code).where(Course.tenant == row.tenant, Course.person_id == row.id).limit(1).tuples()
    )


def _courses_of(row: Any) -> tuple[CourseFacts, ...]:
    found = Course.select().where(Course.tenant == row.tenant, Course.person_id == row.id)
    return tuple(
        CourseFacts(
            code=one.code,
            name_ja=one.name_ja,
            name_en=one.name_en,
            credits=Decimal(one.credits),
            grade=one.grade,
            term=one.term,
            completed_on=date.fromisoformat(one.completed_on),
        )
        for one in found.order_by(Course.completed_on, Course.code, Course.term)
    )
