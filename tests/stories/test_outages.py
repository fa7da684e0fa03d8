"""The database is locked or gone, another program is down, the power button is pressed, clocks disagree."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.demo.people import NotDone, Student
from examples.demo.programs import NAMES, Program
from tests.postgres import PostgresServer
from tests.stories.ledger import Ledger
from tests.stories.own_wallet import OwnWallet
from tests.stories.stage import Stage, open_stage, set_up


@contextmanager
def locked(program: Program) -> Iterator[None]:
    """Another writer holds the program's SQLite file."""
    file = sqlite3.connect(Ledger(program).url.removeprefix("sqlite:///"), isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        file.execute("ROLLBACK")
        file.close()


def check_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "database_unavailable"


def acts_that_write(stage: Stage, student: Student) -> dict[str, Callable[[], httpx.Response]]:
    """By program, one act that has to write."""
    number = next(stage.roll)
    made = stage.registrar.offer(number)
    registrar, assistant = stage.registrar, stage.assistant
    return {
        "issuer": lambda: registrar.http.post(f"{registrar.base}/people/{number}/offers", json={}),
        "wallet": lambda: student.http.post(f"{student.base}/offers", json={"link": made["link"]}),
        "verifier": lambda: assistant.http.post(f"{assistant.base}/sessions", json={"question": "student"}),
    }


def test_a_locked_database(stage: Stage) -> None:
    acts = acts_that_write(stage, stage.student())

    def try_one(name: str) -> tuple[httpx.Response, httpx.Response]:
        with locked(stage.cast.programs[name]):
            refused = acts[name]()
        return refused, acts[name]()

    with ThreadPoolExecutor(3) as pool:
        for refused, done in pool.map(try_one, NAMES):
            check_unavailable(refused)
            assert done.status_code == 201, done.text


@pytest.mark.postgres
def test_postgresql_goes_and_comes_back(tmp_path: Path) -> None:
    server = PostgresServer()
    try:
        server.start()
        cast = set_up(tmp_path / "cast", databases={name: server.new_database() for name in NAMES})
        try:
            stage = open_stage(cast)
            student = stage.student()
            acts = acts_that_write(stage, student)
            server.stop()
            for name in NAMES:
                check_unavailable(acts[name]())
                assert httpx.get(f"{cast.programs[name].url}/health/live").status_code == 200
                assert httpx.get(f"{cast.programs[name].url}/health/ready").status_code == 503
            server.start()
            for program in cast.programs.values():
                program.wait(10)
            for name in NAMES:
                assert acts[name]().status_code == 201
            assert stage.ask(student)["answer"] == "passed"
        finally:
            assert cast.stop() == dict.fromkeys(NAMES, 0)
    finally:
        server.remove()


def test_the_issuer_is_down_while_the_wallet_accepts(stage: Stage) -> None:
    student = stage.student()
    made = stage.registrar.offer(next(stage.roll))
    offer = student.receive(made["link"])
    stage.cast.issuer.stop()
    accept = f"{student.base}/offers/{offer['id']}/accept"
    refused = student.http.post(accept, json={"tx_code": made["tx_code"]})
    assert (refused.status_code, refused.json()["code"]) == (503, "no_answer")
    assert int(refused.headers["Retry-After"]) > 0
    stage.cast.issuer.start()
    stage.cast.issuer.wait()
    assert student.accept(offer["id"], made["tx_code"])["state"] == "done"


def test_the_issuer_is_down_while_the_verifier_judges(stage: Stage) -> None:
    """What cannot be known is not taken for granted: undetermined, which is no yes; and the tree says which fact is missing."""
    wallet = OwnWallet(cast=stage.cast)
    credential = wallet.claim(stage.registrar.offer(next(stage.roll)))
    session = stage.assistant.put_question("student")
    message = wallet.presentation_message(wallet.read_request(session["link"]), credential)
    time.sleep(2.1)  # what the verifier remembers of the status list is too old now
    stage.cast.issuer.stop()
    try:
        assert wallet.post(message).status_code == 200
        verdict = stage.assistant.result(session["id"])["verdict"]
    finally:
        stage.cast.issuer.start()
        stage.cast.issuer.wait()
    assert verdict["answer"] != "passed"
    checks = {one["check"]: one["answer"] for one in verdict["presentations"][0]["checks"]}
    assert checks["not_revoked"] == "undetermined"


@pytest.mark.parametrize("name", NAMES)
def test_a_clean_shutdown(stage: Stage, name: str) -> None:
    """The request in work is finished and answered, the process ends with 0, and the next one knows what was done."""
    act = acts_that_write(stage, stage.student())[name]
    program = stage.cast.programs[name]
    answers: list[httpx.Response] = []
    work = threading.Thread(target=lambda: answers.append(act()))
    with locked(program):
        work.start()
        time.sleep(2)  # it is in work now, and waits for the lock
        assert program.process is not None
        os.kill(program.process.pid, signal.SIGTERM)
        time.sleep(0.5)
    work.join(20)
    status = program.process.wait(20)
    program.start()
    program.wait()
    assert [answer.status_code for answer in answers] == [201]
    assert status == 0, program.last_words()


@pytest.mark.parametrize("seconds", [40, -40, 600, -600])
def test_the_wallets_clock_is_wrong(stage: Stage, seconds: int) -> None:
    """Less than a minute is forgiven on both protocols; ten minutes are not."""
    student, wallet = stage.student("late"), stage.cast.wallet
    student.unlock()
    cards = [one["id"] for one in student.cards()] or stage.claim(student)
    made = stage.registrar.offer(next(stage.roll))
    session = stage.assistant.put_question("student")
    wallet.stop()
    wallet.start(extra={"TEGATA_WALLET_FIXED_CLOCK": str(int(time.time()) + seconds)})
    wallet.wait()
    try:
        claimed = claim_at(student, made)
        shown = show_at(student, session, cards[0])
    finally:
        wallet.stop()
        wallet.start()
        wallet.wait()
    verdict: dict[str, Any] | None = stage.assistant.result(session["id"])["verdict"]
    if abs(seconds) < 60:
        assert (claimed, shown) == ("done", "answered")
        assert verdict is not None
        assert verdict["answer"] == "passed"
    else:
        # The issuer does not believe the proof; the wallet does not believe the request, which is over or not made yet.
        assert (claimed, shown) == ("failed", "expired" if seconds > 0 else "not_yet_valid")
        assert verdict is None


def claim_at(student: Student, made: dict[str, Any]) -> str:
    try:
        return str(student.accept(student.receive(made["link"])["id"], made["tx_code"])["state"])
    except NotDone as no:
        return str(no.problem["code"])


def show_at(student: Student, session: dict[str, Any], card: str) -> str:
    try:
        view = student.look_at(session["link"])
        query = next(name for name, found in view["options"].items() if card in {one["card_id"] for one in found})
        return str(student.answer(view["id"], cards={query: [card]})["state"])
    except NotDone as no:
        return str(no.problem["code"])
