"""An anchor of this deployment names the issuer for this type of credential. No anchors: nobody is trusted."""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed, undetermined
from verifier.checks.format_valid import BROKEN, is_for_another_event
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    if case.fault in BROKEN or is_for_another_event(case):
        return "not_reached", None
    if case.issuer.trusted:
        return "trusted", case.issuer.believed.as_of if case.issuer.believed else None
    if case.issuer.unreachable:
        return "issuer_unreachable", None
    return "untrusted_issuer", None


RULE = Rule(
    name="issuer_trusted",
    title=Sentence(ja="発行者の信頼", en="Trust in the issuer"),
    reasons={
        "trusted": passed(
            "発行者は、この種類の証明書を出せる機関として登録されています。",
            "The issuer is on the list of those who may issue this type.",
        ),
        "untrusted_issuer": failed(
            Mender.VERIFIER,
            "発行者は、この検証者が信頼する機関の一覧にありません。",
            "The issuer is not among those that this verifier trusts for this type.",
        ),
        "issuer_unreachable": undetermined(
            Mender.ISSUER, "発行者に問い合わせることができませんでした。", "The issuer could not be reached."
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
