"""An event, its issuer, tickets and the plan of one gate, in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from common.formats.gate_pass.build import build_pass_proof, build_pass_token, write_pass_text
from common.formats.gate_pass.labels import CHIP_VERIFIED, OVER_20
from common.formats.gate_pass.verify import issuer_key
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from verifier.checks.gate_facts import ClassRule, WantedGate
from verifier.gate.decide import Decision, Known, decide, read_ticket
from verifier.gate.plan import Bench, GatePlan, Names

NOW = 1_790_000_000
HOUR = 3600
EVENT = "hanabi-2026-x7k2"
ISSUER = SoftwareKey.generate()
STRANGER = SoftwareKey.generate()
POINT = compress(ISSUER.public_jwk())
STANDING, SEAT, PAPER, BAR, EARLY, LATE = 1, 2, 3, 4, 5, 6
NORTH, SOUTH = 1, 2
CLASSES = {
    STANDING: ClassRule(entrances=frozenset({NORTH, SOUTH})),
    SEAT: ClassRule(entrances=frozenset({SOUTH})),
    PAPER: ClassRule(entrances=frozenset({NORTH}), paper=True),
    BAR: ClassRule(entrances=frozenset({NORTH}), flags=CHIP_VERIFIED | OVER_20),
    EARLY: ClassRule(entrances=frozenset({NORTH}), windows=((NOW - HOUR, NOW - 60), (NOW + 60, NOW + HOUR))),
    LATE: ClassRule(entrances=frozenset({NORTH}), windows=((NOW - HOUR, NOW),)),
}
GATE = WantedGate(entrance=NORTH, classes=CLASSES, good_until=NOW + 12 * HOUR)
PLAN = GatePlan(
    event=EVENT,
    serial=7,
    issued_at=NOW - HOUR,
    issuer_keys=(issuer_key(POINT, not_before=0, not_after=NOW + 24 * HOUR),),
    revoked=frozenset({66}),
    excluded=frozenset({77}),
    as_of=NOW - 600,
    stale_after=HOUR,
    document_for_stale=False,
    asks=GATE,
    challenge_seconds=30,
    event_names=Names(ja="花火", en="Fireworks"),
    entrances={NORTH: Names(ja="北", en="North"), SOUTH: Names(ja="南", en="South")},
    classes={},
)


class Guest:
    """A ticket and the phone that it is on. changes: of `build_pass_token`; paper: without a phone."""

    def __init__(self, number: int = 1, *, paper: bool = False, event: str = EVENT, **changes: Any) -> None:
        self.key = SoftwareKey.generate()
        self.event = event
        self.cti = number.to_bytes(8, "big")
        given: dict[str, Any] = {
            "klass": STANDING,
            "index": 10,
            "flags": 0,
            "exp": NOW + HOUR,
            "signer": ISSUER,
            "cti": self.cti,
            "holder": None if paper else compress(self.key.public_jwk()),
        }
        self.paper = paper
        self.token = build_pass_token(event=event, **{**given, **changes})

    def shows(self, at: int = NOW, **changes: Any) -> str:
        """The text of the code that the phone shows at that time."""
        if self.paper:
            return write_pass_text(self.token)
        given: dict[str, Any] = {"event": self.event, "iat": at, "signer": self.key}
        return write_pass_text(build_pass_proof(self.token, **{**given, **changes}))


def plan(*, gate: dict[str, Any] | None = None, **changes: Any) -> GatePlan:
    return replace(PLAN, asks=replace(GATE, **(gate or {})), **changes)


def decided(text: str, at: GatePlan = PLAN, *, now: int = NOW, **known: Any) -> Decision:
    bench = Bench(at)
    return decide(read_ticket(text, bench, now=now), bench, Known(**known), now=now)
