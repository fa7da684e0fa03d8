"""Encrypted responses: round trips, jwcrypto in both directions, RFC 7518 appendix C, and each refusal."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from jwcrypto import jwe as oracle_jwe
from jwcrypto import jwk as oracle_jwk

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected, TegataError
from common.jose.jwe import _derive, decrypt, encrypt, generate_decryption_key, parse_jwe_header, public_half

KEY = generate_decryption_key("key-1")


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521"])
@pytest.mark.parametrize("payload", [b"x", bytes(5000)])
def test_round_trip_and_oracle(enc: str, curve: str, payload: bytes) -> None:
    key = generate_decryption_key("k", curve=curve)
    text = encrypt(payload, public_half(key), enc=enc, apu=b"mdoc nonce", apv=b"verifier nonce")
    assert decrypt(text, key) == payload
    theirs = oracle_jwe.JWE()
    theirs.deserialize(text, key=oracle_jwk.JWK(**key))
    assert theirs.payload == payload
    header = {"alg": "ECDH-ES", "enc": enc, "apu": "YQ", "kid": "k"}
    made = oracle_jwe.JWE(payload, recipient=oracle_jwk.JWK(**public_half(key)), protected=header)
    assert decrypt(made.serialize(compact=True), key) == payload


def test_an_empty_payload() -> None:
    assert decrypt(encrypt(b"", public_half(KEY)), KEY) == b""


def test_concat_kdf_of_rfc_7518_appendix_c() -> None:
    shared = bytes.fromhex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4")
    assert b64url_encode(_derive(shared, "A128GCM", b"Alice", b"Bob")) == "VqqN6vgjbSBcIijNcacQGg"


def test_header_names_the_key() -> None:
    header = parse_jwe_header(encrypt(b"", public_half(KEY)))
    assert header["kid"] == "key-1"
    assert "d" not in header["epk"]


def with_header(text: str, **change: Any) -> str:
    first, _, rest = text.partition(".")
    header = {k: v for k, v in {**json.loads(b64url_decode(first)), **change}.items() if v is not None}
    return f"{b64url_encode(json.dumps(header).encode())}.{rest}"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"zip": "DEF"}, Malformed),
        ({"crit": ["exp"]}, Malformed),
        ({"alg": "ECDH-ES+A128KW"}, Rejected),
        ({"alg": "dir"}, Rejected),
        ({"alg": None}, Rejected),
        ({"enc": "A128CBC-HS256"}, Rejected),
        ({"enc": "A192GCM"}, Rejected),
        ({"enc": ["A128GCM"]}, TegataError),
        ({"epk": None}, Malformed),
        (
            {"epk": {"kty": "EC", "crv": "P-256", "x": b64url_encode(bytes(32)), "y": b64url_encode(bytes(32))}},
            Malformed,
        ),
        ({"epk": public_half(generate_decryption_key("x", curve="P-384"))}, Malformed),
        ({"epk": public_half(generate_decryption_key("x"))}, Rejected),
        ({"apu": 5}, Malformed),
        ({"kid": "another"}, Rejected),  # the header is authenticated
    ],
)
def test_headers_that_are_refused(change: dict[str, Any], error: type[TegataError]) -> None:
    with pytest.raises(error):
        decrypt(with_header(encrypt(b"payload", public_half(KEY)), **change), KEY)


def test_a_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)[2:-4]
    text = encrypt(bomb, public_half(KEY), header={"zip": "DEF"})
    with pytest.raises(Malformed, match="zip_refused"):
        decrypt(text, KEY)


def test_only_the_allowed_encryption() -> None:
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        decrypt(encrypt(b"", public_half(KEY), enc="A128GCM"), KEY, enc_allowed=("A256GCM",))
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        encrypt(b"", public_half(KEY), enc="A128CBC-HS256")
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        encrypt(b"", {**public_half(KEY), "use": "sig"})


def test_every_changed_part_is_noticed() -> None:
    text = encrypt(b"the payload", public_half(KEY))
    for position in range(0, len(text), 3):
        changed = text[:position] + ("A" if text[position] != "A" else "B") + text[position + 1 :]
        with pytest.raises(TegataError):
            decrypt(changed, KEY)


@pytest.mark.parametrize("text", ["", "....", "a.b.c.d", "a.b.c.d.e.f", "e30....", "e30.AA..."])
def test_malformed_shapes(text: str) -> None:
    with pytest.raises(TegataError):
        decrypt(text, KEY)


def test_size_is_bounded() -> None:
    with pytest.raises(Malformed, match="too_large"):
        decrypt(encrypt(bytes(2000), public_half(KEY)), KEY, max_bytes=1000)


def test_another_key_cannot_read() -> None:
    with pytest.raises(Rejected):
        decrypt(encrypt(b"x", public_half(KEY)), generate_decryption_key("key-1"))
