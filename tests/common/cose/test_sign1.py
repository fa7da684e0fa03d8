"""COSE_Sign1 and COSE_Mac0 against the example of RFC 9052 Appendix C.2.1, and what is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from common.cbor import Encoded, Tagged, decode, encode
from common.cose.headers import build_x5chain, parse_x5chain
from common.cose.key import parse_cose_key
from common.cose.mac0 import create_mac0, parse_mac0, verify_mac0
from common.cose.sign1 import parse_sign1, sign_sign1, verify_sign1
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey

# RFC 9052 Appendix C.7.1, the key "11"; Appendix C.2.1, "Single ECDSA Signature"
KEY_11 = {
    1: 2,
    -1: 1,
    -2: bytes.fromhex("bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"),
    -3: bytes.fromhex("20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e"),
}
SIGNED = bytes.fromhex(
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742e5840"
    "8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"
    "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
)
KEYS = {alg: SoftwareKey.generate(alg) for alg in ("ES256", "ES384", "ES512", "EdDSA")}


def public(key: SoftwareKey) -> PublicKey:
    return parse_public_jwk(key.public_jwk())


def test_the_example_of_the_rfc() -> None:
    parsed = parse_sign1(SIGNED)
    assert parsed.kid == b"11"
    assert parsed.alg == "ES256"
    assert verify_sign1(parsed, parse_cose_key(KEY_11)) == b"This is the content."


@pytest.mark.parametrize("alg", KEYS)
@pytest.mark.parametrize("tagged", [False, True])
def test_signed_and_verified(alg: str, tagged: bool) -> None:
    key = KEYS[alg]
    message = sign_sign1(b"text", key, protected={16: "application/x"}, unprotected={4: b"kid"}, tagged=tagged)
    assert (message[0] == 0xD2) is tagged
    parsed = parse_sign1(message)
    assert parsed.protected[16] == "application/x"
    assert parsed.unprotected == {4: b"kid"}
    assert verify_sign1(parsed, public(key)) == b"text"
    assert parse_sign1(decode(message)) == parsed
    with pytest.raises(Rejected) as refused:
        verify_sign1(parsed, public(KEYS["ES384" if alg == "ES256" else "ES256"]))
    assert refused.value.reason == "algorithm_not_allowed"


def test_detached_payload_and_external_data() -> None:
    key = KEYS["ES256"]
    parsed = parse_sign1(sign_sign1(b"text", key, detached=True, external_aad=b"aad"))
    assert parsed.payload is None
    assert verify_sign1(parsed, public(key), payload=b"text", external_aad=b"aad") == b"text"
    for change in ({"payload": b"other"}, {"external_aad": b""}):
        with pytest.raises(Rejected) as refused:
            verify_sign1(parsed, public(key), **{"payload": b"text", "external_aad": b"aad", **change})
        assert refused.value.reason == "bad_signature"
    with pytest.raises(Malformed):
        verify_sign1(parsed, public(key), external_aad=b"aad")
    with pytest.raises(Malformed):
        verify_sign1(parse_sign1(SIGNED), parse_cose_key(KEY_11), payload=b"This is the content.")


def test_another_number_for_the_same_algorithm() -> None:
    """RFC 9864: ESP256 is ECDSA with P-256 and SHA-256, as ES256 with this key is."""
    message = decode(sign_sign1(b"text", KEYS["ES256"]))
    message[0] = encode({1: -9})
    with pytest.raises(Rejected) as refused:  # the header is signed, so it cannot be exchanged afterwards
        verify_sign1(parse_sign1(message), public(KEYS["ES256"]))
    assert refused.value.reason == "bad_signature"


@pytest.mark.parametrize(
    ("protected", "unprotected"),
    [({}, {}), ({}, {1: -7}), ({1: -37}, {}), ({1: "ES256"}, {}), ({1: True}, {}), ({1: 5}, {}), ({1: None}, {})],
)
def test_no_algorithm_in_the_protected_header(protected: Any, unprotected: Any) -> None:
    """An algorithm that is not covered by the signature is none; RSA and MACs are not known here."""
    message = [encode(protected) if protected else b"", unprotected, b"text", bytes(64)]
    with pytest.raises(Rejected) as refused:
        verify_sign1(parse_sign1(message), public(KEYS["ES256"]))
    assert refused.value.reason == "algorithm_not_allowed"


PROTECTED = encode({1: -7})


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        [PROTECTED, {}, b"text"],
        [PROTECTED, {}, b"text", b"", b""],
        [{}, {}, b"text", b""],
        [PROTECTED, [], b"text", b""],
        [PROTECTED, {}, "text", b""],
        [PROTECTED, {}, b"text", None],
        [encode([1]), {}, b"text", b""],
        [b"\xa1", {}, b"text", b""],
        [encode({1: -7, 4: b"1"}), {4: b"2"}, b"text", b""],
        [encode({1: -7, 2: [1]}), {}, b"text", b""],
        [PROTECTED, {2: [99]}, b"text", b""],
        [PROTECTED, {True: -7}, b"text", b""],
        [PROTECTED, {4.0: b""}, b"text", b""],
        [PROTECTED, {b"4": b""}, b"text", b""],
        Tagged(17, [PROTECTED, {}, b"text", b""]),
        Tagged(18, Tagged(18, [PROTECTED, {}, b"text", b""])),
    ],
)
def test_malformed(message: Any) -> None:
    with pytest.raises(Malformed):
        parse_sign1(message)
    try:
        encoded = encode(message)
    except ValueError:  # keys that `encode` does not write
        return
    with pytest.raises(Malformed):
        parse_sign1(encoded)


@pytest.mark.parametrize(
    "signature",
    [
        bytes(64),
        bytes(63),
        bytes(65),
        b"\1" + bytes(31) + bytes(32),
        bytes(32) + bytes(31) + b"\1",
        b"",
        bytes.fromhex("ff" * 64),
    ],
    ids=["zero", "short", "long", "s zero", "r zero", "none", "beyond the order"],
)
def test_edge_signatures(signature: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        verify_sign1(parse_sign1([PROTECTED, {}, b"text", signature]), public(KEYS["ES256"]))
    assert refused.value.reason == "bad_signature"


def test_mac0() -> None:
    key = bytes(range(32))
    for tagged in (False, True):
        message = create_mac0(b"text", key, tagged=tagged, unprotected={4: b"k"})
        assert (message[0] == 0xD1) is tagged
        assert verify_mac0(parse_mac0(message), key) == b"text"
    parsed = parse_mac0(create_mac0(b"text", key, detached=True, external_aad=b"aad"))
    assert verify_mac0(parsed, key, payload=b"text", external_aad=b"aad") == b"text"
    for wrong in ({"key": bytes(32)}, {"payload": b"t"}, {"external_aad": b""}):
        with pytest.raises(Rejected) as refused:
            verify_mac0(parsed, **{"key": key, "payload": b"text", "external_aad": b"aad", **wrong})
        assert refused.value.reason == "bad_signature"


@pytest.mark.parametrize("number", [4, 6, 7, True, -7, None])
def test_mac0_algorithms(number: Any) -> None:
    """HMAC 256/64 is truncated to eight bytes: somebody could try them all."""
    with pytest.raises(Rejected) as refused:
        verify_mac0(parse_mac0([encode({1: number}), {}, b"text", bytes(8)]), bytes(32))
    assert refused.value.reason == "algorithm_not_allowed"


def test_x5chain() -> None:
    assert parse_x5chain(build_x5chain([b"a"])) == (b"a",)
    assert parse_x5chain(build_x5chain([b"a", b"b"])) == (b"a", b"b")
    assert parse_x5chain([b"a"]) == (b"a",)
    assert parse_x5chain(None) == ()
    for bad in ([], "a", [b"a", "b"], [b"a"] * 7, 1, {}):
        with pytest.raises(Malformed):
            parse_x5chain(bad)
    message = sign_sign1(b"text", KEYS["ES256"], unprotected={33: Encoded(encode(b"der"))})
    assert parse_sign1(message).x5chain == (b"der",)
