"""JOSE under random input: what is made is read back; what is changed, or was never made, ends in an error of ours and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import b64url_encode, compact_json
from common.errors import TegataError
from common.jose.jwe import decrypt, encrypt, generate_decryption_key, public_half
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws, sign_jws, verify_jws
from common.jose.jwt import build_jwt, parse_jwt, verify_jwt
from common.keys.multikey import base58btc_decode, base58btc_encode, decode_multikey, encode_did_key
from common.keys.sealed import open_sealed, seal
from common.keys.software import SoftwareKey
from common.x509.x5c import parse_x5c

NOW = 1_790_000_000
KEYS = [SoftwareKey.generate(alg) for alg in ("ES256", "ES384", "EdDSA")]
DECRYPTION_KEY = generate_decryption_key("k")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
any_text = st.text(st.characters() | st.characters(categories=["Cs"]))
token_like = st.lists(st.one_of(st.binary(max_size=40).map(b64url_encode), any_text), min_size=1, max_size=6).map(
    ".".join
)


def only_ours(call: Any, *arguments: Any, **options: Any) -> None:
    """Whatever happens, it is a result or a TegataError."""
    try:
        call(*arguments, **options)
    except TegataError:
        return


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(KEYS), st.dictionaries(st.sampled_from(["typ", "kid", "x"]), st.text()))
def test_signed_texts_come_back(payload: bytes, key: SoftwareKey, header: dict[str, str]) -> None:
    parsed = parse_jws(sign_jws(header, payload, key))
    assert verify_jws(parsed, parse_public_jwk(key.public_jwk())) == payload
    assert {**parsed.header} == {"alg": key.alg, **header}


@settings(deadline=None)
@given(st.data(), st.sampled_from(KEYS))
def test_any_other_text_is_not_believed(data: st.DataObject, key: SoftwareKey) -> None:
    text = build_jwt({"typ": "t"}, {"a": "b", "iat": NOW}, key)
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters().filter(lambda c: c != text[position]))
    changed = text[:position] + character + text[position + 1 :]
    with pytest.raises(TegataError):
        verify_jwt(parse_jwt(changed), parse_public_jwk(key.public_jwk()), typ="t", now=NOW)


@settings(deadline=None)
@given(st.binary(max_size=500), st.sampled_from(["A128GCM", "A256GCM"]), st.binary(max_size=20), st.binary(max_size=20))
def test_encrypted_texts_come_back(payload: bytes, enc: str, apu: bytes, apv: bytes) -> None:
    text = encrypt(payload, public_half(DECRYPTION_KEY), enc=enc, apu=apu, apv=apv)
    assert decrypt(text, DECRYPTION_KEY) == payload


@settings(deadline=None)
@given(st.data())
def test_any_other_encrypted_text_is_not_read(data: st.DataObject) -> None:
    text = encrypt(b"payload", public_half(DECRYPTION_KEY))
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters().filter(lambda c: c != text[position]))
    with pytest.raises(TegataError):
        decrypt(text[:position] + character + text[position + 1 :], DECRYPTION_KEY)


@settings(deadline=None)
@given(token_like | any_text)
def test_arbitrary_texts(text: str) -> None:
    for call in (parse_jws, parse_jwt, decode_multikey, base58btc_decode):
        only_ours(call, text)
    only_ours(decrypt, text, DECRYPTION_KEY)
    only_ours(parse_x5c, [text])


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["alg", "typ", "kid", "crit", "b64", "enc", "epk", "zip", "apu", "apv", "x5c"]), json_values
    ),
    json_values,
)
def test_arbitrary_headers_and_claims(header: dict[str, Any], claims: Any) -> None:
    parts = [b64url_encode(compact_json(value)) for value in (header, claims)]
    text = ".".join((*parts, b64url_encode(bytes(64))))
    with pytest.raises(TegataError):
        verify_jwt(parse_jwt(text), parse_public_jwk(KEYS[0].public_jwk()), typ="t", now=NOW)
    only_ours(decrypt, f"{parts[0]}..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA", DECRYPTION_KEY)


@settings(deadline=None)
@given(json_values | st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "alg", "kid"]), json_values))
def test_arbitrary_jwks(value: Any) -> None:
    only_ours(parse_public_jwk, value)
    if isinstance(value, dict):
        only_ours(parse_public_jwk, {**KEYS[0].public_jwk(), **value})
        only_ours(SoftwareKey.from_private_jwk, {**KEYS[0].private_jwk(), **value})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["exp", "nbf", "iat", "aud"]), json_values))
def test_arbitrary_times_and_audiences(claims: dict[str, Any]) -> None:
    key = KEYS[0]
    token = parse_jwt(build_jwt({"typ": "t"}, claims, key))
    only_ours(verify_jwt, token, parse_public_jwk(key.public_jwk()), typ="t", now=NOW, audience="us", max_age=10)


@settings(deadline=None)
@given(st.binary(max_size=70))
def test_base58_is_one_to_one(data: bytes) -> None:
    assert base58btc_decode(base58btc_encode(data)) == data


@settings(deadline=None)
@given(st.binary(max_size=70).map(base58btc_encode))
def test_multikeys_are_read_or_refused(text: str) -> None:
    only_ours(decode_multikey, "z" + text)


@settings(deadline=None)
@given(st.sampled_from(KEYS))
def test_multikeys_come_back(key: SoftwareKey) -> None:
    assert parse_public_jwk(decode_multikey(encode_did_key(key.public_jwk()))).thumbprint == key.kid


@settings(deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=20), st.binary(max_size=60))
def test_sealed_bytes(plaintext: bytes, context: bytes, junk: bytes) -> None:
    key = bytes(32)
    assert open_sealed(key, seal(key, plaintext, context), context) == plaintext
    with pytest.raises(TegataError):
        open_sealed(key, b"\x01" + junk, context)
