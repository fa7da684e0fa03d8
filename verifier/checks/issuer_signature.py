"""The issuer's signature holds under the key that the issuer publishes."""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed, undetermined
from verifier.checks.format_valid import BROKEN
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    if case.fault in BROKEN:
        return "not_reached", None
    if case.issuer.believed is None:
        if case.issuer.unreachable:
            return "issuer_unreachable", None
        return ("no_key" if case.issuer.trusted else "not_reached"), None  # keys of strangers are not asked for
    if case.fault == "bad_signature":
        return "bad_signature", case.issuer.believed.as_of
    if case.fault in {"untrusted_key", "no_key"}:
        return "no_key", case.issuer.believed.as_of
    return "signed", case.issuer.believed.as_of


RULE = Rule(
    name="issuer_signature",
    title=Sentence(ja="発行者の署名", en="Issuer's signature"),
    reasons={
        "signed": passed("発行者の署名を確かめました。", "The issuer's signature holds."),
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
        "issuer_unreachable": undetermined(
            Mender.ISSUER, "発行者の鍵を取得できませんでした。", "The issuer's key could not be fetched."
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
