"""Somebody who knows where the hot paths are: what is read, verified and shown faster is the same as what was slow, or refused.

Two readers of JSON, two implementations of P-256, two orders of the same steps, objects that no longer print themselves: in each there
could be an input that one of the two takes otherwise.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import rfc8785
import structlog

from common.encoding import _read_strictly, b64url_encode, parse_json
from common.errors import Malformed, Rejected, TegataError
from common.formats.registry import FORMATS
from common.formats.vcdm.related_resource import matches_digests, read_digests
from common.jose import p256
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws, sign_jws, verify_jws
from common.jose.jwt import parse_jwt
from common.jose.sd_jwt.disclosure import read_disclosure
from common.keys.software import SoftwareKey
from common.proofs.jcs import canonicalize_json
from tests.common.formats.samples import HOLDER, ISSUER, STRANGER, check_for, issue_for, present_for, public

SD_JWT = FORMATS["dc+sd-jwt"]
CREDENTIAL = issue_for(SD_JWT)
FIELD = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
B_OF_P256 = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


# JSON and base64url


@pytest.mark.parametrize(
    "raw",
    [
        b'["\\ud800"]',
        b'["\\udc00\\ud800"]',
        b'["a","\\ud83d"]',
        b'["\xed\xa0\x80"]',
        b'["\xff"]',
        b'["\xc0\x80"]',
        b'["\n"]',
        b'["\x00"]',
        b'["\x1f"]',
        b'\xef\xbb\xbf["a"]',
        b'["a"]\x00',
        b'["a",]',
        b"['a']",
        b'["\\x41"]',
        b'["\\u12"]',
        b'["a"]["b"]',
        b'["a"]//',
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":1}',
        b"1e400",
        b"[NaN]",
        b"[-Infinity]",
        b"01",
        b"[1.]",
        b"+1",
    ],
    ids=range(25),
)
def test_what_the_strict_reader_refuses_no_faster_one_takes(raw: bytes) -> None:
    with pytest.raises(Malformed):
        _read_strictly(raw)
    with pytest.raises(Malformed):
        parse_json(raw)
    with pytest.raises(Malformed):
        read_disclosure(b64url_encode(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"18446744073709551615",
        b"18446744073709551616",
        b"-9223372036854775809",
        b"123456789012345678901234567890",
        b"-0",
        b"-0.0",
        b"1.0",
        b"1E2",
        b"1e22",
        b"1e16",
        b"9007199254740993.0",
        b"2.2250738585072011e-308",
        b"5e-324",
        b"0.1000000000000000055511151231257827021181583404541015625",
        b'{"a":[1,1.0,true,null],"\\u0062":"\\/"}',
        b'[ "a" ,\t"b"\r\n]',
    ],
    ids=range(16),
)
def test_numbers_and_spellings_are_read_as_they_were(raw: bytes) -> None:
    assert repr(parse_json(raw)) == repr(parse_json(raw.decode())) == repr(_read_strictly(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"[" * 500_000 + b"]" * 500_000,
        b"9" * 1_000_000,
        b'["' + b"\\ud800" * 170_000,
    ],
    ids=["arrays", "objects", "closed", "digits", "surrogates"],
)
def test_json_bombs_are_duds(raw: bytes) -> None:
    with within(1), pytest.raises(Malformed):
        parse_json(raw)


@pytest.mark.parametrize(
    "raw", [b'["s","_sd","v"]', b'["s","\\u005fsd",1]', b'["s","...","v"]', b'["s","\\u002e..",{}]'], ids=range(4)
)
def test_reserved_names_are_reserved_in_any_spelling(raw: bytes) -> None:
    with pytest.raises(Rejected, match="disclosure_invalid"):
        read_disclosure(b64url_encode(raw))


@pytest.mark.parametrize(
    "raw", [b'["s"]', b'["s","n","v","w"]', b'[1,"n","v"]', b'["s",1,"v"]', b'"sss"', b'{"0":"s"}']
)
def test_disclosures_of_another_shape(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_disclosure(b64url_encode(raw))


class _Text(str):
    pass


class _Object(dict[Any, Any]):
    pass


@pytest.mark.parametrize(
    "value",
    [
        {_Text("b"): 1, "a": _Text("x")},
        _Object(b=1, a=2),
        {"\ue000": 1, "\U0001f600": 2, "\uffff": 3},
        {"a\0b": 1, "a\0a": 2, "a": 3},
        {chr(point): chr(point) for point in range(0x100)},
        [1e-4, 1e-5, 123456789012345.6, 1e15 + 0.5, 1e16, 1e21, 1.0, -0.0, 0.1, 5e-324],
        2**53 - 1,
        2**53,
        {1: "a"},
        {True: "a"},
        {None: "a"},
        b"bytes",
        [float("nan")],
        "\ud800",
    ],
    ids=range(14),
)
def test_one_canonical_form(value: Any) -> None:
    """msgspec writes dates, bytes, tuples and numbers as names without a word; RFC 8785 knows none of them."""
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        with pytest.raises(Malformed):
            canonicalize_json(value)
        return
    assert canonicalize_json(value) == expected


# Keys and signatures


def test_a_coordinate_has_one_spelling() -> None:
    """x and x + p are the same number of the field, and both fit in 32 bytes where x is small."""
    square = B_OF_P256  # of x = 0
    y = pow(square, (FIELD + 1) // 4, FIELD)
    assert y * y % FIELD == square
    x_bytes, y_bytes = bytes(32), y.to_bytes(32, "big")
    p256.read_point(x_bytes, y_bytes)
    with pytest.raises(ValueError, match="P-256"):
        p256.read_point(FIELD.to_bytes(32, "big"), y_bytes)
    with pytest.raises(ValueError, match=r"."):
        p256.read_compressed_point(b"\x02" + FIELD.to_bytes(32, "big"))
    assert parse_public_jwk({"kty": "EC", "crv": "P-256", "x": b64url_encode(x_bytes), "y": b64url_encode(y_bytes)})
    with pytest.raises(Malformed):
        parse_public_jwk(
            {"kty": "EC", "crv": "P-256", "x": b64url_encode(FIELD.to_bytes(32, "big")), "y": b64url_encode(y_bytes)}
        )


@pytest.mark.parametrize(
    "change",
    [
        *({"kty": "OKP"}, {"kty": "ec"}, {"kty": ["EC"]}, {"crv": "P-384"}, {"crv": "Ed25519"}, {"crv": "p-256"}),
        *({"crv": "P-256\0"}, {"alg": "ES384"}, {"alg": "EdDSA"}, {"alg": ["ES256"]}, {"alg": None}, {"d": None}),
        *({"y": None}, {"y": []}, {"x": "\ud800"}, {"k": ""}),
    ],
    ids=range(16),
)
def test_keys_that_are_half_another(change: dict[str, Any]) -> None:
    with pytest.raises(TegataError):
        parse_public_jwk({**ISSUER.public_jwk(), **change})


@pytest.mark.parametrize("alg", ["ES384", "ES512", "EdDSA", "es256", "ES256K", "HS256", "RS256"])
def test_the_header_does_not_choose_the_algorithm(alg: str) -> None:
    token = parse_jws(sign_jws({}, b"x", ISSUER))
    header = b64url_encode(json.dumps({"alg": alg}).encode())
    forged = parse_jws(f"{header}.{b64url_encode(token.payload)}.{b64url_encode(token.signature)}")
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        verify_jws(forged, public(ISSUER))


@pytest.mark.parametrize("one", ["ES256", "ES384", "EdDSA"])
@pytest.mark.parametrize("other", ["ES256", "ES384", "EdDSA"])
def test_a_signature_of_one_kind_of_key_is_none_of_another(one: str, other: str) -> None:
    key, another = (SoftwareKey.generate(alg=alg) for alg in (one, other))
    with pytest.raises(Rejected, match="bad_signature"):
        public(another).verify(key.sign(b"x"), b"x")


def test_keys_are_equal_by_what_they_are_and_in_no_table() -> None:
    one, same, named = (public(ISSUER), public(ISSUER), parse_public_jwk({**ISSUER.public_jwk(), "kid": "k9"}))
    assert one == same
    assert one not in (named, public(STRANGER), ISSUER.public_jwk(), None)
    with pytest.raises(TypeError):
        hash(one)
    with pytest.raises(AttributeError):
        one.alg = "ES384"  # type: ignore[misc]


def test_what_is_proven_does_not_print_itself() -> None:
    """Structs print what they hold, unless told otherwise; so do loggers what they cannot write."""
    found = check_for(SD_JWT, present_for(SD_JWT, CREDENTIAL))
    parsed = SD_JWT.parse(CREDENTIAL)
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    for each in (found, found.credential, parsed, parsed.sd_jwt, parsed.sd_jwt.token, public(HOLDER)):
        for text in (repr(each), f"{each}", str([each]), str(render(None, "info", {"found": each}))):
            assert "花子" not in text
            assert HOLDER.public_jwk()["x"] not in text
            assert CREDENTIAL[:80] not in text


# The order of steps: the holder's key is read, and its signature verified, before the disclosures are looked at


def forged(change: dict[str, Any], signer: SoftwareKey) -> str:
    """The credential with other claims, signed by somebody else."""
    jwt, rest = CREDENTIAL.split("~", 1)
    token = parse_jwt(jwt)
    header = {name: value for name, value in token.header.items() if name != "alg"}
    return sign_jws(header, json.dumps({**token.claims, **change}).encode(), signer) + "~" + rest


def test_a_thief_who_names_his_own_key() -> None:
    text = forged({"cnf": {"jwk": STRANGER.public_jwk()}}, STRANGER)
    with pytest.raises(Rejected, match="bad_signature"):
        check_for(SD_JWT, present_for(SD_JWT, text, holder=STRANGER))


@pytest.mark.parametrize(
    ("cnf", "code"),
    [
        (None, "bad_cnf"),
        ([], "bad_cnf"),
        ({}, "wrong_holder"),
        ({"kid": "did:web:x#1"}, "wrong_holder"),
        ({"jwk": {}}, "bad_jwk"),
        ({"jwk": {**STRANGER.public_jwk(), "d": "AA"}}, "private_jwk"),
        ({"jwk": {**STRANGER.public_jwk(), "alg": "ES384"}}, "algorithm_not_allowed"),
    ],
    ids=range(7),
)
def test_a_key_that_is_none_is_told_before_any_signature_and_believed_never(cnf: Any, code: str) -> None:
    text = forged({"cnf": cnf}, STRANGER)
    presented = text + present_for(SD_JWT, CREDENTIAL).rpartition("~")[2]
    with pytest.raises(TegataError) as refusal:
        check_for(SD_JWT, presented)
    assert getattr(refusal.value, "reason", refusal.value.code) == code


def test_the_holders_key_in_a_disclosure() -> None:
    """Signed by the issuer: whoever presents could choose which of several keys counts."""
    disclosure = b64url_encode(json.dumps(["salt", "cnf", {"jwk": STRANGER.public_jwk()}]).encode())
    digest = b64url_encode(hashlib.sha256(disclosure.encode()).digest())
    for cnf in ({}, {"cnf": {"jwk": HOLDER.public_jwk(), "_sd": [digest]}}):
        jwt = CREDENTIAL.split("~")[0]
        token = parse_jwt(jwt)
        claims = {name: value for name, value in token.claims.items() if name not in ("_sd", "cnf")}
        payload = {**claims, "_sd": [] if cnf else [digest], **cnf}
        header = {name: value for name, value in token.header.items() if name != "alg"}
        text = f"{sign_jws(header, json.dumps(payload).encode(), ISSUER)}~{disclosure}~"
        for holder in (STRANGER, HOLDER):
            with pytest.raises(Rejected, match=r"wrong_holder|disclosure_invalid"):
                check_for(SD_JWT, present_for(SD_JWT, text, holder=holder))


def test_nobody_presents_without_the_holder() -> None:
    presented = present_for(SD_JWT, CREDENTIAL)
    bare = presented[: presented.rindex("~") + 1]
    own = present_for(SD_JWT, CREDENTIAL, holder=STRANGER).rpartition("~")[2]
    unbound = issue_for(SD_JWT, holder_jwk=None)
    for text in (bare, bare + own, present_for(SD_JWT, unbound)):
        with pytest.raises(Rejected, match="wrong_holder"):
            check_for(SD_JWT, text)


# What a credential names


def test_a_thousand_digests_are_one_hash_of_each_kind() -> None:
    """Each was worked out anew over the whole of what is held here: gigabytes for one credential."""
    words = " ".join(["sha512-" + "A" * 86 + "=="] * 5000)
    sri, multibase = read_digests({"digestSRI": words}, required=True)
    with within(0.5):
        assert not matches_digests(sri, multibase, bytes(256 * 1024))
