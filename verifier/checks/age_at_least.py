"""The issuer says that the holder has reached the age, by a yes-or-no claim; a birth date is never asked for.

The claim was true when it was issued, and reaching an age is not undone: *true* stays true. *false* may be out of date.
"""

from __future__ import annotations

from common.oid4vp.claims_path import select_disclosed
from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed, undetermined
from verifier.checks.verdict import Mender, Sentence


def applies(case: Case) -> bool:
    """Only an age question has an age to judge. One half of an age question is one, too: it then fails for want of the other."""
    return case.minimum_age is not None or case.wanted.age_path is not None


def decide(case: Case) -> tuple[str, int | None]:
    if case.credential is None:
        return "not_reached", None
    if case.minimum_age is None or case.wanted.age_path is None:
        return "age_not_shown", None
    shown = select_disclosed(case.credential.claims, case.wanted.age_path)
    if len(shown) != 1 or not isinstance(shown[0], bool):
        return "age_not_shown", None
    return ("old_enough" if shown[0] else "not_old_enough"), case.credential.valid_from


RULE = Rule(
    name="age_at_least",
    title=Sentence(ja="年齢", en="Age"),
    reasons={
        "old_enough": passed("求めた年齢に達しています。", "The holder has reached the age asked for."),
        "not_old_enough": failed(
            Mender.ISSUER,
            "発行の時点では、求めた年齢に達していません。",
            "At the time of issue the holder had not reached the age asked for.",
        ),
        "age_not_shown": undetermined(
            Mender.HOLDER, "年齢に関する項目が示されていません。", "Nothing about the age was shown."
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
    applies=applies,
)
