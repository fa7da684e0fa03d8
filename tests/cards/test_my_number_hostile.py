"""My Number cards that are no cards: whatever is answered at whatever point, a typed error or a reading comes, tries are not wasted."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cards.channel import CardChannel
from common.cards.drivers.my_number.jpki import AID as JPKI
from common.cards.drivers.my_number.surface import AID as SURFACE
from common.cards.drivers.my_number.text import AID as TEXT
from common.cards.evidence import Answer
from common.cards.reading import Reading
from common.errors import TegataError
from examples.cards.chip import Card, Chip
from examples.cards.faults import (
    AlwaysMore,
    Endless,
    GarbageAt,
    NeverTheLength,
    TooMuch,
    alter_byte,
    fragmented,
    lying_length,
    truncate,
)
from examples.cards.overheard import Overheard
from tests.amount import examples
from tests.cards.my_number_reader import DRIVER, Holder, judge, read, request_for, sources
from tests.cards.my_number_world import card
from tests.fakes.card import InProcessCard

MOST_EXCHANGES = 4096


@cache
def exchanges() -> int:
    """How many commands a whole reading takes."""
    channel = CardChannel(InProcessCard(card(pretends=True)))
    DRIVER.read(channel, request_for(Holder()))
    return channel.exchanges


@cache
def shared() -> Chip:
    """One chip for all examples: it is powered anew for each, and never hears a wrong secret."""
    return card(pretends=True)


def read_or_refuse(there: Card) -> Reading | None:
    """A reading that can be judged, or None after a typed error."""
    connection = InProcessCard(there)
    reading = None
    with suppress(TegataError):
        reading = read(connection)
        judge(reading)
    assert connection.exchanges <= MOST_EXCHANGES
    return reading


GARBAGE = (b"", b"\x90\x00", b"\x61\x00", b"\x63\xc0", b"\xff" * 300 + b"\x90\x00")


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_at_every_command(garbage: bytes) -> None:
    chip = card(pretends=True)
    for at in range(exchanges()):
        heard = Overheard(chip)
        read_or_refuse(GarbageAt(heard, at, garbage=garbage))
        assert heard.verified() <= 4, "no secret is sent twice"


@settings(max_examples=examples(40, 400), deadline=None)
@given(st.integers(0, 60), st.binary(max_size=300), st.booleans())
def test_any_answer_at_any_command(at: int, garbage: bytes, onwards: bool) -> None:
    read_or_refuse(GarbageAt(shared(), at, garbage=garbage, onwards=onwards))


@pytest.mark.parametrize("around", [Endless, AlwaysMore, NeverTheLength, TooMuch])
def test_cards_without_an_end(around: type[Endless]) -> None:
    heard = Overheard(card(pretends=True))
    read_or_refuse(around(heard))
    assert heard.verified() <= 4


FILES = [
    (JPKI, 0x0001),
    (JPKI, 0x000A),
    (TEXT, 0x0002),
    (TEXT, 0x0003),
    (TEXT, 0x0004),
    (TEXT, 0x0007),
    (SURFACE, 0x0002),
    (SURFACE, 0x0004),
]
NAMES = [
    *(
        "signature",
        "authentication",
        "attributes",
        "record",
        "text-certificate",
        "card-key",
        "face",
        "surface-certificate",
    )
]
PART_OF = {JPKI: {0x0001: "jpki_signature", 0x000A: "jpki_authentication"}}


def part_of(aid: bytes, fid: int) -> str:
    return "text" if aid == TEXT else "surface" if aid == SURFACE else PART_OF[JPKI][fid]


@pytest.mark.parametrize("claimed", [0, 1, 60, 2000, 65535], ids=str)
@pytest.mark.parametrize(("aid", "fid"), FILES, ids=NAMES)
def test_lying_lengths(aid: bytes, fid: int, claimed: int) -> None:
    """Refused while reading, or found wanting afterwards."""
    chip: Chip = lying_length(card(pretends=True), aid, fid, claimed)
    reading = None
    with suppress(TegataError):
        reading = read(InProcessCard(chip), parts=[part_of(aid, fid)])
    if reading is not None:
        (source,) = sources(judge(reading)).values()
        assert Answer.FAILED in (source.data_authenticity.answer, source.chip_genuineness.answer)


@pytest.mark.parametrize("size", [0, 1, 5, 60], ids=str)
@pytest.mark.parametrize(("aid", "fid"), FILES, ids=NAMES)
def test_files_that_end_too_early(aid: bytes, fid: int, size: int) -> None:
    with pytest.raises(TegataError):
        read(InProcessCard(truncate(card(pretends=True), aid, fid, size)), parts=[part_of(aid, fid)])


@pytest.mark.parametrize(("aid", "fid"), FILES, ids=NAMES)
def test_one_altered_bit_is_noticed(aid: bytes, fid: int) -> None:
    """In the middle of every file: by what it breaks, in its own source and in no other."""
    chip = card(pretends=True)
    for at in (20, 40):
        alter_byte(chip, aid, fid, at=at)
    reading = None
    with suppress(TegataError):
        reading = read(InProcessCard(chip))
    if reading is None:
        return
    found = sources(judge(reading))
    for name, source in found.items():
        wrong = Answer.FAILED in (source.data_authenticity.answer, source.chip_genuineness.answer)
        assert wrong is (name == part_of(aid, fid)), name


@pytest.mark.parametrize("piece", [7, 100, 255], ids=str)
@pytest.mark.parametrize("exact", [False, True], ids=["at-most", "exact"])
def test_however_a_card_cuts_its_answers_the_bytes_are_the_same(piece: int, exact: bool) -> None:
    whole, cut = card(pretends=True), fragmented(card(pretends=True), piece=piece, exact=exact, extended=False)
    one, other = read(InProcessCard(whole)), read(InProcessCard(cut))
    # certificates have new numbers in every card; all else is made the same
    same = [name for name in one.files if not name.startswith("jpki/0001") and not name.startswith("jpki/000A")]
    assert {name: one.files[name] for name in same} == {name: other.files[name] for name in same}
    assert judge(other).claims == judge(one).claims
