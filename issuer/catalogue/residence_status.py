"""在留資格: status of residence, work restriction and period of stay.

The second generation of residence cards says them in signed text. The first has them in a signed picture of its face alone; then that
picture is what is certified (`front_image`), and reading it is the business of whoever looks.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from issuer.catalogue.card_claims import EXPIRY_DATE, FORMATS, LIFETIME, NATIONALITY, OF_ISSUER, claim, of_issuer, pick
from issuer.catalogue.card_samples import RESIDENCE_CARD_SAMPLE
from issuer.catalogue.contract import CardFacts, CredentialType

_NAMES = {
    "residence_status_code": "residence_status",
    "work_restriction": "work_restriction",
    "period_of_stay": "period_of_stay",
    "stay_until": "stay_until",
    "permission_code": "permission",
    "permission_date": "permission_date",
    "card_expiry": "expiry_date",
    "nationality": "nationality",
    "front_image": "front_image",
}


def _entitled(facts: CardFacts) -> bool:
    return "residence_status_code" in facts.claims or "front_image" in facts.claims


def _build(facts: CardFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - as the card says
    return of_issuer(institution) | pick(facts, _NAMES)


RESIDENCE_STATUS = CredentialType(
    name="residence_status",
    w3c_type="ResidenceStatusCredential",
    doctype="tegata.residence_status.1",
    title={"ja": "在留資格の証明書", "en": "Proof of Residence Status"},
    description={
        "ja": "在留カードの電子署名を検証して確かめた、この人の在留資格・就労制限・在留期間を証明します。",
        "en": "Certifies this person's status of residence, work restriction and period of stay, as a residence card's signature proved.",
    },
    claims=(
        *OF_ISSUER,
        claim("residence_status", "在留資格（コード）", "Status of residence (code)"),
        claim("work_restriction", "就労制限", "Work restriction"),
        claim("period_of_stay", "在留期間", "Period of stay"),
        claim("stay_until", "在留期間の満了日", "Stay until"),
        claim("permission", "許可の種類（コード）", "Kind of permission (code)"),
        claim("permission_date", "許可年月日", "Date of permission"),
        EXPIRY_DATE,
        NATIONALITY,
        claim("front_image", "券面（表）の画像", "Picture of the card's face"),
    ),
    formats=FORMATS,
    lifetime=LIFETIME,
    background="#f0ebf7",
    entitled=_entitled,
    build=_build,
    sample=RESIDENCE_CARD_SAMPLE,
    source="card",
    card_claims=frozenset(_NAMES),
)
