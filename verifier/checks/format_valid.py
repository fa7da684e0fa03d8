"""The presentation is what its format says: readable, complete, with disclosures that match (RFC 9901 §7; VC-JOSE-COSE §3)."""

from __future__ import annotations

from verifier.checks.contract import Case, Rule, failed, passed
from verifier.checks.verdict import Mender, Sentence

BROKEN = frozenset({"malformed", "disclosure_invalid", "algorithm_not_allowed", "unsupported"})


def is_for_another_event(case: Case) -> bool:
    """A gate looks whom a code is for before it verifies anything: of its issuer nothing is known then."""
    return case.wanted.gate is not None and case.fault == "wrong_audience"


def decide(case: Case) -> tuple[str, int | None]:
    return (case.fault if case.fault in BROKEN else "well_formed"), None


RULE = Rule(
    name="format_valid",
    title=Sentence(ja="形式", en="Format"),
    reasons={
        "well_formed": passed("証明書の形式は正しいものです。", "The credential is well formed."),
        "malformed": failed(Mender.HOLDER, "受け取ったデータを読み取れません。", "What was sent cannot be read."),
        "disclosure_invalid": failed(
            Mender.HOLDER,
            "開示された項目が証明書と合いません。",
            "A disclosed claim does not belong to the credential.",
        ),
        "algorithm_not_allowed": failed(
            Mender.ISSUER, "許可されていない署名方式です。", "It is signed with an algorithm that is not allowed."
        ),
        "unsupported": failed(
            Mender.HOLDER, "この検証者が扱えない形式です。", "This verifier does not read that format."
        ),
    },
    decide=decide,
)
