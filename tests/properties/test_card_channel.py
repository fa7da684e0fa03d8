"""Cards may cut up their answers as they like: the same bytes are read. Whatever they answer, a typed error comes in bounded time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.cards.apdu import Command, encode, parse_response
from common.cards.channel import CardChannel
from common.cards.detect import detect_cards
from common.cards.files import Sfi, ask_tries, has_application, read_file, select_application, verify_pin
from common.cards.secret import Secret
from common.cards.tlv import encode_tlv, parse_tlv, total_length
from common.errors import CardError, TegataError
from examples.cards.chip import Chip
from examples.cards.files import Application, Transparent
from examples.cards.transport import Transport
from tests.amount import examples
from tests.common.cards.protected import ProtectedFile
from tests.common.cards.scripted import FileCard
from tests.fakes.card import InProcessCard

LENGTHS = st.one_of(st.integers(1, 600), st.sampled_from([126, 255, 256, 257, 32767, 32768, 33000, 65536, 70000]))
PATTERN = bytes(i * 7 % 251 for i in range(70000))
FRAGMENTS = st.lists(st.integers(1, 255), max_size=4)
FEW = 200
"""Exchanges that no operation on a random card needs; a hostile one gets no more than the channel's budget."""


@given(
    n=LENGTHS, fragments=FRAGMENTS, corrects=st.booleans(), strict=st.booleans(),
    extended=st.sampled_from([True, False, None]), knows=st.booleans(), buffer=st.sampled_from([65536, 1000, 256, 231]),
    how=st.sampled_from(["tlv", "size", "end"]), sfi=st.booleans(),
)  # fmt: skip
@settings(max_examples=examples(150, 1000), deadline=None)
def test_however_it_is_cut_up(
    n: int,
    fragments: list[int],
    corrects: bool,
    strict: bool,
    extended: bool | None,
    knows: bool,
    buffer: int,
    how: str,
    sfi: bool,
) -> None:
    content = encode_tlv(0x75, PATTERN[:n])
    filler = b"" if how == "end" else b"\xff" * 5
    card = FileCard(
        content + filler, fragments[:1] if n > 3000 else fragments, corrects, strict, knows or extended is True, buffer
    )
    if n > 3000 and fragments:
        card.fragments = [max(fragments)] if max(fragments) > 100 else []
    if buffer < 256 and how == "end":
        buffer = card.buffer = 256  # a card that answers less than asked in short form says that its file has ended
    channel = CardChannel(card, extended=extended)
    size = len(content) if how == "size" else None
    assert read_file(channel, Sfi(3) if sfi else 7, max_bytes=1 << 17, tlv=how == "tlv", size=size) == content


@given(
    n=LENGTHS, piece=st.sampled_from([None, 1, 7, 200, 256, 300]), exact=st.booleans(), waits=st.booleans(), knows=st.booleans(),
    extended=st.sampled_from([False, None]), tlv=st.booleans(),
)  # fmt: skip
@settings(max_examples=examples(80, 600), deadline=None)
def test_as_the_virtual_chip_cuts_it_up(
    n: int, piece: int | None, exact: bool, waits: bool, knows: bool, extended: bool | None, tlv: bool
) -> None:
    """The same against a chip that other hands have written."""
    content = encode_tlv(0x75, PATTERN[: min(n, 60000 if (piece or 256) > 100 else 600)])
    transport = Transport(extended=knows, piece=piece, exact=exact, waits=waits)
    chip = Chip(
        [Application(aid=b"\xd3\x92\xf0\x00\x26", files=[Transparent(fid=7, content=content)])], transport=transport
    )
    channel = CardChannel(InProcessCard(chip), extended=extended)
    select_application(channel, b"\xd3\x92\xf0\x00\x26")
    assert read_file(channel, 7, max_bytes=1 << 17, tlv=tlv) == content


@given(data=st.binary(max_size=2000), knows=st.booleans(), extended=st.sampled_from([True, False, None]))
@settings(max_examples=100, deadline=None)
def test_long_commands_arrive_whole(data: bytes, knows: bool, extended: bool | None) -> None:
    card = FileCard(b"x", knows_extended=knows or extended is True)
    CardChannel(card, extended=extended).send(Command(0x80, 0xAE, 0, 0, data))
    assert card.received == data


OPERATIONS: dict[str, Callable[[CardChannel], object]] = {
    "select": lambda channel: select_application(channel, b"\xd3\x92\xf0\x00\x26"),
    "has": lambda channel: has_application(channel, b"\xd3\x92\xf0\x00\x26"),
    "tries": ask_tries,
    "verify": lambda channel: verify_pin(channel, Secret("1234"), last_try_ok=True),
    "read-tlv": lambda channel: read_file(channel, 1, max_bytes=20000, tlv=True),
    "read-end": lambda channel: read_file(channel, Sfi(1), max_bytes=20000),
    "read-size": lambda channel: read_file(channel, 1, max_bytes=20000, size=880),
    "detect": detect_cards,
    "command": lambda channel: channel.send(Command(0, 0x88, 0, 0, bytes(300), le=65536)),
}
STATUS = (
    b"\x90\x00",
    b"\x61\x00",
    b"\x61\x05",
    b"\x6c\x10",
    b"\x62\x82",
    b"\x6b\x00",
    b"\x67\x00",
    b"\x63\xc3",
    b"\x63\xc1",
)
STARTS = (b"", b"", b"\x60\x82\xff\xff", b"\x60\x83\x00\x40\x00", b"\x53\x00", b"\x99\x02\x90\x00", b"\x87\x09\x01")


def made_up(seed: int) -> bytes:
    """An answer that means harm or nothing. (Hypothesis would draw these bytes one by one, in ten times the time.)"""
    random = Random(seed)
    body = random.choice(STARTS) + random.randbytes(random.choice((0, 1, 5, 40, 256, 300)))
    return body + random.choice((*STATUS, random.randbytes(random.randrange(3))))


ANSWERS = st.integers(0, 1 << 32).map(made_up)


class InTurn:
    """Answers in turn, over and over."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers, self.sent = answers, 0
        self.pins = 0

    def transmit(self, command: bytes) -> bytes:
        self.sent += 1
        self.pins += command[1] == 0x20 and len(command) > 4
        return self.answers[(self.sent - 1) % len(self.answers)]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@given(answers=st.lists(ANSWERS, min_size=1, max_size=6), extended=st.sampled_from([True, False, None]))
@example(answers=[b"\x60\x83\x00\x40\x00\x90\x00", b"x\x90\x00"], extended=False)
@settings(max_examples=examples(100, 600), deadline=None)
def test_whatever_a_card_answers(operation: str, answers: list[bytes], extended: bool | None) -> None:
    card = InTurn(answers)
    channel = CardChannel(card, extended=extended, max_exchanges=FEW)
    with suppress(TegataError):
        OPERATIONS[operation](channel)
    assert card.sent <= FEW
    assert card.pins <= (operation == "verify")


@given(data=st.binary(max_size=80), tag_bytes=st.sampled_from([None, 1, 2]), filler=st.booleans())
@settings(max_examples=100, deadline=None)
@example(data=bytes.fromhex("FF20"), tag_bytes=None, filler=True)
def test_any_bytes_as_objects(data: bytes, tag_bytes: int | None, filler: bool) -> None:
    try:
        objects = parse_tlv(data, tag_bytes=tag_bytes, filler=filler)
    except TegataError:
        return
    raw = b"".join(each.raw for each in objects)
    assert data.startswith(raw)
    assert filler or raw == data
    if objects:
        assert total_length(data, tag_bytes=tag_bytes) == len(objects[0].raw)


TAGS = st.sampled_from([0x60, 0x7F49, 0x5F1F, 0xDF21, 0xFF20, 0x99, 0x7F8E01])


@given(
    objects=st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=8),
    filler=st.sampled_from([b"", b"\0\0", b"\xff", b"\xff\xff"]),
)
@settings(max_examples=100, deadline=None)
def test_objects_there_and_back(objects: list[tuple[int, bytes]], filler: bytes) -> None:
    written = b"".join(encode_tlv(tag, value) for tag, value in objects)
    assert [(each.tag, each.value) for each in parse_tlv(written + filler)] == objects


@pytest.mark.parametrize("kind", ["3des", "aes-128", "aes-256"])
@given(position=st.integers(0, 1 << 16), bit=st.integers(0, 7), after=st.integers(0, 3), n=st.integers(0, 700))
@settings(max_examples=examples(100, 800), deadline=None)
def test_a_flipped_bit_ends_the_session(kind: str, position: int, bit: int, after: int, n: int) -> None:
    """At any byte of any answer, the status word included; nothing more is said in that session."""
    card = ProtectedFile(bytes(range(256)) * 4, kind)
    channel = CardChannel(card, extended=True)
    channel.secure = card.reader_side()
    read = Command(0, 0xB0, 0, 0, le=n + 1)
    for _ in range(after):
        assert channel.send(read).data == card.content[: n + 1]

    def alter(answer: bytes) -> bytes:
        changed = bytearray(answer)
        changed[position % len(answer)] ^= 1 << bit
        return bytes(changed)

    card.alter = alter
    with pytest.raises(CardError):
        channel.send(read)
    card.alter, asked = None, card.exchanges
    with pytest.raises(CardError) as caught:
        channel.send(read)
    assert caught.value.code == "secure_messaging_dead"
    assert card.exchanges == asked


@pytest.mark.parametrize("kind", ["3des", "aes-128"])
@given(answer=ANSWERS)
@settings(max_examples=examples(60, 800), deadline=None)
def test_no_answer_that_was_made_up_is_believed(kind: str, answer: bytes) -> None:
    card = ProtectedFile(b"abc", kind)
    secure = card.reader_side()
    secure.protect(Command(0, 0xB0, 0, 0, le=3))
    try:
        response = parse_response(answer)
    except CardError:
        return
    with pytest.raises(CardError):
        secure.unprotect(response)


@pytest.mark.parametrize("kind", ["3des", "aes-128"])
@given(limit=st.one_of(st.integers(40, 2000), st.sampled_from([255, 256, 65535, 65536])))
@settings(max_examples=60, deadline=None)
def test_room_is_exact(kind: str, limit: int) -> None:
    """What fits by `room` does, one byte more does not."""
    card = ProtectedFile(b"", kind)
    secure = card.reader_side()
    most = secure.room(limit)
    assert len(card._answer(bytes(most), b"\x90\x00", odd=False)) - 2 <= limit
    assert len(card._answer(bytes(most + 1), b"\x90\x00", odd=False)) - 2 > limit


@given(le=st.integers(1, 60000), n=st.integers(0, 400))
@settings(max_examples=50, deadline=None)
def test_a_protected_command_asks_for_enough(le: int, n: int) -> None:
    card = ProtectedFile(b"", "aes-128")
    secure = card.reader_side()
    command = secure.protect(Command(0, 0xB0, 0, 0, bytes(n), le=le))
    fits = len(card._answer(bytes(le), b"\x90\x00", odd=False)) - 2 <= 256
    assert command.le == (256 if fits else 65536)
    assert encode(command)[0] == 0x0C
