"""在学証明: this person is a student here."""

from __future__ import annotations

from datetime import date
from typing import Any

from issuer.catalogue.contract import CredentialType, PersonFacts
from issuer.catalogue.person_claims import (
    AFFILIATION,
    ENROLMENT_STATUS,
    ISSUING_AUTHORITY,
    ISSUING_COUNTRY,
    PERSON_CLAIMS,
    SAMPLE,
    build_person_claims,
)


def _entitled(person: PersonFacts) -> bool:
    return person.status in ("enrolled", "on_leave")


def _build(person: PersonFacts, institution: str, today: date) -> dict[str, Any]:
    claims = build_person_claims(person, institution, today)
    claims["eduperson_primary_affiliation"] = "student"
    claims["enrolment_status"] = person.status
    return claims


ENROLMENT = CredentialType(
    name="enrolment",
    w3c_type="EnrolmentCredential",
    doctype="tegata.student.1",
    title={"ja": "在学証明書", "en": "Certificate of Enrolment"},
    description={
        "ja": "この人が本学に在学していることを証明します。",
        "en": "Certifies that this person is a student of the institution.",
    },
    claims=(ISSUING_AUTHORITY, ISSUING_COUNTRY, AFFILIATION, *PERSON_CLAIMS, ENROLMENT_STATUS),
    formats=("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc"),
    lifetime=365 * 86_400,
    background="#e8f1fe",
    entitled=_entitled,
    build=_build,
    sample=SAMPLE,
)
