"""Two real processes race to answer one question: one wins, and the verifier hears one answer."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from typing import Any

from common.errors import TegataError
from common.ids import Tenant
from common.oid4vp.authorization_request import ResponseMode
from common.ports import Fetched
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.wallet_agent.conftest import make_outside
from tests.wallet_agent.fake_issuer import FakeIssuer
from tests.wallet_agent.fake_verifier import FakeVerifier
from tests.wallet_agent.internet import Asked, Internet, answer
from wallet_agent.holder.answer_request import answer_request
from wallet_agent.holder.cards import read_cards
from wallet_agent.holder.history import read_history
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.read_request import read_request, view_request
from wallet_agent.holder.receive_offer import read_offer, receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.store.base import bind, database
from wallet_agent.vault.open_vault import OpenVault


def run(url: str, key: bytes, what: str, row_id: str, address: str, start: Barrier, said: Any) -> None:
    """One contestant. Its internet counts what reaches ``address`` and says yes, or stays silent for the issuer."""
    bind(url)
    internet, clock = Internet(), FixedClock()
    sent = 0

    def take(_: Asked) -> Fetched:
        nonlocal sent
        sent += 1
        return answer({}) if what == "answer" else answer({"error": "invalid_grant"}, 400)

    internet.serve(address, take)
    vault, outside = OpenVault(Tenant("hanako"), key), make_outside(internet, clock)
    start.wait(30)
    act: Any = answer_request if what == "answer" else accept_offer
    outcome: str
    try:
        outcome = act(vault, row_id, outside=outside).state.state
    except TegataError as error:
        outcome = error.code
    said.put((outcome, sent))


def race(url: str, vault: OpenVault, what: str, row_id: str, address: str) -> list[tuple[str, int]]:
    database.close()
    start, said = Forks.Barrier(2), Forks.Queue()
    contestants = [
        Forks.Process(target=run, args=(url, vault.key, what, row_id, address, start, said)) for _ in range(2)
    ]
    for one in contestants:
        one.start()
    outcomes = [said.get(timeout=60) for _ in contestants]
    for one in contestants:
        one.join(30)
    return sorted(outcomes)


def test_one_question_is_answered_by_one_process(
    database_url: str, vault: OpenVault, issuer: FakeIssuer, internet: Internet, clock: FixedClock, outside: Outside
) -> None:
    offer = receive_offer(vault, issuer.link(), fetch=outside.fetch, clock=clock)
    accept_offer(vault, offer.id, outside=outside)
    verifier = FakeVerifier(internet, clock, issuer, mode=ResponseMode.DIRECT_POST)
    request = read_request(vault, verifier.ask(), outside=outside)

    outcomes = race(database_url, vault, "answer", request.id, verifier.last.response_uri)

    assert sum(sent for _, sent in outcomes) == 1
    assert [outcome for outcome, _ in outcomes] == ["answered", "request_answered"]
    assert view_request(vault, request.id).state.state == "answered"
    assert [one.entry.kind for one in read_history(vault)].count("presented") == 1
    assert sum(card.copies - card.fresh for card in read_cards(vault)) == 1


def test_one_offer_is_redeemed_by_one_process(
    database_url: str, vault: OpenVault, issuer: FakeIssuer, outside: Outside
) -> None:
    offer = receive_offer(vault, issuer.link(), fetch=outside.fetch, clock=outside.clock)
    outcomes = race(database_url, vault, "accept", offer.id, "https://issuer.example/sakuragawa/token")
    assert sum(sent for _, sent in outcomes) == 1
    assert read_offer(vault, offer.id).state.state == "failed"
    assert {outcome for outcome, _ in outcomes} <= {"failed", "offer_busy"}
