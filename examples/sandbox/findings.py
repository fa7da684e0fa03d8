"""What a card proved and what it did not, in lines that people read, Japanese beside English: the evidence, and nothing of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from unicodedata import east_asian_width

from common.cards.evidence import Answer, Environment, Evidence, Finding, RevocationAnswer, SourceEvidence
from common.pages.catalogue import Words
from issuer.catalogue.registry import CATALOGUE
from issuer.kiosk.issuer_desk import Accepted
from issuer.kiosk.screen_texts import open_texts, refusal_text

_ANSWERS: Mapping[Answer, str] = {
    Answer.PROVEN: "確認 / proven",
    Answer.FAILED: "偽 / FAILED",
    Answer.NOT_CHECKED: "未確認 / not checked",
    Answer.NOT_OFFERED: "手段なし / not offered by this card",
}
_REVOCATION: Mapping[RevocationAnswer, str] = {
    RevocationAnswer.GOOD: "失効していない / good",
    RevocationAnswer.REVOKED: "失効 / REVOKED",
    RevocationAnswer.UNKNOWN: "不明 / unknown: asked, and nobody could say",
    RevocationAnswer.NOT_CHECKED: "未確認 / not checked",
    RevocationAnswer.NOT_OFFERED: "手段なし / not offered for this card",
}
_ANCHORS: Mapping[Environment, str] = {
    Environment.PRODUCTION: "本番 / production",
    Environment.TEST: "試験用 / test",
    Environment.NONE: "信頼するものなし / none that we believe",
}
_COLUMN = 36
"""Columns of a terminal for what was looked at."""


def describe_evidence(evidence: Evidence) -> Iterator[str]:
    """A heading and a few lines for each source of the card."""
    for source in evidence.sources:
        claims = ", ".join(origin.claim for origin in source.origins) or "持ち主のことは何も / nothing about the holder"
        yield f"{source.source}: {claims}"
        for what, said in _findings(source):
            yield f"  {what}{' ' * max(1, _COLUMN - _columns(what))}{said}"


def describe_certificates(accepted: Accepted) -> Iterator[str]:
    """What may be issued of it, and why the rest may not."""
    words = Words(open_texts(), "ja")
    titles = (f"{CATALOGUE[name].title['ja']} {name}" for name in accepted.types)
    yield f"発行できる / may be issued: {', '.join(titles) or 'なし / nothing'}"
    reasons: dict[str, list[str]] = {}
    for name, why in accepted.refusals.items():
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        yield f"できない / not: {', '.join(names)} ({why}: {refusal_text(why, words)})"


def in_short(evidence: Evidence) -> str:
    """One sentence about the card as a whole: the sources that say something of the holder."""
    told: Sequence[SourceEvidence] = [each for each in evidence.sources if each.origins] or evidence.sources
    return "; ".join(
        f"{each.source}: data {_word(each.data_authenticity)}, chip {_word(each.chip_genuineness)},"
        f" holder {_word(each.holder_verification)}, revocation {each.revocation.answer.value.replace('_', ' ')},"
        f" anchor {each.trust_anchor.value}"
        for each in told
    )


def _findings(source: SourceEvidence) -> Iterator[tuple[str, str]]:
    yield "内容の署名 / data authentic", _tell(source.data_authenticity)
    yield "本物のチップ / chip genuine", _tell(source.chip_genuineness)
    yield "持ち主の確認 / holder verified", _tell(source.holder_verification)
    revocation = source.revocation
    beside = ", ".join(filter(None, (revocation.source, revocation.reason)))
    yield "失効 / revocation", _REVOCATION[revocation.answer] + (f" ({beside})" if beside else "")
    yield "信頼の起点 / trust anchor", _ANCHORS[source.trust_anchor]
    if source.not_checked:
        yield "誰も見ていない / nobody looked at", ", ".join(source.not_checked)


def _tell(finding: Finding) -> str:
    beside = ", ".join(filter(None, (finding.by, finding.reason)))
    return _ANSWERS[finding.answer] + (f" ({beside})" if beside else "")


def _word(finding: Finding) -> str:
    return finding.answer.value.replace("_", " ")


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
