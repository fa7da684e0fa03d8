"""Files named by their short identifiers, and a card that will not have it."""

from __future__ import annotations

import pytest

from common.cards.channel import CardChannel
from common.cards.drivers.my_number.named_files import read_named_file
from common.errors import CardError, CardRemoved
from examples.cards.faults import Around
from tests.cards.my_number_reader import Holder, read
from tests.cards.my_number_world import card
from tests.common.cards.scripted import Script
from tests.fakes.card import InProcessCard


class OfOlderWays(Around):
    """Answers every READ BINARY that names a file with one word. asked: how many there were."""

    def __init__(self, word: str) -> None:
        super().__init__(card())
        self.word = bytes.fromhex(word)
        self.asked = 0

    def exchange(self, at: int, apdu: bytes) -> bytes:
        if apdu[1] == 0xB0 and apdu[2] & 0x80:
            self.asked += 1
            return self.word
        return self.card.answer(apdu)


@pytest.mark.parametrize("word", ["6A82", "6A86", "6B00", "6D00", "6986"])
def test_a_card_of_older_ways_is_read_all_the_same(word: str) -> None:
    chip = OfOlderWays(word)
    assert read(InProcessCard(chip), Holder()) == read(InProcessCard(chip.card), Holder())
    assert chip.asked >= 9


def test_one_command_for_a_file() -> None:
    script = Script("30020102 9000".replace(" ", ""))
    data = read_named_file(CardChannel(script, extended=False), 0x000A, max_bytes=64, tlv=True, what="read")
    assert data.hex() == "30020102"
    assert [each.hex() for each in script.sent] == ["00b08a0000"]


@pytest.mark.parametrize("word", ["6982", "6983", "6F00"])
def test_another_refusal_is_one(word: str) -> None:
    script = Script(word, "9000")
    with pytest.raises(CardError) as caught:
        read_named_file(CardChannel(script, extended=False), 0x0001, max_bytes=64, tlv=True, what="read")
    assert caught.value.sw == int(word, 16)
    assert len(script.sent) == 1


def test_a_file_that_is_too_long_is_not_read_in_another_way() -> None:
    script = Script("3081FF" + "00" * 253 + "9000", "9000")
    with pytest.raises(CardError, match="card_file_too_long"):
        read_named_file(CardChannel(script, extended=False), 0x0001, max_bytes=64, tlv=True, what="read")
    assert len(script.sent) == 1


def test_a_card_that_is_gone_is_not_asked_again() -> None:
    script = Script()
    with pytest.raises(CardRemoved):
        read_named_file(CardChannel(script, extended=False), 0x0001, max_bytes=64, tlv=True, what="read")
    assert len(script.sent) == 1
