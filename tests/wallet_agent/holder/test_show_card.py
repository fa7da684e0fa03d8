"""Showing a card in person: what is given, by which copy, for how long; and that it survives the way through a QR code."""

from __future__ import annotations

import pytest
import zxingcpp

from common.errors import Conflict, Malformed, NotFound, Unsupported
from common.formats.credential import VerifiedPresentation
from common.formats.in_person import AUDIENCE
from common.formats.registry import FORMATS
from common.formats.shown_code import unpack
from common.formats.shown_frames import join_frames
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import parse_jwt
from tests.fakes.clock import FixedClock
from tests.qr import read_qr
from tests.wallet_agent.fake_issuer import FakeIssuer
from tests.wallet_agent.holder.test_cards import dump
from wallet_agent.cli.show import print_showing
from wallet_agent.holder.cards import HeldCard, read_card, read_cards
from wallet_agent.holder.delete_card import delete_card
from wallet_agent.holder.history import read_history
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.holder.show_card import SHOWING_SECONDS, Showing, renew_showing, showable, start_showing
from wallet_agent.store.cards import list_copies, set_card_state
from wallet_agent.vault.open_vault import OpenVault


@pytest.fixture
def holder(vault: OpenVault, issuer: FakeIssuer, outside: Outside, clock: FixedClock) -> OpenVault:
    """A vault with the same certificate in both formats, three copies of each."""
    offer = receive_offer(vault, issuer.link("enrolment", "enrolment_w3c"), fetch=outside.fetch, clock=outside.clock)
    accept_offer(vault, offer.id, outside=outside)
    clock.advance(1)
    return vault


def card_of(holder: OpenVault, format_name: str = "dc+sd-jwt") -> HeldCard:
    return next(card for card in read_cards(holder) if card.face.format == format_name)


def verify(issuer: FakeIssuer, format_name: str, text: str, now: int) -> VerifiedPresentation:
    form = FORMATS[format_name]
    nonce = parse_jwt(text.rpartition("~")[2]).claims["nonce"]
    parsed = form.parse_presentation(text)
    return form.verify_presentation(
        parsed, parse_public_jwk(issuer.key.public_jwk()), audience=AUDIENCE, nonce=nonce, now=now
    )


def scanned(showing: Showing) -> str:
    found = []
    for code in showing.codes:
        drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        read = read_qr(drawn.to_image(scale=3, add_quiet_zones=True))
        assert read.ec_level == "M"
        found.append(read.text)
    return unpack(join_frames("\n".join(found)))


def test_what_is_ticked_is_shown_and_no_more(holder: OpenVault, issuer: FakeIssuer, clock: FixedClock) -> None:
    card = card_of(holder)
    found = showable(holder, card.id)
    assert ("birthdate",) in {line.path for line in found.optional}
    showing = start_showing(holder, card.id, clock=clock, paths=[("family_name",)])
    assert scanned(showing) == showing.text
    shown = verify(issuer, "dc+sd-jwt", showing.text, clock.now()).credential.subject
    assert shown["family_name"] == "髙橋"
    assert {line.path[0] for line in showing.given} == set(shown)
    assert "birthdate" not in shown
    (entry,) = (one.entry for one in read_history(holder) if one.entry.kind == "shown")
    assert {path[0] for path in entry.given[0].paths} == set(shown)
    assert entry.party == ""


def test_nobody_is_named_unless_it_is_ticked(holder: OpenVault, issuer: FakeIssuer, clock: FixedClock) -> None:
    showing = start_showing(holder, card_of(holder).id, clock=clock)
    shown = verify(issuer, "dc+sd-jwt", showing.text, clock.now()).credential.subject
    assert {"family_name", "given_name", "birthdate"}.isdisjoint(shown)


def test_a_format_that_hides_nothing_shows_everything(holder: OpenVault, issuer: FakeIssuer, clock: FixedClock) -> None:
    card = card_of(holder, "jwt_vc_json")
    found = showable(holder, card.id)
    assert found.optional == ()
    showing = start_showing(holder, card.id, clock=clock)
    assert {line.path for line in showing.given} == {line.path for line in found.always}
    assert verify(issuer, "jwt_vc_json", scanned(showing), clock.now()).presented_at == clock.now()


def test_one_showing_is_one_copy_and_one_line_of_history(
    holder: OpenVault, issuer: FakeIssuer, clock: FixedClock
) -> None:
    card = card_of(holder)
    showing = start_showing(holder, card.id, clock=clock)
    first = verify(issuer, "dc+sd-jwt", showing.text, clock.now())
    before = dump()
    clock.advance(30)
    again = renew_showing(holder, card.id, showing.id, clock=clock)
    renewed = verify(issuer, "dc+sd-jwt", again.text, clock.now())
    assert dump() == before
    assert renewed.credential.holder_jwk == first.credential.holder_jwk
    assert renewed.credential.subject == first.credential.subject
    assert (renewed.nonce != first.nonce, renewed.presented_at - first.presented_at) == (True, 30)
    assert len(renewed.nonce) == 22
    other = start_showing(holder, card.id, clock=clock)
    assert verify(issuer, "dc+sd-jwt", other.text, clock.now()).credential.holder_jwk != first.credential.holder_jwk
    assert [row.uses for row in list_copies(holder.tenant, card.id)].count(1) == 2
    assert [one.entry.kind for one in read_history(holder)].count("shown") == 2


def test_it_ends(holder: OpenVault, clock: FixedClock) -> None:
    card = card_of(holder)
    showing = start_showing(holder, card.id, clock=clock)
    clock.advance(SHOWING_SECONDS - 1)
    assert renew_showing(holder, card.id, showing.id, clock=clock).ends_at == clock.now() + 1
    clock.advance(1)
    with pytest.raises(Conflict, match="over"):
        renew_showing(holder, card.id, showing.id, clock=clock)


def test_what_cannot_be_shown(holder: OpenVault, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    card, other = card_of(holder), card_of(holder, "jwt_vc_json")
    showing = start_showing(holder, card.id, clock=clock)
    received = next(one.id for one in read_history(holder) if one.entry.kind == "received")
    before = dump()
    with pytest.raises(Malformed, match="no such claim"):
        start_showing(holder, card.id, clock=clock, paths=[("shoe_size",)])
    with pytest.raises(NotFound):
        start_showing(holder, "nothing", clock=clock)
    for card_id, showing_id in ((other.id, showing.id), (card.id, received), (card.id, "nothing")):
        with pytest.raises(NotFound):
            renew_showing(holder, card_id, showing_id, clock=clock)
    monkeypatch.setattr("common.formats.shown_code.MAX_PACKED", 300)
    with pytest.raises(Unsupported) as too_long:
        start_showing(holder, card.id, clock=clock)
    assert too_long.value.code == "too_long_for_qr"
    assert dump() == before  # no copy was used, and the history says nothing
    monkeypatch.undo()
    set_card_state(holder.tenant, card.id, state="superseded")
    with pytest.raises(Conflict):
        start_showing(holder, card.id, clock=clock)
    with pytest.raises(Conflict):
        renew_showing(holder, card.id, showing.id, clock=clock)
    delete_card(holder, card.id, clock=clock)
    with pytest.raises(NotFound):
        renew_showing(holder, card.id, showing.id, clock=clock)


def test_a_terminal_draws_every_code(
    holder: OpenVault, clock: FixedClock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.formats.shown_frames.MAX_CODE", 300)
    monkeypatch.setattr("common.formats.shown_frames.MAX_PIECE", 300)
    showing = start_showing(holder, card_of(holder).id, clock=clock)
    monkeypatch.setattr("wallet_agent.cli.show.print_qr", print)
    print_showing(showing, language="en")
    said = capsys.readouterr().out
    count = len(showing.codes)
    assert count > 1
    for number, code in enumerate(showing.codes, 1):
        assert f"Code {number} of {count}" in said
        assert code in said
    assert showing.text in said.replace("\n", "")


def test_a_withdrawn_card_may_be_shown_and_the_verifier_judges(
    holder: OpenVault, outside: Outside, clock: FixedClock
) -> None:
    card = card_of(holder)
    assert read_card(holder, card.id).state == "held"
    assert start_showing(holder, card.id, clock=clock).text
