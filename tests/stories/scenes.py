"""The scenes that are played once for every place at which one of the programs may die, each with how people go on afterwards."""

from __future__ import annotations

import time
from typing import Any

from examples.demo.people import NotDone, Student
from tests.stories.invariants import check_code_is_spent, check_one_set
from tests.stories.own_wallet import OwnWallet
from tests.stories.scene import Scene
from tests.stories.stage import Stage
from tests.stories.watch import Watch

COPIES = 4


def claim(stage: Stage, watch: Watch) -> None:
    """A student is offered a certificate and takes it. What a crash may cost at most: the code, and then there is a new offer."""
    number, student = next(stage.roll), stage.student()

    def offer() -> dict[str, Any]:
        """A registrar looks at the person's page first: there may be an offer already."""
        known = [one["id"] for one in stage.registrar.person(number)["offers"] if one["state"] == "open"]
        return stage.registrar.show_offer(known[0]) if known else stage.registrar.offer(number)

    made = watch.insist(offer)
    cards = take(watch, student, made)
    if cards is None:
        lost = "SELECT COUNT(*) FROM credential WHERE offer_id = ?"
        assert stage.ledger("issuer").one(lost, made["id"]) == 0
        check_code_is_spent(stage, watch, made)
        made = watch.insist(offer)
        cards = take(watch, student, made)
    assert cards is not None
    assert len(cards) == 1
    card = watch.insist(lambda: student.ask("POST", f"{student.base}/cards/{cards[0]}/check"))
    assert (card["standing"], card["copies"]) == ("valid", COPIES)
    assert stage.ledger("issuer").one("SELECT state FROM offer WHERE id = ?", made["id"]) == "issued"
    check_one_set(stage, number, copies=COPIES)
    check_code_is_spent(stage, watch, made)


def take(watch: Watch, student: Student, made: dict[str, Any]) -> list[str] | None:
    """The ids of the cards; None where the code is spent and its token never arrived."""
    offer = watch.insist(lambda: student.receive(made["link"]))
    try:
        done = watch.insist(lambda: student.accept(offer["id"], made["tx_code"]))
    except NotDone as no:
        if no.problem["code"] != "tx_code_wrong":
            raise
        return None
    end = time.monotonic() + 20
    while done["state"] != "done":
        assert done["state"] in ("authorised", "requesting", "stored"), done
        assert time.monotonic() < end
        watch.mend(within=0.2)
        watch.insist(student.resume)
        done = watch.insist(lambda: student.offer(offer["id"]))
    return list(done["card_ids"])


def hold_a_card(stage: Stage) -> None:
    student = stage.student("asked")
    if not student.cards():
        stage.claim(student)


def ask(stage: Stage, watch: Watch) -> None:
    """A question is answered once, and judged once, whoever dies."""
    student = stage.student("asked")
    session = watch.insist(lambda: stage.assistant.put_question("student"))
    view = watch.insist(lambda: student.look_at(session["link"]))

    def answer() -> dict[str, Any]:
        found = student.request(view["id"])
        return found if found["state"] in ("answered", "refused") else student.answer(view["id"])

    before = len(watch.insist(lambda: given(student)))
    end = time.monotonic() + 20
    while (answered := watch.insist(answer))["state"] not in ("answered", "refused"):
        assert answered["state"] in ("uncertain", "answering"), answered
        assert time.monotonic() < end
        watch.mend(within=0.2)
    judge_late(stage)
    result = watch.insist(lambda: stage.assistant.result(session["id"]))
    assert (result["state"], result["verdict"]["answer"]) == ("judged", "passed"), result
    history = watch.insist(lambda: given(student))
    (entry,) = history[: len(history) - before]
    # Whoever died before it could say that the answer was taken: the wallet may not know, but it never says that nothing was given.
    assert entry["outcome"] in ("done", "unknown"), entry


def given(student: Student) -> list[dict[str, Any]]:
    """What the holder's history says was shown, newest first."""
    history = student.ask("GET", f"{student.base}/history")
    return [one for one in history if one["kind"] == "presented"]


def judge_late(stage: Stage) -> None:
    """The verifier's jobs, a while later: what a dead process left is judged."""
    later = {"TEGATA_VERIFIER_FIXED_CLOCK": str(int(time.time()) + 10)}
    stage.cast.verifier.command("jobs", extra=later)


def issue_by_hand(stage: Stage, watch: Watch) -> None:
    """Token, nonce and credential request, each posted again after a crash and once more: one of them is taken."""
    wallet, number = OwnWallet(cast=stage.cast), next(stage.roll)
    made = watch.insist(lambda: stage.registrar.offer(number))
    message = wallet.token_message(made)
    answer = watch.insist(lambda: wallet.post(message))
    if answer.status_code != 200:  # the answer was lost with the process
        assert answer.json()["error"] == "invalid_grant"
        made = watch.insist(lambda: stage.registrar.offer(number))
        answer = watch.insist(lambda: wallet.post(wallet.token_message(made)))
    token = answer.json()["access_token"]
    nonce = watch.insist(wallet.nonce)
    asked = wallet.credential_message(token, nonce=nonce)
    answer = watch.insist(lambda: wallet.post(asked))
    if answer.status_code != 200:
        assert answer.json()["error"] == "invalid_nonce", answer.text
        asked = wallet.credential_message(token, nonce=watch.insist(wallet.nonce))
        answer = watch.insist(lambda: wallet.post(asked))
    assert answer.status_code == 200, answer.text
    again = watch.insist(lambda: wallet.post(asked))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_nonce")
    check_one_set(stage, number, copies=1)
    check_code_is_spent(stage, watch, made)


def present_by_hand(stage: Stage, watch: Watch) -> None:
    """One response, posted again after a crash and once more: one of them is taken, and it is judged once."""
    wallet = OwnWallet(cast=stage.cast)
    credential = wallet.claim(stage.registrar.offer(next(stage.roll)))
    session = watch.insist(lambda: stage.assistant.put_question("student"))
    request = watch.insist(lambda: wallet.read_request(session["link"]))
    message = wallet.presentation_message(request, credential)
    assert watch.insist(lambda: wallet.post(message)).status_code in (200, 400, 409)
    again = watch.insist(lambda: wallet.post(message))
    assert again.status_code in (400, 409), again.text
    judge_late(stage)
    result = stage.assistant.result(session["id"])
    assert (result["state"], result["verdict"]["answer"]) == ("judged", "passed"), result


SCENES = {
    "claim, issuer dies": Scene(
        program="issuer",
        points=frozenset({"statement", "make_offer", "redeem_code", "issue_credential", "accept_notification"}),
        play=claim,
    ),
    "claim, wallet dies": Scene(
        program="wallet",
        points=frozenset(
            {
                "statement",
                "fetch",
                "offer_authorised",
                "offer_requesting",
                "store_card",
                "offer_stored",
                "offer_done",
                "check_card",
            }
        ),
        play=claim,
    ),
    "ask, wallet dies": Scene(
        program="wallet",
        points=frozenset({"statement", "fetch", "answer_request", "request_answered"}),
        play=ask,
        prepare=hold_a_card,
    ),
    "ask, verifier dies": Scene(
        program="verifier",
        points=frozenset({"open_session", "serve_request", "accept_response", "fetch", "store_verdict"}),
        play=ask,
        prepare=hold_a_card,
    ),
    "issue by hand, issuer dies": Scene(
        program="issuer",
        points=frozenset({"statement", "make_offer", "redeem_code", "issue_credential"}),
        play=issue_by_hand,
    ),
    "present by hand, verifier dies": Scene(
        program="verifier",
        points=frozenset({"open_session", "serve_request", "accept_response", "fetch", "store_verdict"}),
        play=present_by_hand,
    ),
}
