"""Whatever a card proved and did not: nothing is issued that was not proven, and nothing goes in beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from common.cards.binding import SharedSession
from common.cards.contract import Authenticated
from common.cards.evidence import (
    Answer,
    Environment,
    Evidence,
    Finding,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
)
from common.cards.evidence_json import parse_evidence
from issuer.catalogue.card_claims import tell_evidence, tell_evidence_in_document
from issuer.catalogue.card_samples import LICENCE_SAMPLE, MY_NUMBER_SAMPLE, PASSPORT_SAMPLE, RESIDENCE_CARD_SAMPLE
from issuer.catalogue.registry import CATALOGUE, of_cards
from issuer.flows.card_judgement import REFUSALS, facts_for_card, judge_card, with_ages
from issuer.settings import IssuerSettings
from tests.amount import examples

TODAY = date(2026, 4, 1)
VALUES: dict[str, Any] = {
    name: value
    for sample in (LICENCE_SAMPLE, PASSPORT_SAMPLE, RESIDENCE_CARD_SAMPLE, MY_NUMBER_SAMPLE)
    for name, value in sample.claims.items()
}
SETTINGS = [
    IssuerSettings(
        environment="sandbox", card_unknown_revocation=unknown, card_copyable=copyable, card_environment=where
    )
    for unknown in ("refuse", "issue")
    for copyable in ("anywhere", "own_reader", "nowhere")
    for where in ("production", "test")
]
_MOSTLY = 4
"""Proven findings for each other kind: else hardly anything would ever be issued here."""
findings = st.sampled_from([Answer.PROVEN] * _MOSTLY + list(Answer)).map(
    lambda answer: Finding(answer=answer, by="a_means", reason="" if answer is Answer.PROVEN else "a_reason")
)


KINDS = [OriginKind.SIGNED_TEXT] * 12 + list(OriginKind)


@st.composite
def cards(draw: st.DrawFn) -> Authenticated:
    """Up to three sources that share out some claims, with any findings at all."""
    whole = st.sampled_from([LICENCE_SAMPLE, PASSPORT_SAMPLE, RESIDENCE_CARD_SAMPLE, MY_NUMBER_SAMPLE])
    some = st.lists(st.sampled_from(sorted(VALUES)), unique=True, min_size=1)
    names = draw(whole.map(lambda sample: sorted(sample.claims)) | some)
    count = draw(st.integers(1, 3))
    homes = [draw(st.integers(0, count - 1)) for _ in names]
    sources = [
        SourceEvidence(
            source=f"source_{index}",
            origins=tuple(
                Origin(claim=name, kind=draw(st.sampled_from(KINDS)), file="a_file")
                for name, home in zip(names, homes, strict=True)
                if home == index
            ),
            data_authenticity=draw(findings),
            chip_genuineness=draw(findings),
            holder_verification=draw(findings),
            revocation=RevocationFinding(
                answer=draw(st.sampled_from([RevocationAnswer.GOOD] * _MOSTLY + list(RevocationAnswer)))
            ),
            trust_anchor=draw(st.sampled_from(Environment)),
        )
        for index in range(count)
    ]
    evidence = Evidence(card="my_number", read_at=1_775_001_600, sources=tuple(sources))
    return Authenticated(claims={name: VALUES[name] for name in names}, evidence=evidence)


@settings(max_examples=examples(100, 2000))
@given(cards(), st.sampled_from(SharedSession), st.sampled_from(SETTINGS))
def test_what_is_issued_is_proven(card: Authenticated, shared: SharedSession, setting: IssuerSettings) -> None:
    found = with_ages(card, TODAY)
    verdict = judge_card(found, shared=shared, settings=setting, today=TODAY)
    assert set(verdict) == {kind.name for kind in of_cards()}
    assert {why for why in verdict.values() if why is not None} <= set(REFUSALS)
    for name, why in verdict.items():
        if why is not None:
            continue
        kind = CATALOGUE[name]
        facts = facts_for_card(kind, found.claims, found.evidence)
        assert set(facts.claims) <= kind.card_claims
        for source in facts.evidence.sources:
            assert source.data_authenticity.answer is Answer.PROVEN
            assert all(origin.kind in (OriginKind.SIGNED_TEXT, OriginKind.SIGNED_IMAGE) for origin in source.origins)
            assert source.chip_genuineness.answer in (Answer.PROVEN, Answer.NOT_OFFERED)
            assert source.chip_genuineness.answer is Answer.PROVEN or setting.card_copyable != "nowhere"
            assert source.holder_verification.answer in (Answer.PROVEN, Answer.NOT_OFFERED)
            assert source.revocation.answer is not RevocationAnswer.REVOKED
            assert setting.card_environment == "test" or source.trust_anchor is Environment.PRODUCTION
        assert not any(each.chip_genuineness.answer is Answer.FAILED for each in found.evidence.sources)
        claims = kind.build(facts, "見本大学", TODAY)
        assert set(claims) <= {claim.path[0] for claim in kind.claims}
        assert (
            parse_evidence(tell_evidence(facts.evidence)).sources
            == parse_evidence(tell_evidence_in_document(facts.evidence)).sources
        )


@settings(max_examples=examples(50, 500))
@given(cards())
def test_a_test_root_makes_no_production_credential(card: Authenticated) -> None:
    production = next(
        one for one in SETTINGS if one.card_environment == "production" and one.card_copyable == "anywhere"
    )
    verdict = judge_card(card, shared=SharedSession.OWN_READER, settings=production, today=TODAY)
    for name, why in verdict.items():
        sources = facts_for_card(CATALOGUE[name], card.claims, card.evidence).evidence.sources
        assert why is not None or {one.trust_anchor for one in sources} == {Environment.PRODUCTION}
