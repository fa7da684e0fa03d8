"""From a verifier's question to an answer: who asks, what is given and held back, and that it is given once."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Conflict, Malformed, Refused, Rejected, Unsupported
from common.oid4vp.authorization_request import ResponseMode
from common.oid4vp.errors import AuthorizationError
from common.oid4vp.transaction_data import build_transaction_data, parse_transaction_data
from tests.fakes.clock import FixedClock
from tests.wallet_agent.fake_issuer import FakeIssuer
from tests.wallet_agent.fake_verifier import CAFE, STUDENT, STUDENT_W3C, FakeVerifier
from tests.wallet_agent.holder.test_cards import dump
from tests.wallet_agent.internet import Asked, Internet
from wallet_agent.holder.answer_request import answer_request, decline_request
from wallet_agent.holder.cards import read_cards
from wallet_agent.holder.choose_credentials import choose_credentials
from wallet_agent.holder.history import read_history
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.read_request import read_request, view_request, view_requests
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.holder.request_states import Answered, Declined, Uncertain
from wallet_agent.holder.request_states import Refused as RefusedState
from wallet_agent.holder.retention import sweep
from wallet_agent.vault.open_vault import OpenVault


@pytest.fixture
def verifier(internet: Internet, clock: FixedClock, issuer: FakeIssuer) -> FakeVerifier:
    return FakeVerifier(internet, clock, issuer)


@pytest.fixture
def holder(vault: OpenVault, issuer: FakeIssuer, outside: Outside, clock: FixedClock) -> OpenVault:
    """A vault with the same certificate in both formats."""
    offer = receive_offer(vault, issuer.link("enrolment", "enrolment_w3c"), fetch=outside.fetch, clock=outside.clock)
    accept_offer(vault, offer.id, outside=outside)
    clock.advance(1)
    return vault


def ask(holder: OpenVault, link: str, outside: Outside) -> str:
    return read_request(holder, link, outside=outside).id


@pytest.mark.parametrize("mode", list(ResponseMode))
@pytest.mark.parametrize("post", [True, False])
def test_a_question_is_answered_with_what_was_asked_and_no_more(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside, mode: ResponseMode, post: bool
) -> None:
    verifier.mode, verifier.post = mode, post
    request = ask(holder, verifier.ask(), outside)

    consent = choose_credentials(holder, request, outside=outside)
    asker = consent.question.asker
    assert (asker.proof, asker.proven_name, asker.response_host) == ("did_web", "cafe.example", "cafe.example")
    assert asker.said_names["ja"] == "喫茶てがた"
    assert consent.question.purposes["en"] == "student discount"
    assert not consent.seen_before
    (option,) = consent.options["student"]
    assert {line.path for line in option.given} >= {("is_student",), ("family_name",)}
    assert ("birthdate",) in {line.path for line in option.held_back}
    assert verifier.taken == []

    state = answer_request(holder, request, outside=outside).state

    assert isinstance(state, Answered)
    assert state.redirect_uri == f"{CAFE}/done?response_code=xyz"
    shown = verifier.verified().credential.subject
    assert shown["family_name"] == "髙橋"
    assert {(name,) for name in shown} >= {("is_student",), ("family_name",)}
    assert "birthdate" not in shown
    assert {line.path[0] for line in option.given} == set(shown)
    entry = read_history(holder)[0].entry
    assert (entry.kind, entry.outcome, entry.party) == ("presented", "done", asker.client_id)
    assert ("family_name",) in entry.given[0].paths
    again = choose_credentials(holder, ask(holder, verifier.ask(), outside), outside=outside)
    assert again.seen_before


def test_a_w3c_credential_is_given_whole_and_the_consent_says_so(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside
) -> None:
    request = ask(holder, verifier.ask(STUDENT_W3C), outside)
    (option,) = choose_credentials(holder, request, outside=outside).options["student"]
    assert option.held_back == ()
    assert ("credentialSubject", "birthdate") in {line.path for line in option.given}
    assert isinstance(answer_request(holder, request, outside=outside).state, Answered)
    assert verifier.verified().credential.subject["family_name"] == "髙橋"


def test_every_presentation_shows_another_copy(holder: OpenVault, verifier: FakeVerifier, outside: Outside) -> None:
    keys = set()
    for _ in range(3):
        answer_request(holder, ask(holder, verifier.ask(), outside), outside=outside)
        jwk = verifier.verified().credential.holder_jwk
        assert jwk is not None
        keys.add(jwk["x"])
    assert len(keys) == 3
    card = next(card for card in read_cards(holder) if card.face.format == "dc+sd-jwt")
    assert (card.copies, card.fresh) == (3, 0)
    assert isinstance(answer_request(holder, ask(holder, verifier.ask(), outside), outside=outside).state, Answered)


def test_a_question_is_answered_once(holder: OpenVault, verifier: FakeVerifier, outside: Outside) -> None:
    link = verifier.ask()
    request = ask(holder, link, outside)
    assert ask(holder, link, outside) == request
    answer_request(holder, request, outside=outside)
    with pytest.raises(Conflict):
        answer_request(holder, request, outside=outside)
    with pytest.raises(Conflict):
        decline_request(holder, request, outside=outside)
    assert len(verifier.taken) == 1
    assert len(view_requests(holder)) == 1


def test_declining_says_access_denied_and_nothing_else(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside
) -> None:
    request = ask(holder, verifier.ask(), outside)
    state = decline_request(holder, request, outside=outside).state
    assert isinstance(state, Declined)
    assert state.redirect_uri is not None
    (told,) = verifier.taken
    assert isinstance(told, AuthorizationError)
    assert (told.error, told.description) == ("access_denied", "")
    assert read_history(holder)[0].entry.kind == "declined"
    with pytest.raises(Conflict):
        answer_request(holder, request, outside=outside)


def test_a_forged_request_is_rejected(holder: OpenVault, verifier: FakeVerifier, outside: Outside) -> None:
    verifier.forged = True
    with pytest.raises(Rejected, match="bad_signature"):
        ask(holder, verifier.ask(), outside)
    assert view_requests(holder) == []


def test_another_client_id_outside_than_inside_is_rejected(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside
) -> None:
    with pytest.raises(Rejected):
        ask(holder, verifier.ask().replace("cafe.example&", "evil.example&"), outside)


def test_unsigned_requests_are_for_sandboxes(holder: OpenVault, internet: Internet, outside: Outside) -> None:
    from dataclasses import replace

    link = "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fcafe.example%2Fr&response_type=vp_token"
    with pytest.raises(Refused, match="unsigned_request"):
        ask(holder, link, replace(outside, sandbox=False))


def test_transactions_that_nobody_knows_are_refused_and_the_asker_hears_it(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside
) -> None:
    data = parse_transaction_data(build_transaction_data({"type": "pay", "credential_ids": ["student"]}))
    with pytest.raises(Unsupported):
        ask(holder, verifier.ask(transaction_data=(data,)), outside)
    (told,) = verifier.taken
    assert isinstance(told, AuthorizationError)
    assert told.error == "invalid_transaction_data"


def test_what_no_card_answers_is_not_answered(holder: OpenVault, verifier: FakeVerifier, outside: Outside) -> None:
    query: dict[str, Any] = {
        "credentials": [{"id": "x", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://other.example/type"]}}]
    }
    request = ask(holder, verifier.ask(query), outside)
    consent = choose_credentials(holder, request, outside=outside)
    assert (consent.satisfiable, consent.missing) == (False, ("x",))
    with pytest.raises(Refused, match="credential_missing"):
        answer_request(holder, request, outside=outside)
    with pytest.raises(Malformed, match="bad_choice"):
        answer_request(holder, request, outside=outside, picked={"x": ["nonsense"]})


def test_an_old_question_is_not_answered(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside, clock: FixedClock
) -> None:
    request = ask(holder, verifier.ask(), outside)
    clock.advance(301)
    with pytest.raises(Conflict, match="request_expired"):
        answer_request(holder, request, outside=outside)


def test_an_answer_that_may_be_lost_is_sent_again_unchanged(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside, internet: Internet
) -> None:
    request = ask(holder, verifier.ask(), outside)
    url = verifier.last.response_uri
    internet.broken.add(url)
    assert isinstance(answer_request(holder, request, outside=outside).state, Uncertain)
    assert read_history(holder)[0].entry.outcome == "unknown"
    internet.broken.clear()
    assert isinstance(answer_request(holder, request, outside=outside).state, Answered)
    assert read_history(holder)[0].entry.outcome == "done"
    bodies = [asked.body for asked in internet.heard if asked.url == url]
    assert bodies[0] == bodies[1]
    assert len(read_history(holder)) == len({one.id for one in read_history(holder)}) == 3


class Killed(BaseException):
    """Stands for kill -9."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_while_sending_gives_nothing_twice(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside, internet: Internet, clock: FixedClock, moment: str
) -> None:
    request = ask(holder, verifier.ask(), outside)
    url = verifier.last.response_uri
    real = internet.handlers[url]

    def die(asked: Asked) -> object:
        if moment == "after":
            real(asked)
        raise Killed

    internet.serve(url, die)  # type: ignore[arg-type]  # it never returns
    with pytest.raises(Killed):
        answer_request(holder, request, outside=outside)
    internet.serve(url, real)
    with pytest.raises(Conflict):
        answer_request(holder, request, outside=outside)
    clock.advance(31)
    state = answer_request(holder, request, outside=outside).state
    assert isinstance(state, Answered if moment == "before" else RefusedState)
    assert len(verifier.taken) == 1


def test_the_database_tells_nobody_who_asked_for_what(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside
) -> None:
    answer_request(holder, ask(holder, verifier.ask(STUDENT), outside), outside=outside)
    raw = dump()
    for word in ("cafe.example", "喫茶", "is_student", "discount", verifier.last.nonce, "髙橋"):
        assert word.encode() not in raw


def test_requests_are_forgotten_and_history_stays(
    holder: OpenVault, verifier: FakeVerifier, outside: Outside, clock: FixedClock
) -> None:
    request = ask(holder, verifier.ask(), outside)
    assert view_request(holder, request).state.state == "asked"
    answer_request(holder, request, outside=outside)
    clock.advance(2000)
    assert sweep(clock=clock, offer_seconds=10**6, request_seconds=1000).requests == 1
    assert read_history(holder)[0].entry.kind == "presented"
