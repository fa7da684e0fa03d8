"""Device signatures that a careless verifier believes: numbers out of range, other forms, payloads and keys brought along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import utils

from common.cbor import decode, encode
from common.cose.mac0 import create_mac0
from common.cose.sign1 import sign_sign1
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from common.keys.software import SoftwareKey
from tests.common.formats.mdoc.cast import AUDIENCE, CONTEXT, HOLDER, MDOC, NONCE, NOW, STRANGER, presented, public
from tests.common.jose.test_edge_signatures import ORDERS, numbers, raw

ALG = "ES256"
PRESENTED = decode(b64url_decode(presented()))


def check(change: Callable[[list[Any]], Any]) -> None:
    """Verifies the presentation with its device signature (protected, unprotected, payload, signature) changed."""
    document = decode(encode(PRESENTED))
    auth = document["documents"][0]["deviceSigned"]["deviceAuth"]
    changed = change(auth["deviceSignature"])
    if changed is not None:
        auth["deviceSignature"] = changed
    parsed = MDOC.parse_presentation(b64url_encode(encode(document)))
    MDOC.verify_presentation(parsed, public(), audience=AUDIENCE, nonce=NONCE, now=NOW, context=CONTEXT)


def signature(change: Callable[[bytes], bytes]) -> Callable[[list[Any]], list[Any]]:
    return lambda message: [*message[:3], change(message[3])]


def test_the_signature_itself_is_believed() -> None:
    check(signature(lambda value: value))


def test_numbers_out_of_range() -> None:
    n, most = ORDERS[ALG], (1 << 256) - 1
    special = [0, 1, n - 1, n, n + 1, most]
    for value in special:
        for change in (
            *(lambda _, value=value, s=s: raw(ALG, value, s) for s in special),
            lambda found, value=value: raw(ALG, value, numbers(ALG, found)[1]),
            lambda found, value=value: raw(ALG, numbers(ALG, found)[0], value),
        ):
            with pytest.raises(Rejected, match="wrong_holder"):
                check(signature(change))


def test_other_forms_and_lengths() -> None:
    for change in (
        lambda _: b"",
        lambda found: found[:-1],
        lambda found: found + b"\0",
        lambda found: b"\0" + found,
        lambda found: found[32:] + found[:32],
        lambda found: utils.encode_dss_signature(*numbers(ALG, found)),
        lambda found: bytes(len(found)),
    ):
        with pytest.raises((Rejected, Malformed)):
            check(signature(change))


@pytest.mark.parametrize("alg", [-8, -35, -36, -19, 5, 0, "ES256", None])
def test_another_algorithm_in_the_header(alg: Any) -> None:
    with pytest.raises((Rejected, Malformed)):
        check(lambda message: [encode({1: alg}), *message[1:]])


def test_an_algorithm_that_nothing_covers() -> None:
    with pytest.raises((Rejected, Malformed)):
        check(lambda message: [b"", {1: -7}, *message[2:]])


def test_a_payload_or_a_key_brought_along() -> None:
    """The payload is what the verifier itself expects; the key is in what the issuer signed, and nowhere else."""
    forged = decode(sign_sign1(b"anything", STRANGER))
    with pytest.raises((Rejected, Malformed)):
        check(lambda _: forged)
    for kind in ("ES256", "EdDSA"):
        stranger = SoftwareKey.generate(kind)
        with pytest.raises((Rejected, Malformed)):
            check(lambda message, stranger=stranger: [*message[:3], stranger.sign(b"x")])  # type: ignore[misc]


def test_a_mac_by_a_key_that_anybody_has() -> None:
    with pytest.raises((Rejected, Malformed)):
        check(lambda _: decode(create_mac0(b"x", bytes(32), detached=True)))

    def by_mac(message: list[Any]) -> None:
        auth = document["documents"][0]["deviceSigned"]["deviceAuth"]
        auth["deviceMac"] = decode(create_mac0(b"x", HOLDER.sign(b"x")[:32], detached=True))
        if message:
            del auth["deviceSignature"]

    for keep in ([], [1]):
        document = decode(encode(PRESENTED))
        by_mac(keep)
        with pytest.raises((Rejected, Malformed)):
            MDOC.verify_presentation(
                MDOC.parse_presentation(b64url_encode(encode(document))),
                public(),
                audience=AUDIENCE,
                nonce=NONCE,
                now=NOW,
                context=CONTEXT,
            )


def test_a_signature_of_another_request_or_document() -> None:
    other = decode(b64url_decode(presented(nonce="another")))
    stolen = other["documents"][0]["deviceSigned"]["deviceAuth"]["deviceSignature"]
    with pytest.raises(Rejected, match="wrong_holder"):
        check(lambda _: stolen)
