"""A journal over an animated QR code: any order, with loss, twice, beside another hand-over; any text is an error of ours."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed, Unsupported
from tests.amount import examples
from verifier.gate.frames import Collector, split


@given(st.binary(min_size=1, max_size=6000), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=examples(25, 500))
def test_any_order_and_some_twice(data: bytes, chance: random.Random) -> None:
    frames = [*split(data), *split(data)]
    chance.shuffle(frames)
    collector = Collector()
    found = next(whole for frame in frames if (whole := collector.take(frame)) is not None)
    assert found == data


def test_what_is_missed_comes_with_a_later_round() -> None:
    data = random.Random(7).randbytes(12_000)
    frames = split(data)
    assert len(frames) == 20
    chance, collector = random.Random(1), Collector()
    for seen, frame in enumerate(itertools.cycle(frames)):
        assert seen < 20 * len(frames)
        if chance.random() > 0.5 and collector.take(frame) == data:
            break
    assert collector.progress == (20, 20)


def test_two_hand_overs_at_once_and_no_more_than_four() -> None:
    datas = [random.Random(seed).randbytes(1300) for seed in range(5)]
    collector = Collector()
    heads, tails = [split(data)[0] for data in datas], [split(data)[1:] for data in datas]
    for head in heads:
        collector.take(head)
    found = [[whole for frame in (*tail,) if (whole := collector.take(frame))] for tail in tails[1:]]
    assert found == [[data] for data in datas[1:]]
    assert [collector.take(frame) for frame in tails[0]][-1] is None, "the first was forgotten"


@given(st.text(max_size=60) | st.text("TGX:0123456789/ABCDEF", max_size=60))
@settings(deadline=None, max_examples=examples(50, 2000))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        Collector().take(text)
    except Malformed:
        return


@pytest.mark.parametrize(
    "text", ["TGX:2/1/00000000:00", "TGX:1/401/00000000:00", "TGX:1/1/00000000:000", "TGX:1/1/0000000g:00"]
)
def test_pieces_that_belong_to_nothing(text: str) -> None:
    with pytest.raises(Malformed):
        Collector().take(text)


def test_what_is_too_long_goes_into_a_file() -> None:
    with pytest.raises(Unsupported):
        split(random.Random(3).randbytes(240_002))
