"""Now lies within the credential's validity period."""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    if case.credential is not None:
        return "valid_now", None
    return (case.fault if case.fault in {"expired", "not_yet_valid"} else "not_reached"), None


RULE = Rule(
    name="within_validity",
    title=Sentence(ja="有効期間", en="Validity period"),
    reasons={
        "valid_now": passed("有効期間内です。", "It is within its validity period."),
        "expired": failed(
            Mender.ISSUER,
            "有効期限が切れています。発行者に新しい証明書を求めてください。",
            "It has expired; the issuer can give a new one.",
        ),
        "not_yet_valid": failed(Mender.NOBODY, "まだ有効になっていません。", "It is not valid yet."),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
