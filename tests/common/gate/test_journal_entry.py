"""Entries and heads of journals: typed by hand, at their limits, and refused."""

from __future__ import annotations

from typing import Any

import pytest

from common.cbor import decode, encode
from common.errors import Malformed, Rejected
from common.gate.journal_entry import (
    NO_HASH,
    JournalHead,
    Kind,
    build_journal_entry,
    hash_entry,
    parse_journal_entry,
    parse_journal_head,
    sign_journal_head,
)
from common.gate.signed import HEAD, PACK, sign_message, verify_message
from tests.common.gate.packs import EVENT, GATE, GATE_ID, GATE_POINT, NOW, STRANGER, STRANGER_POINT

CTI = bytes.fromhex("0102030405060708")
MILLISECONDS = 1000 * NOW


def entry(**change: Any) -> bytes:
    made: dict[str, Any] = {
        "event": EVENT,
        "gate": GATE_ID,
        "sequence": 1,
        "previous": NO_HASH,
        "kind": Kind.IN,
        "cti": CTI,
        "time": MILLISECONDS,
        "entrance": 1,
    }
    return build_journal_entry(**{**made, **change})


def test_an_entry_byte_by_byte() -> None:
    wanted = "89 70" + EVENT.encode().hex() + "48" + GATE_ID.hex() + "01 5820" + "00" * 32
    wanted += "00 48 0102030405060708 1b 0000019f9d456a80 01 f6"
    assert MILLISECONDS == 0x19F9D456A80
    assert entry() == bytes.fromhex(wanted)


@pytest.mark.parametrize(
    "change",
    [
        {"event": "a" * 64, "entrance": 255, "time": (1 << 53) - 1},
        {"event": "a" * 23, "time": 0, "entrance": 0},
        {"event": "a" * 24, "time": 1 << 32},
        {"sequence": (1 << 32) - 1, "previous": b"\1" * 32, "kind": Kind.OUT},
        {"detail": "document seen"},
        {"kind": Kind.OVERRIDE, "cti": None, "detail": "雨" * 200},
        {"kind": Kind.OVERRIDE, "detail": "ok"},
        {"kind": Kind.UNDO, "sequence": 257, "previous": b"\1" * 32, "detail": 256},
        {"kind": Kind.UNDO, "sequence": 2, "previous": b"\1" * 32, "cti": None, "detail": 1},
        {"kind": Kind.LOCK_SEEN, "cti": None},
        {"kind": Kind.NOTE, "cti": None, "detail": "restart"},
    ],
)
def test_what_goes_in_comes_out(change: dict[str, Any]) -> None:
    data = entry(**change)
    found = parse_journal_entry(data)
    assert {name: getattr(found, name) for name in change} == change
    assert found.encode() == data
    assert encode(decode(data)) == data


@pytest.mark.parametrize(
    "change",
    [
        {"event": ""},
        {"event": "A"},
        {"event": "a" * 65},
        {"gate": bytes(7)},
        {"sequence": 0},
        {"sequence": 2},  # without a past
        {"previous": b"\1" * 32},  # a past before the first
        {"sequence": 1 << 32, "previous": b"\1" * 32},
        {"previous": bytes(31)},
        {"kind": 6},
        {"cti": None},
        {"cti": bytes(7)},
        {"time": 1 << 53},
        {"time": -1},
        {"time": 1.5},
        {"entrance": 256},
        {"detail": 1},
        {"detail": "x" * 201},
        {"detail": "\x1b[2J"},
        {"detail": "a\u202eb"},
        {"detail": b"x"},
        {"kind": Kind.OVERRIDE},
        {"kind": Kind.OVERRIDE, "detail": ""},
        {"kind": Kind.UNDO, "detail": "1"},
        {"kind": Kind.UNDO, "detail": 1},  # not before itself
        {"kind": Kind.UNDO, "sequence": 2, "previous": b"\1" * 32, "detail": 0},
        {"kind": Kind.LOCK_SEEN},
        {"kind": Kind.NOTE, "cti": None},
    ],
)
def test_entries_that_are_none(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as caught:
        entry(**change)
    assert caught.value.code == "bad_entry"


def test_one_encoding_alone() -> None:
    good = entry(detail="ok")
    for bad in (
        good + b"\0",
        good[:-1],
        good.replace(b"\x62ok", b"\x78\x02ok"),
        good.replace(b"\x62ok", b"\x63ok"),
        good.replace(b"\x62ok", b"\x62\xc3("),
        good.replace(b"\x89", b"\x98\x09", 1),
        good.replace(b"\x70hana", b"\x71hana", 1),
        good + bytes(1024),
    ):
        with pytest.raises(Malformed):
            parse_journal_entry(bad)


def test_a_signed_head() -> None:
    head = JournalHead(EVENT, GATE_ID, 1, hash_entry(entry()), MILLISECONDS)
    found = parse_journal_head(sign_journal_head(head, GATE))
    assert found.head == head
    assert verify_message(found.message, (STRANGER_POINT, GATE_POINT), HEAD) == GATE_POINT
    for points, aad, reason in (((STRANGER_POINT,), HEAD, "untrusted_key"), ((GATE_POINT,), PACK, "bad_signature")):
        with pytest.raises(Rejected) as caught:
            verify_message(found.message, points, aad)
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("member", "value"),
    [(1, "A"), (1, 1), (2, bytes(8)), (3, 0), (3, True), (3, 1 << 32), (4, bytes(31)), (5, -1), (5, 1 << 53), (6, 0)],
)
def test_heads_that_are_none(member: int, value: Any) -> None:
    good = {1: EVENT, 2: GATE_ID, 3: 1, 4: bytes(32), 5: 0}
    assert parse_journal_head(sign_message(encode(good), GATE, HEAD)).head.sequence == 1
    with pytest.raises(Malformed):
        parse_journal_head(sign_message(encode({**good, member: value}), GATE, HEAD))


def test_a_gate_signs_for_itself_alone() -> None:
    with pytest.raises(Malformed):
        sign_journal_head(JournalHead(EVENT, GATE_ID, 1, bytes(32), 0), STRANGER)
