"""Packs, deltas, entries, heads, exchanges: what Python writes the browser reads alike, and the other way; what one refuses both refuse."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from common.cbor import encode
from common.errors import Malformed, TegataError
from common.gate.admit_request import build_admit_answer, parse_admit_request
from common.gate.delta import apply_delta, build_delta, parse_delta
from common.gate.enrolment import parse_enrolment
from common.gate.exchange import GateJournal, build_exchange, parse_exchange
from common.gate.index_set import IndexSet, decode_index_set, encode_index_set
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
from common.gate.pack import PackStatus, build_pack, parse_pack, verify_pack
from common.gate.signed import HEAD, verify_message
from tests.common.formats.gate_pass.passes import EVENT, NOW
from tests.common.gate_ts.node import run
from tests.common.gate_ts.samples import (
    GATE,
    GATE_ID,
    GATE_POINT,
    OTHER_ID,
    SIGNER,
    SIGNER_POINT,
    make_pack,
    signed_pack,
)
from tests.verifier.gate.chains import Chain


def refused(call: Callable[[], object]) -> str:
    try:
        call()
    except Malformed:
        return "malformed"
    except TegataError as error:
        return {"untrusted_key": "unknown_signer"}.get(
            getattr(error, "reason", error.code), getattr(error, "reason", error.code)
        )
    return "ok"


def said(answer: dict[str, Any]) -> str:
    return "ok" if "ok" in answer else str(answer["reason"])


def mutations(data: bytes, count: int, seed: int) -> list[bytes]:
    """Flipped bits, cuts, bytes put in: the same in every run."""
    chance = random.Random(seed)
    found = [data, data[:-1], data + b"\0", b""]
    for _ in range(count):
        at = chance.randrange(len(data))
        found.append(data[:at] + bytes((data[at] ^ 1 << chance.randrange(8),)) + data[at + 1 :])
        found.append(data[:at] + chance.randbytes(1) + data[at:])
    return found


def entries(count: int = 3) -> list[bytes]:
    made: list[bytes] = []
    for number in range(1, count + 1):
        made.append(
            build_journal_entry(
                event=EVENT,
                gate=GATE_ID,
                sequence=number,
                previous=hash_entry(made[-1]) if made else NO_HASH,
                kind=(Kind.IN, Kind.OVERRIDE, Kind.UNDO)[(number - 1) % 3],
                cti=bytes((number,)) * 8,
                time=NOW * 1000 + number,
                entrance=number % 256,
                detail=(None, "身分証を確認", 1)[(number - 1) % 3],
            )
        )
    return made


def head(of: bytes, sequence: int) -> bytes:
    return sign_journal_head(JournalHead(EVENT, GATE_ID, sequence, hash_entry(of), NOW * 1000), GATE)


def test_packs() -> None:
    data = signed_pack()
    case = {"do": "pack", "signers": [SIGNER_POINT.hex()], "event": EVENT, "loaded": 0, "now": NOW}
    changes: list[dict[str, Any]] = [
        {},
        {"event": None},
        {"event": "other"},
        {"signers": []},
        {"signers": [GATE_POINT.hex()]},
    ]
    changes += [
        {"loaded": 4},
        {"loaded": 5},
        {"now": NOW + 35_999},
        {"now": NOW + 36_000},
        {"now": NOW + 36_000, "event": "other"},
    ]
    answers = run([{**case, "data": data.hex(), **change} for change in changes])

    def here(raw: bytes, **change: Any) -> str:
        asked = {**case, **change}
        signers = [bytes.fromhex(point) for point in asked["signers"]]
        return refused(
            lambda: verify_pack(
                parse_pack(raw), signers=signers, event=asked["event"], now=asked["now"], loaded=asked["loaded"]
            )
        )

    assert [said(answer) for answer in answers] == [here(data, **change) for change in changes]
    pack = answers[0]["ok"]
    assert (pack["event"], pack["serial"], pack["revoked"], pack["names"]["ja"]) == (
        EVENT,
        4,
        [3, 77, 99_999],
        "花火大会",
    )
    broken = mutations(data, 120, 7)
    assert [said(answer) for answer in run([{**case, "data": one.hex()} for one in broken])] == [
        here(one) for one in broken
    ]


def test_members_of_packs_that_no_gate_reads() -> None:
    """Signed well, and still refused: what is in them is unsorted, twice, out of bounds or of the wrong kind."""
    from common.cbor import decode
    from common.gate.signed import PACK, sign_message

    whole = decode(parse_pack(signed_pack()).message.payload)
    spoilt: list[dict[int, Any]] = []

    def spoil(number: int, change: Callable[[Any], Any]) -> None:
        spoilt.append({**whole, number: change(decode(encode(whole[number])))})

    spoil(2, lambda _: 0)
    spoil(4, lambda _: whole[3] - 1)
    spoil(5, lambda names: {**names, "fr": "x"})
    spoil(5, lambda names: {**names, "ja": ""})
    spoil(5, lambda names: {**names, "ja": "a\u202eb"})
    spoil(5, lambda names: {**names, "ja": "花" * 121})
    spoil(
        5, lambda names: {**names, "ja": "𠮷" * 120}
    )  # outside the basic plane: a character counts once on either side
    spoil(6, lambda keys: [keys[0], keys[0]])
    spoil(6, lambda keys: [[b"\x02" + b"\xff" * 32, 0, 1]])
    spoil(7, lambda gates: list(reversed(gates)))
    spoil(7, lambda gates: [[bytes(8), *gates[0][1:]], gates[1]])
    spoil(7, lambda gates: [[*gates[0][:3], [9], *gates[0][4:]], gates[1]])
    spoil(7, lambda gates: [[*gates[0][:6], 2, 0], gates[1]])
    spoil(8, lambda classes: [*classes, classes[-1]])
    spoil(8, lambda classes: [[*classes[0][:3], [[5, 5]], 0, 0]])
    spoil(8, lambda classes: [[*classes[0][:3], [[5, 9], [1, 2]], 0, 0]])
    spoil(8, lambda classes: [[256, *classes[0][1:]]])
    spoil(8, lambda classes: [[*classes[0][:4], 256, 0]])
    spoil(9, lambda entrances: entrances[:1])
    spoil(9, lambda entrances: [[*entrances[0][:2], 2], *entrances[1:]])
    spoil(10, lambda rules: {**rules, 1: 2})
    spoil(10, lambda rules: {**rules, 7: 0})
    spoil(10, lambda rules: {**rules, 4: 4096})
    spoil(10, lambda rules: {**rules, 4: 4097})
    spoil(11, lambda status: [*status[:2], b"\x05" + status[2][1:], status[3]])
    spoil(11, lambda status: status[:3])
    spoil(11, lambda status: [*status[:1], "", *status[2:]])
    spoil(12, lambda points: list(reversed(points)))
    datas = [sign_message(encode(one), SIGNER, PACK) for one in [whole, *spoilt]]
    case = {"do": "pack", "signers": [SIGNER_POINT.hex()], "event": EVENT, "loaded": 0, "now": NOW}
    expected = [
        refused(lambda raw=one: verify_pack(parse_pack(raw), signers=[SIGNER_POINT], event=EVENT, now=NOW))  # type: ignore[misc]
        for one in datas
    ]
    assert [said(answer) for answer in run([{**case, "data": one.hex()} for one in datas])] == expected
    assert expected.count("ok") == 3
    assert expected.count("malformed") == len(datas) - 3


def test_the_fingerprint_names_the_signer() -> None:
    (answer,) = run([{"do": "fingerprint", "data": signed_pack().hex()}])
    assert answer["ok"].replace(" ", "").lower() == parse_pack(signed_pack()).message.key_name.hex()
    (alone,) = run([{"do": "fingerprint", "data": signed_pack(next_signers=()).hex()}])
    assert alone["reason"] == "unknown_signer"


def test_deltas() -> None:
    before = make_pack()
    status = PackStatus(NOW, "https://uni.example/status/8", IndexSet([3, 77, 500, 4_000_000_000]), IndexSet([]))
    after = build_pack(make_pack(serial=9, issued_at=NOW, status=status, names={"en": "F", "ja": "花"}), SIGNER)
    delta = build_delta(before, after, SIGNER)
    case = {"do": "delta", "pack": build_pack(before, SIGNER).hex(), "signers": [SIGNER_POINT.hex()]}
    (applied, stranger, again) = run(
        [
            {**case, "delta": delta.hex()},
            {**case, "delta": delta.hex(), "signers": []},
            {**case, "delta": delta.hex(), "pack": after.hex()},
        ]
    )
    assert applied["ok"] == after.hex()
    assert said(stranger) == "unknown_signer"
    assert said(again) == "malformed"

    def here(raw: bytes) -> str:
        return refused(lambda: apply_delta(parse_delta(raw), before, signers=[SIGNER_POINT]))

    broken = mutations(delta, 80, 8)
    assert [said(answer) for answer in run([{**case, "delta": one.hex()} for one in broken])] == [
        here(one) for one in broken
    ]


def test_entries_and_heads() -> None:
    raw = entries()
    broken = [one for entry in raw for one in mutations(entry, 60, 9)]
    for number, detail in (
        (4, ""),
        (4, "a\nb"),
        (4, "い" * 200),
        (4, "い" * 201),
        (4, "𠮷" * 200),
        (2, 3),
        (3, 3),
        (3, 0),
    ):
        parts: list[Any] = [EVENT, GATE_ID, 3, bytes((1,)) * 32, number, None if number > 3 else bytes(8), 5, 1, detail]
        broken.append(encode(parts))
    broken += [
        encode([EVENT, GATE_ID, 1, bytes((1,)) * 32, 0, bytes(8), 5, 1, None]),
        encode([EVENT, GATE_ID, 2, NO_HASH, 0, bytes(8), 5, 1, None]),
    ]
    broken += [
        encode([EVENT, GATE_ID, 1, NO_HASH, kind, cti, 5, 1, None]) for kind in (0, 4, 6) for cti in (None, bytes(8))
    ]
    expected = [refused(lambda one=one: parse_journal_entry(one)) for one in broken]  # type: ignore[misc]
    answers = run([{"do": "entry_again", "data": one.hex()} for one in broken])
    assert [said(answer) for answer in answers] == expected
    for one, answer in zip(broken, answers, strict=True):
        assert answer.get("ok", one.hex()) == one.hex()
    signed = mutations(head(raw[0], 1), 80, 10)
    found = run([{"do": "head", "data": one.hex(), "point": GATE_POINT.hex()} for one in signed])

    def verify(data: bytes) -> None:
        verify_message(parse_journal_head(data).message, [GATE_POINT], HEAD)

    assert [said(answer) for answer in found] == [refused(lambda one=one: verify(one)) for one in signed]  # type: ignore[misc]


def test_exchanges() -> None:
    raw = entries()
    journals = [GateJournal(GATE_ID, tuple(raw), (head(raw[2], 3),)), GateJournal(OTHER_ID, (), ())]
    for known in (None, {}, {GATE_ID: 3, OTHER_ID: 0}):
        data = build_exchange(EVENT, journals, known)
        (answer,) = run([{"do": "exchange_again", "data": data.hex()}])
        assert answer["ok"] == data.hex()
    broken = mutations(data, 150, 11)
    expected = [refused(lambda one=one: parse_exchange(one)) for one in broken]  # type: ignore[misc]
    assert [said(answer) for answer in run([{"do": "exchange", "data": one.hex()} for one in broken])] == expected


def test_only_a_chain_up_to_a_signed_head_is_believed() -> None:
    raw = entries(4)
    forged = build_journal_entry(
        event=EVENT,
        gate=GATE_ID,
        sequence=2,
        previous=hash_entry(raw[0]),
        kind=Kind.OUT,
        cti=bytes(8),
        time=1,
        entrance=1,
    )

    def proven(some: list[bytes], heads: list[bytes]) -> list[int]:
        data = build_exchange(EVENT, [GateJournal(GATE_ID, tuple(some), tuple(heads))])
        (answer,) = run([{"do": "proven", "data": data.hex(), "point": GATE_POINT.hex()}])
        return [sequence for _, sequence in answer["ok"]]

    assert proven(raw, [head(raw[2], 3)]) == [1, 2, 3]
    assert proven(list(reversed(raw)), [head(raw[3], 4), head(raw[1], 2)]) == [1, 2, 3, 4]
    assert proven(raw, []) == []
    assert proven([raw[0], raw[2]], [head(raw[2], 3)]) == []
    assert proven([raw[0], forged, *raw[1:]], [head(raw[2], 3)]) == [1, 2, 3]
    assert proven([raw[0], forged, *raw[1:]], [head(raw[2], 3), head(forged, 2)]) == [1, 2, 2, 3]
    junk, strange = bytes(len(raw[0])), Chain([(Kind.IN, 1, 0)]).entries[0]  # the rest is not refused for it
    assert proven([junk, strange, *raw], [bytes(len(head(raw[2], 3))), head(raw[2], 3)]) == [1, 2, 3]


def test_what_the_browser_sends_is_read_here() -> None:
    (answer,) = run([{"do": "make_messages", "event": EVENT, "code": "K7QF-2M9P"}])
    made = {name: bytes.fromhex(data) for name, data in answer["ok"].items()}
    entry = parse_journal_entry(made["entry"])
    verify_message(parse_journal_head(made["head"]).message, [made["point"]], HEAD)
    assert parse_exchange(made["exchange"]).known == {entry.gate: 1}
    assert parse_admit_request(made["admit"]).entry == entry
    enrolment = parse_enrolment(made["enrolment"], event=EVENT)
    assert (enrolment.code, enrolment.name, enrolment.point) == ("K7QF-2M9P", "北口1", made["point"])
    (answered,) = run([{"do": "answer", "data": build_admit_answer(admitted=False, first=made["entry"]).hex()}])
    assert (answered["ok"]["admitted"], answered["ok"]["first"]["sequence"]) == (False, 1)


@pytest.mark.parametrize("seed", [1])
def test_sets_of_indices(seed: int) -> None:
    chance = random.Random(seed)
    sets = [[], [0], [(1 << 32) - 1], list(range(300)), [5, 6, 7, 4_000_000_000]]
    sets += [chance.sample(range(1 << chance.randrange(12, 33)), chance.randrange(1, 2000)) for _ in range(12)]
    coded = [encode_index_set(IndexSet(one)) for one in sets]
    assert [one["ok"] for one in run([{"do": "index_set_encode", "indices": sorted(one)} for one in sets])] == [
        one.hex() for one in coded
    ]
    assert [one["ok"] for one in run([{"do": "index_set", "data": one.hex()} for one in coded])] == [
        sorted(one) for one in sets
    ]
    broken = [one for each in coded[:6] for one in mutations(each, 30, seed)]
    broken += [b"\x1f\x00", b"\x00\x80\x00", b"\x00\xff\xff\xff\x7f", b"\x1e\x01\xff\xff"]
    expected = [refused(lambda one=one: decode_index_set(one)) for one in broken]  # type: ignore[misc]
    assert [said(answer) for answer in run([{"do": "index_set", "data": one.hex()} for one in broken])] == expected


def test_an_animated_code_is_read_in_any_order_and_with_loss() -> None:
    data = random.Random(3).randbytes(5000)
    (made,) = run([{"do": "frames", "data": data.hex()}])
    frames = made["ok"]
    assert len(frames) == 9
    shown = [*frames[4:], *frames[2:4], frames[4], *frames[:2]]
    (whole, part, mixed, wrong) = run(
        [
            {"do": "join_frames", "frames": shown},
            {"do": "join_frames", "frames": frames[:8]},
            {"do": "join_frames", "frames": [frames[0], "TGX:1/2/00000000:ABC", *frames[1:]]},
            {"do": "join_frames", "frames": ["TGX:1/1/00000000:ABC"]},
        ]
    )
    assert whole["ok"] == mixed["ok"] == data.hex()
    assert part["ok"] == {"read": 8, "count": 9}
    assert wrong["error"] == "malformed"
