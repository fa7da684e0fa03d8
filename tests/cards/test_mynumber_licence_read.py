"""The licence on a My Number card: what it says, what each fault changes, and whose it is by what the same card proves otherwise."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from common.cards.binding import SharedSession, bind_to_holder
from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.drivers.my_number.driver import MyNumberDriver
from common.cards.drivers.mynumber_licence import CARD, INFORMATION, MyNumberLicenceDriver
from common.cards.evidence import Answer, Environment, OriginKind
from common.cards.reading import Reading, decode_reading, encode_reading
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import CardError, CardRemoved, Malformed, PinBlocked, PinWrong, Refused, Rejected, TegataError
from examples.cards.chip import Card, Chip
from examples.cards.faults import GarbageAt, RemovedAt
from examples.cards.licence.holders import HANAKO, KIYO, SAMPLES, Licence
from examples.cards.my_number.card import build_my_number
from examples.cards.mynumber_licence import FAULTS, build_mynumber_licence
from tests.cards import my_number_reader as my_number
from tests.cards.authorities import police_authority
from tests.cards.licence_world import CHALLENGE, Holder, InProcess, changed, request, source, words
from tests.cards.my_number_world import authorities

DRIVER = MyNumberLicenceDriver()
PIN = "mynumber_licence_pin"
NOW = my_number.NOW


@cache
def trust(environment: Environment = Environment.TEST) -> CardTrust:
    material = police_authority().certificate_der
    return CardTrust(anchors=(TrustAnchor(scheme="driving_licence", environment=environment, material=material),))


def card(licence: Licence = HANAKO, fault: str | None = None, *, my_number_fault: str | None = None) -> Chip:
    applet = build_mynumber_licence(licence, authority=police_authority(), fault=fault)
    person = licence.person
    return build_my_number(person, authority=authorities(pretends=True), fault=my_number_fault, more=(applet,))


def read(chip: Card, holder: Holder | None = None, *, extended: bool | None = None) -> tuple[Reading, InProcess]:
    reader = InProcess(chip)
    knows = holder or Holder({PIN: HANAKO.pin_1})
    return DRIVER.read(CardChannel(reader, extended=extended), request(knows, "licence")), reader


def judge(reading: Reading, believed: CardTrust | None = None) -> Authenticated:
    return DRIVER.authenticate(reading, challenge=CHALLENGE, trust=trust() if believed is None else believed, now=NOW)


@cache
def clean(sample: str = "hanako") -> Authenticated:
    licence = SAMPLES[sample]
    return judge(read(card(licence), Holder({PIN: licence.pin_1}))[0])


def verifies(reader: InProcess) -> list[bytes]:
    return [command for command, _ in reader.exchanges if command[1] == 0x20 and len(command) > 4]


def test_what_it_says() -> None:
    told = clean()
    assert told.claims["categories"] == ("ordinary", "moped")
    assert (told.claims["motorcycle_since"], told.claims["other_since"]) == ("2008-08-05", "2010-04-20")
    assert told.claims["expiry_date"] == "2029-05-05"
    assert told.claims["conditions"] == ("眼鏡等",)
    assert told.claims["colour"] == "優良"
    assert not {"name", "birth_date", "address", "photo"} & set(told.claims)
    assert words(source(told, CARD)) == {
        "data_authenticity": "proven",
        "chip_genuineness": "not_checked",
        "holder_verification": "proven",
        "revocation": "not_offered",
        "trust_anchor": "test",
    }
    assert {one.kind for one in source(told, CARD).origins} == {OriginKind.SIGNED_TEXT}


@pytest.mark.parametrize("sample", SAMPLES)
def test_everybody_s(sample: str) -> None:
    told = clean(sample)
    assert source(told, CARD).data_authenticity.answer is Answer.PROVEN
    assert set(told.claims) <= set(DRIVER.parts[0].claims)
    assert len(told.claims["categories"]) == len(SAMPLES[sample].categories)  # type: ignore[arg-type]


FINDINGS = [row for row in FAULTS if row.changes != "no reading"]


@pytest.mark.parametrize("fault", [row.name for row in FINDINGS])
def test_each_fault_changes_its_field(fault: str) -> None:
    row = next(each for each in FINDINGS if each.name == fault)
    told = judge(read(card(HANAKO, fault), Holder({PIN: HANAKO.pin_1}, last_try_ok=True))[0])
    before, after = source(clean(), CARD), source(told, CARD)
    follows = {"data_authenticity"} if row.changes == "trust_anchor" else set()
    assert changed(before, after) == (set() if row.changes == "nothing" else {row.changes} | follows)
    if row.changes != "nothing":
        assert words(after)[row.changes] == row.becomes
        assert not told.claims


def test_a_blocked_pin_asks_nobody() -> None:
    reader, holder = InProcess(card(HANAKO, "pin_blocked")), Holder({})
    with pytest.raises(PinBlocked):
        DRIVER.read(CardChannel(reader), request(holder, "licence"))
    assert not holder.asked
    assert not verifies(reader)


def test_the_last_try_needs_a_yes() -> None:
    reader, holder = InProcess(card(HANAKO, "pin_last_try")), Holder({PIN: HANAKO.pin_1})
    with pytest.raises(Refused, match="last_try"):
        DRIVER.read(CardChannel(reader), request(holder, "licence"))
    assert holder.asked[0].may_lock
    assert not verifies(reader)


def test_a_wrong_pin_spends_one_of_ten() -> None:
    reader = InProcess(card())
    with pytest.raises(PinWrong) as wrong:
        DRIVER.read(CardChannel(reader), request(Holder({PIN: "0000"}), "licence"))
    assert wrong.value.attempts_left == 9
    assert [command[:5].hex() for command in verifies(reader)] == ["0020008604"], "named by SFI 6"


def test_without_a_pin_nobody_is_asked_and_nobody_is_proven() -> None:
    holder = Holder({})
    told = judge(read(card(KIYO), holder)[0])
    assert not holder.asked
    assert source(told, CARD).holder_verification.reason == "no_pin_set"


def test_believing_nobody() -> None:
    told = judge(read(card())[0], CardTrust())
    assert source(told, CARD).data_authenticity.reason == "untrusted_issuer"


def test_each_file_is_read_once_in_one_command() -> None:
    _, reader = read(card())
    assert len(reader.exchanges) == 1 + 1 + 2 + 2, "SELECT, setting, counter and PIN, two files"


def test_a_reader_of_short_length_gets_the_same_and_so_does_who_gets_it_as_bytes() -> None:
    reading, reader = read(card(), extended=False)
    assert max(len(answer) for _, answer in reader.exchanges) <= 258
    assert judge(decode_reading(encode_reading(reading))) == clean()


def test_a_card_that_is_taken_away() -> None:
    for at in range(len(read(card())[1].exchanges)):
        with pytest.raises(CardRemoved):
            read(RemovedAt(card(), at))


def test_garbage_at_any_point() -> None:
    for at in range(len(read(card())[1].exchanges)):
        for onwards in (False, True):
            reader = InProcess(GarbageAt(card(), at, onwards=onwards))
            try:
                told = judge(DRIVER.read(CardChannel(reader), request(Holder({PIN: HANAKO.pin_1}), "licence")))
            except TegataError:
                pass
            else:
                assert told == clean() or source(told, CARD).data_authenticity.answer is not Answer.PROVEN
            assert len(verifies(reader)) <= 1


def test_another_application_is_not_sent_a_pin() -> None:
    class Other:
        def transmit(self, command: bytes) -> bytes:
            assert command[1] != 0x20
            return b"\x05\x01\x01\x90\x00" if command[1] == 0xB0 else b"\x90\x00"

    with pytest.raises(CardError, match="not_a_mynumber_licence"):
        DRIVER.read(CardChannel(Other()), request(Holder({}), "licence"))


@pytest.mark.parametrize("at", [0, 400, 3000])
def test_every_byte_of_the_information_is_signed(at: int) -> None:
    reading = read(card())[0]
    data = bytearray(reading.files[INFORMATION])
    data[at] ^= 1
    altered = replace(reading, files={**reading.files, INFORMATION: bytes(data)})
    try:
        told = judge(altered)
    except Malformed:
        return
    assert source(told, CARD).data_authenticity.answer is Answer.FAILED


# --- whose licence it is ---


def both(chip: Card, *, parts: tuple[str, ...] = ("jpki_signature",)) -> tuple[Authenticated, Authenticated]:
    """Licence and holder, read in one session of one card."""
    channel = CardChannel(InProcess(chip))
    person = my_number.Holder()
    mine = MyNumberDriver().read(channel, my_number.request_for(person, parts))
    licence = DRIVER.read(channel, request(Holder({PIN: HANAKO.pin_1}), "licence"))
    return judge(licence), my_number.judge(mine)


def test_bound_to_the_holder_of_the_same_card() -> None:
    told = bind_to_holder(*both(card()), session=SharedSession.OWN_READER)
    assert told.claims["name"] == HANAKO.person.name
    assert told.claims["categories"] == ("ordinary", "moped")
    found = source(told, CARD)
    assert (found.chip_genuineness.answer, found.chip_genuineness.by) == (Answer.PROVEN, "bound_my_number_chip")
    assert told.evidence.card == CARD
    assert {each.source for each in told.evidence.sources} == {CARD, "jpki_signature"}


def test_by_the_text_application_too() -> None:
    told = bind_to_holder(*both(card(), parts=("text",)), session=SharedSession.OWN_READER)
    assert source(told, CARD).chip_genuineness.answer is Answer.PROVEN
    assert told.claims["name"] == HANAKO.person.name


def test_a_clone_of_the_my_number_card_binds_nothing() -> None:
    told = bind_to_holder(*both(card(my_number_fault="clone")), session=SharedSession.OWN_READER)
    assert source(told, CARD).chip_genuineness.answer is Answer.FAILED


def test_a_chip_that_nobody_certifies_binds_nothing() -> None:
    told = bind_to_holder(*both(card(my_number_fault="wrong_certificate")), session=SharedSession.OWN_READER)
    assert source(told, CARD).chip_genuineness.answer is Answer.NOT_CHECKED


def test_over_a_relay_one_card_is_not_proven() -> None:
    """Whoever holds the reader can answer for the licence from somebody else's card: here somebody does."""
    licence = clean("nguyen")
    _, holder = both(card())
    told = bind_to_holder(licence, holder, session=SharedSession.RELAYED)
    found = source(told, CARD).chip_genuineness
    assert (found.answer, found.reason) == (Answer.NOT_CHECKED, "relayed_session")


def test_two_sessions_bind_nothing() -> None:
    with pytest.raises(Refused, match="not_one_session"):
        bind_to_holder(*both(card()), session=SharedSession.SEPARATE)


def test_two_people_are_not_one() -> None:
    licence, holder = both(card())
    for claim, value in (("birth_date", "1999-01-01"), ("sex", 1)):
        other = replace(
            licence,
            claims={**licence.claims, claim: value},
            evidence=replace(
                licence.evidence,
                sources=(
                    replace(
                        licence.evidence.sources[0],
                        origins=(
                            *licence.evidence.sources[0].origins,
                            replace(licence.evidence.sources[0].origins[0], claim=claim),
                        ),
                    ),
                ),
            ),
        )
        with pytest.raises(Rejected) as refused:
            bind_to_holder(other, holder, session=SharedSession.OWN_READER)
        assert refused.value.reason == "wrong_holder"
