"""The issuer's signature holds under a key that the issuer publishes, and that was sound when it signed (`common.keys.history`)."""

from __future__ import annotations

from common.keys.history import judge_key_time
from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed, undetermined
from verifier.checks.format_valid import BROKEN, is_for_another_event
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    if case.fault in BROKEN or is_for_another_event(case):
        return "not_reached", None
    if case.issuer.believed is None:
        if case.issuer.unreachable:
            return "issuer_unreachable", None
        return ("no_key" if case.issuer.trusted else "not_reached"), None  # keys of strangers are not asked for
    if case.fault == "bad_signature":
        return "bad_signature", case.issuer.believed.as_of
    if case.fault in {"untrusted_key", "no_key"}:
        return "no_key", case.issuer.believed.as_of
    if case.issuer.history_unknown:
        return "key_history_unknown", case.issuer.believed.as_of
    credential = case.credential
    life = judge_key_time(
        case.issuer.key,
        claimed=credential.issued_at if credential else None,
        proven_before=case.issuer.proven_before,
        now=case.now,
    )
    if life.reason == "key_compromised" and case.issuer.age_unreachable:
        return "time_stamp_unreachable", case.issuer.believed.as_of
    if life.reason == "key_predates_compromise":
        return _REASON_OF[life.reason], case.issuer.proven_before
    return _REASON_OF[life.reason], case.issuer.believed.as_of


_REASON_OF = {
    "key_active": "signed",
    "key_rotated": "signed_by_rotated_key",
    "key_predates_compromise": "signed_before_compromise",
    "key_retired": "key_retired",
    "key_compromised": "key_compromised",
}


RULE = Rule(
    name="issuer_signature",
    title=Sentence(ja="発行者の署名", en="Issuer's signature"),
    reasons={
        "signed": passed("発行者の署名を確かめました。", "The issuer's signature holds."),
        "signed_by_rotated_key": passed(
            "発行者の署名を確かめました。鍵はその後、正しい手順で新しいものに替わっています。",
            "The issuer's signature holds; the key has since been replaced in good order.",
        ),
        "signed_before_compromise": passed(
            "発行者の署名を確かめました。鍵はその後に漏えいしましたが、この証明書がそれ以前に存在したことが時刻認証で証明されています。",
            "The issuer's signature holds; the key leaked later, and a time-stamp proves this credential to be older than that.",
        ),
        "bad_signature": failed(
            Mender.NOBODY,
            "署名が合いません。内容が書き換えられたか、偽物です。",
            "The signature does not hold: changed after issue, or forged.",
        ),
        "no_key": failed(
            Mender.ISSUER,
            "発行者が公開している鍵で署名されたものではありません。",
            "It is not signed with a key that the issuer publishes.",
        ),
        "key_retired": failed(
            Mender.ISSUER,
            "発行者が使用を終えた鍵で、その後に署名されています。",
            "It was signed with a key after the issuer had taken it out of use.",
        ),
        "key_compromised": failed(
            Mender.ISSUER,
            "署名の鍵は漏えいしたと発行者が公表しています。漏えい前の署名である証明がありません。発行者に再発行を求めてください。",
            "The issuer declared this key compromised, and nothing proves the signature to be older. The issuer can give a new one.",
        ),
        "time_stamp_unreachable": undetermined(
            Mender.ISSUER,
            "署名の鍵は漏えいしたと発行者が公表しています。漏えい前の署名であることを示す時刻認証を取得できませんでした。",
            "The issuer declared this key compromised, and the time-stamp that may prove the signature older could not be fetched.",
        ),
        "key_history_unknown": undetermined(
            Mender.ISSUER,
            "署名は合いますが、鍵が漏えいしていないかを発行者に確かめられませんでした。",
            "The signature holds, but the issuer could not be asked whether this key was compromised.",
        ),
        "issuer_unreachable": undetermined(
            Mender.ISSUER, "発行者の鍵を取得できませんでした。", "The issuer's key could not be fetched."
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
