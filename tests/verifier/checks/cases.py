"""A case in which every check passes; tests change one thing and look at one check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from common.cards.demand import ChipDemand
from common.cards.evidence import (
    Environment,
    Evidence,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    proven,
)
from common.cards.evidence_json import build_evidence
from common.formats.credential import VerifiedCredential, VerifiedPresentation
from verifier.checks.contract import Case, IssuerFact, StatusFact, Wanted, WantedChip
from verifier.checks.gate_facts import ClassRule, TicketFact, WantedGate
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer, Believed, Check

NOW = 1_790_000_000
HOUR = 3600
DAY = 24 * HOUR
MIDNIGHT = NOW - NOW % DAY
"""The start of this day: times in evidence are floored."""
BELIEVED = Believed(path="x5c", evidence="CN=Sakuragawa University", as_of=NOW - 60)
VCT = "https://issuer.example/types/enrolment"

CHIP = SourceEvidence(
    source="jpki_signature",
    origins=(
        Origin(
            claim="age_over_18",
            kind=OriginKind.SIGNED_TEXT,
            file="jpki/0001",
            signed_by="jpki_signature_ca",
            derived=True,
        ),
    ),
    data_authenticity=proven("certificate_chain"),
    chip_genuineness=proven("possession_signature"),
    holder_verification=proven("password"),
    revocation=RevocationFinding(
        answer=RevocationAnswer.GOOD,
        source="ocsp",
        checked_at=MIDNIGHT,
        this_update=MIDNIGHT,
        next_update=MIDNIGHT + DAY,
    ),
    trust_anchor=Environment.PRODUCTION,
    anchor="sha256:ab12",
)
READ = Evidence(card="my_number", read_at=MIDNIGHT, sources=(CHIP,))
"""A card that was read and is all that can be wished for."""
WANTED_CHIP = WantedChip(
    path=("evidence",),
    origins=(frozenset({"age_over_18"}),),
    demand=ChipDemand(max_age=30 * DAY, holder=frozenset({"password", "pin"})),
)

WANTED_GATE = WantedGate(entrance=1, classes={1: ClassRule(entrances=frozenset({1}))}, good_until=NOW + HOUR)
TICKET = TicketFact(cti=b"ticket 1", klass=1, flags=0, bound=True, issued_at=NOW, excluded=False)


def credential(**changes: Any) -> VerifiedCredential:
    given: dict[str, Any] = {
        "format": "dc+sd-jwt",
        "types": (VCT,),
        "issuer": "https://issuer.example/sakuragawa",
        "claims": {
            "vct": VCT,
            "affiliation": "student",
            "age_equal_or_over": {"18": True},
            "evidence": build_evidence(READ),
        },
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
            chip=WANTED_CHIP,
            gate=WANTED_GATE,
        ),
        credential=shown,
        presentation=VerifiedPresentation(credential=shown, audience="me", nonce="this", presented_at=NOW),
        fault="",
        issuer=IssuerFact(believed=BELIEVED, trusted=True),
        status=StatusFact(listed=True, value=0, as_of=NOW - 60),
        max_status_age=24 * HOUR,
        minimum_age=18,
        now=NOW,
        ticket=TICKET,
    )
    return replace(case, **changes)


def faulty_case(fault: str, **changes: Any) -> Case:
    """The presentation was not verified."""
    return good_case(credential=None, presentation=None, fault=fault, **changes)


def check(name: str, case: Case) -> tuple[Answer, str]:
    found: Check = CHECKS[name].check(case)
    return found.answer, found.reason
