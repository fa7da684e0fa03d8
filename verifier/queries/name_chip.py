"""Is this your name? For a ticket or a parcel that bears one: the name as the chip of a card proved it, and nothing else."""

from __future__ import annotations

from common.cards.demand import ChipDemand
from verifier.queries.contract import DAY, IDENTITY, AskedClaim, Question

NAME = AskedClaim(path=("name",), from_chip=("name", "full_name"))
CHIP = ChipDemand(max_age=30 * DAY, holder=frozenset({"password", "pin"}))
"""Whoever merely found the card does not bear the name."""

QUESTION = Question(
    name="name_chip",
    question_ja="お名前は（ICチップで確認）？",
    question_en="What is your name, as verified by a chip?",
    purpose_ja="氏名だけを受け取り、それがカードのICチップで確かめられていることを確認します。生年月日・性別・住所は受け取りません。",
    purpose_en="To compare your name, as the chip of a card proved it. No date of birth, sex or address is asked for.",
    types=(IDENTITY,),
    claims=(NAME,),
    chip=CHIP,
)
