"""Are you 18 or older? Asks for yes or no, never for the date of birth. Any certificate of a school that says so will do."""

from __future__ import annotations

from verifier.queries.contract import ENROLMENT, GRADUATION, AskedClaim, Question

AGE_PATH = ("age_equal_or_over", "18")

QUESTION = Question(
    name="over_18",
    question_ja="18歳以上ですか？",
    question_en="Are you 18 or older?",
    purpose_ja="年齢の条件を満たすことだけを確かめます。生年月日は受け取りません。",
    purpose_en="To see that you are old enough, and nothing else. Your date of birth is not asked for.",
    types=(ENROLMENT, GRADUATION),
    claims=(AskedClaim(path=AGE_PATH, values=(True,)),),
    minimum_age=18,
    age_path=AGE_PATH,
)
