"""卒業証明: this person graduated here, when, and with which degree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from issuer.catalogue.contract import CredentialType, PersonFacts
from issuer.catalogue.person_claims import (
    AFFILIATION,
    AWARDED_DATE,
    DEGREE,
    ISSUING_AUTHORITY,
    ISSUING_COUNTRY,
    PERSON_CLAIMS,
    SAMPLE,
    build_person_claims,
)


def _entitled(person: PersonFacts) -> bool:
    return person.status == "graduated" and person.graduated_on is not None


def _build(person: PersonFacts, institution: str, today: date) -> dict[str, Any]:
    claims = build_person_claims(person, institution, today)
    claims["eduperson_primary_affiliation"] = "alum"
    if person.degree:
        claims["degree"] = person.degree
    if person.graduated_on is not None:
        claims["awarded_date"] = person.graduated_on.isoformat()
    return claims


GRADUATION = CredentialType(
    name="graduation",
    w3c_type="GraduationCredential",
    doctype="tegata.graduate.1",
    title={"ja": "卒業証明書", "en": "Certificate of Graduation"},
    description={
        "ja": "この人が本学を卒業したことを証明します。",
        "en": "Certifies that this person graduated from the institution.",
    },
    claims=(ISSUING_AUTHORITY, ISSUING_COUNTRY, AFFILIATION, *PERSON_CLAIMS, DEGREE, AWARDED_DATE),
    formats=("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc"),
    lifetime=5 * 365 * 86_400,
    background="#fdf6e3",
    entitled=_entitled,
    build=_build,
    time_stamped=True,
    sample=replace(
        SAMPLE, status="graduated", graduated_on=date(2026, 3, 24), degree="学士（文学）", enrolled_on=date(2022, 4, 1)
    ),
)
