"""Verification method documents: JWK and Multikey, public and secret, of the four kinds of key."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from multiformats import multicodec, varint

from common.encoding import b64url_decode
from common.errors import Malformed, TegataError
from common.jose.jwk import same_key
from common.keys.multikey import base58btc_encode, encode_did_key
from common.keys.software import SoftwareKey
from common.keys.verification_method import decode_secret_multikey, parse_verification_method

SECRET_CODES = {"ES256": "p256-priv", "ES384": "p384-priv", "ES512": "p521-priv", "EdDSA": "ed25519-priv"}


def secret_multikey(key: SoftwareKey) -> str:
    prefix = varint.encode(multicodec.get(SECRET_CODES[key.alg]).code)
    return "z" + base58btc_encode(prefix + b64url_decode(key.private_jwk()["d"]))


@pytest.mark.parametrize("alg", SECRET_CODES)
def test_every_form_of_one_key(alg: str) -> None:
    key = SoftwareKey.generate(alg)
    multikey = encode_did_key(key.public_jwk())
    forms: list[dict[str, Any]] = [
        {"publicKeyJwk": key.public_jwk()},
        {"publicKeyMultibase": multikey},
        {"secretKeyJwk": key.private_jwk()},
        {"privateKeyJwk": key.private_jwk(), "publicKeyMultibase": multikey},
        {"secretKeyMultibase": secret_multikey(key)},
        {"secretKeyMultibase": secret_multikey(key), "publicKeyMultibase": multikey},
        key.public_jwk(),
        key.private_jwk(),
    ]
    for form in forms:
        method = parse_verification_method({"id": "did:example:1#key-1", "controller": "did:example:1", **form})
        assert (method.id, method.controller) == ("did:example:1#key-1", "did:example:1")
        assert same_key(method.public.jwk, key.public_jwk())
        holds_secret = any("secret" in name or "private" in name or name == "d" for name in form)
        assert (method.secret is not None) == holds_secret
        if method.secret is not None:
            method.public.verify(method.secret.sign(b"data"), b"data")


def test_nothing_secret_shows() -> None:
    key = SoftwareKey.generate()
    assert key.private_jwk()["d"] not in repr(parse_verification_method({"secretKeyJwk": key.private_jwk()}))


ONE, OTHER = SoftwareKey.generate(), SoftwareKey.generate()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"id": 5, "publicKeyJwk": ONE.public_jwk()},
        {"publicKeyJwk": "text"},
        {"publicKeyJwk": ONE.private_jwk()},  # a secret where the public half belongs
        {"publicKeyMultibase": 5},
        {"publicKeyMultibase": "zz"},
        {"secretKeyMultibase": encode_did_key(ONE.public_jwk())},
        {"secretKeyMultibase": "u" + secret_multikey(ONE)[1:]},
        {"secretKeyMultibase": secret_multikey(ONE)[:-3]},
        {"secretKeyJwk": ONE.private_jwk(), "publicKeyJwk": OTHER.public_jwk()},
        {"secretKeyMultibase": secret_multikey(ONE), "publicKeyMultibase": encode_did_key(OTHER.public_jwk())},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA", "n": "AAAA", "e": "AQAB"},
    ],
)
def test_malformed(document: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse_verification_method(document)


@pytest.mark.parametrize("alg", ["ES256", "ES384", "ES512"])
def test_secret_numbers_out_of_range(alg: str) -> None:
    size = {"ES256": 32, "ES384": 48, "ES512": 66}[alg]
    prefix = varint.encode(multicodec.get(SECRET_CODES[alg]).code)
    for raw in (bytes(size), b"\xff" * size, b"\1" * (size - 1), b"\1" * (size + 1)):
        with pytest.raises(TegataError):
            decode_secret_multikey("z" + base58btc_encode(prefix + raw))


def test_lengths_of_the_text() -> None:
    raw = ed25519.Ed25519PrivateKey.generate().private_bytes_raw()
    prefix = varint.encode(multicodec.get("ed25519-priv").code)
    assert decode_secret_multikey("z" + base58btc_encode(prefix + raw))["kty"] == "OKP"
    with pytest.raises(Malformed):
        decode_secret_multikey("z" + base58btc_encode(prefix + raw + b"\0"))
    assert isinstance(SoftwareKey.generate("ES512").private_key(), ec.EllipticCurvePrivateKey)
