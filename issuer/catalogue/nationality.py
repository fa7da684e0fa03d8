"""国籍・旅券: what a passport says of its holder: name, birth date, nationality, photo."""

from __future__ import annotations

from datetime import date
from typing import Any

from issuer.catalogue.card_claims import (
    BIRTHDATE,
    EXPIRY_DATE,
    FAMILY_NAME,
    FORMATS,
    GIVEN_NAME,
    ICAO,
    LIFETIME,
    MDL,
    NATIONALITY,
    OF_ISSUER,
    PORTRAIT,
    SEX,
    claim,
    has_all,
    of_issuer,
    pick,
)
from issuer.catalogue.card_samples import PASSPORT_SAMPLE
from issuer.catalogue.contract import CardFacts, CredentialType, Disclosure

_NAMES = {
    "family_name": "family_name",
    "given_name": "given_name",
    "birth_date": "birthdate",
    "sex": "sex",
    "nationality": "nationality",
    "issuing_state": "issuing_state",
    "document_number": "document_number",
    "card_expiry": "expiry_date",
    "photo": "portrait",
}


def _entitled(facts: CardFacts) -> bool:
    """Only a passport says its issuing state: a residence card tells a nationality that another state's authority wrote down."""
    return has_all(facts, ("nationality", "issuing_state", "family_name"))


def _build(facts: CardFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - as the passport says
    return of_issuer(institution) | pick(facts, _NAMES)


NATIONALITY_TYPE = CredentialType(
    name="nationality",
    w3c_type="NationalityCredential",
    doctype="tegata.nationality.1",
    title={"ja": "国籍の証明書（旅券）", "en": "Proof of Nationality (passport)"},
    description={
        "ja": "旅券のICチップを検証して確かめた、この人の氏名・国籍・生年月日と顔写真を証明します。",
        "en": "Certifies this person's name, nationality, birth date and photo, as a passport's verified chip proved them.",
    },
    claims=(
        *OF_ISSUER,
        FAMILY_NAME,
        GIVEN_NAME,
        BIRTHDATE,
        SEX,
        NATIONALITY,
        claim("issuing_state", "旅券の発行国", "State that issued the passport", ICAO),
        claim("document_number", "旅券番号", "Passport number", MDL, disclosure=Disclosure.HIDEABLE_ONLY),
        EXPIRY_DATE,
        PORTRAIT,
    ),
    formats=FORMATS,
    lifetime=LIFETIME,
    background="#f9e9ec",
    entitled=_entitled,
    build=_build,
    sample=PASSPORT_SAMPLE,
    source="card",
    card_claims=frozenset(_NAMES),
)
