"""Sets of indices, packs, deltas and a journal."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.vectors.gate.malformed import without
from tests.vectors.gate.passes import CTI
from tests.vectors.gate.wire import EVENT, GATE, HUB, ISSUER, NEXT_ORGANISER, NOW, ORGANISER, Case, Key, cbor


def uvarint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def coded(indices: list[int], k: int) -> bytes:
    bits, last = "", -1
    for index in sorted(indices):
        gap, last = index - last - 1, index
        bits += "1" * (gap >> k) + "0" + (format(gap & ((1 << k) - 1), f"0{k}b") if k else "")
    bits += "0" * (-len(bits) % 8)
    return bytes([k]) + uvarint(len(indices)) + bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def best_k(indices: list[int]) -> int:
    """The writer's rule: s = sum of gaps, m = 7 s // (10 n), k = max(0, bit length of m - 1), at most 30."""
    if not indices:
        return 0
    m = 7 * (max(indices) + 1 - len(indices)) // (10 * len(indices))
    return min(30, max(0, m.bit_length() - 1))


def index_sets() -> Case:
    some = sorted({int.from_bytes(hashlib.sha256(b"%d" % n).digest()[:3], "big") % 100_000 for n in range(300)})
    sets = {
        "empty": [],
        "zero": [0],
        "the largest": [2**32 - 1],
        "in a row": list(range(20)),
        "the ends": [0, 2**32 - 1],
        "128": list(range(0, 256, 2)),
        "some": some,
    }
    cases: list[Case] = [
        {"name": name, "indices": indices, "coded": coded(indices, best_k(indices)).hex()}
        for name, indices in sets.items()
    ]
    for name, data in {
        "nothing at all": b"",
        "k alone": b"\0",
        "k of 31": b"\x1f\0",
        "a byte more": coded([5], 2) + b"\0",
        "bits short": coded([5, 900], 3)[:-1],
        "padding of ones": coded([0], 0)[:-1] + b"\x7f",
        "too many": b"\0" + uvarint(4_000_001) + bytes(64),
        "count longer than needed": b"\0\x80\0",
        "beyond 32 bits": bytes([30]) + b"\x01" + bytes([0b11110000, 0, 0, 0, 0]),
        "ones without end": b"\0\x01" + b"\xff" * 64,
    }.items():
        cases.append({"name": name, "coded": data.hex(), "malformed": True})
    return {"cases": cases}


REVOKED, EXCLUDED = [3, 70, 70_001], [9]


def pack_members(serial: int = 7, revoked: list[int] | None = None) -> dict[int, Any]:
    lost = REVOKED if revoked is None else revoked
    return {
        1: EVENT,
        2: serial,
        3: NOW - 600 + serial,
        4: NOW + 86_400,
        5: {"en": "Fireworks", "ja": "花火大会"},
        6: [[ISSUER.point, NOW - 1000, NOW + 90_000]],
        7: [
            [GATE.digest[:8], "North 1", GATE.point, [1, 2], NOW - 5000, None, 0, 0],
            [HUB.digest[:8], "Hub", HUB.point, [], NOW - 6000, None, 1, 0],
        ],
        8: [
            [1, {"en": "Standing", "ja": "自由席"}, [1, 2], [[NOW - 3600, NOW + 7200]], 0, 0],
            [2, {"en": "Over 20", "ja": "20歳以上"}, [2], [], 4, 1],
        ],
        9: [[1, {"en": "North", "ja": "北口"}, 0], [2, {"en": "South", "ja": "南口"}, 1]],
        10: {1: 1, 2: 0, 3: 5, 4: 0, 5: 3600, 6: 60},
        11: [NOW - 700 + serial, "urn:example:status", coded(lost, best_k(lost)), coded(EXCLUDED, best_k(EXCLUDED))],
        12: [ORGANISER.point],
    }


def signed_pack(members: dict[int, Any], key: Key = ORGANISER, how: bytes = b"TG1-pack") -> bytes:
    return key.sign1({1: -7, 4: key.digest[:8]}, cbor(members), how)


def packs() -> Case:
    old, new = pack_members(), pack_members(8, [3, 71, 70_001])
    written_new = signed_pack(new)
    protected = cbor({1: -7, 4: ORGANISER.digest[:8]})
    delta_members = {
        1: EVENT,
        2: 7,
        3: 8,
        4: new[3],
        5: hashlib.sha256(cbor(new)).digest(),
        6: {3: new[3]},
        7: new[11][0],
        8: coded([71], best_k([71])),
        9: coded([70], best_k([70])),
        10: coded([], 0),
        11: coded([], 0),
        12: [protected, ORGANISER.sign(protected, cbor(new), b"TG1-pack")],
    }
    good = signed_pack(old)
    return {
        "event": EVENT,
        "signer": ORGANISER.point.hex(),
        "packs": [
            {"name": "serial 7", "pack": good.hex(), "serial": 7, "revoked": REVOKED, "excluded": EXCLUDED},
            {
                "name": "serial 8",
                "pack": written_new.hex(),
                "serial": 8,
                "revoked": [3, 71, 70_001],
                "excluded": EXCLUDED,
            },
            {"name": "by somebody else", "pack": signed_pack(old, NEXT_ORGANISER).hex(), "refused": True},
            {"name": "signed as something else", "pack": signed_pack(old, how=b"TG1-delta").hex(), "refused": True},
            {"name": "last byte", "pack": (good[:-1] + bytes([good[-1] ^ 1])).hex(), "refused": True},
            {"name": "a byte more", "pack": (good + b"\0").hex(), "refused": True},
            {"name": "no gates", "pack": signed_pack(without(old, 7)).hex(), "refused": True},
            {"name": "one member more", "pack": signed_pack(old | {13: 0}).hex(), "refused": True},
        ],
        "deltas": [
            {
                "name": "7 to 8",
                "from": good.hex(),
                "delta": signed_pack(delta_members, how=b"TG1-delta").hex(),
                "to": written_new.hex(),
            },
            {
                "name": "another result",
                "from": good.hex(),
                "delta": signed_pack(delta_members | {8: coded([72], best_k([72]))}, how=b"TG1-delta").hex(),
                "refused": True,
            },
            {
                "name": "by somebody else",
                "from": good.hex(),
                "delta": signed_pack(delta_members, NEXT_ORGANISER, b"TG1-delta").hex(),
                "refused": True,
            },
            {
                "name": "upon another pack",
                "from": written_new.hex(),
                "delta": signed_pack(delta_members, how=b"TG1-delta").hex(),
                "refused": True,
            },
        ],
    }


def journal() -> Case:
    moment = NOW * 1000
    told_entries: list[tuple[int, bytes | None, int, Any]] = [
        (5, None, 1, "restart"),
        (0, CTI, 1, None),
        (1, CTI, 2, None),
        (2, bytes(8), 1, "名簿で確認"),
        (3, bytes(8), 1, 4),
        (4, None, 1, None),
    ]
    entries, previous = [], bytes(32)
    for sequence, (kind, cti, entrance, detail) in enumerate(told_entries, 1):
        written = cbor([EVENT, GATE.digest[:8], sequence, previous, kind, cti, moment + sequence, entrance, detail])
        previous = hashlib.sha256(written).digest()
        entries.append({"entry": written.hex(), "hash": previous.hex(), "kind": kind, "sequence": sequence})
    claims = {1: EVENT, 2: GATE.digest[:8], 3: len(entries), 4: previous, 5: moment + 10}
    signed = GATE.sign1({1: -7, 4: GATE.digest[:8]}, cbor(claims), b"TG1-head")
    return {"event": EVENT, "gate": GATE.point.hex(), "entries": entries, "head": signed.hex()}
