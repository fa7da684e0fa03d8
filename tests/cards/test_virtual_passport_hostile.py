"""Whatever is sent to the virtual passport, it answers: a status word, never an exception, and no more than an answer can hold."""

from __future__ import annotations

import hashlib
import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.cards.passport import Passport
from examples.cards.passport.application import data_group
from examples.cards.passport.objects import oid_value
from examples.cards.tlv import tlv
from tests.amount import examples
from tests.cards.passport_terminal import Refused, Terminal, enter
from tests.cards.passport_world import passport

LONGEST = 65_536 + 2
PROFILES = ("japan_2006", "japan_2025", "pace_cam", "pace_3des", "ecdsa_active")
INSTRUCTIONS = (0x20, 0x22, 0x82, 0x84, 0x86, 0x88, 0xA4, 0xB0, 0xB1, 0xB2, 0xC0)
PARAMETERS = (0x00, 0x01, 0x02, 0x04, 0x0C, 0x41, 0x9C, 0x9E, 0xA4, 0xA6, 0xC1, 0xFF)
TAGS = (0x54, 0x7C, 0x80, 0x81, 0x83, 0x84, 0x85, 0x87, 0x8E, 0x91, 0x97, 0x99, 0x7F4C)


@cache
def card(profile: str) -> Passport:
    return passport(profile)


def answered(chip, apdu: bytes) -> bytes:  # type: ignore[no-untyped-def]
    started = time.process_time()
    answer = chip.answer(apdu)
    assert time.process_time() - started < 5, "seconds of our own"
    assert 2 <= len(answer) <= LONGEST
    assert 0x60 <= answer[-2] <= 0x6F or 0x90 <= answer[-2] <= 0x9F
    return bytes(answer)


def nested(depth: int) -> st.SearchStrategy[bytes]:
    """Data objects with the tags of these protocols, in each other, some with points on the curve in them."""
    leaf = st.one_of(
        st.binary(max_size=70),
        st.sampled_from([_point(name) for name in PROFILES[1:4]]),
        st.sampled_from([oid_value(offer.protocol) for name in PROFILES for offer in card(name).profile.pace]),
        st.sampled_from([b"\x01", b"\x02", b"\x0d", b""]),
    )
    value = leaf if depth == 0 else st.one_of(leaf, nested(depth - 1))
    return st.lists(st.builds(tlv, st.sampled_from(TAGS), value), max_size=4).map(b"".join)


def _point(name: str) -> bytes:
    curve = card(name).profile.pace[0].curve
    return curve.encode(curve.multiply(7))


COMMANDS = st.tuples(
    st.sampled_from((0x00, 0x0C, 0x10, 0x1C, 0x80)),
    st.one_of(st.sampled_from(INSTRUCTIONS), st.integers(0, 255)),
    st.sampled_from(PARAMETERS),
    st.sampled_from(PARAMETERS),
    st.one_of(st.binary(max_size=60), nested(2)),
    st.sampled_from((0, 8, 256, 4096)),
)


def written(cla: int, ins: int, p1: int, p2: int, data: bytes, ne: int) -> bytes:
    head = bytes([cla, ins, p1, p2])
    if len(data) > 255 or ne > 256:
        body = b"\x00" + len(data).to_bytes(2, "big") + data if data else b"\x00"
        return head + body + (ne & 0xFFFF).to_bytes(2, "big")
    return head + (bytes([len(data)]) + data if data else b"") + (bytes([ne & 0xFF]) if ne else b"")


@pytest.mark.parametrize("profile", PROFILES)
@given(apdus=st.lists(st.one_of(st.binary(max_size=40), COMMANDS.map(lambda parts: written(*parts))), max_size=6))
@settings(max_examples=examples(25, 200), deadline=None)
def test_any_command_is_answered(profile: str, apdus: list[bytes]) -> None:
    chip = card(profile).chip
    chip.power()
    answered(chip, bytes.fromhex("00a4040c07a0000002471001"))
    for apdu in apdus:
        answered(chip, apdu)


@pytest.mark.parametrize("profile", PROFILES)
@given(commands=st.lists(COMMANDS, min_size=1, max_size=4))
@settings(max_examples=examples(12, 80), deadline=None)
def test_any_command_under_secure_messaging_is_answered(
    profile: str, commands: list[tuple[int, int, int, int, bytes, int]]
) -> None:
    """Sealed as it should be, so that it comes to what is inside; an answer that is not sealed is a bare status word."""
    terminal = enter(card(profile))
    for cla, ins, p1, p2, data, ne in commands:
        assert terminal.keys is not None
        sealed = terminal.keys.protect((cla & 0x90, ins, p1, p2), data, ne)
        answer = answered(terminal.card, sealed)
        if len(answer) == 2:
            return
        if answer[-2] != 0x61:
            try:
                terminal.keys.open(answer)
            except Refused:
                continue
            except AssertionError:  # keys changed, as chip authentication makes them
                return


@given(data=st.data())
@settings(max_examples=examples(30, 300), deadline=None)
def test_a_dialogue_with_one_step_replaced(data: st.DataObject) -> None:
    """PACE up to some step, then that step with other data objects, then a right one again: refused, and never an agreement."""
    passport = card(data.draw(st.sampled_from(PROFILES[1:4]), label="profile"))
    passport.chip.power()
    terminal = Terminal(passport.chip)
    offer = passport.profile.pace[0]
    password = hashlib.sha1(passport.printed.mrz.information().encode()).digest()
    at = data.draw(st.integers(0, 4), label="step")
    wrong = data.draw(nested(1), label="instead")
    steps = iter(range(10))
    plain = terminal.plain

    def replaced(apdu: bytes) -> bytes:
        if next(steps) != at:
            return plain(apdu)
        answered(passport.chip, written(apdu[0], apdu[1], apdu[2], apdu[3], tlv(0x7C, wrong) if at else wrong, 256))
        return plain(apdu)

    terminal.plain = replaced  # type: ignore[method-assign]
    try:
        terminal.pace(offer, 1, password)
    except (Refused, AssertionError):
        assert at > 0
        return
    assert at == 0, "a template that was not taken leaves the way free; any other step begins it anew"


@given(cut=st.integers(0, 400), turned=st.integers(0, 400), bit=st.integers(0, 7), short=st.booleans())
@settings(max_examples=examples(25, 200), deadline=None)
def test_a_sealed_command_that_was_changed_ends_the_session(cut: int, turned: int, bit: int, short: bool) -> None:
    terminal = enter(card("japan_2025"))
    terminal.select(data_group(1))
    assert terminal.keys is not None
    sealed = bytearray(terminal.keys.protect((0x00, 0xB0, 0x00, 0x00), b"", 16))
    body = slice(5, len(sealed) - 1)
    if short:
        content = sealed[body][: cut % (body.stop - body.start)]
        sealed = sealed[:4] + bytes([len(content)] if content else []) + content + b"\x00"
    else:
        sealed[5 + turned % (body.stop - body.start)] ^= 1 << bit
    assert answered(terminal.card, bytes(sealed))[-2:] in {b"\x69\x87", b"\x69\x88"}
    with pytest.raises(Refused, match="6882"):
        terminal.select(data_group(1))
