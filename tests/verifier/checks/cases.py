"""A case in which every check passes; tests change one thing and look at one check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from common.formats.credential import VerifiedCredential, VerifiedPresentation
from verifier.checks.contract import Case, IssuerFact, StatusFact, Wanted
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer, Believed, Check

NOW = 1_790_000_000
HOUR = 3600
BELIEVED = Believed(path="x5c", evidence="CN=Sakuragawa University", as_of=NOW - 60)
VCT = "https://issuer.example/types/enrolment"


def credential(**changes: Any) -> VerifiedCredential:
    given: dict[str, Any] = {
        "format": "dc+sd-jwt",
        "types": (VCT,),
        "issuer": "https://issuer.example/sakuragawa",
        "claims": {"vct": VCT, "affiliation": "student", "age_equal_or_over": {"18": True}},
        "subject": {},
        "holder_jwk": None,
        "holder_did": None,
        "issued_at": NOW - HOUR,
        "valid_from": NOW - HOUR,
        "valid_until": NOW + HOUR,
        "status": None,
        "credential_id": None,
    }
    return VerifiedCredential(**{**given, **changes})


def good_case(**changes: Any) -> Case:
    """Everything passes. changes: fields of Case; ``says``: changes to the credential."""
    inner = changes.pop("says", {})
    shown = credential(**inner)
    case = Case(
        wanted=Wanted(
            query_id="enrolment_sd_jwt",
            format="dc+sd-jwt",
            types=(frozenset((VCT,)),),
            claims=((("affiliation",), ("student",)),),
            age_path=("age_equal_or_over", "18"),
        ),
        credential=shown,
        presentation=VerifiedPresentation(credential=shown, audience="me", nonce="this", presented_at=NOW),
        fault="",
        issuer=IssuerFact(believed=BELIEVED, trusted=True),
        status=StatusFact(listed=True, value=0, as_of=NOW - 60),
        max_status_age=24 * HOUR,
        minimum_age=18,
        now=NOW,
    )
    return replace(case, **changes)


def faulty_case(fault: str, **changes: Any) -> Case:
    """The presentation was not verified."""
    return good_case(credential=None, presentation=None, fault=fault, **changes)


def check(name: str, case: Case) -> tuple[Answer, str]:
    found: Check = CHECKS[name].check(case)
    return found.answer, found.reason
