"""Proof values that a careless verifier believes, as Project Wycheproof collects them: numbers out of range, other spellings and forms."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import utils

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected
from common.keys.multikey import base58btc_decode, base58btc_encode
from tests.common.jose.test_edge_signatures import ED25519_ORDER, ORDERS, SIZES, SMALL_ORDER, numbers, raw
from tests.common.proofs.suites.test_edges import DOCUMENT, PAIRS, signed

ECDSA = pytest.mark.parametrize(("name", "alg"), [pair for pair in PAIRS if pair[1] in ORDERS])
EDDSA = pytest.mark.parametrize("name", [name for name, alg in PAIRS if alg == "EdDSA"])


def check(name: str, alg: str, change: Callable[[bytes], str]) -> None:
    """Verifies with the signature spelt anew."""
    suite, proof, key = signed(name, alg)
    suite.verify_proof(DOCUMENT, {**proof, "proofValue": change(base58btc_decode(proof["proofValue"][1:]))}, key)


def in_base58(signature: bytes) -> str:
    return "z" + base58btc_encode(signature)


@pytest.mark.parametrize(("name", "alg"), PAIRS)
def test_the_signature_itself_is_believed(name: str, alg: str) -> None:
    check(name, alg, in_base58)


@ECDSA
def test_numbers_out_of_range(name: str, alg: str) -> None:
    n, most = ORDERS[alg], (1 << 8 * SIZES[alg]) - 1
    special = [0, 1, n - 1, n, n + 1, most]
    for first in [None, *special]:
        for second in [None, *special] if first is not None else special:

            def replaced(signature: bytes, first: int | None = first, second: int | None = second) -> str:
                r, s = numbers(alg, signature)
                return in_base58(raw(alg, r if first is None else first, s if second is None else second))

            with pytest.raises(Rejected, match="bad_signature"):
                check(name, alg, replaced)


@ECDSA
def test_another_form_of_the_same_numbers(name: str, alg: str) -> None:
    size = SIZES[alg]
    for change in (
        lambda signature: utils.encode_dss_signature(*numbers(alg, signature)),
        lambda signature: b"\0" + signature,
        lambda signature: b"\0" + signature[:size] + b"\0" + signature[size:],
        lambda signature: signature[size:] + signature[:size],
        lambda signature: signature[::-1],
        lambda signature: signature + signature,
    ):
        with pytest.raises((Rejected, Malformed), match=r"bad_signature|bad_base58"):
            check(name, alg, lambda signature, change=change: in_base58(change(signature)))  # type: ignore[misc]


@pytest.mark.parametrize(("name", "alg"), PAIRS)
def test_another_multibase_or_a_second_spelling(name: str, alg: str) -> None:
    """One text for one signature (CID 1.0 §2.4, base58btc alone; leading ones are leading zero bytes)."""
    spellings: list[Callable[[bytes], str]] = [
        lambda signature: "u" + b64url_encode(signature),
        lambda signature: "m" + base64.b64encode(signature).decode().rstrip("="),
        lambda signature: "M" + base64.b64encode(signature).decode(),
        lambda signature: "f" + signature.hex(),
        lambda signature: "F" + signature.hex().upper(),
        lambda signature: "b" + base64.b32encode(signature).decode().lower().rstrip("="),
        lambda signature: "Z" + base58btc_encode(signature),
        lambda signature: base58btc_encode(signature),
        lambda signature: "zz" + base58btc_encode(signature),
        lambda signature: "z1" + base58btc_encode(signature),
        lambda signature: "z" + "1" * 64 + base58btc_encode(signature),
        lambda signature: " z" + base58btc_encode(signature),
        lambda signature: "z" + base58btc_encode(signature) + "\n",
        lambda signature: "z" + base58btc_encode(signature) + "=",
        lambda signature: "z" + base58btc_encode(signature)[:-1],
        lambda signature: "z" + base58btc_encode(signature).swapcase(),
    ]
    for spelling in spellings:
        with pytest.raises((Malformed, Rejected)):
            check(name, alg, spelling)


@EDDSA
def test_another_s_and_points_of_small_order(name: str) -> None:
    def moved(signature: bytes, times: int) -> bytes:
        return signature[:32] + (int.from_bytes(signature[32:], "little") + times * ED25519_ORDER).to_bytes(
            32, "little"
        )

    for change in (
        lambda signature: moved(signature, 1),
        lambda signature: moved(signature, 7),
        lambda signature: signature[:32] + bytes(32),
        lambda signature: signature[:32] + b"\xff" * 32,
        *(lambda signature, point=point: point + signature[32:] for point in SMALL_ORDER),
        *(lambda _, point=point: point + bytes(32) for point in SMALL_ORDER),
    ):
        with pytest.raises(Rejected, match="bad_signature"):
            check(name, "EdDSA", lambda signature, change=change: in_base58(change(signature)))  # type: ignore[misc]
