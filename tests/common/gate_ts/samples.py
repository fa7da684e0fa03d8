"""One event for the tests of the browser's code: a pack, its later version, and where they come from."""

from __future__ import annotations

from typing import Any

from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus, build_pack
from common.gate.pack_members import PackClass, PackEntrance, PackGate, PackIssuerKey, PackRules
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from tests.common.formats.gate_pass.passes import EVENT, ISSUER_POINT, NOW
from tests.fuzz.cast import ec_key

SIGNER, NEXT_SIGNER, GATE, OTHER_GATE = ec_key(5101), ec_key(5102), ec_key(5103), ec_key(5104)
SIGNER_POINT = compress(SIGNER.public_jwk())
GATE_POINT, OTHER_POINT = compress(GATE.public_jwk()), compress(OTHER_GATE.public_jwk())
GATE_ID, OTHER_ID = name_of(GATE_POINT), name_of(OTHER_POINT)
NORTH, SOUTH, CHALLENGE = 1, 2, 3
OPEN, OVER_20, LATER, OVER, SOUTH_ONLY, PAPER = 3, 4, 5, 6, 7, 8
REVOKED, EXCLUDED = 77, 78


def _names(ja: str, en: str) -> dict[str, str]:
    return {"en": en, "ja": ja}


def _class(klass: int, *, entrances: tuple[int, ...] = (NORTH, SOUTH, CHALLENGE), **change: Any) -> PackClass:
    made: dict[str, Any] = {"windows": (), "flags": 0, "paper": False, **change}
    return PackClass(klass=klass, names=_names(f"券種{klass}", f"class {klass}"), entrances=entrances, **made)


def _gate(name: str, point: bytes, home: int) -> PackGate:
    return PackGate(name_of(point), name, point, (NORTH, SOUTH, CHALLENGE), NOW - 5000, None, 0, home)


def make_pack(**change: Any) -> GatePack:
    made: dict[str, Any] = {
        "event": EVENT,
        "serial": 4,
        "issued_at": NOW - 3600,
        "good_until": NOW + 36_000,
        "names": _names("花火大会", "Fireworks"),
        "issuer_keys": (PackIssuerKey(ISSUER_POINT, 0, NOW + 90_000),),
        "gates": tuple(
            sorted((_gate("北口1", GATE_POINT, 0), _gate("南口1", OTHER_POINT, 1)), key=lambda one: one.gate)
        ),
        "classes": (
            _class(OPEN),
            _class(OVER_20, flags=4),
            _class(LATER, windows=((NOW + 600, NOW + 1200),)),
            _class(OVER, windows=((NOW - 1200, NOW - 600),)),
            _class(SOUTH_ONLY, entrances=(SOUTH,)),
            _class(PAPER, paper=True),
        ),
        "entrances": (
            PackEntrance(NORTH, _names("北口", "North"), False),
            PackEntrance(SOUTH, _names("南口", "South"), False),
            PackEntrance(CHALLENGE, _names("特別口", "Challenge"), True),
        ),
        "rules": PackRules(True, True, 60, 0, 3600, 20),
        "status": PackStatus(
            NOW - 840, "https://uni.example/status/7", IndexSet([3, REVOKED, 99_999]), IndexSet([EXCLUDED])
        ),
        "next_signers": tuple(sorted((SIGNER_POINT, compress(NEXT_SIGNER.public_jwk())))),
    }
    return GatePack(**{**made, **change})


def signed_pack(**change: Any) -> bytes:
    return build_pack(make_pack(**change), SIGNER)
