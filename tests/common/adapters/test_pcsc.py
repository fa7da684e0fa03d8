"""Card readers over a real pcscd with a virtual reader: who is there, who may speak, and what ends it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from common.adapters import pcsc
from common.adapters.pcsc import count_moves, list_readers, open_card, wait_for_card, wait_for_removal
from common.cards.channel import CardChannel
from common.cards.files import Sfi, ask_tries, read_file, select_application, verify_pin
from common.cards.secret import Secret
from common.errors import CardError, CardRemoved, Unavailable
from examples.cards.chip import Chip
from examples.cards.faults import Around, GarbageAt, RemovedAt, Slow
from examples.cards.files import Application, Pin, Transparent, all_of
from examples.cards.pcscd import Pcscd
from tests.fakes.card import Insert
from tests.house.tree import ROOT
from tests.pcscd import Slot

AID = bytes.fromhex("D392F000260100000001")
PHOTO = b"\x75\x82\x3a\x98" + bytes(range(250)) * 60


def chip(content: bytes = PHOTO) -> Chip:
    pin = Pin(fid=0x18, name="pin", value=b"1234", limit=3)
    files = [Transparent(fid=2, sfi=2, content=content), Transparent(fid=3, content=b"secret", read=all_of("pin")), pin]
    return Chip([Application(aid=AID, files=files)])


@pytest.fixture
def empty_slot(card_slot: Slot) -> Iterator[Slot]:
    card_slot.empty()
    assert wait_for_removal(card_slot.reader, seconds=30)
    yield card_slot
    card_slot.empty()


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Unavailable) as caught:
        act()
    return caught.value.code


def test_both_connections_read_the_same(insert: Insert) -> None:
    channel = CardChannel(insert(chip()), extended=True)
    select_application(channel, AID)
    assert read_file(channel, Sfi(2), max_bytes=1 << 16, tlv=True) == PHOTO
    assert channel.exchanges == 2


@pytest.mark.parametrize("size", [1, 255, 256, 2048, 32000])
def test_extended_length(insert: Insert, size: int) -> None:
    channel = CardChannel(insert(chip(bytes(range(256)) * 200)), extended=True)
    select_application(channel, AID)
    assert read_file(channel, Sfi(2), max_bytes=1 << 16, size=size) == (bytes(range(256)) * 200)[:size]


def test_a_new_session_has_forgotten_the_pin(insert: Insert) -> None:
    card = chip()
    channel = CardChannel(insert(card))
    select_application(channel, AID)
    verify_pin(channel, Secret("1234"), p2=0x98)
    assert read_file(channel, 3, max_bytes=99) == b"secret"
    channel = CardChannel(insert(card))
    select_application(channel, AID)
    assert ask_tries(channel, p2=0x98).left == 3
    with pytest.raises(Exception, match="security_not_satisfied"):
        read_file(channel, 3, max_bytes=99)


@pytest.mark.parametrize("executed", [False, True], ids=["unheard", "heard"])
@pytest.mark.parametrize("at", [0, 2])
def test_removed_within_the_conversation(insert: Insert, at: int, executed: bool) -> None:
    connection = insert(RemovedAt(chip(), at, executed=executed))
    select = bytes.fromhex("00A4040C0A") + AID
    for _ in range(at):
        assert connection.transmit(select) == b"\x90\x00"
    for _ in range(2):
        with pytest.raises(CardRemoved):
            connection.transmit(select)


@pytest.mark.pcscd
def test_inserted_and_removed(empty_slot: Slot) -> None:
    reader = empty_slot.reader
    assert reader in list_readers()
    assert code_of(lambda: wait_for_card(seconds=0.2, readers=[reader])) == "no_card"
    assert code_of(lambda: open_card(reader, seconds=0.2)) == "no_card"
    empty_slot.hold(chip())
    assert wait_for_card(seconds=30) == reader
    assert not wait_for_removal(reader, seconds=0.1)
    empty_slot.empty()
    assert wait_for_removal(reader, seconds=30)


@pytest.mark.pcscd
def test_a_card_may_be_opened_while_it_is_being_inserted(empty_slot: Slot) -> None:
    empty_slot.hold(chip())
    with open_card(empty_slot.reader, seconds=30) as connection:
        assert connection.transmit(bytes.fromhex("00A4040C0A") + AID) == b"\x90\x00"


@pytest.mark.pcscd
def test_nobody_else_reaches_it(card_slot: Slot) -> None:
    connection = card_slot.insert(chip())
    started = time.monotonic()
    assert code_of(lambda: open_card(card_slot.reader, seconds=0.2)) == "reader_busy"
    assert time.monotonic() - started < 15
    card_slot.let_go()
    assert code_of(lambda: connection.transmit(b"\0\xb0\0\0\0")) == "reader_failed"
    open_card(card_slot.reader).close()


@pytest.mark.pcscd
@pytest.mark.parametrize("what", ["thinks", "silent"])
def test_a_card_that_never_answers(empty_slot: Slot, what: str) -> None:
    wake = Event()

    class Thinks(Around):
        def exchange(self, at: int, apdu: bytes) -> bytes:
            wake.wait(60)
            return b"\x90\x00"

    connection = empty_slot.insert(
        Thinks(chip()) if what == "thinks" else GarbageAt(chip(), 0, garbage=b""), patience=0.3
    )
    started = time.monotonic()
    for _ in range(2):
        assert code_of(lambda: connection.transmit(b"\0\xb0\0\0\0")) == "reader_slow"
    connection.close()
    assert time.monotonic() - started < 20
    wake.set()


@pytest.mark.pcscd
def test_a_card_that_always_takes_its_time(empty_slot: Slot) -> None:
    """Each answer would be quick enough; all of them together are not."""
    connection = empty_slot.insert(Slow(chip(), 0.1), patience=20, card_time=0.35)
    quick: list[bytes] = []
    assert code_of(lambda: quick.extend(connection.transmit(b"\0\xb0\0\0\0") for _ in range(20))) == "reader_slow"
    assert len(quick) <= 3


def test_half_a_status_word(insert: Insert) -> None:
    with pytest.raises(CardError) as caught:
        select_application(CardChannel(insert(GarbageAt(chip(), 0, garbage=b"\x90"))), AID)
    assert caught.value.code == "card_answer_malformed"


LOOK = """
import sys
from common.adapters.pcsc import count_moves, list_readers, open_card, wait_for_card
from common.errors import Unavailable
try:
    readers = list_readers()
    with open_card(wait_for_card(seconds=30, readers=readers)) as connection:
        connection.transmit(bytes.fromhex("00A4040C0A") + bytes.fromhex(sys.argv[1]))
        print(*readers, connection.transmit(bytes.fromhex("00B0820000")).hex(), sep="; ")
except Unavailable as error:
    print(error.code)
"""


def look(environment: dict[str, str]) -> str:
    """What another program sees. (One process speaks to one daemon for its life: the library looks for its socket once.)"""
    words = [sys.executable, "-c", LOOK, AID.hex()]
    done = subprocess.run(words, env=os.environ | environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.pcscd
def test_two_daemons_beside_each_other(empty_slot: Slot, pcscd: Pcscd) -> None:
    empty_slot.hold(chip(b"\x75\x01A"))
    with Pcscd() as other, other.insert(chip(b"\x75\x01B")):
        for daemon, letter in ((pcscd, b"A"), (other, b"B")):
            seen = "; ".join([*daemon.readers, (b"\x75\x01" + letter + b"\x90\x00").hex()])
            assert look(daemon.environment) == seen


@pytest.mark.pcscd
def test_a_card_that_comes_and_goes_is_counted_and_one_that_is_opened_is_not(empty_slot: Slot) -> None:
    reader = empty_slot.reader
    empty_slot.hold(chip())
    assert wait_for_card(seconds=30, readers=[reader]) == reader
    put = count_moves(reader)
    open_card(reader).close()
    assert count_moves(reader) == put
    empty_slot.empty()
    assert wait_for_removal(reader, seconds=30)
    empty_slot.hold(chip())
    assert wait_for_card(seconds=30, readers=[reader]) == reader
    assert count_moves(reader) != put
    assert count_moves("Nobody's 00 00") == -1


@pytest.mark.pcscd
def test_a_reader_that_is_not_there(pcscd: Pcscd) -> None:
    assert code_of(lambda: open_card("Nobody's 00 00")) == "no_reader"
    assert code_of(lambda: wait_for_card(seconds=0.1, readers=["Nobody's 00 00"])) == "no_reader"
    assert wait_for_removal("Nobody's 00 00", seconds=0.1)


def test_without_the_service() -> None:
    pytest.importorskip("smartcard")
    assert look({"PCSCLITE_CSOCK_NAME": "/nonexistent/pcscd"}) == "card_service_missing"


def test_without_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "scard", None)
    assert code_of(list_readers) == "card_readers_missing"
