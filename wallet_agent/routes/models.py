"""What the JSON API says: response models, and how they are made from the holder's types. Texts are maps language tag → text."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from wallet_agent.holder.cards import HeldCard
from wallet_agent.holder.check_card import standing
from wallet_agent.holder.claim_lines import ClaimLine, claim_lines
from wallet_agent.holder.history import HistoryEntry
from wallet_agent.holder.offer_states import Done, Failed, Received, Requesting, Stored
from wallet_agent.holder.receive_offer import OfferView
from wallet_agent.holder.texts import Texts, names_of


class Strict(BaseModel):
    """Base of request bodies: unknown members are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


class ClaimOut(BaseModel):
    """path: from the root of the credential. group: names of the objects that the claim stands in."""

    path: list[str | int | None]
    names: Texts
    group: list[Texts] = []
    value: Any = None


class CardOut(BaseModel):
    """standing: valid, revoked, suspended, expired, not_yet_valid, superseded or unknown; status_as_of: how fresh that is.

    fresh: copies that were never shown. Times are seconds since 1970.
    """

    id: str
    state: str
    standing: str
    status_as_of: int | None
    status_checked_at: int | None
    format: str
    types: list[str]
    names: Texts
    issuer: str
    issuer_names: Texts
    key_path: str
    key_evidence: str
    received_at: int
    issued_at: int | None
    valid_from: int | None
    valid_until: int | None
    copies: int
    fresh: int
    renewable: bool
    claims: list[ClaimOut]


class TxCodeOut(BaseModel):
    input_mode: str
    length: int | None
    description: str | None


class OfferedOut(BaseModel):
    id: str
    format: str
    names: Texts


class OfferOut(BaseModel):
    """state: received, authorised, requesting, stored, done, declined or failed. tx_code: present where one is asked for.

    failure: why, once failed.
    """

    id: str
    state: str
    created_at: int
    issuer: str
    issuer_names: Texts
    offered: list[OfferedOut]
    tx_code: TxCodeOut | None
    wrong_codes: int = 0
    card_ids: list[str] = []
    failure: str = ""


class GivenOut(BaseModel):
    card_id: str
    names: Texts
    paths: list[list[str | int | None]]


class HistoryOut(BaseModel):
    """kind: received, presented, shown, declined, deleted, superseded or restored. outcome: done, unknown, refused or not_sent."""

    id: str
    at: int
    kind: str
    outcome: str
    party: str
    party_names: Texts
    verified_by: str
    purpose: Texts | None
    given: list[GivenOut]


def claim_out(line: ClaimLine) -> ClaimOut:
    return ClaimOut(path=list(line.path), names=line.names, group=list(line.group), value=line.value)


def card_out(card: HeldCard, *, now: int) -> CardOut:
    face = card.face
    return CardOut(
        id=card.id,
        state=card.state,
        standing=standing(card, now=now),
        status_as_of=card.status.as_of if card.status else None,
        status_checked_at=card.status.checked_at if card.status else None,
        format=face.format,
        types=list(face.types),
        names=names_of(face.display),
        issuer=face.issuer,
        issuer_names=names_of(face.issuer_display),
        key_path=face.key_path,
        key_evidence=face.key_evidence,
        received_at=card.received_at,
        issued_at=face.issued_at,
        valid_from=face.valid_from,
        valid_until=face.valid_until,
        copies=card.copies,
        fresh=card.fresh,
        renewable=face.origin.token is not None and card.state == "held",
        claims=[claim_out(line) for line in claim_lines(face)],
    )


def offer_out(view: OfferView) -> OfferOut:
    state, terms = view.state, view.state.terms
    cards: tuple[str, ...] = ()
    if isinstance(state, Done | Failed):
        cards = state.card_ids
    elif isinstance(state, Stored | Requesting):
        cards = tuple(one.card_id for one in state.wanted if one.stored)
    asked = terms.tx_code
    return OfferOut(
        id=view.id,
        state=state.state,
        created_at=view.created_at,
        issuer=terms.issuer,
        issuer_names=names_of(terms.issuer_display),
        offered=[OfferedOut(id=one.id, format=one.format, names=names_of(one.display)) for one in terms.configurations],
        tx_code=TxCodeOut(input_mode=asked.input_mode, length=asked.length, description=asked.description)
        if asked
        else None,
        wrong_codes=state.wrong_codes if isinstance(state, Received) else 0,
        card_ids=list(cards),
        failure=state.code if isinstance(state, Failed) else "",
    )


def history_out(one: HistoryEntry) -> HistoryOut:
    entry = one.entry
    return HistoryOut(
        id=one.id,
        at=one.at,
        kind=entry.kind,
        outcome=entry.outcome,
        party=entry.party,
        party_names=entry.party_names,
        verified_by=entry.verified_by,
        purpose=entry.purpose,
        given=[
            GivenOut(card_id=given.card_id, names=given.names, paths=[list(path) for path in given.paths])
            for given in entry.given
        ],
    )
