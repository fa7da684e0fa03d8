"""年齢確認: over 18, 20, 65, and neither when this person was born nor who it is.

Where parts of the birth date are not known (1941-00-00), an age is certified that is the same for every day it can be; one that is not is
left out, neither true nor false, and without any the certificate is refused as *not_told*.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from issuer.catalogue.card_claims import AGE_CLAIMS, AGES, FORMATS, LIFETIME, OF_ISSUER, of_issuer
from issuer.catalogue.card_samples import MY_NUMBER_SAMPLE
from issuer.catalogue.contract import CardFacts, CredentialType

_TOLD = tuple(f"age_over_{age}" for age in AGES)


def _entitled(facts: CardFacts) -> bool:
    return any(name in facts.claims for name in _TOLD)


def _build(facts: CardFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - of the day of the reading
    ages = {str(age): facts.claims[name] for age, name in zip(AGES, _TOLD, strict=True) if name in facts.claims}
    return of_issuer(institution) | {"age_equal_or_over": ages}


AGE = CredentialType(
    name="age",
    w3c_type="AgeCredential",
    doctype="tegata.age.1",
    title={"ja": "年齢証明書", "en": "Proof of Age"},
    description={
        "ja": "ICチップを検証して確かめた、この人が18歳・20歳・65歳以上かどうかだけを証明します。生年月日は含みません。",
        "en": "Certifies only whether this person is 18, 20 or 65 or older, as a verified chip proved. No date of birth.",
    },
    claims=(*OF_ISSUER, *AGE_CLAIMS),
    formats=FORMATS,
    lifetime=LIFETIME,
    background="#fdeee3",
    entitled=_entitled,
    build=_build,
    sample=MY_NUMBER_SAMPLE,
    source="card",
    card_claims=frozenset(_TOLD),
)
