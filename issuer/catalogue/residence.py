"""居住地: the prefecture and the municipality, and not the address."""

from __future__ import annotations

from datetime import date
from typing import Any

from issuer.catalogue.card_claims import FORMATS, LIFETIME, LOCALITY, OF_ISSUER, REGION, has_all, of_issuer, pick
from issuer.catalogue.card_samples import MY_NUMBER_SAMPLE
from issuer.catalogue.contract import CardFacts, CredentialType

_NAMES = {"prefecture": "region", "municipality": "locality"}


def _entitled(facts: CardFacts) -> bool:
    return has_all(facts, _NAMES)


def _build(facts: CardFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - as the card says
    return of_issuer(institution) | {"address": pick(facts, _NAMES)}


RESIDENCE = CredentialType(
    name="residence",
    w3c_type="ResidenceCredential",
    doctype="tegata.residence.1",
    title={"ja": "居住地証明書", "en": "Proof of Residence"},
    description={
        "ja": "ICチップを検証して確かめた、この人が住む都道府県と市区町村を証明します。番地は含みません。",
        "en": "Certifies the prefecture and municipality where this person lives, as a verified chip proved. No address.",
    },
    claims=(*OF_ISSUER, REGION, LOCALITY),
    formats=FORMATS,
    lifetime=LIFETIME,
    background="#e8f5ee",
    entitled=_entitled,
    build=_build,
    sample=MY_NUMBER_SAMPLE,
    source="card",
    card_claims=frozenset(_NAMES),
)
