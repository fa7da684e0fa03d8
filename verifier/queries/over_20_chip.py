"""Are you 20 or older, as the chip of a card proved? For drink and tobacco: a yes or no, of a card that was verified lately."""

from __future__ import annotations

from common.cards.demand import ChipDemand
from verifier.queries.contract import AGE, DAY, AskedClaim, Question

AGE_PATH = ("age_equal_or_over", "20")

QUESTION = Question(
    name="over_20_chip",
    question_ja="20歳以上ですか（ICチップで確認）？",
    question_en="Are you 20 or older, as verified by a chip?",
    purpose_ja="20歳以上であることと、それがカードのICチップで確かめられていることだけを確認します。生年月日や氏名は受け取りません。",
    purpose_en="To see that you are old enough, as the chip of a card proved, and nothing else. No date of birth and no name is asked for.",
    types=(AGE,),
    claims=(AskedClaim(path=AGE_PATH, values=(True,), from_chip=("age_over_20",)),),
    minimum_age=20,
    age_path=AGE_PATH,
    chip=ChipDemand(max_age=30 * DAY),
)
