"""A gate pack for tests; keys are the same in every run."""

from __future__ import annotations

from typing import Any

from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus
from common.gate.pack_members import HUB, PackClass, PackEntrance, PackGate, PackIssuerKey, PackRules
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from tests.fuzz.cast import ec_key

EVENT = "hanabi-2026-x7k2"
ISSUED, UNTIL = 1_785_000_000, 1_785_100_000
NOW = 1_785_050_000
ORGANISER, GATE, VENUE_HUB, STRANGER = (ec_key(number) for number in (6001, 6002, 6003, 6004))
SIGNER, GATE_POINT, HUB_POINT, STRANGER_POINT = (
    compress(key.public_jwk()) for key in (ORGANISER, GATE, VENUE_HUB, STRANGER)
)
GATE_ID = name_of(GATE_POINT)
URI = "https://issuer.example/status/7"
NAMES = {"en": "Fireworks", "ja": "花火大会"}


def pack(*, revoked: tuple[int, ...] = (3, 17, 9000), excluded: tuple[int, ...] = (5,), **change: Any) -> GatePack:
    made: dict[str, Any] = {
        "event": EVENT,
        "serial": 4,
        "issued_at": ISSUED,
        "good_until": UNTIL,
        "names": NAMES,
        "issuer_keys": (PackIssuerKey(SIGNER, ISSUED - 9, UNTIL + 9),),
        "gates": (
            PackGate(GATE_ID, "north 1", GATE_POINT, (1, 2), ISSUED, None, 0, 1),
            PackGate(name_of(HUB_POINT), "hub", HUB_POINT, (), ISSUED, UNTIL, HUB, 0),
        ),
        "classes": (
            PackClass(1, {"en": "Stand", "ja": "立見"}, (1, 2), ((ISSUED, UNTIL),), 0, True),
            PackClass(2, {"en": "Box", "ja": "桝席"}, (2,), (), 4, False),
        ),
        "entrances": (
            PackEntrance(1, {"en": "North", "ja": "北"}, False),
            PackEntrance(2, {"en": "South", "ja": "南"}, True),
        ),
        "rules": PackRules(True, False, 30, 2, 900, 120),
        "status": PackStatus(ISSUED, URI, IndexSet(revoked), IndexSet(excluded)),
        "next_signers": (),
    }
    return GatePack(**{**made, **change})
