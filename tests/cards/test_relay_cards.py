"""Every kind of card over the relay: read by the issuer through the guard, judged, offered; and nothing that opens it on the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.cards.registry import DRIVERS
from common.cards.relay import Offer
from common.cards.trust import CardTrust
from issuer.flows.accept_card import find_accepted
from tests.cards.relay_world import Relayed, Somebody, WatchedCard, relay
from tests.fakes.card import InProcessCard
from tests.issuer.card_desk import open_card_school
from tests.issuer.every_card import KINDS, InHand, roots_in, take_in_hand
from tests.issuer.school import TENANT, School
from wallet_agent.reading.choose_parts import PartName


@pytest.fixture(scope="module")
def believed(tmp_path_factory: pytest.TempPathFactory) -> CardTrust:
    return roots_in(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, believed: CardTrust) -> School:
    folder: Path = tmp_path_factory.mktemp("school")
    return open_card_school(
        folder,
        believed=believed,
        card_environment="test",
        card_unknown_revocation="issue",
        card_copyable="anywhere",
    )


def parts_of(kind: str) -> list[PartName]:
    named: list[PartName] = []
    for driver, parts in KINDS[kind].readings.items():
        every = [part.name for part in DRIVERS[driver].parts]
        named += [(driver, part) for part in (every if parts == ("*",) else parts)]
    return named


def relay_kind(school: School, kind: str) -> tuple[Relayed, InHand, Somebody, WatchedCard]:
    inserted = take_in_hand(KINDS[kind])
    person = Somebody(secrets=inserted.secrets, parts=parts_of(kind))
    watched = WatchedCard(InProcessCard(inserted.card))
    return relay(school, watched, person), inserted, person, watched


@pytest.mark.parametrize("kind", KINDS)
def test_read_judged_and_offered(school: School, kind: str) -> None:
    done, inserted, person, watched = relay_kind(school, kind)
    assert isinstance(done.offer, Offer), (done.offer, done.issued)
    assert done.offer.link == done.issued.link
    accepted = find_accepted(school.desk, TENANT, person.met[0].session)
    assert accepted.card == next(iter(KINDS[kind].readings))
    assert {tried.outcome for tried in done.relay.tries.values()} == {"accepted"}
    # Texts hold no secret, and the binary frames are the card's own answers: PINs went to the card between them.
    texts = "".join(frame for frame in done.issuer.heard if isinstance(frame, str))
    answers = [frame[4:] for frame in done.issuer.heard if isinstance(frame, bytes)]
    for name in done.relay.tries:
        assert inserted.secrets[name] not in texts, f"{name} left the holder's side"
    assert [answer for answer in answers if answer not in watched.answers and answer != b"\x90\x00"] == []
    commands = [frame[4:] for frame in done.holder.heard if isinstance(frame, bytes)]
    for name, tried in done.relay.tries.items():
        if tried.kind.counted:
            assert [one for one in commands if inserted.secrets[name].encode() in one] == []
            assert [one for one in watched.commands if one[1] == 0x20 and inserted.secrets[name].encode() in one]
