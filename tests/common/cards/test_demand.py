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
    proven,
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
        ("data_not_proven", replace(JPKI, data_authenticity=not_checked("x"))),
        ("data_not_proven", replace(JPKI, data_authenticity=not_offered("outside_signature"))),
        ("chip_not_genuine", replace(JPKI, chip_genuineness=failed("possession_signature", "bad_signature"))),
        ("chip_not_checked", replace(JPKI, chip_genuineness=not_checked("not_bound"))),
        ("chip_not_checked", replace(JPKI, unexamined=("holder_present", "attributes_bound_to_chip"))),
        ("chip_not_offered", replace(JPKI, chip_genuineness=not_offered("no_key"))),
        ("revoked", revocation(RevocationAnswer.REVOKED)),
        ("revocation_unknown", revocation(RevocationAnswer.UNKNOWN)),
        ("revocation_unknown", replace(JPKI, revocation=replace(JPKI.revocation, checked_at=None))),
        ("revocation_unknown", replace(JPKI, revocation=replace(JPKI.revocation, checked_at=NOON + 301))),
        ("revocation_not_checked", revocation(RevocationAnswer.NOT_CHECKED)),
        ("revocation_not_offered", revocation(RevocationAnswer.NOT_OFFERED)),
        ("revocation_stale", replace(JPKI, revocation=replace(JPKI.revocation, next_update=NOON - 1))),
        ("revocation_stale", replace(JPKI, revocation=replace(JPKI.revocation, checked_at=NOON - 31 * DAY))),
        ("holder_not_checked", replace(JPKI, holder_verification=not_offered("printed", "printed_number"))),
        ("holder_not_checked", replace(JPKI, holder_verification=proven("biometric"))),
        ("holder_not_verified", replace(JPKI, holder_verification=failed("pin", "wrong"))),
        ("no_claims", replace(JPKI, origins=())),
    ],
    ids=[
        *(
            "test",
            "nobody",
            "expired",
            "unchecked",
            "unsigned",
            "clone",
            "not_bound",
            "another_chip",
            "keyless",
            "revoked",
            "unknown",
        ),
        *(
            "undated",
            "ahead",
            "unasked",
            "no_service",
            "overdue",
            "long_ago",
            "printed",
            "otherwise",
            "wrong",
            "nothing",
        ),
    ],
)
def test_each_shortcoming_has_its_word(word: str, source: SourceEvidence) -> None:
    assert unmet(evidence(source), STRICT, now=NOON) == (word,)


@pytest.mark.parametrize("kind", sorted(set(OriginKind) - {OriginKind.SIGNED_TEXT, OriginKind.SIGNED_IMAGE}))
def test_only_what_is_signed_as_it_is(kind: OriginKind) -> None:
    origin = Origin(claim="card_expiry", kind=kind, file="surface/0002")
    whole = evidence(replace(JPKI, origins=(*JPKI.origins, origin)))
    word = "claim_transcribed" if kind is OriginKind.SIGNED_IMAGE_TRANSCRIBED else "claim_not_signed"
    assert unmet(whole, STRICT, now=NOON) == (word,)
    assert unmet(whole.of_claims({"name"}), STRICT, now=NOON) == ()
    assert unmet(whole, STRICT, claims={"name"}, now=NOON) == ()


def test_times() -> None:
    assert unmet(evidence(), STRICT, now=NOON + 30 * DAY + 1) == ("too_old",)
    assert unmet(evidence(), STRICT, now=NOON - 301) == ("not_yet",)
    assert unmet(evidence(), STRICT, now=NOON - 300) == ()


@pytest.mark.parametrize("hour", [0, 1, 9, 15, 23])
def test_within_thirty_days_is_never_wrongly_said(hour: int) -> None:
    """A credential tells the day alone. What it makes uncertain is decided against the card: 30 days are at most 30 times 24 hours."""
    read_at = NOON - NOON % DAY + hour * 3600
    told = parse_evidence(build_evidence(replace(evidence(), read_at=read_at), resolution=DAY))
    assert told.read_at == read_at - hour * 3600, "cut to the day, so that copies are not linked by it"

    def passes(age: int) -> bool:
        return "too_old" not in {str(one) for one in unmet(told, STRICT, now=read_at + age)}

    assert passes(29 * DAY)
    assert passes(30 * DAY) is (hour == 0)
    assert not passes(30 * DAY + 1)
    last = told.read_at + 30 * DAY - read_at
    assert (passes(last), passes(last + 1)) == (True, False)


def test_what_is_not_demanded_is_not_missed_but_a_failure_always_is() -> None:
    easy = ChipDemand(chip_genuine=False, revocation_known=False, allow_test=True)
    poor = replace(
        JPKI,
        chip_genuineness=not_offered("no_key"),
        revocation=RevocationFinding(answer=RevocationAnswer.UNKNOWN, reason="x"),
        trust_anchor=Environment.TEST,
    )
    assert unmet(evidence(poor), easy, now=NOON) == ()
    assert unmet(evidence(replace(poor, chip_genuineness=failed("a", "b"))), easy, now=NOON) == ("chip_not_genuine",)
    gone = replace(poor, revocation=RevocationFinding(answer=RevocationAnswer.REVOKED, reason="x"))
    assert unmet(evidence(gone), easy, now=NOON) == ("revoked",)


def test_a_better_part_of_the_card_helps_no_claim() -> None:
    text = replace(TEXT, chip_genuineness=JPKI.chip_genuineness)
    assert unmet(evidence(text, replace(JPKI, origins=())), STRICT, now=NOON) == ("revocation_not_offered",)
    told = unmet(evidence(text, replace(JPKI, origins=JPKI.origins[1:])), STRICT, claims={"age_over_20"}, now=NOON)
    assert told == ()


def test_what_is_found_against_any_part_of_the_card_counts_against_all() -> None:
    for word, other in (
        ("chip_not_genuine", replace(TEXT, chip_genuineness=failed("challenge", "bad_signature"))),
        ("data_not_authentic", replace(TEXT, data_authenticity=failed("integrity_record", "another_person"))),
        ("test_anchor", replace(TEXT, trust_anchor=Environment.TEST)),
    ):
        assert unmet(evidence(JPKI, other), STRICT, claims={"name"}, now=NOON) == (word,)


def test_by_what_stands_in_a_credential() -> None:
    assert unmet(parse_evidence(build_evidence(evidence())), STRICT, now=NOON) == ()
