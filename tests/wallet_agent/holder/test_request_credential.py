"""From an offer to a card: what is received, what is refused, and what a crash leaves behind."""

from __future__ import annotations

import pytest

from common.errors import Conflict, Malformed, NotFound, Refused, Rejected, TegataError, Unavailable, Unsupported
from common.keys.history import KeyEntry
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import make_outside
from tests.wallet_agent.fake_issuer import ISSUER, FakeIssuer
from tests.wallet_agent.internet import Asked, Internet, answer
from wallet_agent.holder.cards import read_card, read_cards
from wallet_agent.holder.history import read_history
from wallet_agent.holder.offer_states import Authorised, Declined, Done, Failed, Received, Requesting, Stored
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import decline_offer, read_offer, read_offers, receive_offer
from wallet_agent.holder.request_credential import accept_offer, resume_offers
from wallet_agent.vault.open_vault import OpenVault


def receive(vault: OpenVault, text: str, outside: Outside) -> str:
    return receive_offer(vault, text, fetch=outside.fetch, clock=outside.clock).id


@pytest.mark.parametrize("configuration", ["enrolment", "enrolment_w3c"])
def test_an_offer_becomes_a_card_with_copies(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, configuration: str
) -> None:
    offer = receive_offer(vault, issuer.link(configuration), fetch=outside.fetch, clock=outside.clock)
    assert isinstance(offer.state, Received)
    assert offer.state.terms.issuer_display[0].name == "桜川大学"
    assert read_cards(vault) == []

    done = accept_offer(vault, offer.id, outside=outside)

    assert isinstance(done.state, Done)
    (card,) = read_cards(vault)
    assert (card.copies, card.fresh, card.state) == (3, 3, "held")
    assert card.face.subject["family_name"] == "髙橋"
    assert len(issuer.issued) == 3
    assert [one["event"] for one in issuer.notified] == ["credential_accepted"]
    assert [one.entry.kind for one in read_history(vault)] == ["received"]
    assert accept_offer(vault, offer.id, outside=outside).state == done.state
    assert len(issuer.issued) == 3


def test_the_same_offer_read_twice_is_one(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> None:
    link = issuer.link_by_reference()
    assert receive(vault, link, outside) == receive(vault, link, outside)
    assert len(read_offers(vault)) == 1


def test_a_link_that_is_served_no_more_still_finds_its_offer(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet
) -> None:
    link = issuer.link_by_reference()
    offer = receive(vault, link, outside)
    address = next(url for url in internet.handlers if "/offers/" in url)
    internet.serve(address, lambda _: answer({}, 404))
    assert receive(vault, link, outside) == offer
    with pytest.raises(NotFound, match="gone"):
        receive(vault, link + "&x=1", outside)


def test_two_configurations_are_two_cards(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> None:
    offer = receive(vault, issuer.link("enrolment", "enrolment_w3c"), outside)
    state = accept_offer(vault, offer, outside=outside).state
    assert isinstance(state, Done)
    assert {read_card(vault, one).face.format for one in state.card_ids} == {"dc+sd-jwt", "jwt_vc_json"}


def test_a_transaction_code_is_asked_for_and_counted(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> None:
    issuer.tx_code = "493536"
    offer = receive(vault, issuer.link(), outside)
    with pytest.raises(Malformed, match="tx_code_needed"):
        accept_offer(vault, offer, outside=outside)
    with pytest.raises(Malformed, match="tx_code_shape"):
        accept_offer(vault, offer, outside=outside, tx_code="12")
    with pytest.raises(Refused, match="tx_code_wrong"):
        accept_offer(vault, offer, outside=outside, tx_code="111111")
    state = read_offer(vault, offer).state
    assert isinstance(state, Received)
    assert state.wrong_codes == 1
    assert isinstance(accept_offer(vault, offer, outside=outside, tx_code="４９３ ５３６").state, Done)


def test_a_spent_offer_fails_with_its_reason(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> None:
    offer = receive(vault, issuer.link(), outside)
    issuer.codes.clear()
    state = accept_offer(vault, offer, outside=outside).state
    assert isinstance(state, Failed)
    assert state.code == "invalid_grant"


def test_declining_sends_nothing_and_is_final(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> None:
    offer = receive(vault, issuer.link(), outside)
    assert isinstance(decline_offer(vault, offer, clock=outside.clock).state, Declined)
    with pytest.raises(Conflict):
        accept_offer(vault, offer, outside=outside)
    assert len(issuer.codes) == 1


@pytest.mark.parametrize("flaw", ["foreign_key", "wrong_type", "strange_holder"])
def test_what_cannot_be_believed_is_not_stored(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, flaw: str
) -> None:
    setattr(issuer, flaw, True)
    offer = receive(vault, issuer.link(), outside)
    state = accept_offer(vault, offer, outside=outside).state
    assert isinstance(state, Failed)
    assert state.code in {"bad_signature", "wrong_type", "wrong_holder"}
    assert read_cards(vault) == []
    assert [one["event"] for one in issuer.notified] == ["credential_failure"]


@pytest.mark.parametrize("reason", ["key_compromised", "key_retired"])
def test_a_card_of_a_key_out_of_use_is_not_stored(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet, clock: FixedClock, reason: str
) -> None:
    then = clock.now() - 30 * 86_400
    life = KeyEntry(
        key_id=issuer.key.kid,
        retired_at=then if reason == "key_retired" else None,
        compromised_since=then if reason == "key_compromised" else None,
    )
    published = build_issuer_metadata(ISSUER, [issuer.key.public_jwk()], {issuer.key.kid: life})
    internet.serve(metadata_address(ISSUER), lambda _: answer(published))
    state = accept_offer(vault, receive(vault, issuer.link(), outside), outside=outside).state
    assert isinstance(state, Failed)
    assert state.code == reason
    assert read_cards(vault) == []


def test_metadata_of_another_issuer_is_rejected(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet
) -> None:
    url = "https://issuer.example/.well-known/openid-credential-issuer/sakuragawa"
    real = internet.handlers[url]
    internet.serve(url, lambda asked: answer(real(asked).body.replace(ISSUER.encode(), b"https://evil.example/x")))
    with pytest.raises(Rejected, match="untrusted_issuer"):
        receive(vault, issuer.link(), outside)


@pytest.mark.parametrize("text", ["", "hello", "{", "openid-credential-offer://?", "https://shop.example/?x=1"])
def test_noise_is_malformed(vault: OpenVault, outside: Outside, text: str) -> None:
    with pytest.raises(Malformed):
        receive(vault, text, outside)


def test_an_offer_without_a_grant_we_know_is_unsupported(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside
) -> None:
    with pytest.raises(Unsupported):
        receive(vault, f'{{"credential_issuer":"{ISSUER}","credential_configuration_ids":["enrolment"]}}', outside)


@pytest.mark.parametrize(
    ("broken", "left"),
    [
        (f"{ISSUER}/token", Received),
        (f"{ISSUER}/nonce", Requesting),
        (f"{ISSUER}/credential", Requesting),
        ("https://issuer.example/.well-known/jwt-vc-issuer/sakuragawa", Requesting),
    ],
)
def test_an_outage_loses_nothing(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet, broken: str, left: type
) -> None:
    offer = receive(vault, issuer.link(), outside)
    internet.broken.add(broken)
    with pytest.raises(Unavailable):
        accept_offer(vault, offer, outside=outside)
    assert isinstance(read_offer(vault, offer).state, left)
    internet.broken.clear()
    outside.clock.advance(60)  # type: ignore[attr-defined]  # the fixed clock
    assert isinstance(accept_offer(vault, offer, outside=outside).state, Done)
    assert len(issuer.issued) == 3


def test_an_unreachable_notification_endpoint_is_told_later(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet
) -> None:
    offer = receive(vault, issuer.link(), outside)
    internet.broken.add(f"{ISSUER}/notification")
    assert isinstance(accept_offer(vault, offer, outside=outside).state, Stored)
    assert len(read_cards(vault)) == 1
    internet.broken.clear()
    (view,) = resume_offers(vault, outside=outside)
    assert isinstance(view.state, Done)
    assert len(issuer.notified) == 1


class Killed(BaseException):
    """Stands for kill -9 in the middle of a call."""


@pytest.mark.parametrize("endpoint", ["nonce", "credential", "notification"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_call_loses_nothing(
    vault: OpenVault, issuer: FakeIssuer, internet: Internet, clock: FixedClock, endpoint: str, moment: str
) -> None:
    outside = make_outside(internet, clock)
    offer = receive(vault, issuer.link(), outside)
    url = f"{ISSUER}/{endpoint}"
    real = internet.handlers[url]

    def die(asked: Asked) -> object:
        if moment == "after":
            real(asked)
        raise Killed

    internet.serve(url, die)  # type: ignore[arg-type]  # it never returns
    with pytest.raises(Killed):
        accept_offer(vault, offer, outside=outside)
    internet.serve(url, real)
    clock.advance(31)
    assert isinstance(accept_offer(vault, offer, outside=make_outside(internet, clock)).state, Done)
    (card,) = read_cards(vault)
    assert card.copies == 3


def test_an_expired_access_token_is_refreshed(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet
) -> None:
    offer = receive(vault, issuer.link(), outside)
    internet.broken.add(f"{ISSUER}/credential")
    with pytest.raises(Unavailable):
        accept_offer(vault, offer, outside=outside)
    internet.broken.clear()
    issuer.tokens.clear()  # withdrawn early: the issuer answers invalid_token
    assert isinstance(accept_offer(vault, offer, outside=outside).state, Done)


def test_an_aged_nonce_is_replaced_once(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet
) -> None:
    offer = receive(vault, issuer.link(), outside)
    real, calls = internet.handlers[f"{ISSUER}/nonce"], []

    def stale_first(asked: Asked) -> object:
        calls.append(1)
        return answer({"c_nonce": "stale"}) if len(calls) == 1 else real(asked)

    internet.serve(f"{ISSUER}/nonce", stale_first)  # type: ignore[arg-type]  # answers both
    assert isinstance(accept_offer(vault, offer, outside=outside).state, Done)
    assert len(calls) == 2


def test_one_process_works_on_an_offer_at_a_time(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet
) -> None:
    offer = receive(vault, issuer.link(), outside)
    met: list[TegataError] = []
    real = internet.handlers[f"{ISSUER}/token"]

    def meanwhile(asked: Asked) -> object:
        try:
            accept_offer(vault, offer, outside=outside)
        except TegataError as error:
            met.append(error)
        return real(asked)

    internet.serve(f"{ISSUER}/token", meanwhile)  # type: ignore[arg-type]  # answers
    assert isinstance(accept_offer(vault, offer, outside=outside).state, Done)
    assert [error.code for error in met] == ["offer_busy"]
    assert not isinstance(read_offer(vault, offer).state, Authorised)
