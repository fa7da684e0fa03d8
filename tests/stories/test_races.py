"""Two worker processes behind each port, many clients at once: of one code, one nonce, one response, one status index, one has it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from examples.demo.people import NotDone, Student
from examples.demo.programs import NAMES
from tests.stories.conftest import BOTH, new_databases
from tests.stories.invariants import check_everything
from tests.stories.own_wallet import Message, OwnWallet
from tests.stories.stage import Stage, open_stage, set_up

T = TypeVar("T")
RACERS = 12
NO_CODE: dict[str, Any] = {"tx_code": False}


@pytest.fixture(scope="module", params=BOTH)
def busy_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Three programs of two workers each. Leases are small, so that the workers meet at the status list all the time."""
    databases = {}
    if request.param == "postgres":
        databases = new_databases("postgres", request.getfixturevalue("postgres_server"))
    extra = {name: {"workers": "2"} for name in NAMES}
    extra["issuer"] |= {"status_lease": "3", "batch_size": "20"}
    # The stage's second is for crashes: on a busy machine a token takes longer.
    extra["wallet"] |= {"lease_seconds": "30"}
    cast = set_up(tmp_path_factory.mktemp("races"), databases=databases, extra=extra, forks_server=False)
    yield open_stage(cast)
    assert cast.stop() == dict.fromkeys(NAMES, 0)


def race(act: Callable[[int], T], racers: int = RACERS) -> list[T]:
    """All start at the same moment; their results in order."""
    gate = threading.Barrier(racers)

    def run(number: int) -> T:
        gate.wait(30)
        return act(number)

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, range(racers)))


def post_by_all(stage: Stage, message: Message) -> Counter[tuple[int, str]]:
    """(status, error code) → how many of the racers heard it. Each has a connection of its own."""
    wallets = [OwnWallet(cast=stage.cast) for _ in range(RACERS)]

    def post(number: int) -> tuple[int, str]:
        answer = wallets[number].post(message)
        return answer.status_code, answer.json().get("error", "") if answer.status_code != 200 else ""

    return Counter(race(post))


def test_there_are_two_workers(busy_stage: Stage) -> None:
    for program in busy_stage.cast.programs.values():
        assert program.process is not None
        children = Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children").read_text().split()
        workers = [pid for pid in children if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(workers) == 2


def test_one_code(busy_stage: Stage) -> None:
    made = busy_stage.registrar.offer(next(busy_stage.roll))
    heard = post_by_all(busy_stage, OwnWallet(cast=busy_stage.cast).token_message(made))
    assert heard == {(200, ""): 1, (400, "invalid_grant"): RACERS - 1}


def test_wrong_codes_do_not_outrun_the_count(busy_stage: Stage) -> None:
    """Five guesses there are, however many guess at once; then not even the right code opens the offer."""
    made, wallet = busy_stage.registrar.offer(next(busy_stage.roll)), OwnWallet(cast=busy_stage.cast)
    wrong = "000000" if made["tx_code"] != "000000" else "000001"
    assert post_by_all(busy_stage, wallet.token_message(made, tx_code=wrong)) == {(400, "invalid_grant"): RACERS}
    assert wallet.post(wallet.token_message(made)).status_code == 400
    query = "SELECT state, tx_code_wrong FROM offer WHERE id = ?"
    assert busy_stage.ledger("issuer").rows(query, made["id"]) == [("dead", 5)]


def test_one_nonce(busy_stage: Stage) -> None:
    wallet = OwnWallet(cast=busy_stage.cast)
    made = busy_stage.registrar.offer(next(busy_stage.roll), **NO_CODE)
    token = wallet.post(wallet.token_message(made)).json()
    heard = post_by_all(busy_stage, wallet.credential_message(token["access_token"], nonce=wallet.nonce()))
    assert heard == {(200, ""): 1, (400, "invalid_nonce"): RACERS - 1}
    copies = "SELECT COUNT(*) FROM credential WHERE offer_id = ?"
    assert busy_stage.ledger("issuer").one(copies, made["id"]) == 1
    heard = post_by_all(busy_stage, wallet.refresh_message(token["refresh_token"]))
    assert heard == {(200, ""): 1, (400, "invalid_grant"): RACERS - 1}


def test_one_response(busy_stage: Stage) -> None:
    wallet = OwnWallet(cast=busy_stage.cast)
    credential = wallet.claim(busy_stage.registrar.offer(next(busy_stage.roll), **NO_CODE))
    session = busy_stage.assistant.put_question("student")
    message = wallet.presentation_message(wallet.read_request(session["link"]), credential)
    heard = post_by_all(busy_stage, message)
    assert heard[200, ""] == 1, heard
    assert all(status in (200, 400, 409) for status, _ in heard), heard
    assert busy_stage.assistant.result(session["id"])["verdict"]["answer"] == "passed"
    verdicts = "SELECT COUNT(*) FROM verdict WHERE session = ?"
    assert busy_stage.ledger("verifier").one(verdicts, session["id"]) == 1


def test_no_status_index_twice(busy_stage: Stage) -> None:
    """Eight wallets ask for twenty copies each, at once, with leases of three."""
    stage = busy_stage
    numbers = [next(stage.roll) for _ in range(8)]
    wallets = [OwnWallet(cast=stage.cast) for _ in numbers]
    messages = []
    for wallet, number in zip(wallets, numbers, strict=True):
        token = wallet.post(wallet.token_message(stage.registrar.offer(number, **NO_CODE))).json()["access_token"]
        messages.append(wallet.credential_message(token, nonce=wallet.nonce(), copies=20))
    answers = race(lambda number: wallets[number].post(messages[number]), len(wallets))
    assert [answer.status_code for answer in answers] == [200] * 8
    rows = stage.ledger("issuer").rows("SELECT list_id, list_index FROM credential")
    assert len(rows) >= 160
    assert len(set(rows)) == len(rows)


def test_one_acceptance_in_the_wallet(busy_stage: Stage) -> None:
    """The person taps twice, in two browsers: one card, and everybody hears either the end or that it is in work."""
    stage, student = busy_stage, busy_stage.student()
    made = stage.registrar.offer(next(stage.roll))
    offers = race(lambda _: busy_student(stage, student).receive(made["link"])["id"], 6)
    assert len(set(offers)) == 1
    heard = race(lambda _: tried(lambda: busy_student(stage, student).accept(offers[0], made["tx_code"])["state"]), 6)
    assert "done" in heard
    assert set(heard) <= {"done", "stored", "offer_busy", "offer_moved_on"}, heard
    assert len([one for one in student.cards() if one["id"] in student.offer(offers[0])["card_ids"]]) == 1


def test_one_consent_in_the_wallet(busy_stage: Stage) -> None:
    stage, student = busy_stage, busy_stage.student("consenter")
    stage.claim(student)
    session = stage.assistant.put_question("student")
    view = student.look_at(session["link"])
    heard = race(lambda _: tried(lambda: busy_student(stage, student).answer(view["id"])["state"]), 6)
    assert Counter(heard) == {"answered": 1, "request_answered": 5}
    assert stage.assistant.result(session["id"])["verdict"]["answer"] == "passed"


def test_one_wallet_of_a_name(busy_stage: Stage) -> None:
    heard = race(lambda _: tried(Student(busy_stage.cast, "popular").make_wallet), 3)
    assert Counter(heard) == {"None": 1, "name_taken": 2}


def test_seals_at_once(busy_stage: Stage) -> None:
    """Everything that was done stands in the record once, whoever seals it."""
    race(lambda _: busy_stage.cast.issuer.command("audit", "verify"), 2)
    check_everything(busy_stage)


def busy_student(stage: Stage, student: Student) -> Student:
    """The same holder in another browser: a connection of its own, the same session."""
    other = Student(stage.cast, student.name)
    other.http.headers["Authorization"] = student.http.headers["Authorization"]
    return other


def tried(act: Callable[[], Any]) -> str:
    """What it answered, or the code of the refusal."""
    try:
        return str(act())
    except NotDone as no:
        return str(no.problem["code"])
