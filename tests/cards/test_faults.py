"""Each fault of examples/cards does what it says, and nothing else."""

from __future__ import annotations

import pytest

from examples.cards import faults
from examples.cards.chip import Application, Chip, Removed
from examples.cards.files import Pin, Transparent, any_of
from examples.cards.overheard import Overheard

AID = bytes.fromhex("d392f000260100000001")
SELECT = bytes.fromhex("00a4040c0a") + AID
PIN = bytes.fromhex("0020009804") + b"1234"
WRONG = bytes.fromhex("0020009804") + b"4321"
READ = bytes.fromhex("00b0820000")
CONTENT = b"\x30\x82\x01\x00" + bytes(range(256))


def card() -> Chip:
    files = [
        Transparent(fid=2, content=CONTENT, size=300),
        Transparent(fid=3, content=b"\x7f\x21\x03abc", read=any_of("pin")),
    ]
    return Chip([Application(aid=AID, files=[*files, Pin(fid=0x18, name="pin", value=b"1234", limit=3)])])


def test_a_removed_card_stays_away() -> None:
    gone = faults.RemovedAt(card(), 2)
    assert gone.answer(SELECT) == gone.answer(PIN) == b"\x90\x00"
    for apdu in (READ, SELECT):
        with pytest.raises(Removed):
            gone.answer(apdu)


@pytest.mark.parametrize(("executed", "left"), [(False, 3), (True, 2)])
def test_a_card_may_go_before_or_after_it_heard(executed: bool, left: int) -> None:
    chip = card()
    gone = faults.RemovedAt(chip, 1, executed=executed)
    gone.answer(SELECT)
    with pytest.raises(Removed):
        gone.answer(WRONG)
    assert chip.applications[0].pin("pin").left == left


def test_garbage_once_or_from_then_on() -> None:
    once, onwards = faults.GarbageAt(card(), 1), faults.GarbageAt(card(), 1, onwards=True)
    assert [once.answer(SELECT) for _ in range(3)] == [b"\x90\x00", faults.GARBAGE, b"\x90\x00"]
    assert [onwards.answer(SELECT) for _ in range(3)] == [b"\x90\x00", faults.GARBAGE, faults.GARBAGE]


def test_an_endless_file() -> None:
    endless = faults.Endless(card())
    endless.answer(SELECT)
    endless.answer(READ)
    assert len(endless.answer(bytes.fromhex("00b0010000"))) == 258
    assert endless.answer(bytes.fromhex("00b07ff004"))[-2:] == b"\x90\x00"
    assert len(endless.answer(bytes.fromhex("00b07000000400"))) == 1026
    assert endless.answer(bytes.fromhex("00b0970000")) == b"\x6a\x82", "what is not there is not endless either"


def test_answers_without_end() -> None:
    more, other, much = faults.AlwaysMore(card()), faults.NeverTheLength(card()), faults.TooMuch(card())
    assert more.answer(SELECT) == b"\x61\x20"
    assert more.answer(bytes.fromhex("00c0000020")) == bytes(32) + b"\x61\x20"
    assert other.answer(READ) == b"\x6c\x01"
    assert other.answer(READ[:4] + b"\x01") == b"\x6c\x02"
    much.answer(SELECT)
    assert len(much.answer(READ)) == 256 + 400 + 2


def test_a_slow_card_is_a_right_card() -> None:
    waited: list[float] = []
    slow = faults.Slow(card(), 1.5, sleep=waited.append)
    slow.answer(SELECT)
    assert slow.answer(READ) == CONTENT[:256] + b"\x90\x00"
    assert waited == [1.5, 1.5]


@pytest.mark.parametrize("name", sorted(faults.AROUND))
def test_every_fault_by_name_shows_within_five_commands(name: str) -> None:
    def talk(one: faults.Card) -> list[bytes | str]:
        said: list[bytes | str] = []
        for apdu in (SELECT, PIN, READ, bytes.fromhex("00b0010000"), SELECT):
            try:
                said.append(one.answer(apdu))
            except Removed:
                said.append("removed")
        return said

    assert (talk(faults.AROUND[name](card())) == talk(card())) is (name == "slow")


def test_power_and_atr_go_through() -> None:
    chip = card()
    around = faults.Around(chip)
    around.answer(SELECT)
    around.power()
    assert around.answer(READ) == b"\x6a\x82"
    assert around.atr == chip.atr


def test_one_byte_is_altered() -> None:
    content = faults.file(faults.alter_byte(card(), AID, 2), AID, 2).content
    assert [at for at in range(len(CONTENT)) if content[at] != CONTENT[at]] == [len(CONTENT) - 1]
    assert faults.file(faults.alter_byte(card(), AID, 2, at=7), AID, 2).content[7] == CONTENT[7] ^ 1


def test_a_truncated_file_has_lost_its_filler_too() -> None:
    chip = faults.truncate(card(), AID, 2, 100)
    chip.answer(SELECT)
    assert chip.answer(READ) == CONTENT[:100] + b"\x90\x00"


@pytest.mark.parametrize(("fid", "start"), [(2, "3084ffffffff00"), (3, "7f2184ffffffff61")])
def test_a_length_that_lies(fid: int, start: str) -> None:
    assert faults.file(faults.lying_length(card(), AID, fid, 0xFFFFFFFF), AID, fid).content.hex().startswith(start)


@pytest.mark.parametrize(("left", "answer"), [(1, "63c1"), (0, "63c0")])
def test_counters(left: int, answer: str) -> None:
    chip = faults.counter(card(), AID, "pin", left)
    chip.answer(SELECT)
    assert chip.answer(bytes.fromhex("00200098")).hex() == answer
    assert chip.answer(WRONG).hex() == ("63c0" if left else "6984")
    assert chip.answer(PIN).hex() == "6984"


def test_fragmentation() -> None:
    chip = faults.fragmented(card(), piece=32, exact=True, extended=False)
    chip.answer(SELECT)
    assert chip.answer(READ) == CONTENT[:32] + b"\x61\xe0"
    assert chip.answer(bytes.fromhex("00b0821020")) == CONTENT[16:48] + b"\x90\x00"
    assert chip.answer(bytes.fromhex("00b082c000")) == b"\x6c\x6c"
    assert chip.answer(bytes.fromhex("00b08200000100")) == b"\x67\x00"


def test_what_is_not_there_has_no_fault() -> None:
    with pytest.raises(KeyError):
        faults.alter_byte(card(), AID, 0x18)
    with pytest.raises(KeyError):
        faults.counter(card(), AID, "other", 1)
    with pytest.raises(KeyError):
        faults.truncate(card(), b"", 2, 1)


def test_what_was_asked_is_written_down() -> None:
    heard = Overheard(card())
    for apdu in (SELECT, bytes.fromhex("00a4020c020003"), bytes.fromhex("00200098"), WRONG, PIN, READ, b"\x00"):
        heard.answer(apdu)
    assert heard.selected() == ((AID, 3), (AID, 2))
    assert heard.verified() == 2
