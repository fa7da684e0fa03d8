"""The verdict as a whole: the worst part decides, an empty policy refuses, and only what is forgiven by name is forgiven."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from common.errors import Unsupported
from tests.verifier.checks.cases import BELIEVED, NOW, VCT, good_case
from verifier.checks.contract import IssuerFact, StatusFact
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer, Verdict
from verifier.flows.examine import Examined, Shown
from verifier.flows.judge import Asked, Facts, judge
from verifier.flows.policy import Policy, total

ASKED = Asked(
    question="student",
    wanted=(replace(good_case().wanted, gate=None),),  # online, nobody stands at a gate
    sets=((("enrolment_sd_jwt",), ("enrolment_jwt",)),),
    minimum_age=18,
)
GOOD_FACTS = Facts(
    issuer=IssuerFact(believed=BELIEVED, trusted=True), status=StatusFact(listed=True, value=0, as_of=NOW - 60)
)
SHOWN = Shown(query_id="enrolment_sd_jwt", format="dc+sd-jwt", text="…")
GOOD = Examined(
    shown=SHOWN,
    credential=good_case().credential,
    presentation=good_case().presentation,
    fault="",
    claimed_issuer="",
)


def verdict_of(examined: Examined = GOOD, facts: Facts = GOOD_FACTS, **policy: Any) -> Verdict:
    return judge((examined,), CHECKS, (facts,), NOW, asked=ASKED, policy=Policy(**policy))


def test_all_is_well() -> None:
    verdict = verdict_of()
    assert verdict.accepted
    assert verdict.reason == "accepted"
    elsewhere = {"schema_kept", "ticket_admits"}  # of W3C formats, and at a gate
    expected = [name for name in CHECKS.names if name not in elsewhere]
    assert [check.name for check in verdict.presentations[0].checks] == expected
    assert verdict.presentations[0].believed == BELIEVED


def test_an_empty_policy_refuses() -> None:
    verdict = verdict_of(required=())
    assert not verdict.accepted
    assert verdict.reason == "empty_policy"


def test_a_rule_without_occasion_is_left_out_and_a_branch_of_no_rules_is_refused() -> None:
    wanted = replace(ASKED.wanted[0], age_path=None)
    asked = replace(ASKED, wanted=(wanted,), minimum_age=None)
    whole = judge((GOOD,), CHECKS, (GOOD_FACTS,), NOW, asked=asked, policy=Policy())
    assert whole.accepted
    assert "age_at_least" not in {check.name for check in whole.presentations[0].checks}
    nothing = judge((GOOD,), CHECKS, (GOOD_FACTS,), NOW, asked=asked, policy=Policy(required=("age_at_least",)))
    assert not nothing.accepted


def test_nothing_shown_is_no_answer() -> None:
    verdict = judge((), CHECKS, (), NOW, asked=ASKED, policy=Policy())
    assert (verdict.answer, verdict.reason) == (Answer.FAILED, "incomplete")


def test_a_question_without_credential_sets_cannot_be_answered() -> None:
    asked = Asked(question="nothing", wanted=ASKED.wanted, sets=())
    assert not judge((GOOD,), CHECKS, (GOOD_FACTS,), NOW, asked=asked, policy=Policy()).accepted


def test_a_policy_of_few_rules_does_not_let_in_what_was_never_verified() -> None:
    broken = Examined(shown=SHOWN, credential=None, presentation=None, fault="bad_signature", claimed_issuer="")
    assert not verdict_of(broken, required=("issuer_trusted",)).accepted
    assert not verdict_of(broken, forgive=frozenset(CHECKS.names)).accepted


def test_an_unknown_rule_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(Unsupported):
        verdict_of(required=("is_tall",))


def test_undetermined_is_no_by_default_and_passes_only_where_forgiven() -> None:
    away = Facts(issuer=GOOD_FACTS.issuer, status=StatusFact(listed=True, reason="status_unreachable"))
    strict, lenient = verdict_of(facts=away), verdict_of(facts=away, forgive=frozenset({"not_revoked"}))
    assert (strict.answer, strict.reason, strict.accepted) == (Answer.UNDETERMINED, "status_unreachable", False)
    assert lenient.accepted
    assert [check.name for check in lenient.presentations[0].checks if check.forgiven] == ["not_revoked"]


def test_revoked_is_never_forgiven() -> None:
    revoked = Facts(issuer=GOOD_FACTS.issuer, status=StatusFact(listed=True, value=1, as_of=NOW))
    verdict = verdict_of(facts=revoked, forgive=frozenset(CHECKS.names))
    assert (verdict.answer, verdict.reason) == (Answer.FAILED, "revoked")


def test_one_bad_presentation_spoils_the_answer() -> None:
    bad = Facts(issuer=IssuerFact(believed=BELIEVED, trusted=False), status=GOOD_FACTS.status)
    verdict = judge((GOOD, GOOD), CHECKS, (GOOD_FACTS, bad), NOW, asked=ASKED, policy=Policy())
    assert (verdict.answer, verdict.reason) == (Answer.FAILED, "untrusted_issuer")


def test_the_sum_of_no_answers_is_no() -> None:
    assert total(()) is Answer.FAILED


def test_the_tree_is_json_and_holds_no_claims() -> None:
    tree = json.dumps(verdict_of().as_json(), ensure_ascii=False)
    assert VCT in tree
    assert '"affiliation"' not in tree
