"""Gate passes for tests, all of one event; keys are the same in every run."""

from __future__ import annotations

from typing import Any

from common.formats.gate_pass.build import build_pass_proof, build_pass_token
from common.formats.gate_pass.verify import issuer_key
from common.keys.compressed_point import compress
from tests.fuzz.cast import ec_key

EVENT = "hanabi-2026-x7k2"
BEGINS, ENDS = 1_785_000_000, 1_785_100_000
NOW = 1_785_050_000
ISSUER, HOLDER, STRANGER = ec_key(5001), ec_key(5002), ec_key(5003)
ISSUER_POINT, HOLDER_POINT = compress(ISSUER.public_jwk()), compress(HOLDER.public_jwk())
KEYS = (issuer_key(ISSUER_POINT, not_before=0, not_after=ENDS + 1),)
CTI = bytes.fromhex("0102030405060708")


def token(**change: Any) -> bytes:
    made: dict[str, Any] = {
        "event": EVENT,
        "klass": 3,
        "index": 123_456,
        "flags": 5,
        "cti": CTI,
        "exp": ENDS,
        "nbf": BEGINS,
        "holder": HOLDER_POINT,
        "signer": ISSUER,
    }
    return build_pass_token(**{**made, **change})


def proof(of: bytes | None = None, **change: Any) -> bytes:
    made: dict[str, Any] = {"event": EVENT, "iat": NOW, "signer": HOLDER}
    return build_pass_proof(token() if of is None else of, **{**made, **change})
