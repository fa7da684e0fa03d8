"""A My Number card that misbehaves at any point of a reading: a typed error or the same bytes, in bounded steps, and no try is wasted."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.cards.channel import MAX_EXCHANGES, CardChannel
from common.cards.drivers.my_number.driver import MyNumberDriver
from common.cards.reading import Reading
from common.errors import PinWrong, TegataError
from examples.cards.chip import Card, Chip
from examples.cards.faults import AROUND, GARBAGE, Around, GarbageAt, fragmented
from examples.cards.overheard import Overheard
from examples.cards.transport import Transport
from tests.amount import examples
from tests.cards.my_number_reader import Holder, request_for
from tests.cards.my_number_world import card
from tests.fakes.card import InProcessCard

MANY = settings(max_examples=examples(40, 1500), deadline=None)
FEW = settings(max_examples=examples(15, 300), deadline=None)
MOST = MAX_EXCHANGES
"""Commands of one reading, whatever the card does."""


@cache
def chip() -> Chip:
    return card(pretends=True)


def fresh() -> Chip:
    """The same card in a new session: whole counters, answers at once."""
    one = chip()
    one.transport = Transport()
    for application in one.applications:
        for pin in application.pins():
            pin.left = pin.limit if pin.name != "spare" else 0
    one.power()
    return one


def read(
    inserted: Card, holder: Holder | None = None, *, extended: bool | None = None
) -> tuple[Reading | TegataError, CardChannel]:
    channel = CardChannel(InProcessCard(inserted), extended=extended)
    try:
        return MyNumberDriver().read(channel, request_for(holder or Holder())), channel
    except TegataError as error:
        return error, channel


@cache
def whole() -> Reading:
    reading, _ = read(fresh())
    assert isinstance(reading, Reading)
    return reading


@cache
def honest_commands() -> int:
    return read(fresh())[1].exchanges


@FEW
@given(st.integers(1, 300), st.booleans(), st.booleans())
@example(1, True, False)
def test_however_answers_are_cut_the_reading_is_the_same(piece: int, exact: bool, extended: bool) -> None:
    reading, _ = read(fragmented(fresh(), piece=max(piece, 8), exact=exact, extended=extended))
    assert isinstance(reading, Reading)
    assert dict(reading.files) == dict(whole().files)
    assert dict(reading.exchanges) == dict(whole().exchanges)


answers = st.one_of(
    st.binary(max_size=40),
    st.just(GARBAGE),
    st.builds(
        lambda data, sw: data + sw,
        st.binary(max_size=300),
        st.sampled_from([b"\x90\x00", b"\x62\x82", b"\x61\x10", b"\x6c\x10"]),
    ),
    st.integers(0x6000, 0x6FFF).map(lambda sw: sw.to_bytes(2, "big")),
)


@MANY
@given(st.integers(0, 1 << 16), answers, st.booleans())
def test_any_answer_at_any_point(at: int, answer: bytes, onwards: bool) -> None:
    heard = Overheard(fresh())
    inserted = GarbageAt(heard, at % honest_commands(), garbage=answer, onwards=onwards)
    said, channel = read(inserted)
    assert isinstance(said, Reading | TegataError)
    assert channel.exchanges <= MOST
    assert heard.verified() <= 4, "each secret is sent once at most"


class Altered(Around):
    """One bit of one answer is another."""

    def __init__(self, inner: Card, at: int, bit: int) -> None:
        super().__init__(inner)
        self.at, self.bit = at, bit

    def exchange(self, at: int, apdu: bytes) -> bytes:
        answer = bytearray(self.card.answer(apdu))
        if at == self.at:
            answer[self.bit // 8 % len(answer)] ^= 1 << self.bit % 8
        return bytes(answer)


@MANY
@given(st.integers(0, 1 << 16), st.integers(0, 1 << 16))
def test_any_bit_of_any_answer(at: int, bit: int) -> None:
    heard = Overheard(fresh())
    said, channel = read(Altered(heard, at % honest_commands(), bit))
    assert isinstance(said, Reading | TegataError)
    assert channel.exchanges <= MOST
    assert heard.verified() <= 4


@pytest.mark.parametrize("name", sorted(set(AROUND) - {"slow"}))
def test_every_fault_around_a_card_ends(name: str) -> None:
    heard = Overheard(fresh())
    said, channel = read(AROUND[name](heard))
    if name == "endless":
        assert isinstance(said, TegataError) or {key: len(data) for key, data in said.files.items()} == {
            key: len(data) for key, data in whole().files.items()
        }
    else:
        assert isinstance(said, TegataError)
    assert channel.exchanges <= MOST
    assert heard.verified() <= 4


@FEW
@given(st.binary(min_size=1, max_size=16).filter(lambda value: value != b"ABC123"))
def test_a_wrong_secret_is_one_try_at_most(value: bytes) -> None:
    """Whether it is refused before it is sent, or by the card: never twice, and the other counters stay whole."""
    holder = Holder()
    holder.secrets["jpki_signature_password"] = value
    heard = Overheard(fresh())
    said, _ = read(heard, holder)
    assert isinstance(said, TegataError)
    spent = {
        pin.name: pin.limit - pin.left
        for application in chip().applications
        for pin in application.pins()
        if pin.name != "spare"
    }
    assert spent.pop("signature") == heard.verified() <= 1
    assert isinstance(said, PinWrong) is bool(heard.verified())
    assert set(spent.values()) == {0}
