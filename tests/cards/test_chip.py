"""The ISO 7816 card of examples/cards by itself: every answer is held to the text of ISO/IEC 7816-3 and -4."""

from __future__ import annotations

import pytest

from examples.cards.chip import Application, Chip
from examples.cards.command import Refusal, parse
from examples.cards.files import Pin, Transparent, any_of
from examples.cards.transport import Transport
from tests.cards.small_card import AID, OTHER, PIN, SELECT, SELECT_OTHER, WRONG, card, say


@pytest.mark.parametrize(
    ("apdu", "data", "ne", "extended"),
    [
        ("00a40000", "", 0, False),
        ("00b0000000", "", 256, False),
        ("00b0000011", "", 17, False),
        ("00a4020c020001", "0001", 0, False),
        ("00a4020c02000100", "0001", 256, False),
        ("00b00000000000", "", 65536, True),
        ("00b00000000370", "", 0x370, True),
        ("00a4020c0000020001", "0001", 0, True),
        ("08b08500000004960200000000", "96020000", 65536, True),
    ],
)
def test_the_cases_of_a_command(apdu: str, data: str, ne: int, extended: bool) -> None:
    command = parse(bytes.fromhex(apdu))
    assert (command.data.hex(), command.ne, command.extended) == (data, ne, extended)


@pytest.mark.parametrize(
    "apdu",
    ["", "00", "00a400", "00a4020c0200", "00a4020c02000100ff", "00a4020c00000200", "00a4020c0000020001ff", "00b000000000"],
)  # fmt: skip
def test_a_command_of_no_case_is_of_wrong_length(apdu: str) -> None:
    assert say(card(), apdu) == "6700"
    with pytest.raises(Refusal, match="6700"):
        parse(bytes.fromhex(apdu))


def test_a_command_does_not_print_what_it_carries() -> None:
    assert "1234" not in repr(parse(bytes.fromhex(PIN)))
    assert "1234" not in repr(Pin(fid=1, name="pin", value=b"1234", limit=3))


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        (["00a40000"], "9000"),
        (["00a40000023f0000"], "6f0483023f009000"),
        (["00a4000c023f00"], "9000"),
        ([SELECT], "9000"),
        ([f"00a404000a{AID.hex()}00"], "6f0c840a" + AID.hex() + "9000"),
        (["00a4040c05d392f00026"], "6a82"),
        (["00a4040c05d392f00027"], "6a82"),
        (["00a4040c"], "6a87"),
        (["00a4010c027f01"], "9000"),
        (["00a4010c027f02"], "6a82"),
        (["00a4020c022f01"], "9000"),
        (["00a4020c020001"], "9000"),
        (["00a4020c020002"], "6a82"),
        ([SELECT, "00a4020c020002"], "9000"),
        ([SELECT, "00a4000c020002"], "9000"),
        ([SELECT, "00a4030c"], "9000"),
        (["00a4080c047f010002"], "9000"),
        (["00a4080c047f010099"], "6a82"),
        ([SELECT, "00a4090c020002"], "9000"),
        ([SELECT, "00a4020002000200"], "620e80020258820101830200028801109000"),
        (["00a4050c020001"], "6a86"),
        (["00a4020c0101"], "6a87"),
    ],
)
def test_select(apdus: list[str], answer: str) -> None:
    assert say(card(), *apdus) == answer


def test_a_name_may_be_cut_short_where_the_card_allows() -> None:
    chip = card(partial_names=True)
    assert say(chip, "00a4040c05d392f00026") == "9000"
    assert say(chip, "00a4040e05d392f00026") == "6a82", "there is no next one"


def test_a_card_without_a_master_file_says_what_it_was_told_to_and_stays_where_it_is() -> None:
    chip = card(mf=None, without_mf=0x9000)
    assert say(chip, SELECT, PIN, "00a40000") == "9000"
    assert say(chip, "00b0810000") == b"for the pin".hex() + "9000"
    assert say(chip, "00a4000c023f00") == "6a82"
    assert say(card(mf=None, without_mf=0x9000), "00a40000") == "6a86", "nothing is selected yet"
    assert say(card(mf=None), SELECT, "00a40000") == "6a82"


def test_a_path_that_leads_nowhere_leaves_things_as_they_were() -> None:
    chip = card()
    assert say(chip, SELECT, PIN, "00a4080c047f010099") == "6a82"
    assert say(chip, "00b0810000") == b"for the pin".hex() + "9000"


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        (["00b0000000"], "6986"),
        (["00b0820004"], "000102039000"),
        (["00b082fe04"], "363738399000"),
        (["00b0820000", "00b0025004"], "c0c1c2c39000"),
        (["00b0820000", "00b0025604"], "c6c76282"),
        (["00b0820000", "00b0025404"], "c4c5c6c79000"),
        (["00b0820000", "00b0025408"], "c4c5c6c76282"),
        (["00b0820000", "00b0025400"], "c4c5c6c79000"),
        (["00b0820000", "00b0025800"], "6b00"),
        (["00b08200"], "6700"),
        (["00b09e0000"], "6a82"),
        (["00b0e20000"], "6a86"),
        (["00b0810000"], "6982"),
        (["00b0970000"], "6981"),
        (["00b0980000"], "6981"),
        (["00b0840000"], "30026162ffffffffffff9000"),
        (["00b0850000"], "6982"),
    ],
)
def test_read_binary(apdus: list[str], answer: str) -> None:
    chip = card()
    say(chip, SELECT)
    assert say(chip, *apdus) == answer


def test_read_binary_of_extended_length() -> None:
    chip = card()
    assert say(chip, SELECT, "00b08200000000") == (bytes(range(200)) * 3).hex() + "9000"
    assert say(chip, "00b08200000258") == (bytes(range(200)) * 3).hex() + "9000"
    assert say(card(transport=Transport(extended=False)), SELECT, "00b08200000258") == "6700"


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00b10101 04 54 02 7ffe 06", "53 04 feff0001 9000"),
        ("00b10101 04 54 02 8000 06", "53 04 00010203 9000"),
        ("00b10101 05 54 03 009ffe 04", "53 02 feff 9000"),
        ("00b10101 05 54 03 009ffe 10", "53 02 feff 6282"),
        ("00b10101 05 54 03 009ffe 00", "53 02 feff 9000"),
        ("00b10101 05 54 03 00a000 00", "6b00"),
        ("00b10002 03 54 01 01 05", "53 03 010203 9000"),
        ("00b10102 03 54 01 01 05", "6a82"),
        ("00b10101 03 55 01 01 05", "6a80"),
        ("00b10101 03 54 02 01 05", "6a80"),
        ("00b10101 03 54 01 01 02", "6700"),
    ],
)
def test_read_binary_of_offsets_beyond_fifteen_bits(apdu: str, answer: str) -> None:
    assert say(card(), SELECT, apdu) == answer.replace(" ", "")


@pytest.mark.parametrize("wanted", [0x80, 0x81, 0x82, 0x83, 0xFF, 0x100])
def test_the_object_of_an_odd_read_fits_into_what_is_wanted(wanted: int) -> None:
    answer = card_with_long().answer(bytes.fromhex("00b10101 04 54 02 0000") + bytes([wanted & 0xFF]))
    assert wanted - 1 <= len(answer) - 2 <= wanted
    assert answer[-2:] == b"\x90\x00"


def card_with_long() -> Chip:
    chip = card()
    say(chip, SELECT)
    return chip


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00b2013400", b"first".hex() + "9000"),
        ("00b2023400", b"second".hex() + "9000"),
        ("00b2033400", "6a83"),
        ("00b2013500", "6a86"),
        ("00b2011400", "6981"),
        ("00b2010400", "6986"),
    ],
)
def test_read_record(apdu: str, answer: str) -> None:
    assert say(card(), SELECT, apdu) == answer


def test_a_record_of_the_current_file() -> None:
    assert say(card(), SELECT, "00a4020c020006", "00b2010400") == b"first".hex() + "9000"


def test_asking_for_the_counter_spends_nothing() -> None:
    chip = card()
    for _ in range(5):
        assert say(chip, SELECT, "00a4020c020018", "00200080") == "63c3"
        assert say(chip, "00200098") == "63c3"
    assert say(chip, "0020008000") == "6700", "with a length it is another command"
    assert say(chip, WRONG, "00200098") == "63c2"


def test_a_right_value_restores_the_counter_and_opens_files() -> None:
    chip = card()
    assert say(chip, SELECT, WRONG) == "63c2"
    assert say(chip, WRONG) == "63c1"
    assert say(chip, PIN) == "9000"
    assert say(chip, "00200098") == "63c3"
    assert say(chip, "00b0810000") == b"for the pin".hex() + "9000"
    assert say(chip, WRONG, "00b0810000") == "6982", "a wrong value takes back what was granted"


def test_a_blocked_password_stays_blocked() -> None:
    chip = card()
    assert say(chip, SELECT, WRONG, WRONG, WRONG) == "63c0"
    assert say(chip, "00200098") == "63c0"
    assert say(chip, PIN) == "6984"
    chip.power()
    assert say(chip, SELECT, PIN) == "6984"
    assert say(card(blocked=0x6983), SELECT, WRONG, WRONG, WRONG, PIN) == "6983"


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        ([SELECT, "00200080 04 31323334"], "6986"),
        ([SELECT, "00a4020c020002", "00200080 04 31323334"], "6981"),
        ([SELECT, "0020009d 04 31323334"], "6a82"),
        ([SELECT, "00200001 04 31323334"], "6a86"),
        ([SELECT, "00200198 04 31323334"], "6a86"),
        ([SELECT, "00200098 05 3132333400"], "63c2"),
        ([SELECT, "00200098 03 313233"], "63c2"),
    ],
)
def test_verify_that_does_not_fit(apdus: list[str], answer: str) -> None:
    assert say(card(), *apdus) == answer


@pytest.mark.parametrize("leaving", [SELECT_OTHER, SELECT, "00a40000"])
def test_what_a_password_granted_is_lost_on_selecting_an_application(leaving: str) -> None:
    chip = card()
    assert say(chip, SELECT, PIN, leaving, SELECT, "00b0810000") == "6982"


@pytest.mark.parametrize("staying", ["00a4020c020002", "00a4040c05d392f00027", "00a4020c029999"])
def test_what_a_password_granted_outlives_files_and_failures(staying: str) -> None:
    assert say(card(), SELECT, PIN, staying, "00b0810000") == b"for the pin".hex() + "9000"


def test_what_the_master_file_granted_holds_in_all_applications_until_power_goes() -> None:
    chip = card()
    say(chip, "00a40000", "00200081 04 39393939", SELECT, "00b0830000")
    assert say(chip, "00b0830000") == "6982", "the other password is missing"
    assert say(chip, PIN, "00b0830000") == b"for both".hex() + "9000"
    assert say(chip, SELECT_OTHER, SELECT, PIN, "00b0830000") == b"for both".hex() + "9000"
    chip.power()
    assert say(chip, SELECT, PIN, "00b0830000") == "6982"


def test_what_an_application_granted_holds_in_those_below_it() -> None:
    above = Application(aid=AID, files=[Pin(fid=0x18, name="pin", value=b"1234", limit=3)])
    below = Application(aid=OTHER, files=[Transparent(fid=1, content=b"below", read=any_of("pin"))], parent=above)
    chip = Chip([above, below])
    assert say(chip, SELECT, PIN, SELECT_OTHER, "00b0810000") == b"below".hex() + "9000"
    assert say(chip, SELECT, SELECT_OTHER, "00b0810000") == "6982"


def test_challenges_come_from_the_source_that_was_given() -> None:
    chip = card(random=lambda size: bytes(range(size)))
    assert say(chip, "0084000008") == "00010203040506079000"
    assert chip.challenge == bytes(range(8))
    assert say(chip, SELECT) == "9000"
    assert chip.challenge == b"", "a challenge belongs to where it was given"
    assert say(chip, "0084010008") == "6a86"
    assert say(chip, "00840000") == "6700"
    assert say(card(), "0084000008") != say(card(), "0084000008")
