"""The driving-licence driver against the virtual licences: PINs and counters, what is said and by whom, and what each fault changes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.drivers.driving_licence.authenticate import CHANGED
from common.cards.drivers.driving_licence.driver import DrivingLicenceDriver
from common.cards.drivers.driving_licence.read import CARD, ENTRIES_PART, HASH_ONLY, SIGNATURE_PART
from common.cards.evidence import Answer, Environment, OriginKind
from common.cards.reading import Reading, decode_reading, encode_reading
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import CardError, CardRemoved, Malformed, PinBlocked, PinWrong, Refused, TegataError
from examples.cards.chip import Card
from examples.cards.driving_licence import FAULTS, build_driving_licence
from examples.cards.faults import Endless, GarbageAt, RemovedAt
from examples.cards.licence.holders import HANAKO, KIYO, MOVED, SAMPLES, TAKASAKI, Change, Licence
from tests.cards.authorities import police_authority
from tests.cards.licence_world import CHALLENGE, NOW, Holder, InProcess, changed, request, source, words

DRIVER = DrivingLicenceDriver()
PIN_1, PIN_2 = "driving_licence_pin_1", "driving_licence_pin_2"
PARTS = (ENTRIES_PART, SIGNATURE_PART)


@cache
def trust(environment: Environment = Environment.TEST) -> CardTrust:
    """The police of the samples, and their key of former years."""
    keys = (police_authority(), police_authority().expired())
    return CardTrust(
        anchors=tuple(
            TrustAnchor(scheme="driving_licence", environment=environment, material=each.certificate_der)
            for each in keys
        )
    )


def card(licence: Licence = HANAKO, fault: str | None = None) -> Card:
    return build_driving_licence(licence, authority=police_authority(), fault=fault)


def person(licence: Licence = HANAKO, *, last_try_ok: bool = False) -> Holder:
    return Holder({PIN_1: licence.pin_1, PIN_2: licence.pin_2}, last_try_ok=last_try_ok)


def read(chip: Card, holder: Holder, *parts: str, extended: bool | None = None) -> tuple[Reading, InProcess]:
    reader = InProcess(chip)
    return DRIVER.read(CardChannel(reader, extended=extended), request(holder, *(parts or PARTS))), reader


def judge(reading: Reading, believed: CardTrust | None = None) -> Authenticated:
    return DRIVER.authenticate(reading, challenge=CHALLENGE, trust=trust() if believed is None else believed, now=NOW)


@cache
def clean(sample: str = "hanako") -> Authenticated:
    licence = SAMPLES[sample]
    return judge(read(card(licence), person(licence))[0])


def verifies(reader: InProcess) -> list[bytes]:
    """VERIFY with data: each of them spends a try if it is wrong."""
    return [command for command, _ in reader.exchanges if command[1] == 0x20 and len(command) > 4]


def test_what_a_licence_says() -> None:
    told = clean()
    assert told.claims["name"] == HANAKO.person.name
    assert told.claims["licence_number"] == HANAKO.number
    assert told.claims["issue_date"] == "2024-04-18"
    assert told.claims["expiry_date"] == "2029-05-05"
    assert told.claims["categories"] == ("ordinary", "moped")
    assert told.claims["category_dates"] == ("2010-04-20", "2008-08-05")
    assert (told.claims["motorcycle_since"], told.claims["other_since"]) == ("2008-08-05", "2010-04-20")
    assert told.claims["conditions"] == ("眼鏡等",)
    assert told.claims["colour"] == "優良"
    assert told.claims["issuing_authority"] == "東京都公安委員会"
    assert "second_class_since" not in told.claims
    assert words(source(told, CARD)) == {
        "data_authenticity": "proven",
        "chip_genuineness": "not_offered",
        "holder_verification": "proven",
        "revocation": "not_offered",
        "trust_anchor": "test",
    }
    assert {origin.kind for origin in source(told, CARD).origins} == {OriginKind.SIGNED_TEXT}


@pytest.mark.parametrize("sample", SAMPLES)
def test_everybody_s_licence(sample: str) -> None:
    told, licence = clean(sample), SAMPLES[sample]
    assert source(told, CARD).data_authenticity.answer is Answer.PROVEN
    assert set(told.claims) <= {claim for part in DRIVER.parts for claim in part.claims}
    assert len(told.claims["categories"]) == len(licence.categories)  # type: ignore[arg-type]
    assert told.claims.get("name_alias", "") == licence.alias


@pytest.mark.parametrize("sample", SAMPLES)
def test_domicile_and_photo_are_in_no_claim(sample: str) -> None:
    """Claims are the same without them; what is missing then is the check of the signature."""
    licence = SAMPLES[sample]
    reading, _ = read(card(licence), person(licence))
    told = judge(replace(reading, files={name: reading.files[name] for name in reading.files if name not in HASH_ONLY}))
    assert told.claims == clean(sample).claims
    assert source(told, CARD).data_authenticity.reason == "pin_2_not_given"
    assert licence.domicile not in told.claims.values()
    assert not {origin.file for each in clean(sample).evidence.sources for origin in each.origins} & set(HASH_ONLY)


def test_a_name_that_no_text_can_say_is_told_as_such() -> None:
    told = clean("takasaki")
    name, flags = str(told.claims["name"]), str(told.claims["name_substitutes"])
    assert len(name) == len(flags) == len(TAKASAKI.person.name)
    assert "〓" in name
    assert [at for at, flag in enumerate(flags) if flag == "1"] == [at for at, one in enumerate(name) if one == "〓"]
    assert set(str(clean().claims["name_substitutes"])) == {"0"}
    assert "external_characters" in told.evidence.sources[0].not_checked, (
        "their pictures are on the card, and nobody looked at them"
    )
    assert "external_characters" not in clean().evidence.sources[0].not_checked
    age = told.evidence.of_claims(["birth_date"])
    assert "external_characters" not in age.sources[0].not_checked, "without the name, nobody is told of its characters"


def test_a_birth_date_with_parts_that_nobody_knows() -> None:
    told = clean("kiyo")
    assert "birth_date" not in told.claims
    assert str(told.claims["birth_date_incomplete"]).endswith("-00")


def test_a_licence_without_pins_proves_no_holder() -> None:
    nobody = Holder({})
    reading, reader = read(card(KIYO), nobody)
    assert not nobody.asked
    assert {command[5:] for command in verifies(reader)} == {b"****"}
    found = source(judge(reading), CARD).holder_verification
    assert (found.answer, found.reason) == (Answer.NOT_OFFERED, "no_pin_set")


def test_changes_supersede_and_are_signed_by_nobody() -> None:
    told = clean("moved")
    assert str(told.claims["address"]).startswith("滋賀県高島市新旭町北畑５６５番地")
    assert told.claims["address_since"] == "2026-07-02"
    assert str(told.claims["name"]).endswith("島　蓮"), "a name with a character of its own"
    assert told.claims["conditions"] == told.claims["conditions_lifted"] == ("眼鏡等",)
    later = source(told, CHANGED)
    assert {"address", "name", "address_since"} <= {origin.claim for origin in later.origins}
    assert {origin.kind for origin in later.origins} == {OriginKind.UNSIGNED_CHIP_TEXT}
    assert (later.data_authenticity.answer, later.data_authenticity.reason) == (Answer.NOT_OFFERED, "outside_signature")
    assert source(told, CARD).data_authenticity.answer is Answer.PROVEN
    assert told.evidence.of_claims({"address"}).environment is Environment.NONE
    assert told.evidence.of_claims({"birth_date", "categories"}).environment is Environment.TEST


def test_an_added_condition_is_told_by_nobody_s_signature() -> None:
    added = replace(HANAKO, changes=(Change(kind="condition", date="20260101", text="普通車はＡＴ車に限る"),))
    told = judge(read(card(added), person())[0])
    assert told.claims["conditions"] == ("眼鏡等", "普通車はＡＴ車に限る")
    assert told.evidence.source_of("conditions").source == CHANGED
    assert clean("nguyen").claims["conditions"] == (), "that there is none is signed"
    assert clean("nguyen").evidence.source_of("conditions").source == CARD


@pytest.mark.parametrize(
    "changes", [b"\x70\x03abc", b"\x70\x90", b"\x50\x01\x01\x50\x01\x01", None], ids=["entry", "cut", "twice", "none"]
)
def test_where_changes_cannot_be_read_nobody_knows_what_they_supersede(changes: bytes | None) -> None:
    reading = read(card(MOVED), person(MOVED))[0]
    files = {name: data for name, data in reading.files.items() if name != "df1/ef04"}
    if changes is not None:
        files["df1/ef04"] = changes
    told = judge(replace(reading, files=files))
    assert not {"name", "address", "conditions"} & set(told.claims)
    assert {"birth_date", "categories", "licence_number"} <= set(told.claims)
    assert "changes" in source(told, CARD).not_checked
    assert "changes" not in source(clean("moved"), CARD).not_checked


def test_that_a_change_was_left_out_is_found_by_nobody_and_said() -> None:
    """A condition was added later; a copy of this licence has an empty file there."""
    added = replace(HANAKO, changes=(Change(kind="condition", date="20260101", text="普通車はＡＴ車に限る"),))
    reading = read(card(added), person())[0]
    copied = judge(replace(reading, files={**reading.files, "df1/ef04": b"\xff" * 640}))
    assert copied.claims["conditions"] == ("眼鏡等",)
    assert copied.evidence.source_of("conditions").source == CARD
    for told in (judge(reading), copied, clean()):
        assert "changes_complete" in source(told, CARD).not_checked


def test_files_that_are_cut_elsewhere_are_not_those_that_were_signed() -> None:
    """The same bytes one after the other, and fewer entries: the last category stands in the next file."""
    reading = read(card(), person())[0]
    entries, domicile, photo = (reading.files[name] for name in ("df1/ef01", *HASH_ONLY))
    cut = entries.rindex(b"\x33\x07")
    for files in (
        {"df1/ef01": entries[:cut], "df1/ef02": entries[cut:] + domicile},
        {"df1/ef02": domicile[:-7], "df2/ef01": domicile[-7:] + photo},
    ):
        found = source(judge(replace(reading, files={**reading.files, **files})), CARD).data_authenticity
        assert (found.answer, found.reason) == (Answer.FAILED, "files_cut")


def test_without_pin_2_nothing_is_checked() -> None:
    holder = person()
    reading = read(card(), holder, ENTRIES_PART)[0]
    assert [prompt.kind.name for prompt in holder.asked] == [PIN_1]
    assert not set(HASH_ONLY) & set(reading.files)
    told = judge(reading)
    found = source(told, CARD)
    assert (found.data_authenticity.answer, found.data_authenticity.reason) == (Answer.NOT_CHECKED, "pin_2_not_given")
    assert found.trust_anchor is Environment.NONE
    assert {origin.kind for origin in found.origins} == {OriginKind.UNSIGNED_CHIP_TEXT}
    assert told.claims["name"] == HANAKO.person.name


FINDINGS = [row for row in FAULTS if row.changes != "no reading"]


@pytest.mark.parametrize("fault", [row.name for row in FINDINGS])
def test_each_fault_changes_its_field(fault: str) -> None:
    row = next(each for each in FINDINGS if each.name == fault)
    told = judge(read(card(HANAKO, fault), person(last_try_ok=True))[0])
    before, after = source(clean(), CARD), source(told, CARD)
    if row.changes == "origins":
        assert not changed(before, after)
        assert {one.kind.value for one in source(told, CHANGED).origins if one.claim == "address"} == {row.becomes}
        return
    # Whom nobody knows has proven nothing either.
    follows = {"data_authenticity"} if row.changes == "trust_anchor" else set()
    assert changed(before, after) == (set() if row.changes == "nothing" else {row.changes} | follows)
    if row.changes != "nothing":
        assert words(after)[row.changes] == row.becomes
    if after.data_authenticity.answer is Answer.FAILED:
        assert not told.claims, "nothing is said by a licence that failed"


def test_believing_nobody() -> None:
    told = judge(read(card(), person())[0], CardTrust())
    assert source(told, CARD).data_authenticity.reason == "untrusted_issuer"
    assert not told.claims


def test_production_is_what_the_configuration_calls_so() -> None:
    told = judge(read(card(), person())[0], trust(Environment.PRODUCTION))
    assert told.evidence.environment is Environment.PRODUCTION


@pytest.mark.parametrize(("fault", "pin"), [("pin_1_blocked", PIN_1), ("pin_2_blocked", PIN_2)])
def test_a_blocked_licence_asks_nobody(fault: str, pin: str) -> None:
    reader, holder = InProcess(card(HANAKO, fault)), person()
    with pytest.raises(PinBlocked):
        DRIVER.read(CardChannel(reader), request(holder, *PARTS))
    assert not holder.asked, "PIN 1 is not asked for where PIN 2 is blocked"
    assert not verifies(reader)


def test_the_last_try_needs_a_yes() -> None:
    reader, holder = InProcess(card(HANAKO, "pin_1_last_try")), person()
    with pytest.raises(Refused, match="last_try"):
        DRIVER.read(CardChannel(reader), request(holder, *PARTS))
    assert holder.asked[0].may_lock
    assert not verifies(reader)
    assert judge(read(card(HANAKO, "pin_1_last_try"), person(last_try_ok=True))[0]) == clean()


def test_a_wrong_pin_spends_one_try_and_tells_what_is_left() -> None:
    chip = card()
    for left in (2, 1):
        reader = InProcess(chip)
        with pytest.raises(PinWrong) as wrong:
            DRIVER.read(CardChannel(reader), request(Holder({PIN_1: "0000", PIN_2: "0000"}, last_try_ok=True), *PARTS))
        assert wrong.value.attempts_left == left
        assert len(verifies(reader)) == 1


def test_a_pin_of_another_form_is_not_sent() -> None:
    reader = InProcess(card())
    with pytest.raises(Malformed):
        DRIVER.read(CardChannel(reader), request(Holder({PIN_1: "12", PIN_2: "0000"}), *PARTS))
    assert not verifies(reader)


def test_a_person_who_will_not_say_it() -> None:
    reader = InProcess(card())
    with pytest.raises(Refused, match="secret_not_given"):
        DRIVER.read(CardChannel(reader), request(Holder({}), *PARTS))
    assert not verifies(reader)


def test_each_file_is_read_once_in_one_command() -> None:
    reading, reader = read(card(), person())
    reads = [command for command, _ in reader.exchanges if command[1] == 0xB0]
    assert len(reads) == 1 + len(reading.files), "whether PINs are set, then each file"
    # MF, setting; both counters before anybody is asked, each PIN; two folders, five files.
    assert len(reader.exchanges) == 2 + 2 * 2 + 2 + 5


def test_a_reader_of_short_length_gets_the_same() -> None:
    reading, reader = read(card(), person(), extended=False)
    assert max(len(answer) for _, answer in reader.exchanges) <= 258
    assert judge(reading) == clean()


def test_a_reading_travels_as_bytes() -> None:
    reading = read(card(MOVED), person(MOVED))[0]
    assert judge(decode_reading(encode_reading(reading))) == clean("moved")


def test_a_licence_that_is_taken_away() -> None:
    for at in range(len(read(card(), person())[1].exchanges)):
        with pytest.raises(CardRemoved):
            read(RemovedAt(card(), at), person())


def test_garbage_at_any_point_is_an_error_or_a_finding_and_spends_one_try_at_most() -> None:
    for at in range(len(read(card(), person())[1].exchanges)):
        for onwards in (False, True):
            reader = InProcess(GarbageAt(card(), at, onwards=onwards))
            try:
                told = judge(DRIVER.read(CardChannel(reader), request(person(), *PARTS)))
            except TegataError:
                pass
            else:
                assert told == clean() or source(told, CARD).data_authenticity.answer is not Answer.PROVEN
            assert len(verifies(reader)) <= 2, "each PIN once"


def test_files_that_do_not_end() -> None:
    reading = read(Endless(card()), person())[0]
    assert {name: len(data) for name, data in reading.files.items()} == {
        name: len(data) for name, data in read(card(), person())[0].files.items()
    }


class Other:
    """A card that knows everything and is no licence."""

    def __init__(self, setting: bytes) -> None:
        self.setting = setting
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.setting + b"\x90\x00" if command[1] == 0xB0 else b"\x90\x00"


@pytest.mark.parametrize("setting", [b"", b"\x05\x01\x02", b"\x05\x00", b"\xc1\x01\x01", b"\x05\x01\x01\x00"])
def test_a_card_that_does_not_say_whether_a_pin_is_set_gets_none(setting: bytes) -> None:
    other = Other(setting)
    with pytest.raises(CardError):
        DRIVER.read(CardChannel(other), request(person(), *PARTS))
    assert not [command for command in other.sent if command[1] == 0x20]


@pytest.mark.parametrize("parts", [(), ("photo",)], ids=["none", "unknown"])
def test_parts_that_no_licence_has(parts: tuple[str, ...]) -> None:
    with pytest.raises(Malformed, match="unknown_part"):
        DRIVER.read(CardChannel(InProcess(card())), request(person(), *parts))


def test_a_reading_of_another_card() -> None:
    with pytest.raises(Malformed, match="wrong_card"):
        judge(Reading(card="passport"))
