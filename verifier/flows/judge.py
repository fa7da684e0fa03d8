"""Reach a verdict: examined presentations, checks, facts and the time in; the tree out. The same function online and at a gate.

Pure. The nonce's single use is not judged here: the database gives one response the session before anything is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.registry import Registry
from verifier.checks.contract import NO_SCHEMA, Case, IssuerFact, Rule, SchemaFact, StatusFact, Wanted
from verifier.checks.gate_facts import TicketFact
from verifier.checks.verdict import Answer, Check, PresentationVerdict, Sentence, Verdict
from verifier.flows.examine import Examined
from verifier.flows.policy import Policy, answer_of, total, with_forgiveness
from verifier.flows.question_answered import CredentialSets, check_question_answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question as a judge sees it. sets: required credential sets → options → query ids."""

    question: str
    wanted: tuple[Wanted, ...]
    sets: CredentialSets
    minimum_age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What gathering learnt about one presentation's issuer, status and schemas. ticket: at a gate, of the ticket."""

    issuer: IssuerFact
    status: StatusFact
    schema: SchemaFact = NO_SCHEMA
    ticket: TicketFact | None = None


_OVERALL = {
    Answer.PASSED: Sentence(
        ja="確かめました。条件を満たしています。", en="Verified: the question is answered with yes."
    ),
    Answer.FAILED: Sentence(ja="確かめられませんでした。", en="Not accepted."),
    Answer.UNDETERMINED: Sentence(
        ja="必要な情報が得られず、判断できません。", en="Cannot be decided: a fact that is needed could not be had."
    ),
}
_NO_RULES = Sentence(ja="検査の規則が一つも定められていません。", en="No rules are set, so nothing can be accepted.")


def judge(
    presentations: Sequence[Examined],
    checks: Registry[Rule],
    facts: Sequence[Facts],
    now: int,
    *,
    asked: Asked,
    policy: Policy,
) -> Verdict:
    """facts[i] belongs to presentations[i]. Every check of ``policy.required`` must pass for every presentation.

    1. An empty policy refuses: nobody may be let in by rules that are not there.
    2. Each presentation gets its branch: the query it answers, every required check that the question gives occasion for.
       A branch without any check is refused (`total` of none).
    3. All together must answer the question (one option of every required credential set).
    4. The whole is as good as its worst part; *undetermined* counts as passed only where the policy forgives it by name.

    Raises Unsupported for a policy that names a check that does not exist (fails closed, loudly).
    """
    if not policy.required:  # 1
        return Verdict(
            question=asked.question,
            answer=Answer.FAILED,
            reason="empty_policy",
            sentence=_NO_RULES,
            checks=(),
            presentations=(),
            judged_at=now,
        )
    rules = tuple(checks[name] for name in policy.required)
    wanted = {query.query_id: query for query in asked.wanted}
    branches = tuple(  # 2
        _branch(examined, rules, fact, wanted[examined.shown.query_id], asked, policy, now)
        for examined, fact in zip(presentations, facts, strict=True)
    )
    complete = check_question_answered(asked.sets, {branch.query_id for branch in branches})  # 3
    answer = total((complete.answer, *(branch.answer for branch in branches)))  # 4
    first = next((check for check in _all(branches, complete) if check.answer is answer and not check.forgiven), None)
    return Verdict(
        question=asked.question,
        answer=answer,
        reason="accepted" if answer is Answer.PASSED or first is None else first.reason,
        sentence=_OVERALL[answer],
        checks=(complete,),
        presentations=branches,
        judged_at=now,
    )


def _all(branches: Sequence[PresentationVerdict], complete: Check) -> tuple[Check, ...]:
    return (*(check for branch in branches for check in branch.checks), complete)


def _branch(
    examined: Examined,
    rules: Sequence[Rule],
    facts: Facts,
    wanted: Wanted,
    asked: Asked,
    policy: Policy,
    now: int,
) -> PresentationVerdict:
    case = Case(
        wanted=wanted,
        credential=examined.credential,
        presentation=examined.presentation,
        fault=examined.fault,
        issuer=facts.issuer,
        status=facts.status,
        max_status_age=policy.max_status_age,
        minimum_age=asked.minimum_age,
        now=now,
        schema=facts.schema,
        test_cards=policy.test_cards,
        ticket=facts.ticket,
    )
    checks = with_forgiveness((rule.check(case) for rule in rules if rule.applies(case)), policy)
    credential = examined.credential
    answer = answer_of(checks)
    if credential is None and answer is Answer.PASSED:
        answer = Answer.FAILED  # a policy of few rules must not let in what was never verified
    return PresentationVerdict(
        query_id=examined.shown.query_id,
        format=examined.shown.format,
        types=credential.types if credential else (),
        issuer=credential.issuer if credential else examined.claimed_issuer,
        believed=facts.issuer.believed,
        answer=answer,
        checks=checks,
    )
