"""A school that reads cards: its roots, a virtual My Number card in a reader of ours, and all steps up to the offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from common.cards.binding import SharedSession
from common.cards.channel import CardChannel
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest
from common.cards.reading import Reading
from common.cards.trust import CardTrust
from common.x509.revocation import RevocationStatus, Standing, unknown
from examples.cards.chip import Card
from issuer.flows.accept_card import AcceptedCard, accept_card
from issuer.flows.make_offer import MadeOffer
from issuer.flows.offer_from_card import offer_from_card
from issuer.flows.open_card_session import CardSession, open_card_session
from tests.cards.my_number_reader import DRIVER, NOW, Holder, trust
from tests.cards.my_number_world import card
from tests.fakes.card import InProcessCard
from tests.issuer.school import TENANT, School, open_school

OWN, RELAYED = SharedSession.OWN_READER, SharedSession.RELAYED
SIGNATURE = ("jpki_signature",)


def open_card_school(folder: Path, *, believed: CardTrust | None = None, **more: Any) -> School:
    """On SQLite, at the time of the virtual cards. believed: the roots, unless those of the virtual card."""
    url = more.pop("url", f"sqlite:///{folder / 'issuer.sqlite3'}")
    return open_school(url, folder, card_trust_given=trust() if believed is None else believed, now=NOW, **more)


def read_my_number(
    challenge: PossessionChallenge,
    inserted: Card | None = None,
    parts: Sequence[str] = SIGNATURE,
    person: str = "hanako",
) -> Reading:
    chip = card(person, pretends=True) if inserted is None else inserted
    request = ReadRequest(parts=frozenset(parts), ask=Holder(person), challenge=challenge)
    return DRIVER.read(CardChannel(InProcessCard(chip)), request)


def open_session(school: School) -> CardSession:
    return open_card_session(school.desk, TENANT, actor="test")


def accept(
    school: School, session: CardSession, *readings: Reading, shared: SharedSession = OWN, tenant: str = TENANT
) -> AcceptedCard:
    return accept_card(school.desk, tenant, session.id, readings, shared=shared, actor="test")


def accept_my_number(school: School, inserted: Card | None = None, **how: Any) -> AcceptedCard:
    """A new session, the card read at our reader, judged."""
    session = open_session(school)
    return accept(school, session, read_my_number(session.challenge, inserted, **how))


def offer(school: School, accepted: AcceptedCard, *types: str, **how: Any) -> MadeOffer:
    return offer_from_card(school.desk, TENANT, accepted.id, types=types or accepted.types, actor="test", **how)


class Told:
    """A source of revocation that says what a test wants."""

    def __init__(self, standing: Standing = Standing.GOOD, reason: str = "") -> None:
        self.standing, self.reason = standing, reason
        self.asked = 0

    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        assert leaf[:1] == issuer[:1] == b"\x30"
        self.asked += 1
        if self.standing is Standing.UNKNOWN:
            return unknown("unreachable", source="ocsp")
        since = now - 60 if self.standing is Standing.REVOKED else None
        return RevocationStatus(
            standing=self.standing, source="ocsp", reason=self.reason, this_update=now, revoked_at=since
        )


def told(source: Told) -> CardTrust:
    return replace(trust(), revocation={"jpki_signature": source, "jpki_authentication": source})
