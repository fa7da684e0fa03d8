"""運転免許: which vehicles this person may drive, and until when. Categories are words of ours (`common.cards.police.categories`)."""

from __future__ import annotations

from datetime import date
from typing import Any

from issuer.catalogue.card_claims import (
    EXPIRY_DATE,
    FORMATS,
    LIFETIME,
    MDL,
    OF_ISSUER,
    claim,
    has_all,
    of_issuer,
    pick,
)
from issuer.catalogue.card_samples import LICENCE_SAMPLE
from issuer.catalogue.contract import CardFacts, CredentialType, Disclosure

_NAMES = {
    "expiry_date": "expiry_date",
    "issue_date": "issue_date",
    "conditions": "conditions",
    "colour": "licence_colour",
    "licence_number": "document_number",
    "issuing_authority": "licence_authority",
}


def _entitled(facts: CardFacts) -> bool:
    """With conditions: a licence to which one was added has none that are proven, and must not pass for one without."""
    return has_all(facts, ("categories", "expiry_date", "conditions")) and bool(facts.claims["categories"])


def _build(facts: CardFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - as the card says
    claims = of_issuer(institution) | pick(facts, _NAMES)
    codes, dates = _words(facts, "categories"), _words(facts, "category_dates")
    since = dates if len(dates) == len(codes) else ("",) * len(codes)
    claims["driving_privileges"] = [
        {"vehicle_category_code": code, **({"issue_date": day} if _is_whole(day) else {})}
        for code, day in zip(codes, since, strict=True)
    ]
    return {name: value for name, value in claims.items() if value != []}


def _words(facts: CardFacts, name: str) -> tuple[str, ...]:
    value = facts.claims.get(name, ())
    return value if isinstance(value, tuple) else ()


def _is_whole(day: str) -> bool:
    """Old licences have categories of which nobody knows since which day: 00 in a date."""
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


DRIVING_PRIVILEGES = CredentialType(
    name="driving_privileges",
    w3c_type="DrivingPrivilegesCredential",
    doctype="tegata.driving_privileges.1",
    title={"ja": "運転免許の証明書", "en": "Proof of Driving Privileges"},
    description={
        "ja": "ICチップの電子署名を検証して確かめた、この人が運転できる車種と有効期限を証明します。",
        "en": "Certifies which vehicles this person may drive and until when, as the signature in a licence's chip proved.",
    },
    claims=(
        *OF_ISSUER,
        claim(
            "driving_privileges",
            "運転できる車種",
            "Driving privileges",
            MDL,
            members=("vehicle_category_code", "issue_date"),
        ),
        EXPIRY_DATE,
        claim("issue_date", "交付年月日", "Date of issue", MDL),
        claim("conditions", "免許の条件等", "Conditions"),
        claim("licence_colour", "免許証の色", "Colour of the licence"),
        claim("document_number", "免許証の番号", "Licence number", MDL, disclosure=Disclosure.HIDEABLE_ONLY),
        claim("licence_authority", "公安委員会", "Public safety commission"),
    ),
    formats=FORMATS,
    lifetime=LIFETIME,
    background="#eef0e2",
    entitled=_entitled,
    build=_build,
    sample=LICENCE_SAMPLE,
    source="card",
    card_claims=frozenset({*_NAMES, "categories", "category_dates"}),
)
