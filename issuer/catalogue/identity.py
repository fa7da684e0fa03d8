"""本人確認: name, birth date, sex and address, as a card proved them; with the photo where the chip has one."""

from __future__ import annotations

from datetime import date
from typing import Any

from common.cards.contract import ClaimValue
from issuer.catalogue.card_claims import (
    ADDRESS,
    BIRTHDATE,
    FAMILY_NAME,
    FORMATS,
    GIVEN_NAME,
    LIFETIME,
    NAME,
    NAME_SUBSTITUTED,
    OF_ISSUER,
    PORTRAIT,
    SEX,
    has_all,
    of_issuer,
    pick,
)
from issuer.catalogue.card_samples import MY_NUMBER_SAMPLE
from issuer.catalogue.contract import CardFacts, CredentialType

_NAMES = {
    "name": "name",
    "family_name": "family_name",
    "given_name": "given_name",
    "birth_date": "birthdate",
    "sex": "sex",
    "photo": "portrait",
}


def _entitled(facts: CardFacts) -> bool:
    """A date with parts that nobody knows is none: who has such a one is told as old enough elsewhere, by the age's own certificate."""
    return has_all(facts, ("birth_date",)) and ("name" in facts.claims or has_all(facts, ("family_name", "given_name")))


def _build(facts: CardFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - as the card says, whatever the day
    claims = of_issuer(institution) | pick(facts, _NAMES)
    if full := _text(facts.claims.get("full_name", "")):
        claims.setdefault("name", full)  # a passport's, in its state's own script
    if address := _text(facts.claims.get("address", "")):
        claims["address"] = {"formatted": address}
    if "name_substitutes" in facts.claims:
        claims["name_substituted"] = "1" in str(facts.claims["name_substitutes"])
    return claims


def _text(value: ClaimValue) -> str:
    """Lines of an address, as OIDC Core 1.0 §5.1.1 parts them."""
    return "\n".join(value) if isinstance(value, tuple) else str(value)


IDENTITY = CredentialType(
    name="identity",
    w3c_type="IdentityCredential",
    doctype="tegata.identity.1",
    title={"ja": "本人確認証明書", "en": "Proof of Identity"},
    description={
        "ja": "ICチップを検証して確かめた、この人の氏名・生年月日・性別・住所を証明します。",
        "en": "Certifies this person's name, birth date, sex and address, as a verified chip proved them.",
    },
    claims=(*OF_ISSUER, NAME, FAMILY_NAME, GIVEN_NAME, NAME_SUBSTITUTED, BIRTHDATE, SEX, ADDRESS, PORTRAIT),
    formats=FORMATS,
    lifetime=LIFETIME,
    background="#e9f0f7",
    entitled=_entitled,
    build=_build,
    sample=MY_NUMBER_SAMPLE,
    source="card",
    card_claims=frozenset({*_NAMES, "full_name", "address", "name_substitutes"}),
)
