"""Every claim that was asked for is there, with a value that the question accepts (OpenID4VP 1.0 §6.3, §8.6)."""

from __future__ import annotations

from common.oid4vp.claims_path import matches_any, select_disclosed
from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    if case.credential is None:
        return "not_reached", None
    for path, allowed in case.wanted.claims:
        shown = select_disclosed(case.credential.claims, path)
        if not shown:
            return "claim_missing", None
        if not any(matches_any(value, allowed) for value in shown):
            return "claim_differs", None
    return "claims_shown", None


RULE = Rule(
    name="claims_asked",
    title=Sentence(ja="求めた項目", en="Claims asked for"),
    reasons={
        "claims_shown": passed("求めた項目がそろっています。", "Every claim that was asked for is there."),
        "claim_missing": failed(
            Mender.HOLDER, "求めた項目が開示されていません。", "A claim that was asked for was not shown."
        ),
        "claim_differs": failed(
            Mender.NOBODY,
            "証明書の内容が質問の条件に合いません。",
            "What the credential says does not meet the question.",
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
