"""The issuer has neither revoked nor suspended the credential, by a status list that is fresh enough (Token Status List §8.3)."""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed, undetermined
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    status = case.status
    if case.credential is None:
        return "not_reached", None
    if not status.listed:
        return "no_status", None
    if status.value is None:
        return (status.reason if status.reason in RULE.reasons else "status_unknown"), status.as_of
    if status.value == 1:  # A revocation, once published, is never taken back: old news of it is still news.
        return "revoked", status.as_of
    if status.as_of is None or case.now - status.as_of > case.max_status_age:
        return "status_stale", status.as_of
    return {0: "not_revoked", 2: "suspended"}.get(status.value, "status_unknown"), status.as_of


RULE = Rule(
    name="not_revoked",
    title=Sentence(ja="取り消し", en="Revocation"),
    reasons={
        "not_revoked": passed("取り消されていません。", "The issuer has not withdrawn it."),
        "no_status": passed(
            "取り消しの仕組みを持たない証明書です。",
            "The issuer gave it no status: it cannot be withdrawn before it expires.",
        ),
        "revoked": failed(Mender.ISSUER, "発行者が取り消しました。", "The issuer has revoked it."),
        "suspended": failed(Mender.ISSUER, "発行者が一時停止しています。", "The issuer has suspended it."),
        "status_stale": undetermined(
            Mender.ISSUER,
            "取り消しの情報が古く、今の状態がわかりません。",
            "What is known of its status is too old to rely on.",
        ),
        "status_unreachable": undetermined(
            Mender.ISSUER, "取り消しの情報を取得できませんでした。", "Its status could not be fetched."
        ),
        "status_unknown": undetermined(
            Mender.ISSUER,
            "取り消しの情報を信頼できる形で得られませんでした。",
            "What the issuer publishes as its status cannot be relied on.",
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
