"""Any bytes off a passport, a page or a list: a value or a typed error, and quickly. Altered readings prove nothing that was not signed."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.cards.channel import CardChannel
from common.cards.drivers.passport.driver import PassportDriver
from common.cards.evidence import Answer
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest
from common.cards.reading import Exchange, Reading
from common.cards.secret import Secret
from common.cards.trust import CardTrust
from common.errors import TegataError
from tests.amount import examples
from tests.cards.passport_reader import CHALLENGE, SECONDS, clean, judge, source, trust
from tests.cards.passport_world import passport
from tests.fuzz.target import Target
from tests.fuzz.targets.passport import TARGETS

SLOWEST = 1.0
"""Seconds of CPU for one input. Most take less than a millisecond."""
every_parser = pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.name)
BELIEVED = CardTrust(anchors=trust().anchors)
quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def ends_well(target: Target, data: bytes) -> None:
    began = time.process_time()
    target.holds(data)
    assert time.process_time() - began < SLOWEST


@every_parser
@given(data=st.binary(max_size=300))
@settings(max_examples=examples(25, 400), deadline=None, suppress_health_check=quiet)
def test_any_bytes(target: Target, data: bytes) -> None:
    ends_well(target, data)


@every_parser
@given(
    seed=st.integers(min_value=0, max_value=7),
    start=st.integers(min_value=0, max_value=1 << 16),
    length=st.integers(min_value=0, max_value=30),
    filling=st.one_of(
        st.binary(max_size=30),
        st.sampled_from([b"\x80", b"\x84\xff\xff\xff\xff", b"\x82\xff\xff", b"\x30\x80", b"\xa0\x00", b"\x31\x00" * 9]),
    ),
)
@settings(max_examples=examples(40, 600), deadline=None, suppress_health_check=quiet)
def test_real_bytes_with_a_piece_replaced(target: Target, seed: int, start: int, length: int, filling: bytes) -> None:
    data = target.seeds[seed % len(target.seeds)]
    start %= len(data) + 1
    ends_well(target, data[:start] + filling + data[start + length :])


@every_parser
def test_deep_nesting_and_long_lies(target: Target) -> None:
    for data in (
        b"\x30\x80" * 5000,
        b"\x30\x82\xff\xff" * 3000,
        b"\x31\x83\x00\xff\xff" + bytes(65535),
        b"\x77" * 9000,
    ):
        ends_well(target, data)


# --- whole readings

PROFILES = ("ecdsa_active", "europe_pace", "pace_cam")


@cache
def proven(profile: str) -> tuple[Reading, dict[str, object]]:
    reading, told = clean(profile)
    return reading, dict(told.claims)


@given(
    profile=st.sampled_from(PROFILES),
    name=st.integers(min_value=0, max_value=20),
    start=st.integers(min_value=0, max_value=1 << 16),
    length=st.integers(min_value=0, max_value=4),
    filling=st.binary(max_size=4),
)
@settings(max_examples=examples(150, 3000), deadline=None)
def test_an_altered_file_proves_nothing_new(profile: str, name: int, start: int, length: int, filling: bytes) -> None:
    """Whatever is altered in whichever file: no claim becomes another, and what does not hold is said."""
    reading, claims = proven(profile)
    names = sorted(reading.files)
    chosen = names[name % len(names)]
    file = reading.files[chosen]
    start %= len(file)
    altered = file[:start] + filling + file[start + length :]
    told = judge(replace(reading, files=dict(reading.files) | {chosen: altered}), BELIEVED)
    for claim, value in told.claims.items():
        assert claims.get(claim) == value
    if altered != file and chosen.startswith("dg"):
        assert source(told).data_authenticity.answer is Answer.FAILED
        assert dict(told.claims) == {}


@given(
    profile=st.sampled_from(PROFILES),
    challenge=st.binary(max_size=80),
    answer=st.binary(max_size=80),
    notes=st.dictionaries(st.sampled_from(["pace", "access"]), st.text(max_size=12), max_size=2),
)
@settings(max_examples=examples(60, 1000), deadline=None)
def test_any_exchange_proves_no_chip(profile: str, challenge: bytes, answer: bytes, notes: dict[str, str]) -> None:
    reading, _ = proven(profile)
    [name] = reading.exchanges
    made_up = Exchange(challenge=challenge, answer=answer)
    told = judge(replace(reading, exchanges={name: made_up}, notes=dict(reading.notes) | notes), BELIEVED)
    assert source(told).chip_genuineness.answer is Answer.FAILED


# --- whole conversations


class Altering:
    """The virtual passport, with one answer replaced."""

    def __init__(self, profile: str, at: int, answer: bytes) -> None:
        self._chip = passport(profile).chip
        self._chip.power()
        self._at, self._answer, self._heard = at, answer, 0

    def transmit(self, command: bytes) -> bytes:
        answer = self._chip.answer(command)
        self._heard += 1
        return self._answer if self._heard == self._at else answer


@given(
    profile=st.sampled_from(PROFILES),
    at=st.integers(min_value=1, max_value=20),
    answer=st.one_of(st.binary(max_size=60), st.binary(max_size=40).map(lambda data: data + b"\x90\x00")),
)
@settings(max_examples=examples(25, 500), deadline=None)
def test_any_answer_at_any_point(profile: str, at: int, answer: bytes) -> None:
    """A typed error, or a reading whose claims are the passport's own."""
    lines = "\n".join(passport(profile).printed.lines)
    asked = ReadRequest(
        parts=frozenset({"identity"}), ask=lambda _: GivenSecret(secret=Secret(lines)), challenge=CHALLENGE
    )
    try:
        reading = PassportDriver().read(CardChannel(Altering(profile, at, answer)), asked)
        told = judge(reading, BELIEVED)
    except TegataError:
        return
    _, claims = proven(profile)
    for claim, value in told.claims.items():
        assert claims.get(claim) == value


@given(
    files=st.dictionaries(st.sampled_from(["sod", "dg1", "dg2", "dg14", "dg15", "card_access"]), st.binary(max_size=60))
)
@settings(max_examples=examples(80, 1000), deadline=None)
def test_any_reading_is_judged(files: dict[str, bytes]) -> None:
    challenge = PossessionChallenge(origin="https://issuer.example", session="s", nonce=bytes(16))
    for believed in (CardTrust(), BELIEVED):
        try:
            told = PassportDriver().authenticate(
                Reading(card="passport", files=files), challenge=challenge, trust=believed, now=SECONDS
            )
        except TegataError:
            continue
        assert source(told).data_authenticity.answer is Answer.FAILED
        assert dict(told.claims) == {}
