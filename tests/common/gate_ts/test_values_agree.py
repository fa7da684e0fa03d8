"""What an organiser, a gate or an issuer could sign with other values in it: Python and the browser refuse the same, and read the same.

Each place of each payload is given values from around every limit, of other types and shapes; then it is signed as it should be,
so that the values are what is judged. A number beyond 2^53 is where the two languages part.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from common.cbor import decode, encode
from common.gate.exchange import parse_exchange
from common.gate.index_set import decode_index_set
from common.gate.journal_entry import Kind, build_journal_entry, parse_journal_entry, parse_journal_head
from common.gate.pack import encode_pack, parse_pack, verify_pack
from common.gate.signed import HEAD, PACK, sign_message, verify_message
from tests.amount import examples
from tests.common.formats.gate_pass.passes import EVENT, NOW
from tests.common.gate_ts.node import run
from tests.common.gate_ts.samples import GATE, GATE_ID, GATE_POINT, SIGNER, SIGNER_POINT, make_pack
from tests.common.gate_ts.test_files_agree import refused, said

LIMITS = [
    0,
    23,
    24,
    255,
    256,
    65535,
    65536,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**53 - 2,
    2**53 - 1,
    2**53,
    2**63,
    2**64 - 1,
]
VALUES: list[Any] = [
    *LIMITS, -1, -(2**53), -(2**64), True, False, None, "", "a", "ä", "あ" * 60, "x" * 121, "a\nb", "a\u2028b", "a\u200bb", "\ufeff",
    "\U0001f386" * 100, "\U0001f386" * 101, b"", b"a", bytes(8), bytes(33), b"\x02" + bytes(32), b"\x02" + b"\xff" * 32,
    b"\x04" + bytes(32), [], [0], [[]], {}, {1: 1}, {"en": "a"}, {"en": "a", "ja": "b", "de": "c"}, "__proto__",
    {"__proto__": "a", "en": "b"}, 1.5,
]  # fmt: skip


def changed(value: Any, chance: random.Random) -> Iterator[Any]:
    """The value with each of its places changed in turn: a few ways each."""
    yield from chance.sample(VALUES, examples(2, len(VALUES)))
    if isinstance(value, int) and not isinstance(value, bool):
        yield from (value + 1, value - 1)
    if isinstance(value, bytes | str):
        yield from (value[:-1], value * 2, value * 30)
    if isinstance(value, list):
        for at, one in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in changed(one, chance))
            yield [*value[:at], *value[at + 1 :]]
            yield [*value[:at], one, *value[at:]]
        yield list(reversed(value))
    if isinstance(value, dict):
        for key, one in value.items():
            yield from ({**value, key: other} for other in changed(one, chance))
            yield {held: each for held, each in value.items() if held != key}
        yield {**value, 13: 0}
        yield {**value, "x": 0}


def encoded(value: Any, chance: random.Random) -> list[bytes]:
    found = []
    for one in changed(value, chance):
        try:
            found.append(encode(one))
        except (ValueError, TypeError, OverflowError):
            continue  # the writer itself has no form for it
    return found


def agree(cases: list[tuple[dict[str, Any], str]]) -> None:
    answers = run([case for case, _ in cases])
    apart = [(case, here, answer) for (case, here), answer in zip(cases, answers, strict=True) if said(answer) != here]
    assert apart == []


def test_packs() -> None:
    chance, cases = random.Random(51), []
    for payload in encoded(decode(encode_pack(make_pack())), chance):
        data = sign_message(payload, SIGNER, PACK)
        asks = {"signers": [SIGNER_POINT.hex()], "event": EVENT, "now": NOW, "loaded": 3}

        def read(data: bytes = data) -> None:
            verify_pack(parse_pack(data), signers=[SIGNER_POINT], event=EVENT, now=NOW, loaded=3)

        here = refused(read)
        cases.append(({"do": "pack", "data": data.hex(), **asks}, here))
    assert len({here for _, here in cases}) >= 3
    agree(cases)


def test_heads() -> None:
    chance, cases = random.Random(52), []
    head = {1: EVENT, 2: GATE_ID, 3: 7, 4: bytes(range(32)), 5: NOW * 1000}
    for payload in encoded(head, chance):
        data = sign_message(payload, GATE, HEAD)

        def read(data: bytes = data) -> None:
            verify_message(parse_journal_head(data).message, [GATE_POINT], HEAD)

        cases.append(({"do": "head", "data": data.hex(), "point": GATE_POINT.hex()}, refused(read)))
    agree(cases)


@pytest.mark.parametrize("kind", list(Kind))
def test_entries(kind: Kind) -> None:
    chance, cases = random.Random(53), []
    about = kind <= Kind.UNDO
    detail: Any = {Kind.OVERRIDE: "a person said so", Kind.NOTE: "opened", Kind.UNDO: 3}.get(kind)
    entry = build_journal_entry(
        event=EVENT, gate=GATE_ID, sequence=7, previous=bytes(range(32)), kind=kind, cti=bytes(8) if about else None,
        time=NOW * 1000, entrance=2, detail=detail,
    )  # fmt: skip
    for data in encoded(decode(entry), chance):
        cases.append(({"do": "entry", "data": data.hex()}, refused(partial(parse_journal_entry, data))))
    assert {here for _, here in cases} == {"ok", "malformed"}
    agree(cases)


def test_exchanges() -> None:
    chance, cases = random.Random(54), []
    whole = {
        1: EVENT,
        2: [[GATE_ID, [bytes(60), bytes(61)], [bytes(140)]]],
        3: {GATE_ID: 9},
        4: [bytes(140), bytes(141)],
    }
    for data in encoded(whole, chance):
        cases.append(({"do": "exchange", "data": data.hex()}, refused(partial(parse_exchange, data))))
    agree(cases)


def test_index_sets() -> None:
    chance = random.Random(55)
    counts = ((0,), (1,), (2,), (0x80, 1), (0xFF, 0xFF, 0x7F), (0xFF,) * 4)
    tails = ((), (0,), (0x80,), (0x7F, 0xFF), (0xFF,) * 8, (0xFF, 0xFF, 0xFF, 0xFE, 0, 0, 0, 0))
    made = [bytes((k, *count, *bits)) for k in (0, 1, 5, 30, 31, 255) for count in counts for bits in tails]
    made += [
        bytes((chance.randrange(31), chance.randrange(20), *chance.randbytes(chance.randrange(24)))) for _ in range(400)
    ]
    cases = [({"do": "index_set", "data": one.hex()}, refused(partial(decode_index_set, one))) for one in made]
    assert {here for _, here in cases} == {"ok", "malformed"}
    agree(cases)
