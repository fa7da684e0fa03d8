"""The ready-made questions: valid DCQL, every format, no more claims than needed, words in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.cards.demand import ChipDemand
from common.oid4vp.dcql import build_query, parse_query
from tests.verifier.world import VCT_BASE
from verifier.flows.put_question import ask
from verifier.queries.contract import Question
from verifier.queries.registry import QUESTIONS


@pytest.mark.parametrize("question", QUESTIONS, ids=QUESTIONS.names)
def test_every_question_is_valid_dcql_in_every_format(question: Question) -> None:
    dcql = question.dcql(VCT_BASE)
    assert build_query(parse_query(dcql)) == dcql
    assert {query["format"] for query in dcql["credentials"]} == {"dc+sd-jwt", "mso_mdoc", "jwt_vc_json", "ldp_vc"}
    assert len(dcql["credential_sets"][0]["options"]) == len(dcql["credentials"])


@pytest.mark.parametrize("question", QUESTIONS, ids=QUESTIONS.names)
def test_every_question_is_asked_in_words(question: Question) -> None:
    assert question.question_ja.endswith("？")
    assert question.question_en.endswith("?")
    assert question.purpose_ja.endswith("。")
    assert question.purpose_en.endswith(".")


def test_only_who_must_know_asks_for_a_name_or_a_birth_date() -> None:
    asked = {one.name: {claim.path[0] for claim in one.claims} for one in QUESTIONS if one.chip is not None}
    assert asked == {
        "over_20_chip": {"age_equal_or_over"},
        "name_chip": {"name"},
        "name_birthdate_chip": {"name", "birthdate"},
        "identity": {"name", "birthdate", "sex", "address"},
    }
    others = {claim.path[0] for one in QUESTIONS if one.chip is None for claim in one.claims}
    assert not others & {"name", "birthdate", "sex", "address"}


@pytest.mark.parametrize("question", QUESTIONS, ids=QUESTIONS.names)
def test_a_question_that_demands_a_chip_asks_for_its_record_and_the_others_for_none(question: Question) -> None:
    asked = ask(question, VCT_BASE)
    queries = question.dcql(VCT_BASE)["credentials"]
    for wanted, query in zip(asked.wanted, queries, strict=True):
        paths = [tuple(claim["path"]) for claim in query["claims"]]
        assert (wanted.chip is None) == (question.chip is None)
        assert paths == [*(path for path, _ in wanted.claims), *([wanted.chip.path] if wanted.chip else [])]


def test_the_record_of_the_chip_stands_where_each_format_has_it() -> None:
    asked = ask(QUESTIONS["over_20_chip"], VCT_BASE)
    assert {one.format: one.chip.path for one in asked.wanted if one.chip} == {
        "dc+sd-jwt": ("evidence",),
        "mso_mdoc": ("tegata.evidence.1", "evidence"),
        "jwt_vc_json": ("evidence",),
        "ldp_vc": ("evidence",),
    }


def test_what_is_demanded_of_the_chip() -> None:
    """All want a genuine chip and a revocation that is known; who asks for a name wants the card's holder, and not its finder."""
    month = 30 * 86_400
    assert QUESTIONS["over_20_chip"].chip == ChipDemand(max_age=month)
    for name in ("name_chip", "name_birthdate_chip", "identity"):
        assert QUESTIONS[name].chip == ChipDemand(max_age=month, holder=frozenset({"password", "pin"}))


def test_a_chip_is_demanded_of_every_claim_or_of_none() -> None:
    with pytest.raises(ValueError, match="every claim, or of none"):
        replace(QUESTIONS["student"], chip=ChipDemand())
    with pytest.raises(ValueError, match="every claim, or of none"):
        replace(QUESTIONS["identity"], chip=None)


def test_the_judge_hears_the_same_question_as_the_wallet() -> None:
    asked = ask(QUESTIONS["over_18"], VCT_BASE)
    assert asked.minimum_age == 18
    by_id = {wanted.query_id: wanted for wanted in asked.wanted}
    assert by_id["enrolment_sd_jwt"].types == (frozenset({f"{VCT_BASE}/enrolment"}),)
    assert by_id["graduation_jwt"].types == (frozenset({"GraduationCredential"}),)
    assert by_id["graduation_jwt"].age_path == ("credentialSubject", "age_equal_or_over", "18")
    assert by_id["enrolment_mdoc"].types == (frozenset({"tegata.student.1"}),)
    assert by_id["enrolment_mdoc"].age_path == ("tegata.student.1", "age_over_18")
    assert by_id["enrolment_ldp"].types == (frozenset({f"{VCT_BASE}/terms/EnrolmentCredential"}),)
    forms = ("sd_jwt", "mdoc", "jwt", "ldp")
    assert asked.sets == (tuple((f"{kind}_{form}",) for kind in ("enrolment", "graduation") for form in forms),)


@pytest.mark.parametrize("question", QUESTIONS, ids=QUESTIONS.names)
def test_an_age_question_is_judged_by_the_age_in_every_format(question: Question) -> None:
    asked = ask(question, VCT_BASE)
    assert {wanted.age_path is not None for wanted in asked.wanted} == {asked.minimum_age is not None}


def test_half_an_age_question_is_no_question() -> None:
    with pytest.raises(ValueError, match="go together"):
        replace(QUESTIONS["student"], minimum_age=18)
