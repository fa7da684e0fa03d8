"""Every kind of card over the relay: read by the issuer through the guard, judged, offered; and nothing that opens it on the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.cards.offered_parts import NEVER_RELAYED, PartName
from common.cards.registry import DRIVERS
from common.cards.relay import Begin, Offer, Read, build_text
from common.cards.trust import CardTrust
from common.errors import Malformed, PinBlocked, Refused
from issuer.flows.accept_card import find_accepted
from tests.cards.relay_world import Issuing, Relayed, Somebody, WatchedCard, make_line, relay
from tests.fakes.card import InProcessCard, Insert
from tests.issuer.card_desk import open_card_school, open_session
from tests.issuer.every_card import KINDS, InHand, roots_in, take_in_hand
from tests.issuer.school import TENANT, School
from wallet_agent.reading.prompts import Answered, Asked


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


def test_a_card_in_a_reader(school: School, insert: Insert) -> None:
    """The same, with pcscd between the holder's side and the card."""
    inserted = take_in_hand(KINDS["my_number_jpki"])
    done = relay(school, insert(inserted.card), Somebody(secrets=inserted.secrets))
    assert isinstance(done.offer, Offer), done.offer


def test_a_card_that_a_reader_lost_its_tries_to_is_told_as_blocked(school: School) -> None:
    """The issuer hears that it is blocked and nothing of how often who typed what."""
    inserted = take_in_hand(KINDS["my_number_jpki"])
    person = Somebody(secrets=inserted.secrets, answers={"jpki_signature_password": ["WRONG1"] * 9}, agreed=True)
    watched = WatchedCard(InProcessCard(inserted.card))
    done = relay(school, watched, person)
    assert isinstance(done.issued, PinBlocked)
    assert isinstance(done.offer, Refused)
    assert done.offer.code == "pin_blocked"
    tried = done.relay.tries["jpki_signature_password"]
    assert (tried.outcome, tried.left) == ("blocked", 0)
    assert [asked.prompt.tries_left for asked in person.asked] == [5, 4, 3, 2, 1]
    assert [asked.prompt.may_lock for asked in person.asked] == [False] * 4 + [True]
    assert not any("WRONG1" in str(frame) for frame in done.holder.said)


def test_the_last_try_is_not_spent_without_a_yes(school: School) -> None:
    class Careful(Somebody):
        def give_secret(self, asked: Asked) -> Answered:
            if asked.problem == "not_agreed":
                raise Refused("declined")
            return super().give_secret(asked)

    inserted = take_in_hand(KINDS["my_number_jpki"])
    person = Careful(secrets=inserted.secrets, answers={"jpki_signature_password": ["WRONG1"] * 4})
    watched = WatchedCard(InProcessCard(inserted.card))
    done = relay(school, watched, person)
    assert isinstance(done.offer, Refused)
    assert done.offer.code == "declined"
    assert isinstance(done.issued, Refused)
    assert done.issued.code == "declined"
    tried = done.relay.tries["jpki_signature_password"]
    assert (tried.outcome, tried.left) == ("asked", 1)
    assert len([one for one in watched.commands if one[1] == 0x20 and len(one) > 4]) == 4


RELAYED = [
    name for name, kind in KINDS.items() if not NEVER_RELAYED & {(d, p) for d, of in kind.readings.items() for p in of}
]


def test_an_issuer_does_not_read_the_text_application_over_a_relay(school: School) -> None:
    """Whatever a holder's side says that it would let be read."""
    session = open_session(school)
    ours, theirs = make_line()
    issuing = Issuing(school, session, ours)
    theirs.receive(5)
    theirs.send(build_text(Begin((Read("my_number", ("jpki_signature", "text")),))))
    outcome = issuing.ended()
    assert isinstance(outcome, Malformed)
    assert outcome.code == "unknown_part"
    assert [frame for frame in theirs.heard if isinstance(frame, bytes)] == []


@pytest.mark.parametrize("kind", RELAYED)
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
