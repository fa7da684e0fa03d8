"""Scenes of one holder: a wallet is made, locked and opened; cards are renewed, deleted and restored; people say no."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest

from examples.demo.people import NotDone, Student
from tests.stories.office_scenes import once
from tests.stories.own_wallet import OwnWallet
from tests.stories.scene import Scene
from tests.stories.scenes import hold_a_card
from tests.stories.stage import Stage
from tests.stories.watch import Watch

NAMES = (f"h{number}" for number in itertools.count(1))
PASSPHRASES = (f"correct horse {number}" for number in itertools.count(1))


def make_a_wallet(stage: Stage, watch: Watch) -> None:
    """The name is taken once; whoever took it has the passphrase."""
    student = Student(stage.cast, next(NAMES))
    once(watch, student.make_wallet, "name_taken")
    watch.insist(student.unlock)
    assert watch.insist(student.cards) == []


def lock_and_open(stage: Stage, watch: Watch) -> None:
    """A lock holds, and of two passphrases the new one opens."""
    student = stage.student("locker")
    here, everywhere = {"everywhere": False}, {"everywhere": True}
    lock = f"{student.base}/lock"
    for act in (lambda: student.ask("POST", lock, json=here), lambda: student.ask("POST", lock, json=everywhere)):
        watch.insist(student.unlock)
        once(watch, act, "login_needed")
        assert watch.insist(lambda: student.http.get(f"{student.base}/cards")).status_code in (401, 403)
    watch.insist(student.unlock)
    new = next(PASSPHRASES)
    wanted = {"old": student.passphrase, "new": new}
    once(watch, lambda: student.ask("POST", f"{student.base}/passphrase", json=wanted), "login_needed")
    student.passphrase = new
    watch.insist(student.unlock)


def keep_cards(stage: Stage, watch: Watch) -> None:
    """A mistyped code, a renewal that is refused twice, a card that is deleted and restored."""
    student, number = stage.student("keeper"), next(stage.roll)
    made = stage.registrar.offer(number)
    offer = student.receive(made["link"])
    wrong = "000000" if made["tx_code"] != "000000" else "000001"
    with pytest.raises(NotDone, match="tx_code_wrong"):
        watch.insist(lambda: student.accept(offer["id"], wrong))
    (card,) = watch.insist(lambda: student.accept(offer["id"], made["tx_code"]))["card_ids"]
    stage.registrar.withdraw(number)
    renewal = f"{student.base}/cards/{card}/renew"
    for _ in range(2):
        assert watch.insist(lambda: student.ask("POST", renewal))["state"] == "failed"
    backup = watch.insist(lambda: student.http.post(f"{student.base}/backup", json={})).content
    once(watch, lambda: student.ask("DELETE", f"{student.base}/cards/{card}"), "no_such_card")
    assert card not in held(watch, student)
    files, data = {"file": ("backup", backup)}, {"passphrase": student.passphrase}
    watch.insist(lambda: student.ask("POST", f"{student.base}/restore", files=files, data=data))
    assert held(watch, student).count(card) == 1


def say_no(stage: Stage, watch: Watch) -> None:
    """An offer and a question are declined; the asker hears it at most once."""
    student = stage.student("keeper")
    made = stage.registrar.offer(next(stage.roll))
    offer = watch.insist(lambda: student.receive(made["link"]))
    declined = watch.insist(lambda: student.ask("POST", f"{student.base}/offers/{offer['id']}/decline"))
    assert declined["state"] == "declined"
    session = watch.insist(lambda: stage.assistant.put_question("student", same_device=True))
    view = watch.insist(lambda: student.look_at(session["link"]))
    assert watch.insist(lambda: student.decline(view["id"]))["state"] == "declined"
    result: dict[str, Any] = watch.insist(lambda: stage.assistant.result(session["id"]))
    # Who died while it was told leaves the question waiting until its time is over; an answer to it there is none.
    assert result["state"] in (("refused", "served") if watch.deaths else ("refused",))
    assert result["verdict"] is None


def meet_a_deaf_verifier(stage: Stage, watch: Watch) -> None:
    """The verifier is away while it is answered: the same answer again. And a question that another wallet answered first."""
    student, verifier = stage.student("asked"), stage.cast.verifier
    session = stage.assistant.put_question("student")
    view = student.look_at(session["link"])
    verifier.stop()
    while watch.insist(lambda: answer(student, view["id"]))["state"] != "uncertain":
        time.sleep(0.2)
    verifier.start()
    verifier.wait()
    while watch.insist(lambda: answer(student, view["id"]))["state"] not in ("answered", "refused"):
        time.sleep(0.2)
    assert watch.insist(lambda: stage.assistant.result(session["id"]))["verdict"]["answer"] == "passed"
    session = stage.assistant.put_question("student")
    view = student.look_at(session["link"])
    other = OwnWallet(cast=stage.cast)
    message = other.presentation_message(other.read_request(session["link"]), other.claim(someone(stage)))
    assert other.post(message).status_code == 200
    while watch.insist(lambda: answer(student, view["id"]))["state"] != "refused":
        time.sleep(0.2)


def show_in_person(stage: Stage, watch: Watch) -> None:
    """A card is shown by QR code: whoever dies, one showing gets one yes."""
    student = stage.student("asked")
    card = watch.insist(student.cards)[0]["id"]
    shown = watch.insist(lambda: student.ask("POST", f"{student.base}/cards/{card}/show", json={}))
    verdicts = [watch.insist(lambda: accept(stage, shown["text"])) for _ in range(2)]
    assert [verdict["accepted"] for verdict in verdicts] in (
        [True, False],
        [False, False] if watch.deaths else [True, False],
    )
    assert verdicts[1]["reason"] == "replayed"


def accept(stage: Stage, text: str) -> dict[str, Any]:
    asked = {"question": "student", "text": text}
    verdict: dict[str, Any] = stage.assistant.ask("POST", f"{stage.assistant.base}/shown", json=asked)["verdict"]
    return verdict


def answer(student: Student, request_id: str) -> dict[str, Any]:
    """The answer, once it is decided what became of it; else one more try."""
    found = student.request(request_id)
    return found if found["state"] in ("answered", "refused") else student.answer(request_id)


def someone(stage: Stage) -> dict[str, Any]:
    """An offer to the next student of the roll."""
    return stage.registrar.offer(next(stage.roll))


def held(watch: Watch, student: Student) -> list[str]:
    return [one["id"] for one in watch.insist(student.cards)]


def open_vaults(stage: Stage) -> None:
    stage.student("locker")
    stage.student("keeper").unlock()


HOLDER_SCENES = {
    "a wallet is made": Scene(
        program="wallet", points=frozenset({"statement", "create_holder", "unlock"}), play=make_a_wallet
    ),
    "a vault is locked": Scene(
        program="wallet",
        points=frozenset({"lock", "lock_everywhere", "change_passphrase"}),
        play=lock_and_open,
        prepare=open_vaults,
    ),
    "cards are kept": Scene(
        program="wallet",
        points=frozenset({"offer_received", "offer_failed", "renew_card", "delete_card", "restore_backup"}),
        play=keep_cards,
        prepare=open_vaults,
    ),
    "a deaf verifier": Scene(
        program="wallet",
        points=frozenset({"answer_again", "request_uncertain", "request_refused"}),
        play=meet_a_deaf_verifier,
        prepare=hold_a_card,
    ),
    "a card is shown, wallet dies": Scene(
        program="wallet", points=frozenset({"start_showing"}), play=show_in_person, prepare=hold_a_card
    ),
    "a card is shown, verifier dies": Scene(
        program="verifier", points=frozenset({"accept_shown"}), play=show_in_person, prepare=hold_a_card
    ),
    "no, wallet dies": Scene(
        program="wallet",
        points=frozenset({"decline_offer", "decline_request", "decline_told"}),
        play=say_no,
        prepare=open_vaults,
    ),
    "no, verifier dies": Scene(program="verifier", points=frozenset({"decline"}), play=say_no, prepare=open_vaults),
}
