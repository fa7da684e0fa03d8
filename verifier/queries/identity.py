"""Who are you? Asks for the four attributes by which Japan tells people apart, as the chip of a card proved them to somebody who knew its
PIN or password: whoever merely found the card is somebody else."""

from __future__ import annotations

from common.cards.demand import ChipDemand
from verifier.queries.contract import DAY, IDENTITY, AskedClaim, Question

QUESTION = Question(
    name="identity",
    question_ja="どなたですか（ICチップで確認）？",
    question_en="Who are you, as verified by a chip?",
    purpose_ja="本人確認のため、氏名・生年月日・性別・住所を受け取り、それらがカードのICチップで確かめられていることを確認します。",
    purpose_en="To identify you by name, date of birth, sex and address, as the chip of a card proved them.",
    types=(IDENTITY,),
    claims=(
        AskedClaim(path=("name",), from_chip=("name", "full_name")),
        AskedClaim(path=("birthdate",), from_chip=("birth_date",)),
        AskedClaim(path=("sex",), from_chip=("sex",)),
        AskedClaim(path=("address", "formatted"), from_chip=("address",)),
    ),
    chip=ChipDemand(max_age=30 * DAY, holder=frozenset({"password", "pin"})),
)
