"""The gate pack of an event with a million tickets, one in a hundred revoked: its size, and from the file to a gate that can decide."""

from __future__ import annotations

import random

from common.gate.delta import build_delta
from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus, build_pack, parse_pack, verify_pack
from common.gate.pack_members import PackClass, PackEntrance, PackGate, PackIssuerKey, PackRules
from common.gate.signed import name_of
from common.jose.jwk import forget_parsed_keys
from common.keys.compressed_point import compress, known_point_key
from common.keys.software import SoftwareKey
from tests.bench.figure import Figure
from tests.bench.formats.status import least_scaled
from tests.bench.programs.machine import RawVerifications

SIZE_BOUND, LOAD_BOUND = 20.0, 300.0
MILLION, REVOKED, GATES = 1_000_000, 10_000, 12
REFUNDS = 40
ISSUED, UNTIL, NOW = 1_785_000_000, 1_785_100_000, 1_785_050_000


class Event:
    """Twelve gates, four entrances, eight classes; the indices are drawn anew in each run."""

    def __init__(self) -> None:
        self.signer = SoftwareKey.generate()
        self.point = compress(self.signer.public_jwk())
        points = [compress(SoftwareKey.generate().public_jwk()) for _ in range(GATES)]
        self.revoked = random.sample(range(MILLION), REVOKED + REFUNDS)
        self.gates = tuple(
            PackGate(name_of(point), f"北口 {number}", point, (1, 2, 3, 4), ISSUED, None, 0, number % 3)
            for number, point in enumerate(points)
        )

    def pack(self, serial: int, revoked: list[int]) -> GatePack:
        names = {"en": "Riverside stand", "ja": "河川敷 立見席"}
        return GatePack(
            "hanabi-2026-x7k2",
            serial,
            ISSUED,
            UNTIL,
            names,
            (PackIssuerKey(self.point, ISSUED, UNTIL),),
            self.gates,
            tuple(PackClass(number, names, (1, 2, 3, 4), ((ISSUED, UNTIL),), 0, False) for number in range(8)),
            tuple(PackEntrance(number, names, False) for number in range(1, 5)),
            PackRules(True, False, 30, 3, 900, 120),
            PackStatus(ISSUED, "https://issuer.example/sakuragawa/status/1", IndexSet(revoked), IndexSet()),
            (),
        )


def measure() -> list[Figure]:
    """Size of the whole file, and processor time from its bytes to the verified pack. No key of it was read before."""
    machine = RawVerifications()
    event = Event()
    first, later = event.pack(1, event.revoked[:REVOKED]), event.pack(2, event.revoked)
    data, signers = build_pack(first, event.signer), (event.point,)
    delta = build_delta(first, build_pack(later, event.signer), event.signer)

    def load() -> None:
        known_point_key.cache_clear()
        forget_parsed_keys()
        pack = verify_pack(parse_pack(data), signers=signers, event="hanabi-2026-x7k2", now=NOW)
        assert len(pack.status.revoked) == REVOKED
        assert pack.keys

    kilobytes, milliseconds = len(data) / 1000, least_scaled(load, machine) * 1000
    return [
        Figure(
            name="gate pack: 1 M tickets, 1 % revoked, 12 gates: the whole file",
            value=round(kilobytes, 2),
            unit="kB",
            bound=SIZE_BOUND,
            ok=kilobytes <= SIZE_BOUND,
            note=f"1 kB = 1000 bytes; a delta with {REFUNDS} refunds has {len(delta)} bytes",
        ),
        Figure(
            name="gate pack: 1 M tickets, 1 % revoked, 12 gates: from bytes to a verified pack",
            value=round(milliseconds, 1),
            unit="ms",
            bound=LOAD_BOUND,
            ok=milliseconds <= LOAD_BOUND,
            note=f"no key known before, raw P-256 verification here {machine.seconds * 1e6:.0f} µs",
        ),
    ]
