"""did:key's text: against the specification's examples and the multiformats package, and what is refused."""

from __future__ import annotations

import secrets

import pytest
from multiformats import multibase, multicodec

from common.errors import Malformed
from common.jose.jwk import export_public_jwk, same_key
from common.keys.multikey import base58btc_decode, base58btc_encode, decode_multikey, encode_did_key
from common.keys.software import SoftwareKey

# did:key specification, test vectors (Ed25519, P-256, P-384, P-521)
KNOWN = [
    ("z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", "Ed25519"),
    ("zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv", "P-256"),
    ("z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9", "P-384"),
]


@pytest.mark.parametrize(("text", "crv"), KNOWN)
def test_known_keys(text: str, crv: str) -> None:
    jwk = decode_multikey(text)
    assert jwk["crv"] == crv
    assert encode_did_key(jwk) == text


def test_p521_too() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    jwk = export_public_jwk(ec.generate_private_key(ec.SECP521R1()).public_key())
    assert decode_multikey(encode_did_key(jwk)) == jwk


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_multiformats_agrees(alg: str) -> None:
    jwk = SoftwareKey.generate(alg).public_jwk()
    text = encode_did_key(jwk)
    codec, raw = multicodec.unwrap(multibase.decode(text))
    assert codec.name == {"ES256": "p256-pub", "ES384": "p384-pub", "EdDSA": "ed25519-pub"}[alg]
    assert text == multibase.encode(codec.wrap(raw), "base58btc")
    assert same_key(decode_multikey(text), jwk)


def test_base58_agrees_with_multiformats() -> None:
    for length in (0, 1, 2, 31, 32, 34, 68):
        for data in (secrets.token_bytes(length), bytes(length), b"\0\0" + secrets.token_bytes(length)):
            text = base58btc_encode(data)
            assert "z" + text == multibase.encode(data, "base58btc")
            assert base58btc_decode(text) == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z0OIl",
        "m" + KNOWN[0][0][1:],
        KNOWN[0][0][:-1],
        KNOWN[1][0] + "1",
        "z" + base58btc_encode(b"\xed\x01" + bytes(31)),
        "z" + base58btc_encode(b"\x80\x24" + b"\x04" + bytes(32)),
        "z" + base58btc_encode(b"\x80\x24" + b"\x02" + b"\xff" * 32),
        "z" + base58btc_encode(b"\xe7\x01" + b"\x02" + bytes(32)),  # secp256k1
        "z" + "1" * 500,
        "zé",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decode_multikey(text)
