"""Whatever a credential has for a record of the chip, the rule has an answer: yes exactly where all that is demanded was found."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from common.cards.evidence import Answer as Found
from common.cards.evidence import (
    Environment,
    Evidence,
    Finding,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
)
from common.cards.evidence_json import build_evidence
from common.pages.catalogue import Catalogue, Words
from tests.amount import examples
from tests.house.tree import ROOT
from tests.verifier.checks.cases import DAY, MIDNIGHT, NOW, READ, WANTED_CHIP, good_case
from verifier.checks.contract import Case
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer, Check, PresentationVerdict, Sentence, Verdict
from verifier.pages.verdict_views import view_verdict

RULE = CHECKS["chip_verified"]
WITHIN = settings(max_examples=examples(60, 1000), deadline=None)
WORDS = tuple(
    Words(Catalogue((ROOT / "common/pages/messages", ROOT / "verifier/pages/messages")), language)
    for language in ("ja", "en")
)
CLAIM = "age_over_18"
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
known_words = st.sampled_from(
    [
        "ChipEvidence",
        "proven",
        "good",
        "production",
        "signed_text",
        CLAIM,
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ]
)
known_names = st.sampled_from(
    ["type", "card", "read_at", "source", "origins", "revocation", "checked_at", "answer", "not_checked"]
)
values = st.recursive(
    scalars | known_words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(known_names | st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)


def case_of(told: object) -> Case:
    return good_case(says={"claims": {"evidence": told}})


def look(told: object) -> Check:
    """The rule's answer, which can always be told to people too."""
    found = RULE.check(case_of(told))
    assert found.as_of is None or 0 <= found.as_of <= NOW
    nothing = Sentence(ja="", en="")
    branch = PresentationVerdict(
        query_id="q", format="dc+sd-jwt", types=(), issuer="", believed=None, answer=found.answer, checks=(found,)
    )
    verdict = Verdict(
        question="q",
        answer=found.answer,
        reason=found.reason,
        sentence=nothing,
        checks=(),
        presentations=(branch,),
        judged_at=NOW,
    )
    for words in WORDS:
        assert view_verdict(verdict.as_json(), None, words).nodes
    return found


@WITHIN
@given(values)
def test_any_value_has_an_answer(told: object) -> None:
    assert look(told).reason in RULE.reasons


@WITHIN
@given(st.data(), values)
def test_a_record_with_anything_in_one_of_its_places_has_an_answer(data: st.DataObject, new: object) -> None:
    told: Any = copy.deepcopy(build_evidence(READ))
    place: Any = told
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    if data.draw(st.booleans()):
        place[key] = new
    else:
        del place[key]
    assert look(told).reason in RULE.reasons


def findings(by: st.SearchStrategy[str]) -> st.SearchStrategy[Finding]:
    return st.builds(
        lambda answer, means: Finding(answer=answer, by=means, reason="" if answer is Found.PROVEN else "word"),
        st.sampled_from(list(Found) + [Found.PROVEN] * 40),
        by,
    )


@st.composite
def sources(draw: st.DrawFn, name: str, claim: str) -> SourceEvidence:
    often_good = st.sampled_from([RevocationAnswer.GOOD] * 40 + list(RevocationAnswer))
    return SourceEvidence(
        source=name,
        origins=(
            Origin(
                claim=claim, kind=draw(st.sampled_from([OriginKind.SIGNED_TEXT] * 40 + list(OriginKind))), file="file"
            ),
        ),
        data_authenticity=draw(findings(st.just("signature"))),
        chip_genuineness=draw(findings(st.just("challenge"))),
        holder_verification=draw(findings(st.sampled_from(["pin", "password", "mrz"]))),
        revocation=RevocationFinding(
            answer=draw(often_good),
            checked_at=draw(st.sampled_from([MIDNIGHT] * 30 + [None, MIDNIGHT - 40 * DAY, MIDNIGHT + 2 * DAY])),
            next_update=draw(st.sampled_from([None, MIDNIGHT + DAY] * 15 + [MIDNIGHT - 41 * DAY])),
        ),
        trust_anchor=draw(st.sampled_from([Environment.PRODUCTION] * 40 + list(Environment))),
    )


@st.composite
def records(draw: st.DrawFn) -> Evidence:
    read_at = draw(st.sampled_from([MIDNIGHT] * 30 + [MIDNIGHT - 31 * DAY, MIDNIGHT + 2 * DAY]))
    both = (draw(sources("one", CLAIM)), draw(sources("other", "photo")))
    return Evidence(card="my_number", read_at=read_at, sources=both if draw(st.booleans()) else both[:1])


def is_all_that_is_demanded(evidence: Evidence) -> bool:
    """The demand once more, in other words: what the claim's source proved, and that nothing speaks against the card."""
    own = evidence.source_of(CLAIM)
    asked, until = own.revocation.checked_at, own.revocation.next_update
    return (
        0 <= NOW - evidence.read_at <= 30 * DAY
        and own.origins[0].kind in (OriginKind.SIGNED_TEXT, OriginKind.SIGNED_IMAGE)
        and own.data_authenticity.answer
        is own.chip_genuineness.answer
        is own.holder_verification.answer
        is Found.PROVEN
        and own.holder_verification.by in ("pin", "password")
        and own.trust_anchor is Environment.PRODUCTION
        and own.revocation.answer is RevocationAnswer.GOOD
        and asked is not None
        and 0 <= NOW - asked <= 30 * DAY
        and (until is None or until >= asked)
        and not any(
            Found.FAILED in (one.data_authenticity.answer, one.chip_genuineness.answer)
            or one.revocation.answer is RevocationAnswer.REVOKED
            or one.trust_anchor is Environment.TEST
            for one in evidence.sources
        )
    )


@WITHIN
@given(records())
def test_yes_exactly_where_all_that_is_demanded_was_found(evidence: Evidence) -> None:
    found = look(build_evidence(evidence, resolution=1))
    assert (found.answer is Answer.PASSED) == is_all_that_is_demanded(evidence), found.reason


@WITHIN
@given(records(), st.sampled_from(["data_authenticity", "chip_genuineness", "revocation", "trust_anchor"]))
def test_worse_news_never_make_a_no_a_yes(evidence: Evidence, member: str) -> None:
    before = look(build_evidence(evidence, resolution=1))
    assume(before.answer is not Answer.PASSED)
    worst: dict[str, Any] = {
        "data_authenticity": Finding(answer=Found.FAILED, reason="word"),
        "chip_genuineness": Finding(answer=Found.FAILED, reason="word"),
        "revocation": RevocationFinding(answer=RevocationAnswer.REVOKED),
        "trust_anchor": Environment.TEST,
    }
    source = replace(evidence.sources[-1], **{member: worst[member]})
    after = look(build_evidence(replace(evidence, sources=(*evidence.sources[:-1], source)), resolution=1))
    assert after.answer is Answer.FAILED


def test_the_records_are_about_what_is_wanted() -> None:
    assert WANTED_CHIP.origins == (frozenset({CLAIM}),)
