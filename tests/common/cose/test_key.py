"""COSE_Key: what is read, what comes back, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from common.cbor import encode
from common.cose.key import build_cose_key, parse_cose_key
from common.errors import Malformed, Rejected
from common.jose.jwk import same_key
from common.keys.software import SoftwareKey

KEYS = {alg: SoftwareKey.generate(alg) for alg in ("ES256", "ES384", "ES512", "EdDSA")}
P256 = build_cose_key(KEYS["ES256"].public_jwk())


@pytest.mark.parametrize("alg", KEYS)
def test_there_and_back(alg: str) -> None:
    jwk = KEYS[alg].public_jwk()
    built = build_cose_key(jwk)
    assert not {2, 3, 4} & built.keys()
    for key in (parse_cose_key(built), parse_cose_key(encode(built)), parse_cose_key({**built, 2: b"kid", 4: [2]})):
        assert same_key(key.jwk, jwk)
        assert key.alg == alg
        assert key.kid is None


@pytest.mark.parametrize("alg", ["ES256", "ES384", "ES512"])
def test_compressed_points(alg: str) -> None:
    jwk = KEYS[alg].public_jwk()
    built = build_cose_key(jwk)
    odd = bool(built[-3][-1] & 1)
    assert same_key(parse_cose_key({**built, -3: odd}).jwk, jwk)
    assert not same_key(parse_cose_key({**built, -3: not odd}).jwk, jwk)


@pytest.mark.parametrize(
    "change",
    [
        {-4: b"secret"},
        {1: 4},
        {1: True},
        {1: "EC2"},
        {-1: 8},
        {-1: 6},
        {-1: True},
        {-1: None},
        {-2: "x"},
        {-2: bytes(31)},
        {-2: b"\xff" * 32, -3: True},
        {-2: bytes(33), -3: True},
        {-3: None},
        {-3: bytes(32)},
        {-3: 1},
    ],
)
def test_malformed(change: dict[int, Any]) -> None:
    with pytest.raises(Malformed):
        parse_cose_key({**P256, **change})


@pytest.mark.parametrize("change", [{3: -35}, {3: "ES256"}, {3: True}, {4: []}, {4: [1]}, {4: 2}])
def test_for_another_use(change: dict[int, Any]) -> None:
    with pytest.raises(Rejected) as refused:
        parse_cose_key({**P256, **change})
    assert refused.value.reason == "algorithm_not_allowed"


@pytest.mark.parametrize(
    "value", [None, [], "key", 1, b"\x80", b"", b"\xa0", {**P256, 1.5: 0}, {**P256, b"": 0}, {None: 1}]
)
def test_no_key_at_all(value: object) -> None:
    with pytest.raises(Malformed):
        parse_cose_key(value)
