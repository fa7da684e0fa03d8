"""What a card proved and what it did not, in lines that people read: the evidence, and nothing of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from common.cards.evidence import Answer, Environment, Evidence, Finding, RevocationAnswer, SourceEvidence
from issuer.kiosk.issuer_desk import Accepted

_ANSWERS: Mapping[Answer, str] = {
    Answer.PROVEN: "proven",
    Answer.FAILED: "FAILED",
    Answer.NOT_CHECKED: "not checked",
    Answer.NOT_OFFERED: "not offered by this card",
}
_REVOCATION: Mapping[RevocationAnswer, str] = {
    RevocationAnswer.GOOD: "good",
    RevocationAnswer.REVOKED: "REVOKED",
    RevocationAnswer.UNKNOWN: "unknown: asked, and nobody could say",
    RevocationAnswer.NOT_CHECKED: "not checked",
    RevocationAnswer.NOT_OFFERED: "not offered for this card",
}
_ANCHORS: Mapping[Environment, str] = {
    Environment.PRODUCTION: "production",
    Environment.TEST: "test",
    Environment.NONE: "none that we believe",
}


def describe_evidence(evidence: Evidence) -> Iterator[str]:
    """A heading and a few lines for each source of the card."""
    for source in evidence.sources:
        claims = ", ".join(origin.claim for origin in source.origins) or "nothing about the holder"
        yield f"{source.source}: {claims}"
        for what, said in _findings(source):
            yield f"  {what:20}{said}"


def describe_certificates(accepted: Accepted) -> Iterator[str]:
    """What may be issued of it, and why the rest may not."""
    yield f"may be issued: {', '.join(accepted.types) or 'nothing'}"
    reasons: dict[str, list[str]] = {}
    for name, why in accepted.refusals.items():
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        yield f"not: {', '.join(names)} ({why})"


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
    yield "data authentic", _tell(source.data_authenticity)
    yield "chip genuine", _tell(source.chip_genuineness)
    yield "holder verified", _tell(source.holder_verification)
    revocation = source.revocation
    beside = ", ".join(filter(None, (revocation.source, revocation.reason)))
    yield "revocation", _REVOCATION[revocation.answer] + (f" ({beside})" if beside else "")
    yield "trust anchor", _ANCHORS[source.trust_anchor]
    if source.not_checked:
        yield "nobody looked at", ", ".join(source.not_checked)


def _tell(finding: Finding) -> str:
    beside = ", ".join(filter(None, (finding.by, finding.reason)))
    return _ANSWERS[finding.answer] + (f" ({beside})" if beside else "")


def _word(finding: Finding) -> str:
    return finding.answer.value.replace("_", " ")
