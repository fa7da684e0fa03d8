"""What is sent when: 61xx, 6Cxx, chaining, extended length; and that a card cannot keep us for ever."""

from __future__ import annotations

import pytest

from common.cards.apdu import Command, Response
from common.cards.channel import CardChannel
from common.errors import CardError, CardRemoved, PinBlocked, PinWrong, Unavailable
from tests.common.cards.scripted import Always, FileCard, Script

READ = Command(0, 0xB0, 0, 0, le=256)
FAR = Command(0, 0xB0, 0, 0, le=65536)


def ask_for_ever(channel: CardChannel, command: Command) -> None:
    while True:
        channel.send(command)


def hexes(script: Script) -> list[str]:
    return [each.hex().upper() for each in script.sent]


def test_more_to_fetch() -> None:
    script = Script("AA6102", "BBCC6101", "DD9000")
    assert CardChannel(script).send(READ) == Response(bytes.fromhex("AABBCCDD"), 0x9000)
    assert hexes(script) == ["00B0000000", "00C0000002", "00C0000001"]


def test_le_corrected_once() -> None:
    script = Script("6C03", "AABBCC9000")
    assert CardChannel(script).send(READ).data.hex() == "aabbcc"
    assert hexes(script) == ["00B0000000", "00B0000003"]
    with pytest.raises(CardError):
        CardChannel(Script("6C03", "6C04", "9000")).send(READ)


def test_le_corrected_within_get_response() -> None:
    script = Script("6110", "6C02", "AABB9000")
    assert CardChannel(script).send(READ).data.hex() == "aabb"
    assert hexes(script) == ["00B0000000", "00C0000010", "00C0000002"]


def test_a_pin_is_never_sent_twice() -> None:
    script = Script("6C02", "9000")
    with pytest.raises(CardError):
        CardChannel(script).send(Command(0, 0x20, 0, 0x80, b"1234"), pin=True)
    assert len(script.sent) == 1


def test_extended_is_learnt_and_kept() -> None:
    channel = CardChannel(FileCard(bytes(1000)))
    assert len(channel.send(FAR).data) == 1000
    assert (channel.extended, channel.exchanges) == (True, 1)


def test_extended_is_refused_once() -> None:
    card = FileCard(bytes(1000), knows_extended=False)
    channel = CardChannel(card)
    assert len(channel.send(FAR).data) == 256
    assert len(channel.send(FAR).data) == 256
    assert channel.extended is False
    assert [len(each) for each in card.sent] == [7, 5, 5]


class NoExtended(FileCard):
    """A reader that cannot carry extended length, and says only that it failed."""

    code = "reader_failed"

    def transmit(self, command: bytes) -> bytes:
        if len(command) > 5 and command[4] == 0:
            self.sent.append(command)
            raise Unavailable(self.code)
        return super().transmit(command)


def test_a_reader_that_cannot_carry_it() -> None:
    card = NoExtended(bytes(1000))
    channel = CardChannel(card)
    assert len(channel.send(FAR).data) == 256
    assert channel.extended is False
    assert [len(each) for each in card.sent] == [7, 5]


@pytest.mark.parametrize(("code", "extended"), [("reader_slow", None), ("reader_failed", True)])
def test_other_failures_are_failures(code: str, extended: bool | None) -> None:
    card = NoExtended(bytes(1000))
    card.code = code
    with pytest.raises(Unavailable):
        CardChannel(card, extended=extended).send(FAR)
    assert len(card.sent) == 1


def test_chained_where_extended_is_not_known() -> None:
    card = FileCard(b"x", knows_extended=False)
    channel = CardChannel(card, extended=False)
    channel.send(Command(0x80, 0xAE, 1, 2, bytes(range(256)) * 2, le=256))
    assert card.received == bytes(range(256)) * 2
    assert [(each[0], each[4]) for each in card.sent] == [(0x90, 255), (0x90, 255), (0x80, 2)]


def test_a_refused_link_ends_the_chain() -> None:
    script = Script("6884")
    with pytest.raises(CardError) as caught:
        CardChannel(script, extended=False).send(Command(0, 0xAE, 0, 0, bytes(600)))
    assert (caught.value.sw, len(script.sent)) == (0x6884, 1)


def test_short_form_asks_for_all() -> None:
    script = Script("9000")
    CardChannel(script, extended=False).send(FAR)
    assert hexes(script) == ["00B0000000"]


def test_what_is_expected() -> None:
    assert CardChannel(Script("6282")).send(READ, expect=(0x9000, 0x6282)).sw == 0x6282
    assert CardChannel(Script("6A82")).send(READ, expect=None).sw == 0x6A82
    with pytest.raises(CardError):
        CardChannel(Script("9000")).send(READ, expect=(0x6282,))
    with pytest.raises(PinWrong):
        CardChannel(Script("63C2")).send(READ, pin=True)
    with pytest.raises(PinBlocked):
        CardChannel(Script("6983")).send(READ, pin=True)


def test_removal() -> None:
    with pytest.raises(CardRemoved):
        CardChannel(Script("6110")).send(READ)


@pytest.mark.parametrize("answer", ["6100", "AA6100", "AABBCC61FF"])
def test_an_endless_answer_ends(answer: str) -> None:
    card = Always(bytes.fromhex(answer))
    with pytest.raises(CardError) as caught:
        CardChannel(card).send(READ)
    assert caught.value.code == "card_answer_endless"
    assert card.exchanges <= 4096


def test_an_endless_conversation_ends() -> None:
    channel = CardChannel(Always(b"\x90\x00"), max_exchanges=50)
    with pytest.raises(CardError) as caught:
        ask_for_ever(channel, READ)
    assert (caught.value.code, channel.exchanges) == ("card_answer_endless", 50)


def test_too_many_bytes_end_the_conversation() -> None:
    card = Always(bytes(65536) + b"\x90\x00")
    channel = CardChannel(card)
    with pytest.raises(CardError):
        ask_for_ever(channel, FAR)
    assert card.exchanges < 80


def test_counts() -> None:
    channel = CardChannel(Script("AA6101", "BB9000"))
    channel.send(READ)
    assert (channel.exchanges, channel.bytes_sent, channel.bytes_received) == (2, 10, 6)
