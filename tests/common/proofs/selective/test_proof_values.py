"""Proof values of both selective suites: what is read back, and what is refused before anything is computed from it."""

from __future__ import annotations

from typing import Any

import pytest

from common import cbor
from common.encoding import b64url_encode
from common.errors import Malformed, Unsupported
from common.proofs.selective import bbs_proof_value as bbs
from common.proofs.selective import ecdsa_sd_proof_value as ecdsa

SIGNATURE, KEY, HMAC_KEY = bytes(64), b"\x80\x24\x02" + bytes(32), bytes(32)
ECDSA_BASE: list[Any] = [SIGNATURE, KEY, HMAC_KEY, [SIGNATURE, SIGNATURE], ["/issuer"]]
ECDSA_DERIVED: list[Any] = [SIGNATURE, KEY, [SIGNATURE], {0: bytes(32), 1: bytes(31) + b"\1"}, [0, 2]]
BBS_BASE: list[Any] = [bytes(80), bytes(64), bytes(96), HMAC_KEY, ["/issuer"]]
BBS_DERIVED: list[Any] = [bytes(272), {0: 2, 1: 0}, [0, 2], [1, 5], b"nonce"]


def _proof(kind: int, components: Any) -> dict[str, str]:
    return {"proofValue": "u" + b64url_encode(b"\xd9\x5d" + bytes([kind]) + cbor.encode(components))}


KINDS = [
    (ecdsa.parse_base, ecdsa.serialize_base, 0, ECDSA_BASE),
    (ecdsa.parse_derived, ecdsa.serialize_derived, 1, ECDSA_DERIVED),
    (bbs.parse_base, bbs.serialize_base, 2, BBS_BASE),
    (bbs.parse_derived, bbs.serialize_derived, 3, BBS_DERIVED),
]


@pytest.mark.parametrize(("parse", "serialize", "kind", "components"), KINDS)
def test_round_trip(parse: Any, serialize: Any, kind: int, components: Any) -> None:
    proof = _proof(kind, components)
    assert serialize(parse(proof)) == proof["proofValue"]


@pytest.mark.parametrize(("parse", "serialize", "kind", "components"), KINDS)
def test_each_kind_is_read_as_itself_only(parse: Any, serialize: Any, kind: int, components: Any) -> None:
    for other in range(16):
        if other != kind:
            with pytest.raises((Malformed, Unsupported)):
                parse(_proof(other, components))


@pytest.mark.parametrize("kind", range(4, 10))
def test_feature_options_are_recognised(kind: int) -> None:
    parse = bbs.parse_derived if kind % 2 else bbs.parse_base
    with pytest.raises(Unsupported, match="unknown_feature_option"):
        parse(_proof(kind, []))


WRONG: list[Any] = [
    None,
    0,
    -1,
    "x",
    b"",
    b"x" * 300,
    [],
    [b"x"],
    [1, 1],
    [2, 1],
    [-1],
    [1000],
    [True],
    [1.0],
    {},
    {"0": 1},
    {-1: 1},
]
WRONG += [
    {1000: b"x" * 32},
    {0: b"x"},
    {0: -1},
    {0: 1, 1: 1},
    ["issuer"],
    [1],
    [b"x" * 63],
    cbor.Tagged(24, b"x"),
    [["/issuer"]],
]
FITTING: dict[tuple[int, int], list[Any]] = {
    **{place: [[]] for place in ((0, 3), (0, 4), (1, 2), (2, 4))},
    **{place: [[], [1]] for place in ((1, 4), (3, 2), (3, 3))},
    **{place: [{}] for place in ((1, 3), (3, 1))},
    **{place: [b"", b"x" * 300] for place in ((3, 0), (3, 4))},
}
"""Which of them fit after all, by kind and place."""


def _is_read(parse: Any, proof: dict[str, str]) -> bool:
    try:
        parse(proof)
    except Malformed:
        return False
    return True


@pytest.mark.parametrize(("parse", "serialize", "kind", "components"), KINDS)
def test_each_component_has_its_type(parse: Any, serialize: Any, kind: int, components: Any) -> None:
    for place in range(5):
        read = [
            wrong
            for wrong in WRONG
            if _is_read(parse, _proof(kind, [*components[:place], wrong, *components[place + 1 :]]))
        ]
        assert sorted(map(repr, read)) == sorted(map(repr, FITTING.get((kind, place), [])))
    for count in (0, 4, 6):
        with pytest.raises(Malformed, match="bad_proof_value"):
            parse(_proof(kind, (components * 2)[:count]))
    for outer in ({0: components}, b"x", 1, "text", None):
        with pytest.raises(Malformed, match="bad_proof_value"):
            parse(_proof(kind, outer))


@pytest.mark.parametrize(("parse", "serialize", "kind", "components"), KINDS)
def test_the_frame(parse: Any, serialize: Any, kind: int, components: Any) -> None:
    text = _proof(kind, components)["proofValue"]
    for wrong in (
        None,
        7,
        b"u",
        "",
        "u",
        "z" + text[1:],
        text[1:],
        text + "=",
        text + "\n",
        "uAAAA",
        text[:-3],
        text + "AAAA",
        "u" + "A" * 400_000,
    ):
        with pytest.raises(Malformed):
            parse({"proofValue": wrong})
    with pytest.raises(Malformed):
        parse({})


def test_a_key_twice_in_the_label_map_is_refused() -> None:
    head = b"\xd9\x5d\x03" + b"\x85" + cbor.encode(bytes(272))
    rest = cbor.encode([]) + cbor.encode([]) + cbor.encode(b"")
    once, twice = b"\xa1\x00\x01", b"\xa2\x00\x01\x00\x02"
    bbs.parse_derived({"proofValue": "u" + b64url_encode(head + once + rest)})
    with pytest.raises(Malformed, match="bad_cbor"):
        bbs.parse_derived({"proofValue": "u" + b64url_encode(head + twice + rest)})
