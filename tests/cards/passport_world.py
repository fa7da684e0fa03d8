"""One world of test authorities for a whole test process, and its passports: keys are made once, chips are new each time."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from examples.cards.passport import Passport, PassportWorld, build_passport
from examples.cards.people import PEOPLE

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@cache
def world() -> PassportWorld:
    return PassportWorld(now=NOW)


def passport(profile: str, *, fault: str | None = None, person: str = "hanako") -> Passport:
    return build_passport(PEOPLE[person], authority=world(), profile=profile, fault=fault)
