"""What was asked for was read from a card's chip and verified there: lately, from a genuine chip, of a card that is not revoked.

Looks at the issuer's record of that reading (``evidence``) and at no personal data. The record is the issuer's word: it is read only where
an anchor trusts the issuer and the signature is sound. Whatever stands in it ends in a reason, never in an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from common.cards.demand import Shortcoming, unmet
from common.cards.evidence import Environment, Evidence
from common.cards.evidence_json import parse_evidence
from common.errors import Malformed
from common.oid4vp.claims_path import select_disclosed
from verifier.checks import issuer_signature
from verifier.checks.contract import NOT_REACHED, Case, Rule, WantedChip, failed, passed, undetermined
from verifier.checks.verdict import Answer, Mender, Sentence


def applies(case: Case) -> bool:
    """Only a question that demands a chip has one to judge."""
    return case.wanted.chip is not None


def decide(case: Case) -> tuple[str, int | None]:
    """1. the issuer is believed: else nothing in the record means anything; 2. the record; 3. what is to be said against it."""
    # 1
    wanted, credential = case.wanted.chip, case.credential
    if wanted is None or credential is None or not _is_believed(case):
        return "not_reached", None
    # 2
    shown = select_disclosed(credential.claims, wanted.path)
    if len(shown) != 1:
        return "evidence_missing", None
    if wanted.path[0] in credential.partly_shown:  # a source that says "revoked" may be what is missing
        return "evidence_withheld", None
    try:
        evidence = parse_evidence(shown[0])
    except Malformed:
        return "evidence_unreadable", None
    # 3
    objections = tuple(_objections(evidence, wanted, case))
    against = (word for word in objections if RULE.reasons[word][0] is Answer.FAILED)
    reason = next(
        against, objections[0] if objections else _accepted(evidence)
    )  # forgiving an open question hides no "failed"
    return reason, _known_at(evidence, wanted, case.now)


def _is_believed(case: Case) -> bool:
    """Trusted, and its signature not found wanting. A key whose history is unknown is that rule's matter."""
    signature, _ = issuer_signature.decide(case)
    answer, _, _ = issuer_signature.RULE.reasons[signature]
    return case.issuer.believed is not None and case.issuer.trusted and answer is not Answer.FAILED


def _objections(evidence: Evidence, wanted: WantedChip, case: Case) -> Iterator[str]:
    """Reason words. A claim is proven by what carries one of its names; everything that is known against the card counts."""
    told = {origin.claim for source in evidence.sources for origin in source.origins}
    if not all(names & told for names in wanted.origins):
        yield "claim_not_from_chip"
    asked = frozenset().union(*wanted.origins)
    demand = replace(wanted.demand, allow_test=case.test_cards)
    for word in unmet(evidence, demand, claims=asked, now=case.now):
        yield "claim_not_from_chip" if word is Shortcoming.NO_CLAIMS else word.value


def _accepted(evidence: Evidence) -> str:
    return "verified_test_card" if evidence.environment is Environment.TEST else "chip_verified"


def _known_at(evidence: Evidence, wanted: WantedChip, now: int) -> int | None:
    """Since when nothing newer is known; None for times that cannot be."""
    times = [evidence.read_at]
    if wanted.demand.revocation_known:
        times += [one.revocation.checked_at for one in evidence.sources if one.revocation.checked_at is not None]
    oldest = min(times)
    return oldest if 0 <= oldest <= now else None


RULE = Rule(
    name="chip_verified",
    title=Sentence(ja="ICチップでの確認", en="Verified by the chip"),
    reasons={
        "chip_verified": passed(
            "求めた項目は、カードのICチップから読み取り、本物と確かめたものです。",
            "What was asked for was read from the chip of a card and verified there.",
        ),
        "verified_test_card": passed(
            "求めた項目は、試験用のカードのICチップで確かめたものです。本番の検証者は受け付けません。",
            "What was asked for was verified by the chip of a test card; a verifier in production refuses it.",
        ),
        "evidence_missing": failed(
            Mender.HOLDER,
            "ICチップで確認した記録がありません。カードを読み取って発行された証明書が必要です。",
            "It holds no record of a chip; a certificate issued from a card is needed.",
        ),
        "evidence_withheld": failed(
            Mender.HOLDER,
            "ICチップで確認した記録の一部が伏せられています。記録は、すべて提示する必要があります。",
            "Part of the record of how the chip was verified was held back; all of it has to be shown.",
        ),
        "evidence_unreadable": failed(
            Mender.ISSUER,
            "ICチップで確認した記録を読み取れません。",
            "The record of how the chip was verified cannot be read.",
        ),
        "not_yet": failed(
            Mender.ISSUER,
            "ICチップを読み取ったとされる時刻が、まだ来ていません。",
            "The time at which the chip is said to have been read has not come yet.",
        ),
        "data_not_authentic": failed(
            Mender.NOBODY,
            "カードのデータは、カードの発行元が署名したものではありません。",
            "The data of the card is not what the card's issuer signed.",
        ),
        "chip_not_genuine": failed(
            Mender.NOBODY,
            "ICチップが本物であることを示せませんでした。複製されたカードのおそれがあります。",
            "The chip failed to prove itself genuine: it may be a copy.",
        ),
        "revoked": failed(
            Mender.HOLDER,
            "カードの電子証明書が失効しています。新しい電子証明書で、証明書を受け取り直してください。",
            "The card's own certificate is revoked; renew it, and have this one issued again.",
        ),
        "test_anchor": failed(
            Mender.HOLDER,
            "試験用のカードです。この検証者は受け付けません。",
            "It comes from a test card, which this verifier does not accept.",
        ),
        "claim_not_from_chip": failed(
            Mender.HOLDER,
            "求めた項目に、ICチップから読み取ったものでない項目があります。",
            "Something that was asked for does not come from the chip.",
        ),
        "claim_transcribed": failed(
            Mender.NOBODY,
            "求めた項目に、ICチップの画像から書き写した項目があります。署名は書き写しまでは守りません。",
            "Something that was asked for was transcribed from a picture on the chip; its signature does not cover that.",
        ),
        "data_not_proven": failed(
            Mender.NOBODY,
            "カードのデータは、カードの発行元の署名で確かめられていません。",
            "The data of the card was not verified by a signature of the card's issuer.",
        ),
        "claim_not_signed": failed(
            Mender.NOBODY,
            "求めた項目に、カードの発行元の署名が及ばない項目があります。",
            "Something that was asked for is not covered by the signature of the card's issuer.",
        ),
        "no_anchor": failed(
            Mender.ISSUER,
            "カードの署名が、信頼できる認証局にたどり着きません。",
            "The card's signature leads to no authority that is trusted.",
        ),
        "too_old": failed(
            Mender.HOLDER,
            "ICチップを読み取ってから時間が経ちすぎています。カードを読み取り直してください。",
            "The chip was read too long ago; have the card read again.",
        ),
        "holder_not_verified": failed(
            Mender.HOLDER,
            "暗証番号による本人の確認に失敗しています。",
            "The holder did not know the card's PIN or password.",
        ),
        "chip_not_checked": undetermined(
            Mender.ISSUER,
            "ICチップが本物であるかを、発行者は確かめていません。",
            "Whether the chip is genuine was not checked by the issuer.",
        ),
        "chip_not_offered": undetermined(
            Mender.NOBODY,
            "このカードのICチップには、本物であることを示す仕組みがありません。",
            "The chip of this kind of card has no means to prove itself genuine.",
        ),
        "holder_not_checked": undetermined(
            Mender.HOLDER,
            "暗証番号による本人の確認をしていません。",
            "That the holder knows the card's PIN or password was not checked.",
        ),
        "revocation_unknown": undetermined(
            Mender.ISSUER,
            "カードの電子証明書が失効していないかを、問い合わせましたがわかりませんでした。",
            "Whether the card's own certificate is revoked could not be learnt.",
        ),
        "revocation_not_checked": undetermined(
            Mender.ISSUER,
            "カードの電子証明書が失効していないかを、発行者は確かめていません。",
            "Whether the card's own certificate is revoked was not checked by the issuer.",
        ),
        "revocation_not_offered": undetermined(
            Mender.NOBODY,
            "この種類のカードには、失効を確かめる仕組みがありません。",
            "For this kind of card nobody tells what is revoked.",
        ),
        "revocation_stale": undetermined(
            Mender.HOLDER,
            "カードの電子証明書の失効の情報が古くなっています。カードを読み取り直してください。",
            "What is known of the revocation of the card's certificate is too old; have the card read again.",
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
    applies=applies,
)
