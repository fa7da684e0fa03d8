"""The API of a kiosk: what is made from cards, a session, what was read, and the offer. Every route needs a staff token.

A kiosk is the institution's own machine: it says that its reader held one card from beginning to end, and is believed. What it sends of the
card itself is judged here. Answers hold what the card proved, for the person before it, and are never stored (``no-store``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from common import cbor
from common.cards.binding import SharedSession
from common.cards.contract import ClaimValue
from common.cards.evidence_json import build_evidence
from common.cards.reading import MAX_BYTES, Reading, decode_reading
from common.encoding import b64url_encode
from common.errors import Malformed
from common.mail_address import MAX_TYPED
from common.web.bodies import read_body, require_media_type
from common.web.login import Visitor
from issuer.catalogue.card_claims import EVIDENCE
from issuer.catalogue.contract import CredentialType, Language
from issuer.catalogue.registry import CATALOGUE, of_cards
from issuer.deps import Deps
from issuer.flows.accept_card import AcceptedCard, accept_card, can_tell, find_accepted
from issuer.flows.card_judgement import facts_for_card
from issuer.flows.card_record import make_contact
from issuer.flows.find_people import find_offers
from issuer.flows.number_attempts import begin_attempt, release_attempt
from issuer.flows.offer_from_card import offer_from_card
from issuer.flows.open_card_session import delivery_key_of, find_reading, open_card_session
from issuer.flows.person_facts import today_of
from issuer.routes.staff_models import Asked, Id, MadeOfferOut, Text
from issuer.routes.staff_people import made_offer_out

CBOR = "application/cbor"
READINGS_PATH = r"/[^/]+/api/cards/sessions/[^/]+/readings"
MAX_READINGS = 2
LARGEST = MAX_READINGS * MAX_BYTES
"""Bytes of a body with readings: a passport's with its photo, or two of a My Number card."""


class CardTypeOut(BaseModel):
    """One certificate that is made from cards. needs: the drivers' names of claims, any of which may go in. claims: its own, for people."""

    name: str
    title: dict[str, str]
    description: dict[str, str]
    needs: list[str]
    claims: list[dict[str, str]]


class CardsOut(BaseModel):
    """delivery_key: the agency's for 特定在留カード, base64url of a SubjectPublicKeyInfo; empty where it is not configured.

    tells: holders may leave an address, to be told when their card is revoked.
    """

    types: list[CardTypeOut]
    delivery_key: str
    tells: bool


class ChallengeOut(BaseModel):
    """origin, session and nonce (base64url): what the card answers, `tegata-possession-v1`."""

    origin: str
    session: str
    nonce: str


class CardSessionOut(BaseModel):
    """token: for the relay's endpoint. expires_at: seconds since 1970."""

    id: str
    token: str
    challenge: ChallengeOut
    expires_at: int


class AcceptedOut(BaseModel):
    """claims: as the drivers name them; of a picture only its length. types: that may be offered. refusals: the others, and why not.

    holds: for each type that may be offered, the names of what of this card goes in.
    """

    id: str
    card: str
    environment: Literal["production", "test", "none"]
    claims: dict[str, Any]
    holds: dict[str, list[dict[str, str]]]
    evidence: list[dict[str, Any]]
    types: list[str]
    refusals: dict[str, str]
    expires_at: int


class CardStateOut(BaseModel):
    """state: of the reading. offer: of what was offered of it, empty where nothing was."""

    state: str
    offer: Literal["", "open", "redeemed", "issued", "cancelled", "dead", "expired"]


class NumberAttempt(Asked):
    """reader: of the kiosk, as it calls it."""

    reader: Text


class NumberAttemptOut(BaseModel):
    """attempt: to take it back with, once the number was right."""

    attempt: int


class RightNumber(NumberAttempt):
    attempt: int


class ContactAsked(Asked):
    """language: of the mail."""

    email: Annotated[str, Field(max_length=MAX_TYPED)]
    language: Language


class OfferFromCard(Asked):
    """contact: whom to tell when the card's certificate is revoked; kept only where that can happen."""

    types: Annotated[list[Text], Field(min_length=1, max_length=8)]
    formats: Annotated[list[Text], Field(default_factory=list, max_length=8)]
    tx_code: bool = False
    contact: ContactAsked | None = None


def staff_card_routes(deps: Deps) -> APIRouter:
    router = APIRouter(prefix="/{tenant}/api/cards", tags=["staff"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))

    @router.get("")
    def describe(_: Visitor = staff) -> CardsOut:
        """What can be made from cards here. 403 where no cards are read."""
        types = [
            CardTypeOut(
                name=kind.name,
                title=dict(kind.title),
                description=dict(kind.description),
                needs=sorted(kind.card_claims),
                claims=[{"ja": claim.ja, "en": claim.en} for claim in kind.claims],
            )
            for kind in of_cards()
        ]
        return CardsOut(types=types, delivery_key=b64url_encode(delivery_key_of(desk)), tells=can_tell(desk))

    @router.post("/sessions", status_code=201)
    def open_session(visitor: Visitor = staff) -> CardSessionOut:
        """A session for one card, with the challenge that the card has to answer."""
        made = open_card_session(desk, visitor.tenant, actor=visitor.actor)
        challenge = ChallengeOut(
            origin=made.challenge.origin, session=made.challenge.session, nonce=b64url_encode(made.challenge.nonce)
        )
        return CardSessionOut(id=made.id, token=made.token, challenge=challenge, expires_at=made.expires_at)

    @router.post(
        "/sessions/{session_id}/readings",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {CBOR: {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    def accept(
        request: Request, session_id: Id, body: bytes = Depends(read_body), visitor: Visitor = staff
    ) -> AcceptedOut:
        """What was read: a CBOR array of one or two readings, each a byte string (`common.cards.reading`). Judged, kept until offered."""
        require_media_type(request, CBOR)
        readings = parse_readings(body)
        accepted = accept_card(
            desk,
            visitor.tenant,
            session_id,
            readings,
            shared=SharedSession.OWN_READER,
            actor=visitor.actor,
        )
        return accepted_out(accepted, today_of(desk.now))

    @router.post("/sessions/{session_id}/attempts", status_code=201)
    def begin_number(session_id: Id, asked: NumberAttempt, visitor: Visitor = staff) -> NumberAttemptOut:
        """A number that the card does not count is about to be tried at this reader. 429, with the time to wait, after wrong ones."""
        at = begin_attempt(desk, visitor.tenant, session_id, visitor.actor, asked.reader)
        return NumberAttemptOut(attempt=at)

    @router.post("/sessions/{session_id}/attempts/right", status_code=204)
    def release_number(session_id: Id, asked: RightNumber, visitor: Visitor = staff) -> None:
        """The number was right: it counts no more."""
        release_attempt(desk, visitor.tenant, session_id, visitor.actor, asked.reader, at=asked.attempt)

    @router.get("/sessions/{session_id}/result")
    def result(session_id: Id, visitor: Visitor = staff) -> AcceptedOut:
        """What a card that was read has proved, while something can be offered of it."""
        return accepted_out(find_accepted(desk, visitor.tenant, session_id), today_of(desk.now))

    @router.get("/sessions/{session_id}")
    def state(session_id: Id, visitor: Visitor = staff) -> CardStateOut:
        """Where the session stands, and whether its offer was taken."""
        row = find_reading(visitor.tenant, session_id)
        offers = find_offers(desk, visitor.tenant, offer_id=row.offer_id).offers if row.offer_id else ()
        return CardStateOut(state=row.state, offer=offers[0].state if offers else "")

    @router.post("/sessions/{session_id}/offer", status_code=201)
    def offer(session_id: Id, asked: OfferFromCard, visitor: Visitor = staff) -> MadeOfferOut:
        """Offers certificates of what the card proved, once."""
        made = offer_from_card(
            desk,
            visitor.tenant,
            session_id,
            types=asked.types,
            formats=asked.formats,
            tx_code=asked.tx_code,
            contact=None if asked.contact is None else make_contact(asked.contact.email, asked.contact.language),
            actor=visitor.actor,
        )
        return made_offer_out(made)

    return router


def parse_readings(body: bytes) -> list[Reading]:
    """Bytes → readings. Raises Malformed."""
    value = cbor.decode(body, max_bytes=LARGEST)
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_READINGS:
        raise Malformed("bad_readings", "one or two readings, in a list")
    if not all(isinstance(one, bytes) for one in value):
        raise Malformed("bad_readings", "each reading is a byte string")
    return [decode_reading(one) for one in value]


def accepted_out(accepted: AcceptedCard, today: date) -> AcceptedOut:
    return AcceptedOut(
        id=accepted.id,
        card=accepted.card,
        environment=accepted.environment.value,
        claims=_told(accepted.claims),
        holds={name: _holds(CATALOGUE[name], accepted, today) for name in accepted.types if accepted.claims},
        evidence=build_evidence(accepted.evidence, resolution=1),
        types=list(accepted.types),
        refusals=dict(accepted.refusals),
        expires_at=accepted.expires_at,
    )


def _holds(kind: CredentialType, accepted: AcceptedCard, today: date) -> list[dict[str, str]]:
    built: Any = kind.build(facts_for_card(kind, accepted.claims, accepted.evidence), "", today)
    return [
        {"ja": one.ja, "en": one.en} for one in (*kind.claims, EVIDENCE) if one is EVIDENCE or _stands(one.path, built)
    ]


def _stands(path: Sequence[str], claims: Any) -> bool:
    for name in path:
        if not isinstance(claims, Mapping) or name not in claims:
            return False
        claims = claims[name]
    return True


def _told(claims: Mapping[str, ClaimValue]) -> dict[str, Any]:
    return {
        name: {"bytes": len(value)} if isinstance(value, bytes) else list(value) if isinstance(value, tuple) else value
        for name, value in claims.items()
    }
