"""Gate passes: beside a ticket, bound to a key that is never here, by the issuer's own endpoints; and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

import wallet_agent.holder.bind_pass as bind_pass_module
from common import failpoints
from common.encoding import b64url_decode
from common.errors import Conflict, Malformed, NotFound, Refused, Rejected, Unavailable, Unsupported
from common.formats.gate_pass.build import build_pass_proof, write_pass_text
from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.gate_pass.verify import issuer_key, verify_gate_pass
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from common.oid4vci.proof_jwt import build_proof_jwt
from tests.fakes.clock import FixedClock
from tests.wallet_agent.fake_issuer import ISSUER
from tests.wallet_agent.fake_ticket_office import CLASS, EVENT, FakeTicketOffice
from tests.wallet_agent.holder.test_cards import dump
from tests.wallet_agent.internet import Asked, Internet, answer
from wallet_agent.holder import request_credential
from wallet_agent.holder.bind_pass import BoundPass, bind_pass, want_proof
from wallet_agent.holder.cards import read_card, read_cards
from wallet_agent.holder.check_card import check_cards, standing
from wallet_agent.holder.delete_card import delete_card
from wallet_agent.holder.history import read_history
from wallet_agent.holder.offer_states import Done, Failed
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.pass_facts import pass_facts
from wallet_agent.holder.passes import pass_ids, passes_by_card, read_pass
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.store.passes import find_pass, lease_pass
from wallet_agent.vault.open_vault import OpenVault


@pytest.fixture
def office(internet: Internet, clock: FixedClock) -> FakeTicketOffice:
    return FakeTicketOffice(internet, clock)


@pytest.fixture
def pass_id(vault: OpenVault, office: FakeTicketOffice, outside: Outside) -> str:
    return take(vault, office.ticket_link(), outside)


def take(vault: OpenVault, link: str, outside: Outside) -> str:
    """A ticket received; the id of its pass, the newest."""
    offer = receive_offer(vault, link, fetch=outside.fetch, clock=outside.clock)
    assert isinstance(accept_offer(vault, offer.id, outside=outside).state, Done)
    return pass_ids(vault)[0]


def bind(vault: OpenVault, pass_id: str, key: SoftwareKey, outside: Outside) -> BoundPass:
    """What the page does."""
    return bind_pass(vault, pass_id, proof_of(vault, pass_id, key, outside), outside=outside)


def proof_of(vault: OpenVault, pass_id: str, key: SoftwareKey, outside: Outside) -> str:
    wanted = want_proof(vault, pass_id, outside=outside)
    assert wanted.audience == ISSUER
    return build_proof_jwt(key, issuer=wanted.audience, nonce=wanted.nonce, now=outside.clock.now())


def test_passes_of_one_second_stand_in_the_order_in_which_they_came(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, clock: FixedClock
) -> None:
    came: list[str] = []
    for number in range(12):
        if number == 9:
            clock.advance(1)
        offer = receive_offer(vault, office.ticket_link(), fetch=outside.fetch, clock=outside.clock)
        assert isinstance(accept_offer(vault, offer.id, outside=outside).state, Done)
        came += [one for one in pass_ids(vault) if one not in came]
        assert pass_ids(vault) == tuple(reversed(came))


def test_a_ticket_comes_with_a_pass_for_a_key_that_is_elsewhere(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, pass_id: str
) -> None:
    (card,) = read_cards(vault)
    assert passes_by_card(vault) == {card.id: pass_id}
    assert card.face.origin.token is None, "a refresh token works once, and the pass has it"
    assert office.bound == [], "nothing is asked for before there is a key"
    assert (read_pass(vault, pass_id).content.event, read_pass(vault, pass_id).content.holder) == (EVENT, "")

    key, now = SoftwareKey.generate(), outside.clock.now()
    bound = bind(vault, pass_id, key, outside)

    assert office.bound == [compress(key.public_jwk())]
    code = build_pass_proof(b64url_decode(bound.token), event=EVENT, iat=now, signer=key)
    keys = [issuer_key(compress(office.key.public_jwk()), not_before=0, not_after=now + 1)]
    found = verify_gate_pass(parse_gate_pass(write_pass_text(code)), event=EVENT, issuer_keys=keys, now=now)
    assert (found.klass, found.holder) == (CLASS, office.bound[0])
    assert read_pass(vault, pass_id).content.holder == bound.holder
    assert {one.entry.kind for one in read_history(vault)} == {"pass_bound", "received"}
    assert [one["event"] for one in office.notified] == ["credential_accepted"] * 2
    known = [EVENT, bound.token, bound.holder, *office.tokens, *office.refresh_tokens]
    assert [word for word in known if word.encode() in dump()] == []


def test_a_new_key_long_after(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, clock: FixedClock, pass_id: str
) -> None:
    """A lost phone, an evicted browser: the access token is over by then, and the issuer gives another for the refresh token."""
    first = bind(vault, pass_id, SoftwareKey.generate(), outside)
    for _ in range(2):
        clock.advance(office.expires_in)
        key = SoftwareKey.generate()
        again = bind(vault, pass_id, key, outside)
        assert again.holder != first.holder
        assert office.bound[-1] == compress(key.public_jwk())
    assert len(office.bound) == 3
    office.tokens.clear()  # ended before its time
    assert bind(vault, pass_id, SoftwareKey.generate(), outside).holder == read_pass(vault, pass_id).content.holder


def test_an_issuer_that_gives_no_more(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, clock: FixedClock, pass_id: str
) -> None:
    bound = bind(vault, pass_id, SoftwareKey.generate(), outside)
    office.tokens.clear()
    office.refresh_tokens.clear()
    with pytest.raises(Refused, match="invalid_grant"):
        bind(vault, pass_id, SoftwareKey.generate(), outside)
    assert read_pass(vault, pass_id).content.holder == bound.holder
    office.refresh = False
    other = take(vault, office.ticket_link(), outside)
    clock.advance(office.expires_in)
    with pytest.raises(Refused, match="invalid_grant"):
        bind(vault, other, SoftwareKey.generate(), outside)


def test_proofs_that_are_none_do_not_reach_the_issuer(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, pass_id: str
) -> None:
    key, other_curve = SoftwareKey.generate(), SoftwareKey.generate("ES384")
    good: dict[str, Any] = {"issuer": ISSUER, "nonce": office.nonce(), "now": outside.clock.now()}
    wrong = [
        build_proof_jwt(key, **{**good, "issuer": "https://elsewhere.example"}),
        build_proof_jwt(key, **{**good, "nonce": None}),
        build_proof_jwt(key, **{**good, "now": good["now"] - 3600}),
        build_proof_jwt(key, **good, kid="did:jwk:e30#0"),
        build_proof_jwt(other_curve, **good),
        "x.y",
    ]
    for proof in wrong:
        with pytest.raises(Malformed, match="invalid_proof"):
            bind_pass(vault, pass_id, proof, outside=outside)
    assert office.bound == []


def test_a_pass_that_cannot_be_believed(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, pass_id: str
) -> None:
    lies: list[tuple[str, Any, Any, str]] = [
        ("strange_holder", True, False, "wrong_holder"),
        ("event", "other-1", EVENT, "bad_signature"),
        ("forged", True, False, "untrusted_issuer"),
    ]
    for name, lie, truth, reason in lies:
        setattr(office, name, lie)
        with pytest.raises(Rejected, match=reason):
            bind(vault, pass_id, SoftwareKey.generate(), outside)
        assert read_pass(vault, pass_id).content.holder == ""
        setattr(office, name, truth)
    assert bind(vault, pass_id, SoftwareKey.generate(), outside).token


def test_a_nonce_that_aged_and_an_issuer_away(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, internet: Internet, pass_id: str
) -> None:
    key = SoftwareKey.generate()
    proof = proof_of(vault, pass_id, key, outside)
    office.nonces.clear()
    with pytest.raises(Refused, match="invalid_nonce"):
        bind_pass(vault, pass_id, proof, outside=outside)
    internet.broken.add(f"{ISSUER}/credential")
    with pytest.raises(Unavailable):
        bind(vault, pass_id, key, outside)
    internet.broken.clear()
    assert bind(vault, pass_id, key, outside).token


def test_one_at_a_time(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, clock: FixedClock, pass_id: str
) -> None:
    row = find_pass(vault.tenant, pass_id)
    assert row is not None
    assert lease_pass(row, now=clock.now(), until=clock.now() + 30)
    with pytest.raises(Conflict, match="pass_busy"):
        bind(vault, pass_id, SoftwareKey.generate(), outside)
    clock.advance(30)
    assert bind(vault, pass_id, SoftwareKey.generate(), outside).token


class Died(BaseException):
    """The process is gone: nothing that it would still have done is done."""


PASS_POINTS = ("offer_stored", "pass_moved", "pass_bound")


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("act", PASS_POINTS)
def test_a_process_that_dies(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, clock: FixedClock, act: str, moment: str
) -> None:
    key = SoftwareKey.generate()

    def die(name: str) -> None:
        if name == f"{act}.{moment}":
            raise Died

    def go_through() -> BoundPass:
        pass_id = pass_ids(vault)[0] if pass_ids(vault) else take(vault, link, outside)
        clock.advance(office.expires_in)  # so that the access token has to be renewed
        return bind(vault, pass_id, key, outside)

    link = office.ticket_link()
    with (
        patch.object(failpoints, "hit", die),
        patch.object(bind_pass_module, "release_pass"),
        patch.object(request_credential, "release_offer"),
        pytest.raises(Died),
    ):
        go_through()
    clock.advance(outside.lease)
    if (act, moment) == (
        "pass_moved",
        "before_commit",
    ):  # the refresh token is spent, and the new one was in the answer
        with pytest.raises(Refused, match="invalid_grant"):
            go_through()
        assert pass_ids(vault) != ()
        return
    assert go_through().holder == read_pass(vault, pass_ids(vault)[0]).content.holder
    assert len(pass_ids(vault)) == len(read_cards(vault)) == 1


def test_a_ticket_deleted_while_its_pass_is_asked_for(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, internet: Internet, pass_id: str
) -> None:
    def delete_meanwhile(asked: Asked) -> Any:
        delete_card(vault, read_cards(vault)[0].id, clock=outside.clock)
        return office.credential(asked)

    proof = proof_of(vault, pass_id, SoftwareKey.generate(), outside)
    internet.serve(f"{ISSUER}/credential", delete_meanwhile)
    with pytest.raises(Conflict, match="pass_moved_on"):
        bind_pass(vault, pass_id, proof, outside=outside)
    with pytest.raises(NotFound, match="no_such_pass"):
        pass_facts(vault, pass_id, outside=outside)
    assert pass_ids(vault) == ()


def test_a_pass_needs_a_ticket_that_names_its_event(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside
) -> None:
    with pytest.raises(Unsupported, match="format_not_supported"):
        receive_offer(vault, office.link("ticket_gate_pass"), fetch=outside.fetch, clock=outside.clock)
    for event in (None, "Not An Event", 7):
        office.ticket["event_id"] = event
        offer = receive_offer(vault, office.ticket_link(), fetch=outside.fetch, clock=outside.clock)
        state = accept_offer(vault, offer.id, outside=outside).state
        assert isinstance(state, Failed)
        assert (state.code, len(state.card_ids)) == ("wrong_type", 1)
    assert pass_ids(vault) == ()


def test_what_the_page_is_told(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, clock: FixedClock, pass_id: str
) -> None:
    told = pass_facts(vault, pass_id, outside=outside)
    assert (told.event, told.zone, told.entrance, told.state) == (EVENT, "有料席", "北口、南口", "unknown")
    states: dict[str, Callable[[], None]] = {
        "valid": office.publish_status,
        "ended": lambda: office.publish_status(*range(1, office.next_index + 1)),
    }
    for state, publish in states.items():
        clock.advance(3700)
        publish()
        assert pass_facts(vault, pass_id, outside=outside).state == state
    office.internet.serve(f"{ISSUER}/status/1", lambda _: answer({}, 503))
    clock.advance(3700)
    assert pass_facts(vault, pass_id, outside=outside).state == "ended", "what is known is not forgotten"


def test_a_refunded_ticket_is_not_superseded_by_another_one(
    vault: OpenVault, office: FakeTicketOffice, outside: Outside, clock: FixedClock, pass_id: str
) -> None:
    refunded = read_pass(vault, pass_id).card.id
    office.ticket["ticket_number"] = "ANOTHER-ONE"
    clock.advance(10)
    take(vault, office.ticket_link(), outside)
    clock.advance(3700)
    office.publish_status(*range(1, 4))
    check_cards(vault, outside=outside)
    assert standing(read_card(vault, refunded), now=clock.now()) == "revoked"
