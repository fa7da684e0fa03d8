"""Gate packs and deltas: what goes in comes out, each refusal by its name, a delta arrives at the very bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from common.cbor import decode, encode
from common.errors import Malformed
from common.gate.delta import apply_delta, build_delta, parse_delta
from common.gate.index_set import IndexSet
from common.gate.pack import PackRefused, PackStatus, build_pack, encode_pack, parse_pack, read_pack, verify_pack
from common.gate.pack_members import PackEntrance, PackIssuerKey, PackRules
from common.gate.signed import DELTA, PACK, sign_message
from tests.common.gate.packs import (
    EVENT,
    GATE_ID,
    HUB_POINT,
    ISSUED,
    NOW,
    ORGANISER,
    SIGNER,
    STRANGER,
    STRANGER_POINT,
    UNTIL,
    URI,
    pack,
)

FIRST = build_pack(pack(), ORGANISER)


def test_what_goes_in_comes_out() -> None:
    found = verify_pack(parse_pack(FIRST), signers=(SIGNER,), event=EVENT, now=NOW)
    assert encode_pack(found) == encode_pack(pack())
    assert found.gate_by_id[GATE_ID].name == "north 1"
    assert {one.klass: one.names["ja"] for one in found.classes}[2] == "桝席"
    assert found.entrance_by_number[2].challenge
    assert [key.key.point for key in found.keys] == [SIGNER]
    assert [17 in found.status.revoked, 18 in found.status.revoked, 5 in found.status.excluded] == [True, False, True]
    assert parse_pack(FIRST).message.encode() == FIRST


def test_the_file_begins_as_the_table_says() -> None:
    """COSE_Sign1 without a tag; protected {1: -7, 4: name}; then the payload, a map of twelve that begins with the event."""
    assert FIRST[:7] == bytes.fromhex("844da201260448")
    assert FIRST[15:16] == b"\xa0"
    payload = parse_pack(FIRST).message.payload
    assert payload.startswith(b"\xac\x01\x70hanabi-2026-x7k2\x02\x04\x03\x1a")
    assert decode(payload)[11] == [
        ISSUED,
        URI,
        bytes.fromhex("0b03") + _bits(11, (3, 13, 8982)),
        bytes.fromhex("0101d0"),
    ]


def _bits(k: int, gaps: tuple[int, ...]) -> bytes:
    text = "".join("1" * (gap >> k) + "0" + format(gap & (1 << k) - 1, f"0{k}b") for gap in gaps)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("unknown_signer", {"signers": (STRANGER_POINT,)}),
        ("unknown_signer", {"signers": ()}),
        ("wrong_event", {"event": "other"}),
        ("pack_expired", {"now": UNTIL}),
        ("pack_rolled_back", {"loaded": 5}),
    ],
)
def test_packs_that_are_refused(code: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"signers": (SIGNER,), "event": None, "now": UNTIL - 1, "loaded": 4}
    assert verify_pack(parse_pack(FIRST), **given).serial == 4
    with pytest.raises(PackRefused) as caught:
        verify_pack(parse_pack(FIRST), **{**given, **change})
    assert caught.value.code == code


def test_a_signature_over_something_else() -> None:
    payload = parse_pack(FIRST).message.payload
    for other in (sign_message(payload, ORGANISER, DELTA), FIRST[:-1] + bytes((FIRST[-1] ^ 1,))):
        with pytest.raises(PackRefused) as caught:
            verify_pack(parse_pack(other), signers=(STRANGER_POINT, SIGNER), event=EVENT, now=NOW)
        assert caught.value.code == "bad_signature"


def test_a_pack_by_a_later_signer() -> None:
    """A believed pack names who signs next; only then is that signer believed."""
    before = verify_pack(
        parse_pack(build_pack(pack(next_signers=(STRANGER_POINT,)), ORGANISER)), signers=(SIGNER,), event=None, now=NOW
    )
    after = parse_pack(build_pack(pack(serial=5), STRANGER))
    with pytest.raises(PackRefused):
        verify_pack(after, signers=(SIGNER,), event=EVENT, now=NOW, loaded=4)
    assert verify_pack(after, signers=(SIGNER, *before.next_signers), event=EVENT, now=NOW, loaded=4).serial == 5


_GOOD = decode(encode_pack(pack()))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        (1, "Hanabi"),
        (1, 5),
        (2, 0),
        (2, True),
        (3, -1),
        (4, ISSUED - 1),
        (4, 1 << 53),
        (5, {"en": "x"}),
        (5, {"en": "x", "ja": ""}),
        (5, {"en": "x", "ja": "a\u202eb"}),
        (5, {"en": "x" * 121, "ja": "y"}),
        (6, [[SIGNER, 0]]),
        (6, [[SIGNER, 0, 1], [SIGNER, 0, 1]]),
        (6, [[bytes(33), 0, 1]]),
        (6, [[b"\x02" + bytes(31) + b"\x01", 0, 1]]),
        (7, [[bytes(8), "x", SIGNER, [], 0, None, 0, 0]]),
        (7, _GOOD[7][::-1]),
        (7, [[*_GOOD[7][0][:6], 2, 0]]),
        (7, [[*_GOOD[7][0][:3], [2, 1], *_GOOD[7][0][4:]]]),
        (7, [[*_GOOD[7][0][:3], [9], *_GOOD[7][0][4:]]]),  # an entrance that is not named
        (8, [_GOOD[8][0], _GOOD[8][0]]),
        (8, [[*_GOOD[8][0][:3], [[5, 5]], 0, 1]]),
        (8, [[*_GOOD[8][0][:4], 256, 1]]),
        (8, [[*_GOOD[8][0][:5], 2]]),
        (9, []),
        (9, [[256, _GOOD[5], 0]]),
        (10, {1: 1, 2: 0, 3: 30, 4: 0, 5: 900}),
        (10, {1: 2, 2: 0, 3: 30, 4: 0, 5: 900, 6: 1}),
        (11, [ISSUED, URI, b"\0\0"]),
        (11, [ISSUED, "", b"\0\0", b"\0\0"]),
        (11, [ISSUED, URI, b"\0\1", b"\0\0"]),
        (11, [ISSUED, URI, b"\1\1\0", b"\0\0"]),  # coded with another k than its own
        (12, [bytes(33)]),
        (13, 1),
    ],
)
def test_members_that_are_none(member: int, value: Any) -> None:
    with pytest.raises(Malformed):
        read_pack(encode({**_GOOD, member: value}))


def test_one_encoding_alone() -> None:
    payload = encode_pack(pack())
    for other in (
        payload.replace(b"\x02\x04", b"\x02\x18\x04", 1),
        b"\xb8\x0c" + payload[1:],
        b"\xbf" + payload[1:] + b"\xff",
        payload + b"\0",
    ):
        with pytest.raises(Malformed):
            read_pack(other)


LATER = pack(
    serial=9,
    issued_at=ISSUED + 60,
    revoked=(3, 9000, 9001),
    excluded=(),
    entrances=(PackEntrance(1, {"en": "North", "ja": "北"}, True), PackEntrance(2, {"en": "South", "ja": "南"}, True)),
    issuer_keys=(PackIssuerKey(SIGNER, 0, UNTIL), PackIssuerKey(HUB_POINT, ISSUED, UNTIL)),
    rules=PackRules(False, True, 10, 0, 60, 30),
)


@pytest.mark.parametrize(
    "later",
    [
        pack(serial=5),
        LATER,
        msgspec.structs.replace(LATER, status=PackStatus(ISSUED + 70, URI + "b", IndexSet([1]), IndexSet([1]))),
    ],
)
def test_a_delta_arrives_at_the_very_bytes(later: Any) -> None:
    whole = build_pack(later, ORGANISER)
    delta = parse_delta(build_delta(pack(), whole, ORGANISER))
    arrived = apply_delta(delta, pack(), signers=(SIGNER,))
    assert arrived.message.encode() == whole
    assert encode_pack(verify_pack(arrived, signers=(SIGNER,), event=EVENT, now=NOW, loaded=4)) == encode_pack(later)


def test_a_delta_is_small() -> None:
    before = pack(revoked=tuple(range(0, 1_000_000, 100)))
    after = pack(serial=5, revoked=tuple(range(0, 1_000_000, 100)) + tuple(range(1, 4001, 100)))
    whole = build_pack(after, ORGANISER)
    assert len(build_delta(before, whole, ORGANISER)) < 400 < 10_000 < len(whole)


def test_deltas_that_are_refused() -> None:
    whole = build_pack(LATER, ORGANISER)
    made = build_delta(pack(), whole, ORGANISER)
    for code, data, before, signers in (
        ("unknown_signer", made, pack(), (STRANGER_POINT,)),
        ("bad_signature", made[:-1] + bytes((made[-1] ^ 1,)), pack(), (SIGNER,)),
        ("bad_signature", sign_message(parse_delta(made).message.payload, ORGANISER, PACK), pack(), (SIGNER,)),
        ("wrong_event", made, pack(event="other"), (SIGNER,)),
        ("bad_delta", made, pack(serial=3), (SIGNER,)),
        ("bad_delta", made, pack(revoked=(3,)), (SIGNER,)),  # takes away what is not there
        ("bad_delta", made, pack(good_until=UNTIL + 1, names={"en": "a", "ja": "b"}), (SIGNER,)),  # arrives elsewhere
    ):
        with pytest.raises((PackRefused, Malformed)) as caught:
            apply_delta(parse_delta(data), before, signers=signers)
        assert caught.value.code == code


def test_a_delta_cannot_bring_a_pack_that_nobody_signed() -> None:
    """An organiser's old delta key is not enough: what comes out carries the pack's own signature."""
    payload = decode(parse_delta(build_delta(pack(), build_pack(LATER, ORGANISER), ORGANISER)).message.payload)
    payload[12] = [payload[12][0], bytes(64)]
    arrived = apply_delta(parse_delta(sign_message(encode(payload), ORGANISER, DELTA)), pack(), signers=(SIGNER,))
    with pytest.raises(PackRefused) as caught:
        verify_pack(arrived, signers=(SIGNER,), event=EVENT, now=NOW, loaded=4)
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        (1, "A"),
        (2, 0),
        (3, 4),
        (4, -1),
        (5, bytes(31)),
        (6, {2: 5}),
        (6, []),
        (7, None),
        (8, b"\0"),
        (12, [b"", b""]),
        (13, 0),
    ],
)
def test_deltas_that_are_none(member: int, value: Any) -> None:
    payload = decode(parse_delta(build_delta(pack(), build_pack(LATER, ORGANISER), ORGANISER)).message.payload)
    with pytest.raises(Malformed):
        parse_delta(sign_message(encode({**payload, member: value}), ORGANISER, DELTA))


def test_a_delta_leads_to_a_later_pack_of_the_same_event() -> None:
    for other in (pack(), pack(serial=3), pack(serial=9, event="other")):
        with pytest.raises(ValueError, match="later one"):
            build_delta(pack(), build_pack(other, ORGANISER), ORGANISER)
