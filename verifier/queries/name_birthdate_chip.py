"""Is this your name, and are you old enough? For a ticket that bears a name and is not for everybody. Who asks reckons the age.

The certificate of age answers without a date of birth, and without a name: where both are needed, this one has them of one card.
"""

from __future__ import annotations

from verifier.queries.contract import IDENTITY, AskedClaim, Question
from verifier.queries.name_chip import CHIP, NAME

QUESTION = Question(
    name="name_birthdate_chip",
    question_ja="お名前と生年月日は（ICチップで確認）？",
    question_en="What are your name and date of birth, as verified by a chip?",
    purpose_ja="氏名と生年月日だけを受け取り、それらがカードのICチップで確かめられていることを確認します。性別と住所は受け取りません。",
    purpose_en="To compare your name and reckon your age, as the chip of a card proved them. No sex and no address is asked for.",
    types=(IDENTITY,),
    claims=(NAME, AskedClaim(path=("birthdate",), from_chip=("birth_date",))),
    chip=CHIP,
)
