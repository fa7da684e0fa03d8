"""The JSON Schema of a credential type's W3C forms, from the claims of the catalogue. Published, so that others can check what we issue.

Open to further members, as the specification advises (VC JSON Schema, "Additional Properties"): a claim that we add one day must not
make old copies of the schema refuse new credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from issuer.catalogue.contract import Claim, CredentialType, Disclosure
from issuer.settings import Addresses

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SAMPLE_DAY = date(2026, 4, 1)


def schema_of(kind: CredentialType, addresses: Addresses) -> dict[str, Any]:
    """For a type in our own words. What a claim's value is like is read off the sample; what every credential has is required."""
    sample = kind.build(kind.sample, "見本大学", _SAMPLE_DAY)
    shown = tuple(claim for claim in kind.claims if claim.disclosure is not Disclosure.HIDEABLE_ONLY)
    subject = {"id": {"type": "string"}, **_members(shown, sample)}
    required = sorted({claim.path[0] for claim in shown if claim.disclosure is Disclosure.ALWAYS})
    return {
        "$schema": DIALECT,
        "$id": addresses.schema(kind.name),
        "title": f"{kind.title['ja']} / {kind.title['en']}",
        "description": f"{kind.description['ja']} {kind.description['en']}",
        "type": "object",
        "required": ["type", "issuer", "credentialSubject"],
        "properties": {
            "type": {"type": "array", "contains": {"const": kind.w3c_type}},
            "credentialSubject": {"type": "object", "required": ["id", *required], "properties": subject},
        },
    }


def _members(claims: tuple[Claim, ...], sample: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for claim in claims:
        place, value = found, sample
        for step in claim.path[:-1]:
            place = place.setdefault(step, {"type": "object", "properties": {}})["properties"]
            value = value.get(step, {})
        name = claim.path[-1]
        place[name] = {"title": f"{claim.ja} / {claim.en}", **_type_of(value.get(name, ""))}
    return found


def _type_of(value: object) -> dict[str, Any]:
    """What the sample has not is text, as all that a roll has."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, str):
        return {"type": "string", "minLength": 1, **({"format": "date"} if _is_date(value) else {})}
    return {"type": "array" if isinstance(value, list) else "object"}


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
