"""What gates say to hubs and organisers: exchanges, admit requests, enrolments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cbor import decode, encode
from common.errors import Malformed, Rejected
from common.gate.admit_request import (
    build_admit_answer,
    build_admit_request,
    parse_admit_answer,
    parse_admit_request,
)
from common.gate.enrolment import build_enrolment, parse_enrolment
from common.gate.exchange import Exchange, GateJournal, build_exchange, parse_exchange
from common.gate.journal_entry import Kind
from common.gate.signed import ADMIT, ENROL, HEAD, parse_message, sign_message, verify_message
from tests.common.gate.packs import EVENT, GATE, GATE_POINT, STRANGER, STRANGER_POINT
from tests.common.gate.test_journal_entry import entry

names = st.binary(min_size=8, max_size=8)
pieces = st.lists(st.binary(min_size=52, max_size=300), max_size=4).map(tuple)
heads = st.lists(st.binary(min_size=137, max_size=256), max_size=2).map(tuple)
journals = st.lists(st.builds(GateJournal, names, pieces, heads), max_size=3, unique_by=lambda one: one.gate)
requests = st.frozensets(st.binary(min_size=140, max_size=1280), max_size=2)
known = st.none() | st.dictionaries(names, st.integers(0, (1 << 32) - 1), max_size=3)


@settings(deadline=None, max_examples=60)
@given(journals, known, requests)
def test_an_exchange_there_and_back(
    given: list[GateJournal], has: dict[bytes, int] | None, asked: frozenset[bytes]
) -> None:
    """Read by hand, and as the general decoder reads it."""
    body = build_exchange(EVENT, given, has, asked)
    ordered = sorted(given, key=lambda one: one.gate)
    assert parse_exchange(body) == Exchange(EVENT, tuple(ordered), has, tuple(sorted(asked)))
    general: dict[int, Any] = {
        1: EVENT,
        2: [[one.gate, list(one.entries), list(one.heads)] for one in ordered],
        **({} if has is None else {3: has}),
        **({4: sorted(asked)} if asked else {}),
    }
    assert decode(body) == general
    assert encode(general) == body


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_other_bytes_are_refused_or_the_same_in_general(data: st.DataObject) -> None:
    body = build_exchange(
        EVENT, [GateJournal(bytes(8), (bytes(52), bytes(60)), (bytes(137),))], {bytes(8): 24}, (bytes(140), bytes(141))
    )
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 3)))
    changed = body[:start] + data.draw(st.binary(max_size=3)) + body[end:]
    try:
        found = parse_exchange(changed)
    except Malformed:
        return
    assert encode(decode(changed)) == changed
    assert build_exchange(found.event, found.journals, found.known, found.asked) == changed


def test_exchanges_that_are_none() -> None:
    one = GateJournal(bytes(8), (), ())
    with pytest.raises(ValueError, match="twice"):
        build_exchange(EVENT, [one, one])
    general: dict[int, Any] = {1: EVENT, 2: [[bytes(8), [], []]]}
    assert parse_exchange(encode(general)) == Exchange(EVENT, (one,))
    changes: tuple[dict[int, Any], ...] = (
        {1: "A"},
        {1: b"a"},
        {2: {}},
        {2: [[bytes(7), [], []]]},
        {2: [[bytes(8), [bytes(51)], []]]},
        {2: [[bytes(8), [], [bytes(136)]]]},
        {2: [[bytes(8), [], []], [bytes(8), [], []]]},
        {2: [[b"\1" * 8, [], []], [bytes(8), [], []]]},
        {2: [[bytes(8), []]]},
        {2: [[bytes(8), [1], []]]},
        {2: [[bytes(8), [bytes(1025)], []]]},
        {2: [[bytes(8), [], [bytes(257)]]]},
        {3: {bytes(8): -1}},
        {3: {bytes(8): 1 << 32}},
        {4: 1},
        {4: []},
        {4: [bytes(141), bytes(140)]},
        {4: [bytes(140), bytes(140)]},
        {4: [bytes(1281)]},
        {5: 1},
    )
    for change in changes:
        with pytest.raises(Malformed):
            parse_exchange(encode({**general, **change}))
    for data in (
        b"",
        b"\xa1\x01\x61a",
        encode(general) + b"\0",
        b"\xa2\x01\x61a\x02\x9a\xff\xff\xff\xff",
        bytes.fromhex("a201616102818348") + bytes(8) + bytes.fromhex("9affffffff"),
    ):
        with pytest.raises(Malformed):
            parse_exchange(data)
    with pytest.raises(Malformed) as caught:
        parse_exchange(bytes(100), max_bytes=99)
    assert caught.value.code == "too_large"


def test_a_request_to_admit() -> None:
    for made in (entry(), entry(kind=Kind.OVERRIDE, detail="rain")):
        found = parse_admit_request(build_admit_request(made, 3, GATE))
        assert (found.encoded, found.generation, found.entry.encode()) == (made, 3, made)
        assert verify_message(found.message, (GATE_POINT,), ADMIT) == GATE_POINT
        with pytest.raises(Rejected):
            verify_message(found.message, (GATE_POINT,), HEAD)


def test_requests_that_are_none() -> None:
    for made in (entry(kind=Kind.OUT), entry(kind=Kind.OVERRIDE, cti=None, detail="x"), b"", entry() + b"\0"):
        with pytest.raises(Malformed):
            build_admit_request(made, 0, GATE)
    for generation in (-1, 1 << 16, True, "1"):
        with pytest.raises(Malformed):
            build_admit_request(entry(), generation, GATE)  # type: ignore[arg-type]
    with pytest.raises(Malformed):
        build_admit_request(entry(), 0, STRANGER)  # another gate's entry
    with pytest.raises(Malformed):
        parse_admit_request(sign_message(encode({1: entry()}), GATE, ADMIT))


def test_the_hubs_answer() -> None:
    for admitted in (True, False):
        found = parse_admit_answer(build_admit_answer(admitted=admitted, first=entry()))
        assert (found.admitted, found.first, found.serial) == (admitted, entry(), 0)
    assert parse_admit_answer(build_admit_answer(admitted=True, first=entry(), serial=7)).serial == 7
    first = {1: 0, 2: entry()}
    for value in (
        *({1: 2, 2: entry()}, {1: True, 2: entry()}, {1: 0, 2: b""}, {1: 0}, [0, entry()], {1: 0, 2: 1}),
        *({**first, 3: 0}, {**first, 3: -1}, {**first, 3: True}, {**first, 3: b""}, {**first, 3: 1 << 53}),
        {**first, 4: 1},
    ):
        with pytest.raises(Malformed):
            parse_admit_answer(encode(value))


def test_an_enrolment() -> None:
    found = parse_enrolment(build_enrolment(event=EVENT, code="7K2P-QX", name="北口 1", signer=GATE), event=EVENT)
    assert (found.event, found.code, found.point, found.name) == (EVENT, "7K2P-QX", GATE_POINT, "北口 1")


def test_enrolments_that_are_none() -> None:
    body = build_enrolment(event=EVENT, code="7K2P", name="n", signer=GATE)
    members = decode(body)
    stranger = sign_message(encode([EVENT, "7K2P"]), STRANGER, ENROL)
    wrong_kind = sign_message(encode([EVENT, "7K2P"]), GATE, HEAD)
    for member, value in (
        (1, "7K2"),
        (1, "7K2Q"),
        (1, "7K2P\n"),
        (1, 5),
        (2, bytes(33)),
        (2, STRANGER_POINT),
        (3, ""),
        (3, "x" * 61),
        (3, "\x07"),
        (4, b""),
        (4, stranger),
        (4, wrong_kind),
        (5, 1),
    ):
        with pytest.raises((Malformed, Rejected)):
            parse_enrolment(encode({**members, member: value}), event=EVENT)
    with pytest.raises(Malformed):
        parse_enrolment(body, event="other")


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65535, 65536])
def test_signed_messages_of_every_length(size: int) -> None:
    data = sign_message(bytes(size), GATE, HEAD)
    found = parse_message(data, max_bytes=1 << 17)
    assert (found.payload, found.encode()) == (bytes(size), data)
    for bad in (data[:-1], data + b"\0", b"\xd2" + data, data.replace(b"\xa0", b"\xa1", 1), data[:40]):
        with pytest.raises(Malformed):
            parse_message(bad, max_bytes=1 << 17)


@given(st.binary(max_size=120))
def test_any_bytes_are_no_signed_message(data: bytes) -> None:
    for start in (b"", b"\x84\x4d\xa2\x01\x26\x04\x48"):
        with pytest.raises(Malformed):
            parse_message(start + data, max_bytes=200)
