"""Between the roll's table and the facts that certificates are built from."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import jaconv

from common.encoding import compact_json
from common.errors import NotFound
from issuer.catalogue.contract import PersonFacts
from issuer.store.tables import Person

JST = timezone(timedelta(hours=9))
_FIELDS = tuple(field.name for field in fields(PersonFacts) if field.name != "courses")
_DATES = ("birth_date", "enrolled_on", "graduated_on", "withdrawn_on")


def today_of(now: int) -> date:
    """The day in Japan at ``now`` (seconds since 1970): birthdays and deadlines of a school follow its calendar."""
    return datetime.fromtimestamp(now, UTC).astimezone(JST).date()


def facts_of(row: Any) -> PersonFacts:
    """A row of `Person` → facts."""
    values = {name: getattr(row, name) for name in _FIELDS}
    for name in _DATES:
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return PersonFacts(**values)


def columns_of(facts: PersonFacts) -> dict[str, str]:
    """Facts → columns of `Person`, with the text to search by and the fingerprint."""
    columns: dict[str, str] = {}
    for name in _FIELDS:
        value = getattr(facts, name)
        columns[name] = value.isoformat() if isinstance(value, date) else value or ""
    columns["fingerprint"] = hashlib.sha256(compact_json([columns[name] for name in _FIELDS])).hexdigest()
    columns["search"] = search_text(
        facts.student_number,
        facts.family_name + facts.given_name,
        facts.family_name_kana + facts.given_name_kana,
        facts.given_name_latin + facts.family_name_latin,
        facts.family_name_latin + facts.given_name_latin,
        facts.email,
    )
    return columns


def search_text(*parts: str) -> str:
    """How names are compared in a search: width, case, spaces and hiragana or katakana do not matter. A space parts the parts."""
    plain = ("".join(unicodedata.normalize("NFKC", part).casefold().split()) for part in parts)
    return str(jaconv.hira2kata(" ".join(plain)))


def find_person(tenant: str, *, person_id: str = "", student_number: str = "") -> Any:
    """The row of one person, by id or by student number. Raises NotFound("no_such_person")."""
    wanted = Person.id == person_id if person_id else Person.student_number == student_number.strip().upper()
    row = Person.get_or_none(Person.tenant == tenant, wanted)
    if row is None:
        raise NotFound("no_such_person", "nobody in the roll has this number")
    return row
