"""How the ISO 7816 card of examples/cards gives its answers: in pieces, by exact lengths, chained, under secure messaging."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.cards.command import Answer, Command, Refusal
from examples.cards.transport import Transport
from tests.cards.small_card import PIN, SELECT, card, say


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
