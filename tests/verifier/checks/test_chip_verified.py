"""What a question hears of the chip: each finding of a reading ends in its own reason, and the worst of them decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from common.cards.demand import Shortcoming
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
from common.cards.evidence_json import build_evidence
from common.keys.history import KeyEntry
from tests.verifier.checks.cases import (
    BELIEVED,
    CHIP,
    DAY,
    MIDNIGHT,
    NOW,
    READ,
    WANTED_CHIP,
    check,
    faulty_case,
    good_case,
)
from verifier.checks.contract import Case, IssuerFact, WantedChip
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer

PASSED, FAILED, OPEN = Answer.PASSED, Answer.FAILED, Answer.UNDETERMINED
RULE = CHECKS["chip_verified"]
PHOTO = replace(
    CHIP,
    source="surface",
    origins=(Origin(claim="photo", kind=OriginKind.SIGNED_IMAGE, file="surface/0002", signed_by="my_number_issuer"),),
    holder_verification=not_offered("printed_on_card", "printed_number"),
    revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_revocation_service"),
)
OF_CARD = replace(CHIP, source="jpki_authentication", origins=())


def case_of(evidence: object, *, wanted: WantedChip = WANTED_CHIP, **changes: Any) -> Case:
    """A case whose credential holds this record."""
    told = build_evidence(evidence) if isinstance(evidence, Evidence) else evidence
    return good_case(wanted=replace(good_case().wanted, chip=wanted), says={"claims": {"evidence": told}}, **changes)


def reason_of(evidence: object, **changes: Any) -> tuple[Answer, str]:
    return check("chip_verified", case_of(evidence, **changes))


def demanding(**changes: Any) -> WantedChip:
    return replace(WANTED_CHIP, demand=replace(WANTED_CHIP.demand, **changes))


def of(*sources: SourceEvidence, **changes: Any) -> Evidence:
    return replace(READ, sources=sources, **changes)


def kind(which: OriginKind) -> SourceEvidence:
    return replace(CHIP, origins=(replace(CHIP.origins[0], kind=which),))


def revocation(answer: RevocationAnswer, **changes: Any) -> SourceEvidence:
    return replace(CHIP, revocation=replace(CHIP.revocation, answer=answer, **changes))


GOOD = RevocationAnswer.GOOD
UNREADABLE = not_checked("pin_2_not_given")
BECAUSE: list[tuple[Evidence, Answer, str]] = [
    (of(CHIP), PASSED, "chip_verified"),
    (of(CHIP, PHOTO, OF_CARD), PASSED, "chip_verified"),
    (of(replace(CHIP, data_authenticity=failed("certificate_chain", "bad_signature"))), FAILED, "data_not_authentic"),
    (of(replace(CHIP, chip_genuineness=failed("challenge", "bad_signature"))), FAILED, "chip_not_genuine"),
    (of(CHIP, replace(PHOTO, chip_genuineness=failed("challenge", "no_answer"))), FAILED, "chip_not_genuine"),
    (of(revocation(RevocationAnswer.REVOKED, revoked_at=MIDNIGHT)), FAILED, "revoked"),
    (
        of(CHIP, replace(OF_CARD, revocation=replace(CHIP.revocation, answer=RevocationAnswer.REVOKED))),
        FAILED,
        "revoked",
    ),
    (of(replace(CHIP, trust_anchor=Environment.TEST)), FAILED, "test_anchor"),
    (of(CHIP, replace(PHOTO, trust_anchor=Environment.TEST)), FAILED, "test_anchor"),
    (of(replace(CHIP, trust_anchor=Environment.NONE)), FAILED, "no_anchor"),
    (of(PHOTO), FAILED, "claim_not_from_chip"),
    (of(OF_CARD), FAILED, "claim_not_from_chip"),
    (of(kind(OriginKind.SIGNED_IMAGE)), PASSED, "chip_verified"),
    (of(kind(OriginKind.SIGNED_IMAGE_TRANSCRIBED)), FAILED, "claim_transcribed"),
    (of(kind(OriginKind.UNSIGNED_CHIP_TEXT)), FAILED, "claim_not_signed"),
    (of(kind(OriginKind.UNSIGNED_CHIP_IMAGE)), FAILED, "claim_not_signed"),
    (of(replace(CHIP, data_authenticity=not_offered("outside_signature"))), FAILED, "data_not_proven"),
    (of(replace(CHIP, data_authenticity=UNREADABLE)), FAILED, "data_not_proven"),
    (of(replace(CHIP, holder_verification=failed("pin", "wrong"))), FAILED, "holder_not_verified"),
    (of(replace(CHIP, holder_verification=not_checked("not_asked", "pin"))), OPEN, "holder_not_checked"),
    (of(replace(CHIP, holder_verification=not_offered("mrz_is_printed", "mrz"))), OPEN, "holder_not_checked"),
    (of(replace(CHIP, chip_genuineness=not_checked("not_bound"))), OPEN, "chip_not_checked"),
    (of(replace(CHIP, chip_genuineness=not_offered("no_challenge"))), OPEN, "chip_not_offered"),
    (of(revocation(RevocationAnswer.UNKNOWN)), OPEN, "revocation_unknown"),
    (of(revocation(RevocationAnswer.NOT_CHECKED)), OPEN, "revocation_not_checked"),
    (of(revocation(RevocationAnswer.NOT_OFFERED)), OPEN, "revocation_not_offered"),
    (of(revocation(GOOD, checked_at=None)), OPEN, "revocation_unknown"),
    (of(revocation(GOOD, checked_at=NOW + 2 * DAY)), OPEN, "revocation_unknown"),
    (of(revocation(GOOD, checked_at=NOW - 31 * DAY)), OPEN, "revocation_stale"),
    (of(revocation(GOOD, next_update=MIDNIGHT - DAY)), OPEN, "revocation_stale"),
    (of(revocation(GOOD, next_update=None)), PASSED, "chip_verified"),
    (of(CHIP, read_at=NOW - 31 * DAY), FAILED, "too_old"),
    (of(CHIP, read_at=NOW - 29 * DAY), PASSED, "chip_verified"),
    (of(CHIP, read_at=NOW + DAY), FAILED, "not_yet"),
]


@pytest.mark.parametrize(
    ("evidence", "answer", "reason"), BECAUSE, ids=[f"{n:02}-{one[2]}" for n, one in enumerate(BECAUSE)]
)
def test_each_finding_has_its_reason(evidence: Evidence, answer: Answer, reason: str) -> None:
    assert reason_of(evidence) == (answer, reason)


def test_every_word_of_a_demand_is_said_to_people() -> None:
    assert set(Shortcoming) - {Shortcoming.NO_CLAIMS} <= set(RULE.reasons)


def test_every_reason_is_reached_by_some_case() -> None:
    elsewhere = {"evidence_missing", "evidence_withheld", "evidence_unreadable", "verified_test_card", "not_reached"}
    assert {reason for _, _, reason in BECAUSE} | elsewhere == set(RULE.reasons)


def test_a_record_of_which_something_is_held_back_is_none() -> None:
    assert reason_with({"partly_shown": frozenset({"evidence"})}) == (FAILED, "evidence_withheld")
    assert reason_with({"partly_shown": frozenset({"address"})}) == (PASSED, "chip_verified")


def reason_with(says: dict[str, Any]) -> tuple[Answer, str]:
    return check("chip_verified", good_case(says=says))


@pytest.mark.parametrize("value", [None, [], {}, "yes", 1, [{"type": ["SchoolRecord"]}], [{"type": ["ChipEvidence"]}]])
def test_a_record_that_cannot_be_read_is_none(value: object) -> None:
    assert reason_of(value) == (FAILED, "evidence_unreadable")


def test_no_record_at_all() -> None:
    assert check("chip_verified", good_case(says={"claims": {}})) == (FAILED, "evidence_missing")


def test_what_is_not_demanded_is_not_looked_at_but_what_speaks_against_the_card_always_is() -> None:
    easy = demanding(chip_genuine=False, revocation_known=False, holder=frozenset())
    licence = replace(
        CHIP,
        chip_genuineness=not_offered("no_challenge"),
        holder_verification=not_checked("not_asked", "pin"),
        revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_service"),
    )
    assert reason_of(of(licence), wanted=easy) == (PASSED, "chip_verified")
    clone = replace(licence, chip_genuineness=failed("challenge", "bad_signature"))
    assert reason_of(of(clone), wanted=easy) == (FAILED, "chip_not_genuine")
    revoked = revocation(RevocationAnswer.REVOKED)
    assert reason_of(of(revoked), wanted=easy) == (FAILED, "revoked")


def test_each_claim_is_judged_by_the_source_it_comes_from() -> None:
    names = (frozenset({"age_over_18"}), frozenset({"photo"}))
    both = replace(demanding(holder=frozenset()), origins=names)
    assert reason_of(of(CHIP, PHOTO), wanted=both) == (OPEN, "revocation_not_offered")
    without = replace(demanding(holder=frozenset(), revocation_known=False), origins=names)
    assert reason_of(of(CHIP, PHOTO), wanted=without) == (PASSED, "chip_verified")
    assert reason_of(of(CHIP), wanted=without) == (FAILED, "claim_not_from_chip"), "one of two claims is nobody's"
    either = replace(WANTED_CHIP, origins=(frozenset({"age_over_18", "birth_date"}),))
    assert reason_of(of(CHIP), wanted=either) == (PASSED, "chip_verified")


def test_what_failed_is_told_before_what_is_open_so_that_forgiving_hides_nothing() -> None:
    """A relying party that forgives this rule what it leaves open still hears of a card that was read long ago."""
    old_licence = of(replace(CHIP, chip_genuineness=not_offered("no_challenge")), read_at=NOW - 400 * DAY)
    assert reason_of(old_licence) == (FAILED, "too_old")


@pytest.mark.parametrize("source", [CHIP, OF_CARD])
def test_a_test_card_is_believed_in_a_sandbox_only_and_says_so(source: SourceEvidence) -> None:
    tested = of(CHIP, replace(source, source="other", origins=(), trust_anchor=Environment.TEST))
    assert reason_of(tested) == (FAILED, "test_anchor")
    assert reason_of(tested, test_cards=True) == (PASSED, "verified_test_card")
    assert reason_of(of(CHIP), test_cards=True) == (PASSED, "chip_verified")


@pytest.mark.parametrize(
    "issuer",
    [
        IssuerFact(believed=None, trusted=False),
        IssuerFact(believed=BELIEVED, trusted=False),
        IssuerFact(believed=None, trusted=True, unreachable=True),
        IssuerFact(believed=BELIEVED, trusted=True, key=KeyEntry(key_id="k", compromised_since=NOW - 9 * DAY)),
    ],
    ids=["stranger", "untrusted", "unreachable", "compromised"],
)
def test_the_words_of_somebody_who_is_not_believed_are_not_read(issuer: IssuerFact) -> None:
    assert reason_of(of(CHIP), issuer=issuer) == (OPEN, "not_reached")
    assert reason_of("nonsense", issuer=issuer) == (OPEN, "not_reached")


@pytest.mark.parametrize("fault", ["malformed", "bad_signature", "expired", "wrong_holder"])
def test_nothing_is_read_of_what_was_never_verified(fault: str) -> None:
    assert check("chip_verified", faulty_case(fault)) == (OPEN, "not_reached")


def test_a_key_whose_history_is_unknown_is_the_matter_of_another_rule() -> None:
    issuer = IssuerFact(believed=BELIEVED, trusted=True, history_unknown=True)
    assert reason_of(of(CHIP), issuer=issuer) == (PASSED, "chip_verified")


def test_only_a_question_that_demands_a_chip_has_one_to_judge() -> None:
    assert RULE.applies(case_of(of(CHIP)))
    assert RULE.applies(faulty_case("bad_signature"))
    chipless = replace(good_case().wanted, chip=None)
    assert not RULE.applies(good_case(wanted=chipless))
    assert check("chip_verified", good_case(wanted=chipless)) == (OPEN, "not_reached")


def test_the_answer_is_as_old_as_the_oldest_thing_known() -> None:
    assert RULE.check(case_of(of(CHIP))).as_of == MIDNIGHT
    asked_before = revocation(GOOD, checked_at=MIDNIGHT - 2 * DAY)
    assert RULE.check(case_of(of(asked_before))).as_of == MIDNIGHT - 2 * DAY
    careless = demanding(revocation_known=False)
    assert RULE.check(case_of(of(asked_before), wanted=careless)).as_of == MIDNIGHT
    assert RULE.check(case_of(of(CHIP, read_at=NOW + DAY), wanted=careless)).as_of is None
    for moment in (0, NOW):
        exact = build_evidence(of(CHIP, read_at=moment), resolution=1)
        assert RULE.check(case_of(exact, wanted=careless)).as_of == moment


def test_a_w3c_credential_may_hold_one_record_without_a_list_and_records_of_others() -> None:
    (record,) = build_evidence(READ)
    assert reason_of(record) == (PASSED, "chip_verified")
    assert reason_of([{"type": "DocumentVerification", "verifier": "somebody"}, record]) == (PASSED, "chip_verified")


def test_the_check_repeats_nothing_of_the_record() -> None:
    leaky = of(replace(CHIP, anchor="SECRET-ANCHOR", chip_genuineness=failed("x", "SECRET-REASON")), card="SECRET-CARD")
    assert "SECRET" not in str(RULE.check(case_of(leaky)).as_json())
