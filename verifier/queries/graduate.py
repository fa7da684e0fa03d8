"""Did you graduate? Asks for the name, the school and the date, since whoever asks this wants to know *who* graduated *where*."""

from __future__ import annotations

from verifier.queries.contract import GRADUATION, AskedClaim, Question

QUESTION = Question(
    name="graduate",
    question_ja="卒業していますか？",
    question_en="Did you graduate?",
    purpose_ja="卒業した学校と卒業の日を確かめます。",
    purpose_en="To see which school you graduated from, and when.",
    types=(GRADUATION,),
    claims=(
        AskedClaim(path=("family_name",)),
        AskedClaim(path=("given_name",)),
        AskedClaim(path=("issuing_authority",)),
        AskedClaim(path=("awarded_date",)),
    ),
)
