"""Base and derived proofs that @digitalbazaar's cryptosuites made of our document, with keys of their own making.

``digitalbazaar_selective.json`` is the output of ecdsa-sd-2023-cryptosuite 3.4.1 and bbs-2023-cryptosuite 2.0.1 under @digitalbazaar/vc
7.3.0. The other direction is part of `tests.bench.formats.selective`: there the peer verifies what was derived here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from common.errors import Malformed, Rejected
from common.proofs.suites.contract import SelectiveCryptosuite
from common.proofs.suites.registry import SUITES

MADE: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "digitalbazaar_selective.json").read_text())
every_suite = pytest.mark.parametrize("name", ["ecdsa-sd-2023", "bbs-2023"])


def _suite(name: str) -> tuple[SelectiveCryptosuite, Any]:
    suite = cast(SelectiveCryptosuite, SUITES[name])
    return suite, suite.read_key({"type": "Multikey", "publicKeyMultibase": MADE[name]["publicKeyMultibase"]})


def _split(secured: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {name: value for name, value in secured.items() if name != "proof"}, secured["proof"]


@every_suite
def test_their_base_proofs(name: str) -> None:
    suite, key = _suite(name)
    suite.verify_base_proof(*_split(MADE[name]["base"]), key)


@every_suite
def test_their_derived_proofs(name: str) -> None:
    suite, key = _suite(name)
    document, proof = _split(MADE[name]["derived"])
    suite.verify_proof(document, proof, key)
    with pytest.raises((Rejected, Malformed)):
        suite.verify_proof({**document, "name": "Doctor"}, proof, key)


@every_suite
def test_what_we_derive_from_their_base_proofs(name: str) -> None:
    suite, key = _suite(name)
    document, proof = suite.derive_proof(*_split(MADE[name]["base"]), selective_pointers=["/name"])
    assert document["name"] == MADE[name]["base"]["name"]
    assert set(document) == {"@context", "id", "type", "issuer", "validFrom", "validUntil", "name"}
    suite.verify_proof(document, proof, key)


def test_from_one_base_proof_both_derive_the_same() -> None:
    """ecdsa-sd-2023 has no randomness in what it derives."""
    suite, _ = _suite("ecdsa-sd-2023")
    theirs = MADE["ecdsa-sd-2023"]["derived"]
    pointers = [
        "/name",
        "/credentialSubject/achievement/name",
        "/credentialSubject/achievement/criteria",
        "/credentialSubject/creditsEarned",
        "/credentialSubject/result/0/value",
    ]
    document, proof = suite.derive_proof(*_split(MADE["ecdsa-sd-2023"]["base"]), selective_pointers=pointers)
    assert {**document, "proof": proof} == theirs
