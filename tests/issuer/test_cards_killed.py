"""A process that is killed at any commit between a card and what becomes of it: nothing is lost, nothing is had twice."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from common import failpoints
from common.cards.reading import decode_reading, encode_reading
from common.cards.trust import CardTrust
from common.errors import Conflict
from common.x509.revocation import Standing
from issuer.deps import open_deps
from issuer.flows.accept_card import accept_card, find_accepted
from issuer.flows.card_record import make_contact
from issuer.flows.desk import Desk
from issuer.flows.find_people import held_by
from issuer.flows.forget_cards import forget_cards
from issuer.flows.invite_card import withdraw_invitation
from issuer.flows.make_offer import MadeOffer
from issuer.flows.offer_from_card import offer_from_card
from issuer.flows.open_card_session import find_reading, open_card_session
from issuer.flows.watch_revocation import watch_revocation
from issuer.store.tables import CardReading, Offer, OutboxMail
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.issuer.card_desk import (
    OWN,
    Told,
    accept_my_number,
    offer,
    open_card_school,
    open_session,
    read_my_number,
    told,
)
from tests.issuer.school import TENANT, Wallet, settings_for

CARD_POINTS = (
    "open_card_session",
    "withdraw_invitation",
    "accept_card",
    "offer_from_card",
    "forget_cards",
    "take_card",
    "card_revoked",
)
DAY = 86_400


def _open(desk: Desk, _: str, __: bytes) -> object:
    return open_card_session(desk, TENANT, actor="test")


def _withdraw(desk: Desk, reading_id: str, _: bytes) -> object:
    withdraw_invitation(desk, TENANT, reading_id, actor="test")
    return None


def _accept(desk: Desk, reading_id: str, reading: bytes) -> object:
    return accept_card(desk, TENANT, reading_id, [decode_reading(reading)], shared=OWN, actor="test")


def _offer(desk: Desk, reading_id: str, _: bytes) -> MadeOffer:
    return offer_from_card(desk, TENANT, reading_id, types=["age"], actor="test")


def _forget(desk: Desk, _: str, __: bytes) -> object:
    return forget_cards(desk, TENANT)


def _watch(desk: Desk, _: str, __: bytes) -> object:
    return watch_revocation(desk)


ACTS: dict[str, Callable[[Desk, str, bytes], object]] = {
    "open_card_session": _open,
    "withdraw_invitation": _withdraw,
    "accept_card": _accept,
    "offer_from_card": _offer,
    "forget_cards": _forget,
    "take_card": _watch,
    "card_revoked": _watch,
}


def _child(folder: str, trust: CardTrust, at: str, now: int, reading_id: str, reading: bytes) -> None:
    settings = settings_for(f"sqlite:///{folder}/issuer.sqlite3", Path(folder))
    deps = open_deps(settings, clock=FixedClock(now), card_trust=trust)
    failpoints.arm(at)
    ACTS[at.partition(".")[0]](deps.desk, reading_id, reading)


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("point", CARD_POINTS)
def test_killed_between_a_card_and_its_certificate(tmp_path: Path, point: str, moment: str) -> None:
    source, done = Told(), moment == "after_commit"
    school = open_card_school(tmp_path, believed=told(source))
    desk, reading_id, reading = school.desk, "", b""
    if point == "withdraw_invitation":
        reading_id = open_session(school).id
    elif point == "accept_card":
        session = open_session(school)
        reading_id, reading = session.id, encode_reading(read_my_number(session.challenge))
    elif point != "open_card_session":
        accepted = accept_my_number(school)
        reading_id = accepted.id
        if point in ("take_card", "card_revoked"):
            contact = make_contact("hanako@example.jp", "ja")
            Wallet(school).claim(offer(school, accepted, "age", contact=contact), "age_sd_jwt")
            source.standing = Standing.REVOKED
            school.clock.advance(DAY)
        if point == "forget_cards":
            school.clock.advance(desk.settings.card_session_seconds)
    school.deps.database.close_all()
    child = Forks.Process(
        target=_child, args=(str(tmp_path), told(source), f"{point}.{moment}", school.clock.now(), reading_id, reading)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    again = ACTS[point]
    if point == "open_card_session":
        assert CardReading.select().where(CardReading.tenant == TENANT).count() == int(done)
        again(desk, "", b"")
    elif point == "withdraw_invitation":
        assert find_reading(TENANT, reading_id).state == ("over" if done else "open")
        if not done:
            again(desk, reading_id, b"")
        with pytest.raises(Conflict):
            again(desk, reading_id, b"")
    elif point == "accept_card":
        assert find_reading(TENANT, reading_id).state == ("read" if done else "open")
        if not done:
            again(desk, reading_id, reading)
        with pytest.raises(Conflict):
            again(desk, reading_id, reading)
        assert find_accepted(desk, TENANT, reading_id).types == ("identity", "age", "residence")
    elif point == "offer_from_card":
        if not done:
            again(desk, reading_id, b"")
        with pytest.raises(Conflict):
            again(desk, reading_id, b"")
        (made,) = Offer.select().where(Offer.tenant == TENANT)
        assert (made.id, made.person_id) == (find_reading(TENANT, reading_id).offer_id, reading_id)
    elif point == "forget_cards":
        again(desk, "", b"")
        assert (find_reading(TENANT, reading_id).state, find_reading(TENANT, reading_id).claims) == ("over", None)
    else:
        again(desk, "", b"")
        school.clock.advance(
            DAY
        )  # one who died with the card in hand: it is due again after the time between two questions
        again(desk, "", b"")
        (held,) = held_by(desk, TENANT, [reading_id])
        assert (held.state, find_reading(TENANT, reading_id).questions) == ("suspended", None)
        assert OutboxMail.select().where(OutboxMail.tenant == TENANT).count() == 1
    school.deps.database.close_all()
