"""The ISO 7816 card of examples/cards by itself: every answer is held to the text of ISO/IEC 7816-3 and -4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.cards.chip import Application, Chip
from examples.cards.command import Answer, Command, Refusal, parse
from examples.cards.files import Internal, Pin, Records, Transparent, all_of, any_of
from examples.cards.transport import Transport

AID, OTHER = bytes.fromhex("d392f000260100000001"), bytes.fromhex("a0000002310100000000000000000000")
LONG = bytes(range(256)) * 160  # 40960 bytes: offsets of more than 15 bits


class Echo(Application):
    """Answers 80 10 with what it was sent, P1 times over."""

    def handle(self, command: Command) -> Answer | None:
        if (command.cla, command.ins) != (0x80, 0x10):
            return None
        return command.data * (command.p1 or 1), 0x9000


def card(**options) -> Chip:  # type: ignore[no-untyped-def]
    """A card with a master file that has a PIN of its own, and two applications."""
    options.setdefault(
        "mf",
        Application(
            files=[Pin(fid=1, name="global", value=b"9999", limit=3), Transparent(fid=0x2F01, sfi=29, content=b"info")]
        ),
    )
    one = Echo(
        aid=AID,
        fid=0x7F01,
        files=[
            Transparent(fid=0x0001, content=b"for the pin", read=any_of("pin")),
            Transparent(fid=0x0002, content=bytes(range(200)) * 3),
            Transparent(fid=0x0003, content=b"for both", read=all_of("pin", "global")),
            Transparent(fid=0x0004, content=b"\x30\x02ab", size=10),
            Transparent(fid=0x0005, content=b"under messaging", read=any_of("secure")),
            Records(fid=0x0006, records=(b"first", b"second")),
            Internal(fid=0x0017),
            Transparent(fid=0x0101, content=LONG),
            Pin(fid=0x0018, name="pin", value=b"1234", limit=3),
        ],
    )  # fmt: skip
    return Chip([one, Application(aid=OTHER, files=[Transparent(fid=0x0001, content=b"elsewhere")])], **options)


def say(chip: Chip, *apdus: str) -> str:
    """What is answered to the last of them, in hexadecimal."""
    answer = b""
    for apdu in apdus:
        answer = chip.answer(bytes.fromhex(apdu))
    return answer.hex()


SELECT = f"00a4040c0a{AID.hex()}"
SELECT_OTHER = f"00a4040c10{OTHER.hex()}"
PIN, WRONG = "00200098 04 31323334", "00200098 04 31323335"


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


def test_long_answers_in_pieces() -> None:
    chip = card(transport=Transport(piece=100))
    whole = bytes(range(200)) * 3
    assert say(chip, SELECT, "00b0820000") == whole[:100].hex() + "619c"
    assert say(chip, "00c0000064") == whole[100:200].hex() + "6138"
    assert say(chip, "00c0000010") == whole[200:216].hex() + "6128"
    assert say(chip, "00c0000000") == whole[216:256].hex() + "9000"
    assert say(chip, "00c0000000") == "6985", "there is no more"
    say(chip, "00b0820000", "0084000008")
    assert say(chip, "00c0000000") == "6985", "another command gives up the rest"
    assert say(chip, "00b0820000", "00c0010000") == "6a86"
    assert say(chip, "00b0820000", "00c00000") == "6700"


def test_more_than_256_bytes_that_remain_are_told_as_none() -> None:
    chip = card(transport=Transport(piece=100))
    assert say(chip, SELECT, "00b08200000000")[-4:] == "6100"


def test_an_answer_that_was_not_asked_for_waits() -> None:
    assert say(card(), SELECT, "80100000 03 616263", "00c0000003") == "6985", "by T=1 there is no such thing"
    chip = card(transport=Transport(waits=True))
    assert say(chip, SELECT, "80100000 03 616263") == "6103"
    assert say(chip, "00c0000003") == "6162639000"


def test_exact_lengths() -> None:
    chip = card(transport=Transport(exact=True))
    assert say(chip, SELECT, "00b0840000") == "6c0a"
    assert say(chip, "00b084000a") == "30026162ffffffffffff9000"
    assert say(chip, "00b0840004") == "300261629000", "less may be asked for"
    assert say(chip, "80100000 03 616263 00") == "6c03"
    assert say(chip, "80100000 03 616263 03") == "6162639000"
    assert say(chip, "80100000 03 616263 00", "80100000 03 616264 03") == "6162649000"
    assert say(card(end_of_file=0x6C00), SELECT, "00b084000c") == "6c0a"


def test_what_is_asked_for_again_with_its_length_is_not_done_twice() -> None:
    said = iter([b"once", b"twice"])
    chip = card(transport=Transport(exact=True), random=lambda _size: next(said))
    assert say(chip, "0084000008") == "6c04"
    assert say(chip, "0084000004") == b"once".hex() + "9000"


def test_chained_commands_are_one() -> None:
    chip = card()
    assert say(chip, "10a4040c 05 d392f00026") == "9000"
    assert say(chip, "00a4040c 05 0100000001") == "9000"
    assert say(chip, "00b0820004") == "000102039000"
    assert say(chip, "10a4040c 05 d392f00026", "00b0820004") == "6883", "the chain was left"
    assert say(chip, "00b0820004") == "000102039000"


def test_a_chain_has_an_end() -> None:
    chip = card()
    part = "10a4040c 000800" + "00" * 2048
    answers = [say(chip, part) for _ in range(33)]
    assert answers[:31] == ["9000"] * 31
    assert "6700" in answers[31:]


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("ffca000000", "6e00"),
        ("20a40000", "6e00"),
        ("01a40000", "6881"),
        ("0ca4020c020001", "6882"),
        ("00d60000 01 00", "6d00"),
        ("80b0820000", "6d00"),
        ("00c0000000", "6985"),
    ],
)
def test_classes_and_instructions_that_are_not_there(apdu: str, answer: str) -> None:
    assert say(card(), apdu) == answer


class Masked:
    """A messaging that adds nothing but the class: every byte of data is inverted."""

    def __init__(self, survives_plain: bool) -> None:
        self.survives_plain = survives_plain

    def unwrap(self, command: Command) -> Command:
        if command.data[:1] == b"\x00":
            raise Refusal(0x6988)
        data = bytes(byte ^ 0xFF for byte in command.data)
        return Command(cla=0, ins=command.ins, p1=command.p1, p2=command.p2, data=data, ne=command.ne)

    def wrap(self, answer: Answer) -> Answer:
        return bytes(byte ^ 0xFF for byte in answer[0]), answer[1]


def test_secure_messaging_wraps_what_is_inside_and_opens_what_needs_it() -> None:
    chip = card()
    say(chip, SELECT)
    chip.messaging = Masked(survives_plain=True)
    masked = bytes(byte ^ 0xFF for byte in b"under messaging").hex() + "9000"
    assert say(chip, "0cb0850000") == masked
    assert say(chip, "00b0850000") == "6982", "outside of it the file is closed"
    assert say(chip, "0cb0850000") == masked
    assert say(chip, "0cb09d0000") == "6a82"
    assert say(chip, "0ca4020c02 0001") == "6988"
    assert say(chip, "0cb0850000") == "6882", "a bad object ended the session"


def test_a_plain_command_ends_a_session_that_does_not_survive_it() -> None:
    chip = card()
    say(chip, SELECT)
    chip.messaging = Masked(survives_plain=False)
    assert say(chip, "00b0820004") == "000102039000"
    assert say(chip, "0cb0850000") == "6882"


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40), st.sampled_from([bytes.fromhex(a) for a in (SELECT, PIN, "00b0810000", "00a40000")])
        ),
        max_size=8,
    )
)
def test_whatever_is_sent_there_is_an_answer(apdus: list[bytes]) -> None:
    chip = card()
    for apdu in apdus:
        assert 2 <= len(chip.answer(apdu)) <= 65538


@given(st.integers(1, 300), st.booleans(), st.lists(st.integers(1, 256), min_size=1, max_size=6))
def test_however_an_answer_is_cut_it_is_the_same(piece: int, exact: bool, lengths: list[int]) -> None:
    chip = card(transport=Transport(piece=piece, exact=exact))
    say(chip, SELECT)
    answer, got = chip.answer(bytes.fromhex("00b0820000")), b""
    for turn in range(1000):
        got += answer[:-2]
        if answer[-2] == 0x61:
            left = answer[-1] or 256
            answer = chip.answer(b"\x00\xc0\x00\x00" + bytes([min(left, lengths[turn % len(lengths)]) & 0xFF]))
        elif answer[-2] == 0x6C:
            answer = chip.answer(b"\x00\xc0\x00\x00" + answer[-1:])
        else:
            break
    assert (got, answer[-2:]) == ((bytes(range(200)) * 3)[:256], b"\x90\x00")
