"""Are you a student? Asks for the affiliation and who says so; no name, no number, no birth date."""

from __future__ import annotations

from verifier.queries.contract import ENROLMENT, AskedClaim, Question

QUESTION = Question(
    name="student",
    question_ja="学生ですか？",
    question_en="Are you a student?",
    purpose_ja="学生向けのサービスを使えることを確かめます。",
    purpose_en="To see that you may use an offer for students.",
    types=(ENROLMENT,),
    claims=(
        AskedClaim(path=("eduperson_primary_affiliation",), values=("student",)),
        AskedClaim(path=("issuing_authority",)),
    ),
)
