"""Signed texts and tokens: round trips, other people's opinion (jwcrypto), and each way to fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jwcrypto import jwk as oracle_jwk
from jwcrypto import jws as oracle_jws

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected, TegataError
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws, same_typ, sign_jws, verify_jws
from common.jose.jwt import build_jwt, check_times, parse_jwt, verify_jwt
from common.keys.software import SoftwareKey

NOW = 1_790_000_000
KEY = SoftwareKey.generate()
PUBLIC = parse_public_jwk(KEY.public_jwk())


def unsigned(header: dict[str, Any], payload: bytes = b"{}") -> str:
    return f"{b64url_encode(json.dumps(header).encode())}.{b64url_encode(payload)}.{b64url_encode(bytes(64))}"


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_jwcrypto_believes_us_and_we_believe_jwcrypto(alg: str) -> None:
    key = SoftwareKey.generate(alg)
    theirs = oracle_jwk.JWK(**{k: v for k, v in key.private_jwk().items() if k != "alg"})
    token = oracle_jws.JWS()
    token.deserialize(sign_jws({"typ": "x"}, b"payload", key), key=theirs)
    assert token.payload == b"payload"

    made = oracle_jws.JWS(b"from jwcrypto")
    made.add_signature(theirs, alg, json.dumps({"alg": alg, "typ": "x"}))
    parsed = parse_jws(made.serialize(compact=True))
    assert verify_jws(parsed, parse_public_jwk(key.public_jwk()), typ="x") == b"from jwcrypto"


def test_rfc_7515_appendix_a_3() -> None:
    text = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    key = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    assert b"joe" in verify_jws(parse_jws(text), parse_public_jwk(key))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "e30.e30.",
        unsigned({"alg": "none"}),
        unsigned({"alg": "NONE"}),
        unsigned({"alg": 5}),
        unsigned({}),
        "W10.e30.AA",
        "é.e30.AA",
        "\ud800.e30.AA",
        "e30=.e30.AA",
        "eyJhbGciOiJFUzI1NiIsImFsZyI6IkVTMjU2In0.e30.AA",  # alg twice
    ],
)
def test_malformed_texts(text: str) -> None:
    with pytest.raises(Malformed):
        parse_jws(text)


def test_size_is_bounded() -> None:
    with pytest.raises(Malformed, match="too_large"):
        parse_jws(sign_jws({}, bytes(70_000), KEY))
    assert parse_jws(sign_jws({}, bytes(70_000), KEY), max_bytes=1 << 20).payload == bytes(70_000)


def test_header_is_checked_before_the_signature() -> None:
    cases: list[tuple[dict[str, Any], type[TegataError]]] = [
        ({"alg": "ES384"}, Rejected),
        ({"alg": "HS256"}, Rejected),
        ({"alg": "ES256", "crit": ["exp"], "exp": 1}, Malformed),
        ({"alg": "ES256", "crit": []}, Malformed),
        ({"alg": "ES256", "b64": False}, Malformed),
    ]
    for header, error in cases:
        with pytest.raises(error):
            verify_jws(parse_jws(unsigned(header)), PUBLIC)
    with pytest.raises(Rejected, match="wrong_type"):
        verify_jws(parse_jws(sign_jws({"typ": "a+jwt"}, b"", KEY)), PUBLIC, typ="b+jwt")
    with pytest.raises(Rejected, match="wrong_type"):
        verify_jws(parse_jws(sign_jws({}, b"", KEY)), PUBLIC, typ="b+jwt")


def test_a_key_in_the_header_is_never_believed() -> None:
    stranger = SoftwareKey.generate()
    token = sign_jws({"jwk": stranger.public_jwk()}, b"{}", stranger)
    with pytest.raises(Rejected, match="bad_signature"):
        verify_jws(parse_jws(token), PUBLIC)


def test_types_compare_as_media_types() -> None:
    assert same_typ("application/kb+jwt", "kb+jwt")
    assert same_typ("KB+JWT", "kb+jwt")
    assert not same_typ("kb+jwt2", "kb+jwt")
    assert not same_typ(None, "kb+jwt")


def check(claims: dict[str, Any], **options: Any) -> None:
    verify_jwt(parse_jwt(build_jwt({"typ": "t"}, claims, KEY)), PUBLIC, typ="t", now=NOW, **options)


def test_times_with_leeway_on_both_sides() -> None:
    check({"exp": NOW + 1, "nbf": NOW, "iat": NOW})
    check({"exp": NOW - 59, "nbf": NOW + 60, "iat": NOW + 60})
    for claims, reason in [
        ({"exp": NOW - 60}, "expired"),
        ({"nbf": NOW + 61}, "not_yet_valid"),
        ({"iat": NOW + 61}, "not_yet_valid"),
    ]:
        with pytest.raises(Rejected, match=reason):
            check(claims)


@pytest.mark.parametrize("value", ["1", True, None, -1, 1e300, [1], 1 << 60])
def test_what_is_no_time_is_malformed(value: object) -> None:
    for name in ("exp", "nbf", "iat"):
        with pytest.raises(Malformed):
            check_times({name: value}, now=NOW)


def test_audience() -> None:
    check({"aud": "us"}, audience="us")
    check({"aud": ["them", "us"]}, audience=("us", "we"))
    others: tuple[dict[str, Any], ...] = (
        {},
        {"aud": "them"},
        {"aud": []},
        {"aud": {"us": 1}},
        {"aud": [["us"]]},
        {"aud": "usa"},
    )
    for claims in others:
        with pytest.raises(Rejected, match="wrong_audience"):
            check(claims, audience="us")


def test_age() -> None:
    check({"iat": NOW - 360}, max_age=300)
    with pytest.raises(Rejected, match="stale"):
        check({"iat": NOW - 361}, max_age=300)
    with pytest.raises(Malformed, match="iat_missing"):
        check({}, max_age=300)


def test_every_changed_character_is_noticed() -> None:
    token = build_jwt({"typ": "t", "kid": "k"}, {"iat": NOW, "sub": "someone"}, KEY)
    for position, character in enumerate(token):
        changed = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        with pytest.raises(TegataError):
            verify_jwt(parse_jwt(changed), PUBLIC, typ="t", now=NOW)


def test_signer_decides_the_algorithm() -> None:
    assert parse_jws(sign_jws({"alg": "none", "typ": "t"}, b"", KEY)).alg == "ES256"
