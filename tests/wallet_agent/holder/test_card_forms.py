"""Which cards are one certificate in several formats."""

from __future__ import annotations

from typing import Any

import pytest

from common.oid4vci.issuer_metadata import CredentialConfiguration, Display
from wallet_agent.holder.card_forms import forms_of, group_forms
from wallet_agent.holder.cards import CardFace, HeldCard, KnownStatus, Origin
from wallet_agent.holder.offer_states import Terms

SD_JWT, MDOC, LDP = "dc+sd-jwt", "mso_mdoc", "ldp_vc"
TICKET = {"ticket_number": "7K2M-9QXA-4T8B", "event_id": "hanabi", "starts_at": "2027-07-31T10:10:00Z"}


def card(
    name: str,
    form: str,
    *,
    issuer: str = "https://issuer.example/a",
    title: str = "Ticket",
    state: str = "held",
    status: str = "valid",
    **changed: Any,
) -> HeldCard:
    display = (Display(name=title, locale="en"),)
    asked = CredentialConfiguration(id="ticket", format=form, display=display)
    terms = Terms(
        issuer=issuer,
        issuer_display=(),
        configurations=(asked,),
        token_endpoint="",
        credential_endpoint="",
        nonce_endpoint=None,
        notification_endpoint=None,
    )
    face = CardFace(
        format=form,
        types=(),
        issuer=issuer,
        issuer_display=(),
        display=display,
        claims={},
        subject={"tegata.ticket.1": {**TICKET, **changed}} if form == MDOC else {**TICKET, **changed},
        issued_at=None,
        valid_from=None,
        valid_until=None,
        key_path="",
        key_evidence="",
        origin=Origin(terms=terms, configuration=asked, token=None),
    )
    known = KnownStatus(value=status, reason="", as_of=None, checked_at=0) if status else None
    return HeldCard(id=name, state=state, received_at=0, face=face, status=known, copies=1, fresh=1)


def groups(*cards: HeldCard) -> list[str]:
    return ["".join(one.id for one in group) for group in group_forms(cards)]


def test_forms_of_one_ticket_are_one_and_the_richest_stands_for_all() -> None:
    cards = card("l", LDP), card("m", MDOC, starts_at=1), card("x", SD_JWT, title="Student"), card("s", SD_JWT)
    assert groups(*cards) == ["sml", "x"]
    assert [one.id for one in forms_of("m", cards)] == ["s", "m", "l"]
    assert forms_of("nobody", cards) == ()


def test_two_tickets_bought_together_are_two() -> None:
    other = "AAAA-BBBB-CCCC"
    cards = (
        card("a", SD_JWT),
        card("b", MDOC, ticket_number=other),
        card("c", SD_JWT, ticket_number=other),
        card("d", MDOC),
    )
    assert groups(*cards) == ["ad", "cb"]


@pytest.mark.parametrize(
    "other",
    [
        card("b", SD_JWT),
        card("b", MDOC, issuer="https://issuer.example/b"),
        card("b", MDOC, title="Seat"),
        card("b", MDOC, state="superseded"),
        card("b", MDOC, status="invalid"),
        card("b", MDOC, status=""),
        card("b", MDOC, event_id="another"),
    ],
    ids=["format", "issuer", "name", "superseded", "revoked", "unknown", "says otherwise"],
)
def test_what_differs_is_another_card(other: HeldCard) -> None:
    assert groups(card("a", SD_JWT), other) == ["a", "b"]


def test_what_says_nothing_in_common_is_another_card() -> None:
    bare = card("b", MDOC)
    bare.face.subject.clear()
    bare.face.subject["another_name"] = "x"
    assert groups(card("a", SD_JWT), bare) == ["a", "b"]
