"""Files and messages of gates under random input: no changed byte is believed, what is matched is what the general decoder reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cbor import decode, encode
from common.errors import Malformed, Refused, Rejected
from common.gate.admit_request import build_admit_request, parse_admit_request
from common.gate.delta import apply_delta, build_delta, parse_delta
from common.gate.enrolment import build_enrolment, parse_enrolment
from common.gate.journal_entry import (
    NO_HASH,
    JournalHead,
    Kind,
    parse_journal_entry,
    parse_journal_head,
    sign_journal_head,
)
from common.gate.pack import build_pack, parse_pack, verify_pack
from common.gate.signed import ADMIT, HEAD, verify_message
from common.plain_text import make_visible
from tests.common.gate.packs import EVENT, GATE, GATE_ID, GATE_POINT, NOW, ORGANISER, SIGNER, pack
from tests.common.gate.test_journal_entry import CTI, entry

LATER = build_pack(pack(serial=5, revoked=(3, 9000, 9001)), ORGANISER)


def _load(data: bytes) -> object:
    return verify_pack(parse_pack(data), signers=(SIGNER,), event=None, now=NOW)


def _update(data: bytes) -> object:
    return apply_delta(parse_delta(data), pack(), signers=(SIGNER,))


def _head(data: bytes) -> object:
    return verify_message(parse_journal_head(data).message, (GATE_POINT,), HEAD)


def _admit(data: bytes) -> object:
    return verify_message(parse_admit_request(data).message, (GATE_POINT,), ADMIT)


def _enrol(data: bytes) -> object:
    return parse_enrolment(data, event=EVENT)


SIGNED: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "pack": (_load, build_pack(pack(), ORGANISER)),
    "delta": (_update, build_delta(pack(), LATER, ORGANISER)),
    "head": (_head, sign_journal_head(JournalHead(EVENT, GATE_ID, 1, bytes(32), 1), GATE)),
    "admit": (_admit, build_admit_request(entry(), 1, GATE)),
}
ENROLMENT = build_enrolment(event=EVENT, code="7K2P", name="n", signer=GATE)


@pytest.mark.parametrize("kind", SIGNED)
def test_no_changed_byte_is_believed(kind: str) -> None:
    believe, whole = SIGNED[kind]
    assert believe(whole)
    for place in range(len(whole)):
        changed = whole[:place] + bytes((whole[place] ^ (1 << place % 8),)) + whole[place + 1 :]
        with pytest.raises((Malformed, Rejected, Refused)):
            believe(changed)
    for cut in range(0, len(whole), 7):
        with pytest.raises((Malformed, Rejected, Refused)):
            believe(whole[:cut])


def test_an_enrolment_with_a_changed_byte_names_another_device_at_most() -> None:
    """Its name is the steward's own word, which no signature covers; code and key are covered."""
    good = parse_enrolment(ENROLMENT, event=EVENT)
    for place in range(len(ENROLMENT)):
        changed = ENROLMENT[:place] + bytes((ENROLMENT[place] ^ (1 << place % 8),)) + ENROLMENT[place + 1 :]
        try:
            found = parse_enrolment(changed, event=EVENT)
        except (Malformed, Rejected):
            continue
        assert (found.code, found.point) == (good.code, good.point)
        assert found.name != good.name


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_any_bytes_end_in_a_refusal(data: st.DataObject) -> None:
    """Spliced anywhere: a typed error, or the very same bytes."""
    believe, whole = SIGNED[data.draw(st.sampled_from(sorted(SIGNED)))]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    changed = whole[:start] + data.draw(st.binary(max_size=40)) + whole[end:]
    if changed != whole:
        with pytest.raises((Malformed, Rejected, Refused)):
            believe(changed)


def general_entry(data: bytes) -> list[Any]:
    """The table of the README, as the general decoder sees it. Raises Malformed, AssertionError for anything else."""
    value = decode(data)
    assert encode(value) == data
    event, gate, sequence, previous, kind, cti, time, entrance, detail = value
    assert type(event) is str
    assert 0 < len(event) <= 64
    assert set(event) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert [*map(type, (gate, previous))] == [bytes, bytes]
    assert (len(gate), len(previous)) == (8, 32)
    assert [*map(type, (sequence, kind, time, entrance))] == [int] * 4
    assert 0 < sequence < 1 << 32
    assert (sequence == 1) == (previous == NO_HASH)
    assert 0 <= kind <= 5
    assert 0 <= time < 1 << 53
    assert 0 <= entrance < 256
    assert cti is None or (type(cti) is bytes and len(cti) == 8)
    assert cti is not None if kind < 2 else cti is None or kind < 4
    assert detail is None or type(detail) in (int, str)
    assert (type(detail) is int) == (kind == 3)
    assert type(detail) is not int or 0 < detail < sequence
    assert type(detail) is not str or (len(detail) <= 200 and make_visible(detail) == detail)
    assert detail != ""
    assert detail is not None or kind not in (2, 5)
    return list(value)


def agree(data: bytes) -> None:
    try:
        expected = general_entry(data)
    except (Malformed, AssertionError, ValueError, TypeError):
        expected = None
    try:
        found = decode(parse_journal_entry(data).encode())
    except Malformed:
        found = None
    assert found == expected


values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, 1, 2, 3, 4, 5, 6, 23, 24, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, (1 << 53) - 1, 1 << 53, -1]
    ),
    st.sampled_from([CTI, bytes(32), b"\1" * 32, bytes(7), b"", EVENT, "", "a" * 24, "a" * 65, "A"]),
    st.text(max_size=210),
    st.floats(allow_nan=False),
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(Kind), st.lists(st.tuples(st.integers(0, 8), values), max_size=3))
def test_an_entry_is_what_the_general_decoder_reads(kind: Kind, changes: list[tuple[int, Any]]) -> None:
    value = decode(entry())
    value[4] = int(kind)
    for place, other in changes:
        value[place] = other
    agree(encode(value))


def test_each_bit_of_an_entry() -> None:
    for whole in (entry(), entry(kind=Kind.OVERRIDE, cti=None, detail="雨 rain")):
        assert general_entry(whole)
        for place in range(len(whole)):
            for bit in range(8):
                agree(whole[:place] + bytes((whole[place] ^ 1 << bit,)) + whole[place + 1 :])
