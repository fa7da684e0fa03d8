"""特定在留カード: the residence application of a My Number card, read under its own session and bound to the JPKI of the same card.

Both ends of that session are hypotheses after one sentence of the reference (cards.md §6.3): that they agree proves little of real cards.
"""

from __future__ import annotations

from functools import cache

import pytest

from common.cards.binding import SharedSession, bind_to_holder
from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.drivers.my_number.driver import MyNumberDriver
from common.cards.drivers.residence_card.authenticate import SIGNED
from common.cards.drivers.residence_card.authorities import find_delivery_key
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.drivers.residence_card.handshake import read_number
from common.cards.drivers.residence_card.layout import ADDRESS, CARD, PERMISSIONS, PHOTOGRAPH
from common.cards.drivers.residence_card.read import find_type, restore_session
from common.cards.drivers.residence_card.specified import SpecifiedMessaging, open_specified_session, read_delivery_key
from common.cards.evidence import Answer, Environment
from common.cards.reading import Reading
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import CardError, Malformed, Misconfigured, PinWrong, Refused, Rejected, TegataError, Unsupported
from examples.cards.chip import Card
from examples.cards.faults import Around, GarbageAt
from examples.cards.people import PEOPLE
from examples.cards.residence.holders import NGUYEN, SULASTRI
from examples.cards.specified_residence_card import build_specified_residence_card
from tests.cards import my_number_reader as my_number
from tests.cards import test_residence_card_read as residence
from tests.cards.authorities import residence_authority
from tests.cards.licence_world import CHALLENGE, Holder, InProcess, request, source
from tests.cards.my_number_world import authorities

ALL = (CARD, PHOTOGRAPH, ADDRESS, PERMISSIONS)
NOW = my_number.NOW


@cache
def driver() -> ResidenceCardDriver:
    """With the delivery key that is configured beside the roots."""
    material = residence_authority(2).delivery_key_der
    anchor = TrustAnchor(scheme="residence_card_delivery", environment=Environment.TEST, material=material)
    return ResidenceCardDriver(find_delivery_key(CardTrust(anchors=(*trust().anchors, anchor))))


@cache
def trust() -> CardTrust:
    material = residence_authority(2).root_der
    return CardTrust(anchors=(TrustAnchor(scheme="residence_card", environment=Environment.TEST, material=material),))


def card(person: str = "nguyen", fault: str | None = None) -> Card:
    return build_specified_residence_card(
        NGUYEN, PEOPLE[person], authority=residence_authority(2), my_number=authorities(pretends=True), fault=fault
    )


def read(chip: Card, *, number: str = NGUYEN.number) -> tuple[Reading, InProcess]:
    reader = InProcess(chip)
    holder = Holder({"residence_card_number": number})
    return driver().read(CardChannel(reader), request(holder, *ALL)), reader


def judge(reading: Reading) -> Authenticated:
    return driver().authenticate(reading, challenge=CHALLENGE, trust=trust(), now=NOW)


@cache
def clean() -> Authenticated:
    return judge(read(card())[0])


def test_the_same_contents_as_the_second_generation() -> None:
    told = clean()
    assert str(told.claims["birth_date"]).replace("-", "") == NGUYEN.birth
    assert told.claims["nationality"] == NGUYEN.nationality
    assert "name_image" in told.claims
    found = source(told, SIGNED)
    assert found.data_authenticity.answer is Answer.PROVEN
    assert (found.chip_genuineness.answer, found.chip_genuineness.reason) == (Answer.NOT_CHECKED, "not_bound")


def test_the_number_is_never_sent_in_the_clear() -> None:
    _, reader = read(card())
    assert not [1 for command, _ in reader.exchanges if NGUYEN.number.encode() in command]


def test_without_the_delivery_key_nobody_is_asked() -> None:
    assert find_delivery_key(trust()) == b""
    holder = Holder({})
    with pytest.raises(Unsupported, match="specified_residence_card"):
        ResidenceCardDriver().read(CardChannel(InProcess(card())), request(holder, *ALL))
    assert not holder.asked


def test_a_wrong_number() -> None:
    with pytest.raises(PinWrong):
        read(card(), number=SULASTRI.number)


@pytest.mark.parametrize("fault", ["altered_entries", "altered_photo", "altered_name_image", "foreign_signature"])
def test_altered_data_fails(fault: str) -> None:
    told = judge(read(card(fault=fault))[0])
    assert source(told, SIGNED).data_authenticity.answer is Answer.FAILED
    assert not told.claims


def test_garbage_at_any_point() -> None:
    for at in range(len(read(card())[1].exchanges)):
        try:
            told = judge(read(GarbageAt(card(), at))[0])
        except TegataError:
            continue
        assert told == clean() or source(told, SIGNED).data_authenticity.answer is not Answer.PROVEN


class AlteredAnswer(Around):
    """One bit of one long answer is another: in the first block of what is encrypted, where no padding tells."""

    def exchange(self, at: int, apdu: bytes) -> bytes:
        answer = super().exchange(at, apdu)
        if len(answer) < 1000 or answer[:1] != b"\x86":
            return answer
        return answer[:8] + bytes((answer[8] ^ 1,)) + answer[9:]


def test_an_altered_answer_ends_the_session() -> None:
    with pytest.raises(CardError, match="secure_messaging_failed"):
        read(AlteredAnswer(card()))


def test_the_session_is_handed_over_with_its_counter() -> None:
    reader = InProcess(card())
    channel = CardChannel(reader)
    card_type = find_type(channel)
    key = read_delivery_key(residence_authority(2).delivery_key_der)
    session = open_specified_session(channel, read_number(NGUYEN.number), card_type, key).export()
    there = CardChannel(reader)
    there.secure = restore_session(session)
    nobody = Holder({})
    assert judge(driver().read(there, request(nobody, *ALL))) == clean()
    assert not nobody.asked


@pytest.mark.parametrize("session", [b"", b"07", b"07\x01" + bytes(39), b"09\x01" + bytes(40), b"07\x02" + bytes(40)])
def test_what_is_no_session(session: bytes) -> None:
    with pytest.raises(Malformed, match="card_session_malformed"):
        SpecifiedMessaging.restore(session)


@pytest.mark.parametrize("key", [b"x", b"0\x00"])
def test_what_is_no_delivery_key(key: bytes) -> None:
    with pytest.raises(Misconfigured, match="delivery_key"):
        ResidenceCardDriver(key)


def together(chip: Card, person: str) -> tuple[Authenticated, Authenticated]:
    """The residence application and JPKI, in one session of one card."""
    channel = CardChannel(InProcess(chip))
    holder = Holder({"residence_card_number": NGUYEN.number})
    card_reading = driver().read(channel, request(holder, CARD))
    mine = MyNumberDriver().read(channel, my_number.request_for(my_number.Holder(person), ("jpki_signature",)))
    return judge(card_reading), my_number.judge(mine)


def test_bound_to_jpki_it_has_a_name_and_a_genuine_chip() -> None:
    told = bind_to_holder(*together(card(), "nguyen"), session=SharedSession.OWN_READER)
    found = source(told, SIGNED)
    assert found.chip_genuineness.answer is Answer.PROVEN
    assert told.claims["name"] == PEOPLE["nguyen"].name
    assert told.claims["nationality"] == NGUYEN.nationality
    assert told.evidence.source_of("birth_date").source == "jpki_signature", "which can be revoked"
    assert told.evidence.source_of("nationality").source == SIGNED


def test_a_residence_card_of_its_own_is_bound_to_nothing() -> None:
    """Another card's genuine chip says nothing of one that anybody may have copied."""
    _, holder = together(card(), "nguyen")
    own = residence.clean(2, "nguyen")
    with pytest.raises(Refused, match="nothing_to_bind"):
        bind_to_holder(own, holder, session=SharedSession.OWN_READER)


def test_a_card_of_two_people_is_noticed() -> None:
    with pytest.raises(Rejected) as refused:
        bind_to_holder(*together(card("hanako"), "hanako"), session=SharedSession.OWN_READER)
    assert refused.value.reason == "wrong_holder"
