"""A demand on evidence: met by what is proven, and each shortcoming has its word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.cards.demand import ChipDemand, unmet
from common.cards.evidence import (
    Environment,
    Evidence,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
)
from common.cards.evidence_json import build_evidence, parse_evidence
from tests.common.cards.test_evidence import JPKI, NOON, TEXT

DAY = 86400
STRICT = ChipDemand(max_age=30 * DAY, holder=frozenset({"password", "pin"}))


def evidence(source: SourceEvidence = JPKI, *more: SourceEvidence) -> Evidence:
    return Evidence(card="my_number", read_at=NOON, sources=(source, *more))


def test_chip_verified_within_thirty_days_revocation_known_chip_genuine() -> None:
    assert unmet(evidence(), STRICT, now=NOON + 30 * DAY) == ()


def revocation(answer: RevocationAnswer) -> SourceEvidence:
    return replace(JPKI, revocation=RevocationFinding(answer=answer, reason="x"))


@pytest.mark.parametrize(
    ("word", "source"),
    [
        ("test_anchor", replace(JPKI, trust_anchor=Environment.TEST)),
        ("no_anchor", replace(JPKI, trust_anchor=Environment.NONE)),
        ("data_not_authentic", replace(JPKI, data_authenticity=failed("certificate_chain", "expired"))),
        ("data_not_authentic", replace(JPKI, data_authenticity=not_checked("x"))),
        ("chip_not_proven", replace(JPKI, chip_genuineness=failed("possession_signature", "bad_signature"))),
        ("chip_not_proven", replace(JPKI, chip_genuineness=not_offered("no_key"))),
        ("revoked", revocation(RevocationAnswer.REVOKED)),
        ("revocation_unknown", revocation(RevocationAnswer.UNKNOWN)),
        ("revocation_unknown", revocation(RevocationAnswer.NOT_CHECKED)),
        ("revocation_unknown", revocation(RevocationAnswer.NOT_OFFERED)),
        ("holder_not_verified", replace(JPKI, holder_verification=not_offered("printed", "printed_number"))),
        ("no_claims", replace(JPKI, origins=())),
    ],
    ids=[
        *("test", "nobody", "expired", "unchecked", "clone", "keyless", "revoked", "unknown", "unasked", "no_service"),
        *("printed", "nothing"),
    ],
)
def test_each_shortcoming_has_its_word(word: str, source: SourceEvidence) -> None:
    assert unmet(evidence(source), STRICT, now=NOON) == (word,)


@pytest.mark.parametrize("kind", sorted(set(OriginKind) - {OriginKind.SIGNED_TEXT, OriginKind.SIGNED_IMAGE}))
def test_only_what_is_signed_as_it_is(kind: OriginKind) -> None:
    origin = Origin(claim="card_expiry", kind=kind, file="surface/0002")
    assert unmet(evidence(replace(JPKI, origins=(*JPKI.origins, origin))), STRICT, now=NOON) == ("claim_not_signed",)
    chosen = evidence(replace(JPKI, origins=(*JPKI.origins, origin))).of_claims({"name"})
    assert unmet(chosen, STRICT, now=NOON) == ()


def test_times() -> None:
    assert unmet(evidence(), STRICT, now=NOON + 30 * DAY + 1) == ("too_old",)
    assert unmet(evidence(), STRICT, now=NOON - 301) == ("not_yet",)


def test_what_is_not_demanded_is_not_missed_but_a_failure_always_is() -> None:
    easy = ChipDemand(chip_genuine=False, revocation_known=False, allow_test=True)
    poor = replace(
        JPKI,
        chip_genuineness=not_offered("no_key"),
        revocation=RevocationFinding(answer=RevocationAnswer.UNKNOWN, reason="x"),
        trust_anchor=Environment.TEST,
    )
    assert unmet(evidence(poor), easy, now=NOON) == ()
    assert unmet(evidence(replace(poor, chip_genuineness=failed("a", "b"))), easy, now=NOON) == ("chip_not_proven",)
    gone = replace(poor, revocation=RevocationFinding(answer=RevocationAnswer.REVOKED, reason="x"))
    assert unmet(evidence(gone), easy, now=NOON) == ("revoked",)


def test_a_better_part_of_the_card_helps_no_claim() -> None:
    text = replace(TEXT, chip_genuineness=JPKI.chip_genuineness)
    assert unmet(evidence(text, replace(JPKI, origins=())), STRICT, now=NOON) == ("revocation_unknown",)


def test_by_what_stands_in_a_credential() -> None:
    assert unmet(parse_evidence(build_evidence(evidence())), STRICT, now=NOON) == ()
