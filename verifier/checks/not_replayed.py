"""The presentation was made for this verifier and this very request: audience, nonce and time (OpenID4VP 1.0 §14.1).

Or it is shown in person, without a request: made within the minute, and not accepted here before.
"""

from __future__ import annotations

from common.formats.in_person import AUDIENCE
from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed
from verifier.checks.verdict import Mender, Sentence

FAULTS = frozenset({"wrong_nonce", "wrong_audience", "replayed", "stale"})


def decide(case: Case) -> tuple[str, int | None]:
    if case.presentation is not None:
        return ("shown_now" if case.presentation.audience == AUDIENCE else "fresh"), None
    return (case.fault if case.fault in FAULTS else "not_reached"), None


RULE = Rule(
    name="not_replayed",
    title=Sentence(ja="使い回しでないこと", en="Not a replay"),
    reasons={
        "fresh": passed("この質問に答えるために作られた提示です。", "It was made to answer this very request."),
        "shown_now": passed(
            "その場で見せるために、1分以内に作られた提示です。",
            "It was made within the last minute, to be shown in person.",
        ),
        "wrong_nonce": failed(
            Mender.HOLDER, "別の質問のために作られた提示です。", "It was made to answer another request."
        ),
        "wrong_audience": failed(
            Mender.HOLDER, "別の検証者のために作られた提示です。", "It was made for another verifier."
        ),
        "replayed": failed(Mender.HOLDER, "一度使われた提示です。", "It has been used before."),
        "stale": failed(
            Mender.HOLDER,
            "提示が作られた時刻が離れすぎています。端末の時計を確かめてください。",
            "It was made too long ago, or the clock of the device is wrong.",
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
