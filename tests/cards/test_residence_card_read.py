"""The residence-card driver against the virtual cards: what is read, what it is worth, and what each fault changes."""

from __future__ import annotations

from functools import cache

import pytest

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.drivers.residence_card.authenticate import AGENCY, OPEN, SIGNED
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.drivers.residence_card.handshake import open_session
from common.cards.drivers.residence_card.layout import ADDRESS, CARD, PERMISSIONS, PHOTOGRAPH
from common.cards.drivers.residence_card.messaging import ResidenceMessaging
from common.cards.drivers.residence_card.read import find_type, restore_session
from common.cards.evidence import Answer, Environment, OriginKind, RevocationAnswer
from common.cards.reading import Reading, decode_reading, encode_reading
from common.cards.secret import Secret
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import CardError, CardRemoved, Malformed, PinWrong, TegataError
from examples.cards.chip import Card
from examples.cards.faults import Endless, GarbageAt, RemovedAt
from examples.cards.residence.holders import CHILD, ENGINEER, PERMANENT, SAMPLES, SPECIAL, STUDENT, ResidenceHolder
from examples.cards.residence_card import FAULTS, build_residence_card
from tests.cards.authorities import residence_authority
from tests.cards.licence_world import CHALLENGE, NOW, Holder, InProcess, changed, request, source, words

FIRST, SECOND = 1, 2
DRIVER = ResidenceCardDriver()
ALL = (CARD, PHOTOGRAPH, ADDRESS, PERMISSIONS)
both = pytest.mark.parametrize("generation", [FIRST, SECOND])
everybody = pytest.mark.parametrize("sample", SAMPLES)


@cache
def trust(generation: int, environment: Environment = Environment.TEST) -> CardTrust:
    root = residence_authority(generation).root_der
    return CardTrust(anchors=(TrustAnchor(scheme="residence_card", environment=environment, material=root),))


def card(holder: ResidenceHolder, generation: int, fault: str | None = None) -> Card:
    return build_residence_card(holder, authority=residence_authority(generation), fault=fault)


def read(
    chip: Card, holder: ResidenceHolder, *parts: str, extended: bool | None = None
) -> tuple[Reading, InProcess, CardChannel]:
    reader = InProcess(chip)
    channel = CardChannel(reader, extended=extended)
    person = Holder({"residence_card_number": holder.number})
    return DRIVER.read(channel, request(person, *parts)), reader, channel


def judge(reading: Reading, believed: CardTrust) -> Authenticated:
    return DRIVER.authenticate(reading, challenge=CHALLENGE, trust=believed, now=NOW)


@cache
def clean(generation: int, sample: str = "engineer") -> Authenticated:
    holder = SAMPLES[sample]
    return judge(read(card(holder, generation), holder, *ALL)[0], trust(generation))


def test_signed_text_of_the_second_generation() -> None:
    told = clean(SECOND)
    assert {name: value for name, value in told.claims.items() if isinstance(value, str)} == {
        "card_expiry": "2029-05-20",
        "birth_date": "1985-12-31",
        "nationality": "USA",
        "residence_status_code": "T100000001",
        "period_of_stay": "P5Y",
        "permission_code": "02",
        "permission_date": "2024-05-20",
        "work_restriction": "as_status_allows",
        "stay_until": "2029-05-20",
        "document": "residence_card",
        "general_permission": "none",
    }
    assert told.claims["sex"] == 2, "ISO/IEC 5218"
    signed, loose = source(told, SIGNED), source(told, OPEN)
    assert words(signed) == {
        "data_authenticity": "proven",
        "chip_genuineness": "not_offered",
        "holder_verification": "not_offered",
        "revocation": "not_offered",
        "trust_anchor": "test",
    }
    kinds = {origin.claim: origin.kind for origin in signed.origins}
    assert kinds["birth_date"] is OriginKind.SIGNED_TEXT
    assert kinds["name_image"] is kinds["photo"] is OriginKind.SIGNED_IMAGE
    assert {origin.signed_by for origin in signed.origins} == {AGENCY}
    assert {origin.claim: origin.kind for origin in loose.origins}["address_image"] is OriginKind.UNSIGNED_CHIP_IMAGE
    assert words(loose)["data_authenticity"] == "not_offered"
    assert "name" not in told.claims, "the name is a picture"


def test_the_first_generation_says_nothing_of_a_person_in_text() -> None:
    told = clean(FIRST)
    assert {origin.claim: origin.kind for origin in source(told, SIGNED).origins} == {
        "front_image": OriginKind.SIGNED_IMAGE,
        "photo": OriginKind.SIGNED_IMAGE,
    }
    assert told.claims["address"] == ENGINEER.address
    assert told.claims["municipality_code"] == ENGINEER.municipality
    assert {origin.kind for origin in source(told, OPEN).origins} == {OriginKind.UNSIGNED_CHIP_TEXT}


@both
@everybody
def test_everybody_s_card(generation: int, sample: str) -> None:
    told = clean(generation, sample)
    holder = SAMPLES[sample]
    proof = source(told, SIGNED).data_authenticity
    assert (proof.answer, proof.reason) == (
        (Answer.PROVEN, "") if holder.photo else (Answer.NOT_OFFERED, "no_signature_on_card")
    )
    assert ("photo" in told.claims) is holder.photo
    assert told.claims["document"] == ("special_permanent_resident_certificate" if holder.special else "residence_card")
    assert source(told, SIGNED).revocation.answer is RevocationAnswer.NOT_OFFERED


def test_of_a_child_nothing_passes_for_signed() -> None:
    told = clean(SECOND, "child")
    assert told.claims["birth_date"] == "2015-03-10"
    assert {origin.kind for origin in source(told, SIGNED).origins} == {
        OriginKind.UNSIGNED_CHIP_TEXT,
        OriginKind.UNSIGNED_CHIP_IMAGE,
    }
    assert source(told, SIGNED).trust_anchor is Environment.NONE


def test_dates_and_periods() -> None:
    assert clean(SECOND, "student").claims["birth_date_incomplete"] == "2002-01-00", "a day that nobody knows"
    assert "birth_date" not in clean(SECOND, "student").claims
    assert clean(SECOND, "student").claims["period_of_stay"] == "P2Y3M"
    assert clean(SECOND, "permanent").claims["period_of_stay"] == "indefinite"
    assert "stay_until" not in clean(SECOND, "permanent").claims
    assert clean(SECOND, "special").claims.keys().isdisjoint({"stay_until", "permission_code", "general_permission"})


def test_what_stands_on_the_back() -> None:
    told = clean(SECOND, "student")
    assert told.claims["general_permission"] == "28_hours"
    assert told.claims["general_permission_until"] == "2028-09-01"
    assert told.claims["renewal_pending"] is True
    assert told.claims["remarks"] == "更新許可申請中"
    assert clean(FIRST, "student").claims["renewal_pending"] is True


FAULTY = [
    (generation, row)
    for generation in (FIRST, SECOND)
    for row in FAULTS
    if row.changes != "no reading" and not (generation == FIRST and row.name == "altered_name_image")
]


@pytest.mark.parametrize(("generation", "row"), FAULTY, ids=[f"{row.name}-{generation}" for generation, row in FAULTY])
def test_each_fault_changes_its_field(generation: int, row: object) -> None:
    fault = next(each for each in FAULTS if each is row)
    told = judge(read(card(ENGINEER, generation, fault.name), ENGINEER, *ALL)[0], trust(generation))
    before, after = source(clean(generation), SIGNED), source(told, SIGNED)
    expected = set() if fault.changes == "nothing" else {fault.changes}
    follows = {
        # Whom nobody vouches for has proven nothing; and where nothing is signed, nobody's root stands behind it.
        "wrong_certificate": {"data_authenticity"},
        "no_signature": {"trust_anchor"},
    }
    assert changed(before, after) == expected | follows.get(fault.name, set())
    if expected:
        assert words(after)[fault.changes] == fault.becomes
    if after.data_authenticity.answer is Answer.FAILED:
        assert not told.claims, "nothing is said by a card that failed"


def test_an_address_that_was_written_over_is_told_as_unsigned() -> None:
    told = judge(read(card(ENGINEER, FIRST, "changed_address"), ENGINEER, *ALL)[0], trust(FIRST))
    assert told.claims["address"] != clean(FIRST).claims["address"]
    assert told.evidence.source_of("address").source == OPEN
    assert told.evidence.source_of("address").trust_anchor is Environment.NONE


@both
def test_believing_nobody(generation: int) -> None:
    reading = read(card(ENGINEER, generation), ENGINEER, CARD)[0]
    assert source(judge(reading, CardTrust()), SIGNED).data_authenticity.reason == "untrusted_issuer"
    other = trust(SECOND if generation == FIRST else FIRST)
    assert source(judge(reading, other), SIGNED).data_authenticity.reason == "untrusted_issuer"


@both
def test_production_is_what_the_configuration_calls_so(generation: int) -> None:
    reading = read(card(ENGINEER, generation), ENGINEER, CARD)[0]
    told = judge(reading, trust(generation, Environment.PRODUCTION))
    assert source(told, SIGNED).trust_anchor is Environment.PRODUCTION
    assert told.evidence.of_claims({"card_expiry", "front_image"}).environment is Environment.PRODUCTION
    assert told.evidence.environment is Environment.NONE, "what nobody signed is in it too"


@both
def test_only_what_was_asked_for(generation: int) -> None:
    reading, reader, _ = read(card(ENGINEER, generation), ENGINEER, CARD)
    told = judge(reading, trust(generation))
    assert "photo" not in told.claims
    assert not {name for name in told.claims if "address" in name or "permission" in name} - {
        "permission_code",
        "permission_date",
    }
    assert len([1 for command, _ in reader.exchanges if command[:2] == b"\x00\xa4"]) == 3, "MF, DF1, DF3"


@both
def test_a_wrong_number_is_one_try_and_no_reading(generation: int) -> None:
    reader = InProcess(card(ENGINEER, generation, "other_number"))
    person = Holder({"residence_card_number": ENGINEER.number})
    with pytest.raises(PinWrong):
        DRIVER.read(CardChannel(reader), request(person, CARD))
    assert len(person.asked) == 1
    assert person.asked[0].tries_left is None
    assert person.asked[0].kind.printed


@pytest.mark.parametrize("parts", [(), ("jpki_signature",)], ids=["none", "unknown"])
def test_parts_that_no_residence_card_has(parts: tuple[str, ...]) -> None:
    reader = InProcess(card(ENGINEER, SECOND))
    with pytest.raises(Malformed, match="unknown_part"):
        DRIVER.read(CardChannel(reader), request(Holder({}), *parts))
    assert not reader.exchanges


def test_a_reading_of_another_card() -> None:
    with pytest.raises(Malformed, match="wrong_card"):
        judge(Reading(card="passport"), trust(SECOND))


def test_a_number_that_is_none_is_not_sent() -> None:
    reader = InProcess(card(ENGINEER, SECOND))
    with pytest.raises(Malformed, match="card_number_malformed"):
        DRIVER.read(CardChannel(reader), request(Holder({"residence_card_number": "12345"}), CARD))
    assert not [1 for command, _ in reader.exchanges if command[1] in (0x82, 0x20)]


@both
def test_the_handshake_at_the_holder_s_side(generation: int) -> None:
    """The holder's side shakes hands and hands over the session; who reads on asks nobody and never sees the number."""
    reader = InProcess(card(STUDENT, generation))
    channel = CardChannel(reader)
    card_type = find_type(channel)
    session = open_session(channel, Secret(STUDENT.number), card_type).export()
    assert STUDENT.number.encode() not in session

    there = CardChannel(reader)
    there.secure = restore_session(session)
    nobody = Holder({})
    reading = DRIVER.read(there, request(nobody, *ALL))
    assert not nobody.asked
    assert judge(reading, trust(generation)) == clean(generation, "student")
    assert isinstance(there.secure, ResidenceMessaging), "the session goes on"


@both
def test_a_reading_travels_as_bytes(generation: int) -> None:
    reading = read(card(PERMANENT, generation), PERMANENT, *ALL)[0]
    assert judge(decode_reading(encode_reading(reading)), trust(generation)) == clean(generation, "permanent")


@both
@pytest.mark.parametrize("parts", [(CARD,), (CARD, ADDRESS), ALL], ids=len)
def test_each_file_is_read_once_in_one_command(generation: int, parts: tuple[str, ...]) -> None:
    reading, _, channel = read(card(ENGINEER, generation), ENGINEER, *parts)
    folders = {name[:3] for name in reading.files}
    # Type (after its SELECT), challenge, handshake, number; then a SELECT for each folder and a read for each file.
    assert channel.exchanges == 5 + len(folders) + len(reading.files)
    assert channel.extended


@both
def test_a_reader_of_short_length_gets_the_same(generation: int) -> None:
    reading, reader, _ = read(card(ENGINEER, generation), ENGINEER, *ALL, extended=False)
    assert max(len(command) for command, _ in reader.exchanges) < 64
    assert max(len(answer) for _, answer in reader.exchanges) <= 258
    assert judge(reading, trust(generation)) == clean(generation)


@both
def test_a_card_that_is_taken_away(generation: int) -> None:
    _, reader, _ = read(card(ENGINEER, generation), ENGINEER, *ALL)
    for at in range(len(reader.exchanges)):
        with pytest.raises(CardRemoved):
            read(RemovedAt(card(ENGINEER, generation), at), ENGINEER, *ALL)


@both
def test_garbage_at_any_point_is_an_error_or_a_finding(generation: int) -> None:
    _, reader, _ = read(card(ENGINEER, generation), ENGINEER, *ALL)
    for at in range(len(reader.exchanges)):
        for onwards in (False, True):
            try:
                told = judge(
                    read(GarbageAt(card(ENGINEER, generation), at, onwards=onwards), ENGINEER, *ALL)[0],
                    trust(generation),
                )
            except TegataError:
                continue
            assert told == clean(generation) or source(told, SIGNED).data_authenticity.answer is not Answer.PROVEN


@both
def test_files_that_do_not_end(generation: int) -> None:
    with pytest.raises((CardError, Malformed)):
        judge(read(Endless(card(ENGINEER, generation)), ENGINEER, *ALL)[0], trust(generation))


def test_special_permanent_residents_and_children_have_cards_of_their_own_shape() -> None:
    for holder in (SPECIAL, CHILD):
        for generation in (FIRST, SECOND):
            names = read(card(holder, generation), holder, *ALL)[0].files.keys()
            assert ("df2/ef02" in names) is not holder.special
