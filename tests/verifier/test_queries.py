"""The ready-made questions: valid DCQL, every format, no more claims than needed, words in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

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


@pytest.mark.parametrize("question", QUESTIONS, ids=QUESTIONS.names)
def test_no_question_asks_for_a_birth_date(question: Question) -> None:
    assert all("birthdate" not in claim.path for claim in question.claims)


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
