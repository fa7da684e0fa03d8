"""Licences and residence cards: any bytes from a card end in a value or a typed error, in bounded time, and no try is wasted on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from itertools import cycle

from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.cards.channel import CardChannel
from common.cards.contract import CardDriver
from common.cards.drivers.driving_licence.changes import parse_changes, read_change
from common.cards.drivers.driving_licence.driver import DrivingLicenceDriver
from common.cards.drivers.driving_licence.entries import parse_entries
from common.cards.drivers.mynumber_licence import MyNumberLicenceDriver, parse_licence_information
from common.cards.drivers.residence_card.attempts import WAITS, wait_before_attempt
from common.cards.drivers.residence_card.certificates import parse_card_certificate
from common.cards.drivers.residence_card.ciphers import Generation, decrypt, encrypt, pad, unpad
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.drivers.residence_card.first_generation import parse_pictures
from common.cards.drivers.residence_card.handshake import read_number
from common.cards.drivers.residence_card.messaging import CARD_TYPES, ResidenceMessaging
from common.cards.drivers.residence_card.second_generation import duration, parse_signed_card
from common.cards.drivers.residence_card.specified import SpecifiedMessaging
from common.cards.evidence import Answer
from common.cards.japanese_date import (
    YEAR_BEFORE,
    parse_era_date,
    parse_full_width_era_date,
    parse_gregorian_date,
)
from common.cards.japanese_text import GETA, parse_jis_x_0201, parse_jis_x_0208, parse_utf_8
from common.cards.police.objects import MAX_BYTES, parse_objects
from common.cards.reading import Reading
from common.cards.tlv import encode_tlv
from common.cards.trust import CardTrust
from common.errors import Malformed, TegataError
from examples.cards.chip import Chip
from examples.cards.driving_licence import build_driving_licence
from examples.cards.faults import fragmented
from examples.cards.licence.holders import HANAKO
from examples.cards.residence.holders import ENGINEER
from examples.cards.residence_card import build_residence_card
from tests.amount import examples
from tests.cards.authorities import police_authority, residence_authority
from tests.cards.licence_world import CHALLENGE, NOW, Holder, InProcess, request

MANY = settings(max_examples=examples(60, 2000), deadline=None)
FEW = settings(max_examples=examples(15, 300), deadline=None)
KNOWS = {
    "driving_licence_pin_1": "1234",
    "driving_licence_pin_2": "5678",
    "mynumber_licence_pin": "1234",
    "residence_card_number": ENGINEER.number,
}
DRIVERS: dict[str, CardDriver] = {
    "driving_licence": DrivingLicenceDriver(),
    "mynumber_licence": MyNumberLicenceDriver(),
    "residence_card": ResidenceCardDriver(),
}
PARSERS: list[Callable[[bytes], object]] = [
    *(parse_jis_x_0208, parse_jis_x_0201, parse_utf_8),
    *(parse_era_date, parse_full_width_era_date, parse_gregorian_date),
    *(parse_objects, parse_entries, parse_changes, read_change, parse_licence_information, parse_card_certificate),
    *(ResidenceMessaging.restore, SpecifiedMessaging.restore),
    lambda data: parse_pictures(data, data, data),
    lambda data: parse_signed_card(data, data, data),
    lambda data: read_number(data.decode("utf-8", "replace")),
]
tags = st.one_of(st.integers(0x11, 0xFF), st.integers(0x100, 0x10D), st.just(0xDFD1))
objects = st.lists(st.tuples(tags, st.binary(max_size=40)), max_size=12).map(
    lambda pairs: b"".join(encode_tlv(tag, value) for tag, value in pairs)
)
files = st.one_of(st.binary(max_size=80), objects, st.builds(lambda data: data + b"\xff" * 9, objects))
cells = st.integers(0x21, 0x7E)
texts = st.text(st.characters(min_codepoint=0x3000, max_codepoint=0x9FFF), max_size=20).filter(
    lambda text: _is_jis(text) and text == text.rstrip("\u3000")
)


def _is_jis(text: str) -> bool:
    with suppress(UnicodeEncodeError):
        return len(text.encode("euc_jp")) == 2 * len(text)
    return False


@given(data=files, parser=st.sampled_from(PARSERS))
@MANY
def test_any_bytes_are_a_value_or_a_typed_error(data: bytes, parser: Callable[[bytes], object]) -> None:
    with suppress(TegataError):
        parser(data)


@given(text=texts)
@MANY
def test_text_comes_back(text: str) -> None:
    assert parse_jis_x_0208(bytes(byte & 0x7F for byte in text.encode("euc_jp"))).text == text


@given(
    codes=st.lists(st.one_of(st.tuples(cells, cells), st.tuples(st.just(0xFF), st.integers(0xF0, 0xFF))), max_size=30)
)
@MANY
def test_every_code_is_one_character_and_every_mark_is_told(codes: list[tuple[int, int]]) -> None:
    parsed = parse_jis_x_0208(b"".join(bytes(code) for code in codes))
    assert len(parsed.text) <= len(codes)
    assert len(parsed.flags) == len(parsed.text)
    for flag, character in zip(parsed.flags, parsed.text, strict=True):
        assert flag == "0" or character == GETA
    assert parsed.is_whole == ("1" not in parsed.flags)


@given(
    era=st.sampled_from(sorted(YEAR_BEFORE)), year=st.integers(1, 64), month=st.integers(1, 12), day=st.integers(1, 28)
)
@MANY
def test_a_day_of_an_era_is_a_day(era: str, year: int, month: int, day: int) -> None:
    digits = f"{era}{year:02}{month:02}{day:02}"
    parsed = parse_era_date(digits.encode())
    assert parsed is not None
    assert parsed.text == f"{YEAR_BEFORE[era] + year:04}-{month:02}-{day:02}"
    full_width = b"".join(bytes((0x23, 0x30 + int(digit))) for digit in digits)
    assert parse_full_width_era_date(full_width) == parsed
    assert parse_gregorian_date(parsed.text.replace("-", "").encode()) == parsed


@given(pairs=st.dictionaries(st.integers(0x02, 0xFE) | st.integers(0x100, 0x1FF), st.binary(max_size=300), max_size=20))
@MANY
@example(pairs={0xFF: b"1234567"})
@example(pairs={0x1F: b"", 0xDF: b"x" * 200, 0x107: b"y" * 300})
def test_the_police_s_objects_come_back(pairs: dict[int, bytes]) -> None:
    written = b"".join(
        encode_tlv(tag, value) if tag < 0x100 else b"\x01" + encode_tlv(0x200 | tag & 0xFF, value)[1:]
        for tag, value in pairs.items()
    )
    if len(written) <= MAX_BYTES:
        assert parse_objects(written + b"\xff\xff") == pairs
        assert parse_objects(written + b"\x00") == pairs


def test_an_object_that_stands_twice_is_refused() -> None:
    for data in (b"\x12\x00\x12\x00", b"\x01\x07\x00\x01\x07\x00"):
        try:
            parse_objects(data)
        except Malformed:
            continue
        raise AssertionError("which of them counts is anybody's guess")


@given(generation=st.sampled_from(Generation), key=st.binary(min_size=16, max_size=16), data=st.binary(max_size=100))
@MANY
def test_what_is_encrypted_comes_back(generation: Generation, key: bytes, data: bytes) -> None:
    assert unpad(generation, decrypt(generation, key, encrypt(generation, key, pad(generation, data)))) == data


@given(card_type=st.sampled_from(sorted(CARD_TYPES)), key=st.binary(min_size=16, max_size=16), extended=st.booleans())
@MANY
def test_a_session_comes_back(card_type: str, key: bytes, extended: bool) -> None:
    session = ResidenceMessaging(card_type, key, extended=extended).export()
    assert ResidenceMessaging.restore(session).export() == session


@given(period=st.text(max_size=6))
@MANY
def test_a_period_is_something(period: str) -> None:
    assert duration(period) or not period


@given(failed=st.lists(st.integers(0, 200_000), max_size=30), now=st.integers(0, 200_000))
@MANY
def test_no_wait_is_longer_than_the_longest(failed: list[int], now: int) -> None:
    assert 0 <= wait_before_attempt(failed, now) <= WAITS[-1]


names = ("df1/ef01", "df1/ef02", "df1/ef03", "df1/ef04", "df1/ef07", "df2/ef01", "df2/ef02", "df2/ef03", "df2/ef04")
readings = st.builds(
    Reading,
    card=st.sampled_from(sorted(DRIVERS)),
    files=st.dictionaries(st.sampled_from((*names, "df3/ef01", "licence/001b", "licence/001c")), files, max_size=12),
    notes=st.fixed_dictionaries(
        {
            "card_type": st.sampled_from(["1", "2", "05", "06", "07", "08", "9"]),
            "parts": st.just("card photo address permissions"),
        }
    ),
)


@given(reading=readings)
@MANY
def test_any_reading_is_judged_or_refused_and_proves_nothing(reading: Reading) -> None:
    with suppress(TegataError):
        told = DRIVERS[reading.card].authenticate(reading, challenge=CHALLENGE, trust=CardTrust(), now=NOW)
        assert all(each.data_authenticity.answer is not Answer.PROVEN for each in told.evidence.sources)


answers = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda data, sw: data + sw,
            files,
            st.sampled_from([b"\x90\x00", b"\x62\x82", b"\x63\xc2", b"\x63\xc1", b"\x61\x10"]),
        ),
        st.sampled_from(
            [b"\x90\x00", b"\x63\xc3", b"\x63\x00", b"\x6a\x82", b"\x05\x01\x01\x90\x00", b"\xc1\x01\x01\x90\x00"]
        ),
    ),
    min_size=1,
    max_size=12,
)


class Scripted:
    """Answers over and over from a list; counts what spends a try."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = cycle(answers)
        self.exchanges = 0
        self.tries: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.exchanges += 1
        if command[1] == 0x20 and len(command) > 4:
            self.tries.append(command)
        return next(self.answers)


@given(card=st.sampled_from(sorted(DRIVERS)), script=answers, last_try_ok=st.booleans())
@FEW
def test_any_answers_end_the_reading_and_no_pin_is_sent_twice(
    card: str, script: list[bytes], last_try_ok: bool
) -> None:
    driver, reader = DRIVERS[card], Scripted(script)
    holder = Holder(KNOWS, last_try_ok=last_try_ok)
    channel = CardChannel(reader, max_exchanges=1000)
    with suppress(TegataError):
        driver.read(channel, request(holder, *(part.name for part in driver.parts)))
    assert reader.exchanges <= 1000
    assert len(reader.tries) == len(set(reader.tries))
    assert len(reader.tries) <= 2


@cache
def clean(kind: str) -> Reading:
    return _read(fragmented(_card(kind)), kind, None)


@cache
def _card(kind: str) -> Chip:
    """One of each: what signs it draws randoms."""
    if kind == "licence":
        return build_driving_licence(HANAKO, authority=police_authority())
    return build_residence_card(ENGINEER, authority=residence_authority(int(kind)))


def _read(card: Chip, kind: str, extended: bool | None) -> Reading:
    driver = DRIVERS["driving_licence" if kind == "licence" else "residence_card"]
    channel = CardChannel(InProcess(card), extended=extended)
    return driver.read(channel, request(Holder(KNOWS), *(part.name for part in driver.parts)))


@given(
    kind=st.sampled_from(["licence", "1", "2"]), piece=st.integers(20, 256), exact=st.booleans(),
    knows=st.booleans(), extended=st.sampled_from([None, False]),
)  # fmt: skip
@FEW
def test_however_answers_are_cut_up_the_reading_is_the_same(
    kind: str, piece: int, exact: bool, knows: bool, extended: bool | None
) -> None:
    # Under secure messaging the outer Le is the wrapping's: no card corrects it by 6Cxx.
    card = fragmented(_card(kind), piece=piece, exact=exact and kind == "licence", extended=knows)
    assert _read(card, kind, extended) == clean(kind)
