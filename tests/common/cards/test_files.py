"""Files in the fewest commands, applications that are not there, and PINs of which none is wasted."""

from __future__ import annotations

import pytest

from common.cards.channel import CardChannel
from common.cards.files import (
    Sfi,
    Tries,
    ask_tries,
    has_application,
    read_file,
    select_application,
    verify_pin,
)
from common.cards.secret import Secret
from common.cards.tlv import encode_tlv
from common.errors import CardError, Malformed, PinBlocked, PinWrong, Refused
from tests.common.cards.scripted import FileCard, Script

PHOTO = encode_tlv(0x75, bytes(range(250)) * 60)
LONG = encode_tlv(0x75, bytes(range(250)) * 300)


@pytest.mark.parametrize(
    ("extended", "buffer", "commands"),
    [(True, 65536, 2), (None, 65536, 2), (True, 4000, 5), (False, 256, 60)],
    ids=["extended", "tried", "small-buffer", "short"],
)
def test_a_photo_in_the_fewest_commands(extended: bool | None, buffer: int, commands: int) -> None:
    """15 004 bytes: SELECT and READ; four of 4000; 59 of 256."""
    channel = CardChannel(FileCard(PHOTO, buffer=buffer), extended=extended)
    assert read_file(channel, 0x0102, max_bytes=1 << 16, tlv=True) == PHOTO
    assert channel.exchanges == commands


def test_sfi_saves_the_select() -> None:
    card = FileCard(PHOTO)
    assert read_file(CardChannel(card), Sfi(2), max_bytes=1 << 16, tlv=True) == PHOTO
    assert [each.hex() for each in card.sent] == ["00b08200000000"]


@pytest.mark.parametrize("extended", [True, False])
@pytest.mark.parametrize("buffer", [256, 3000, 65536])
def test_beyond_15_bits_of_offset(extended: bool, buffer: int) -> None:
    channel = CardChannel(FileCard(LONG, buffer=buffer), extended=extended)
    assert read_file(channel, 0x0102, max_bytes=1 << 18, tlv=True) == LONG
    assert channel.exchanges <= 2 + -(-len(LONG) // (min(buffer, 256 if not extended else buffer) - 4))


@pytest.mark.parametrize("n", [0, 1, 223, 255, 256, 257, 512, 700])
@pytest.mark.parametrize("extended", [True, False])
def test_up_to_the_end(n: int, extended: bool) -> None:
    content = bytes(range(250)) * 3
    channel = CardChannel(FileCard(content[: n or 1]), extended=extended)
    assert read_file(channel, 1, max_bytes=700) == content[: n or 1]


def test_a_known_size_is_not_read_past() -> None:
    card = FileCard(bytes(2005))
    channel = CardChannel(card)
    assert len(read_file(channel, 1, max_bytes=2005, size=880)) == 880
    assert card.sent[-1].hex() == "00b00000000370"
    short = CardChannel(FileCard(bytes(300)), extended=False)
    assert len(read_file(short, 1, max_bytes=880, size=880)) == 300
    assert short.exchanges == 4  # SELECT, two pieces, and one that brings nothing


def test_filler_after_the_object_is_not_returned() -> None:
    content = encode_tlv(0x60, b"abc")
    assert read_file(CardChannel(FileCard(content + b"\xff" * 99)), 1, max_bytes=50, tlv=True) == content


@pytest.mark.parametrize("first", ["6700", "6B00"])
def test_a_chip_that_wants_to_be_asked_for_what_there_is(first: str) -> None:
    script = Script("9000", first, "600A616263646566" + "9000", "67686970" + "9000")
    assert read_file(CardChannel(script, extended=False), 1, max_bytes=50, tlv=True).hex() == "600a61626364656667686970"
    assert [each.hex() for each in script.sent[2:]] == ["00b0000008", "00b0000804"]


def test_too_long() -> None:
    for tlv in (True, False):
        channel = CardChannel(FileCard(PHOTO))
        with pytest.raises(CardError) as caught:
            read_file(channel, 1, max_bytes=9000, tlv=tlv)
        assert (caught.value.code, channel.exchanges <= 3) == ("card_file_too_long", True)


def test_a_lying_length_is_not_believed() -> None:
    with pytest.raises(CardError) as caught:
        read_file(CardChannel(FileCard(bytes.fromhex("6083FFFFFF") + bytes(400))), 1, max_bytes=9000, tlv=True)
    assert caught.value.code == "card_file_too_long"


@pytest.mark.parametrize("content", [PHOTO[:-1], PHOTO[:3], PHOTO[:1]], ids=["last", "header", "tag"])
def test_truncated(content: bytes) -> None:
    for extended in (True, False):
        with pytest.raises(CardError) as caught:
            read_file(CardChannel(FileCard(content), extended=extended), 1, max_bytes=1 << 16, tlv=True)
        assert caught.value.code == "card_file_truncated"


def test_more_than_was_asked_for() -> None:
    with pytest.raises(CardError) as caught:
        read_file(CardChannel(Script("9000", bytes(11) + b"\x90\x00")), 1, max_bytes=50, size=10)
    assert caught.value.code == "card_answer_malformed"


def test_applications() -> None:
    script = Script("9000", "6A82", "6A82", "6999")
    channel = CardChannel(script)
    assert (has_application(channel, b"\xd3\x92"), has_application(channel, b"\xd3\x92")) == (True, False)
    for sw in (0x6A82, 0x6999):
        with pytest.raises(CardError) as caught:
            select_application(channel, b"\xd3\x92")
        assert caught.value.sw == sw
    assert {each.hex() for each in script.sent} == {"00a4040c02d392"}


@pytest.mark.parametrize(
    ("sw", "left"), [("63C3", 3), ("63C0", 0), ("6983", 0), ("6984", 0), ("9000", None), ("6300", None)]
)
def test_tries_left(sw: str, left: int | None) -> None:
    script = Script(sw)
    assert ask_tries(CardChannel(script), p2=0x86) == Tries(left, is_open=sw == "9000")
    assert [each.hex() for each in script.sent] == ["00200086"]


def test_a_counter_that_is_not_there() -> None:
    with pytest.raises(CardError) as caught:
        ask_tries(CardChannel(Script("6986")))
    assert caught.value.sw == 0x6986


def test_a_pin_after_its_counter() -> None:
    script = Script("63C3", "9000")
    verify_pin(CardChannel(script), Secret("1234"))
    assert [each.hex() for each in script.sent] == ["00200080", "002000800431323334"]


def test_a_wrong_pin() -> None:
    with pytest.raises(PinWrong) as caught:
        verify_pin(CardChannel(Script("63C3", "63C2")), Secret("1234"))
    assert caught.value.attempts_left == 2


@pytest.mark.parametrize(
    ("counter", "error", "code"),
    [
        ("63C0", PinBlocked, "pin_blocked"),
        ("6983", PinBlocked, "pin_blocked"),
        ("63C1", Refused, "last_try"),
        ("6300", Refused, "last_try"),
        ("9000", CardError, "pin_already_open"),
        ("6A88", CardError, "card_refused"),
    ],
)
def test_nothing_is_sent_silently(counter: str, error: type[Exception], code: str) -> None:
    script = Script(counter, "9000")
    with pytest.raises(error) as caught:
        verify_pin(CardChannel(script), Secret("1234"))
    assert getattr(caught.value, "code", None) == code
    assert len(script.sent) == 1


def test_a_counter_that_was_asked_is_not_asked_again() -> None:
    script = Script("63C3", "9000")
    channel = CardChannel(script)
    verify_pin(channel, Secret("1234"), p2=0x86, tries=ask_tries(channel, p2=0x86))
    assert [each.hex() for each in script.sent] == ["00200086", "002000860431323334"]


@pytest.mark.parametrize(
    ("tries", "error"),
    [(Tries(0), PinBlocked), (Tries(1), Refused), (Tries(None), Refused), (Tries(None, is_open=True), CardError)],
    ids=["blocked", "last", "not told", "open"],
)
def test_what_the_counter_said_still_stops_it(tries: Tries, error: type[Exception]) -> None:
    script = Script("9000")
    with pytest.raises(error):
        verify_pin(CardChannel(script), Secret("1234"), tries=tries)
    assert script.sent == []


@pytest.mark.parametrize("counter", ["63C1", "6300"])
def test_the_last_try_on_demand(counter: str) -> None:
    script = Script(counter, "9000")
    verify_pin(CardChannel(script), Secret("1234"), last_try_ok=True)
    assert len(script.sent) == 2


@pytest.mark.parametrize("value", ["", "x" * 33], ids=["empty", "long"])
def test_what_is_no_pin(value: str) -> None:
    script = Script()
    with pytest.raises(Malformed):
        verify_pin(CardChannel(script), Secret(value))
    assert script.sent == []
