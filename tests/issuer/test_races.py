"""Two processes, one code, one nonce, one block of indices: each is had once, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from common.errors import TegataError
from common.oid4vci.token_request import PreAuthorizedCodeRequest, RefreshRequest
from issuer.deps import open_deps
from issuer.flows.issue_credential import issue_credential
from issuer.flows.make_offer import make_offer
from issuer.flows.redeem_code import redeem_code
from issuer.flows.refresh_token import refresh_token
from issuer.flows.reveal_code import reveal_code
from issuer.flows.send_offers import queue_mail, send_offers
from issuer.store.tables import Credential, Offer, OutboxMail
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.issuer.school import TENANT, Outbox, School, Wallet, settings_for

WORKERS = 2


def _work(url: str, folder: str, act: Callable[..., Any], arguments: tuple[Any, ...], gate: Any, answers: Any) -> None:
    deps = open_deps(settings_for(url, Path(folder), status_lease=4), clock=FixedClock(), send_mail=Outbox())
    try:
        gate.wait(30)
        answers.put(act(deps, *arguments))
    except TegataError as error:
        answers.put(f"refused: {error.code}")
    finally:
        deps.database.close_all()


def race(school: School, act: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Runs the act in two processes that start together; their answers in any order."""
    gate, answers = Forks.Barrier(WORKERS), Forks.Queue()
    settings = school.deps.settings
    school.deps.database.close_all()
    workers = [
        Forks.Process(
            target=_work, args=(settings.database_address, str(settings.data_dir), act, arguments, gate, answers)
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(30)
    return found


def _redeem(deps: Any, code: str, tx_code: str) -> str:
    return redeem_code(deps.desk, TENANT, PreAuthorizedCodeRequest(code=code, tx_code=tx_code)).access_token


def _refresh(deps: Any, token: str) -> str:
    return refresh_token(deps.desk, TENANT, RefreshRequest(refresh_token=token)).access_token


def _issue(deps: Any, token: str, body: bytes) -> int:
    return len(issue_credential(deps.desk, TENANT, token, body).credentials)


def _allocate(deps: Any, count: int) -> list[tuple[str, int]]:
    found = (deps.desk.indices.allocate(TENANT) for _ in range(count))
    return [(one.list_id, one.index) for one in found]


def _send(deps: Any) -> int:
    return send_offers(deps.desk, deps.send_mail, pause=lambda _: None).sent


def _reveal(deps: Any, claim_token: str, birth_date: date) -> str:
    return reveal_code(deps.desk, TENANT, claim_token, birth_date)


def test_the_last_try_at_a_birth_date(any_school: School) -> None:
    """One try is left and two wrong guesses race: both are refused, one is counted, and the right date comes too late."""
    made = make_offer(any_school.desk, TENANT, any_school.person(), types=["enrolment"], actor="test")
    mine, token = (Offer.tenant == TENANT) & (Offer.id == made.id), made.claim_url.rpartition("/")[2]
    tries = any_school.desk.settings.tx_code_tries
    Offer.update(tx_code_wrong=tries - 1).where(mine).execute()
    assert set(race(any_school, _reveal, token, date(1999, 1, 1))) <= {
        "refused: wrong_birth_date",
        "refused: offer_over",
    }
    row = Offer.get(mine)
    assert (row.state, row.tx_code_wrong) == ("dead", tries)
    born = date.fromisoformat(any_school.person().birth_date)
    assert set(race(any_school, _reveal, token, born)) == {"refused: offer_over"}


def test_one_code(any_school: School) -> None:
    made = make_offer(any_school.desk, TENANT, any_school.person(), types=["enrolment"], actor="test")
    code = any_school.desk.secrets.token(TENANT, "pre-authorised code", made.id)
    found = race(any_school, _redeem, code, made.tx_code)
    assert sorted(one.startswith("refused: invalid_grant") for one in found) == [False, True]


def test_one_refresh_token(any_school: School) -> None:
    wallet = Wallet(any_school)
    wallet.redeem(make_offer(any_school.desk, TENANT, any_school.person(), types=["enrolment"], actor="test"))
    found = race(any_school, _refresh, wallet.refresh_token)
    assert sorted(one.startswith("refused: invalid_grant") for one in found) == [False, True]


def test_one_nonce(any_school: School) -> None:
    wallet = Wallet(any_school)
    wallet.redeem(make_offer(any_school.desk, TENANT, any_school.person(), types=["enrolment"], actor="test"))
    (proof,) = wallet.proofs()
    body = f'{{"credential_configuration_id":"enrolment_sd_jwt","proofs":{{"jwt":["{proof}"]}}}}'.encode()
    found = race(any_school, _issue, wallet.access_token, body)
    assert sorted(map(str, found)) == ["1", "refused: replayed"]
    assert Credential.select().where(Credential.tenant == TENANT).count() == 1


def test_no_index_twice(any_school: School) -> None:
    found = race(any_school, _allocate, 60)
    taken = [index for part in found for index in part]
    assert len(taken) == len(set(taken)) == 120


def _queue(deps: Any, offer_id: str) -> str:
    return queue_mail(deps.desk, TENANT, Offer.get(Offer.tenant == TENANT, Offer.id == offer_id), actor="test")


def test_one_mail_waits_for_an_offer(any_school: School) -> None:
    for _ in range(5):
        made = make_offer(any_school.desk, TENANT, any_school.person(), types=["enrolment"], actor="test")
        first, second = race(any_school, _queue, made.id)
        assert first == second
    assert OutboxMail.select().where(OutboxMail.tenant == TENANT).count() == 5


def test_no_mail_twice(any_school: School) -> None:
    for _ in range(5):
        made = make_offer(any_school.desk, TENANT, any_school.person(), types=["enrolment"], actor="test")
        queue_mail(any_school.desk, TENANT, Offer.get(Offer.tenant == TENANT, Offer.id == made.id), actor="test")
    assert sum(race(any_school, _send)) == 5
    states = [row.state for row in OutboxMail.select().where(OutboxMail.tenant == TENANT)]
    assert states == ["sent"] * 5
