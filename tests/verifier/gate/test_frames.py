"""A journal over an animated QR code: any order, with loss, twice, mixed with another hand-over; any text is an error of ours."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed, Unsupported
from tests.amount import examples
from verifier.gate.frames import PIECE, Collector, rounds, split


@given(st.binary(max_size=6000), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=examples(25, 500))
def test_any_order_and_some_twice(data: bytes, chance: random.Random) -> None:
    frames = [*split(data), *split(data)]
    chance.shuffle(frames)
    collector = Collector()
    found = next(whole for frame in frames if (whole := collector.take(frame)) is not None)
    assert found == data


def test_a_tenth_of_the_frames_is_lost_and_one_round_is_enough() -> None:
    data = random.Random(5).randbytes(30 * PIECE)
    frames = split(data)
    whole = 0
    for seed in range(20):
        chance = random.Random(seed)
        collector = Collector()
        for frame in frames:
            if chance.random() > 0.1 and collector.take(frame) == data:
                whole += 1
                break
    assert whole >= 10, f"{whole} of 20"


def test_what_is_still_missing_comes_with_the_next_round() -> None:
    data = random.Random(7).randbytes(20 * PIECE)
    chance, collector = random.Random(1), Collector()
    for seen, frame in enumerate(rounds(split(data))):
        assert seen < 200
        if chance.random() > 0.5 and collector.take(frame) == data:
            break
    assert collector.progress == (21, 21)


def test_another_hand_over_begins_afresh() -> None:
    one, other = split(random.Random(1).randbytes(2000)), split(random.Random(2).randbytes(2000))
    collector = Collector()
    collector.take(one[0])
    assert [collector.take(frame) for frame in other][-1] is not None


@given(st.text(max_size=60) | st.text("TGX:*0123456789/ABCDEF", max_size=60))
@settings(deadline=None, max_examples=examples(50, 2000))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        Collector().take(text)
    except Malformed:
        return


def test_pieces_that_do_not_belong_together() -> None:
    frames = split(b"x" * 10)
    (frame,) = frames
    assert Collector().take(frame) == b"x" * 10
    with pytest.raises(Malformed):
        Collector().take(frame[:22] + "ABC" + frame[25:])
    with pytest.raises(Malformed):
        Collector().take("TGX:2/1/00000000:00")
    with pytest.raises(Unsupported):
        split(random.Random(3).randbytes(PIECE * 1000))
