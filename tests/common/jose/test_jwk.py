"""Public keys: what is read, what is refused, thumbprints, and signatures in every algorithm."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from jwcrypto import jwk as oracle

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from common.jose import jwk as module
from common.jose.jwk import (
    CURVES,
    ecdsa_to_der,
    export_public_jwk,
    forget_parsed_keys,
    parse_public_jwk,
    public_part,
    same_key,
    thumbprint,
)
from common.keys.software import SoftwareKey

# RFC 7517 appendix A.1
EC = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}
# RFC 8037 appendix A.2 and A.3
ED = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def test_curve_keys_are_read() -> None:
    assert parse_public_jwk(EC).alg == "ES256"
    assert parse_public_jwk(ED).alg == "EdDSA"
    assert parse_public_jwk(ED, alg="Ed25519").alg == "EdDSA"
    for crv in CURVES:
        made = oracle.JWK.generate(kty="EC", crv=crv).export_public(as_dict=True)
        assert same_key(export_public_jwk(parse_public_jwk(made).key), made)


def test_thumbprints_of_the_rfcs() -> None:
    assert thumbprint(ED) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"  # RFC 8037 A.3
    assert thumbprint({**EC, "kid": "1", "use": "enc"}) == oracle.JWK(**EC).thumbprint()
    assert parse_public_jwk(EC).thumbprint == thumbprint(EC)


@pytest.mark.parametrize("change", [{"x": None}, {"x": 5}, {"crv": "\ud800"}, {"kty": "OKP", "x": None}])
def test_thumbprints_of_what_is_no_key(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        thumbprint({**EC, **change})


@pytest.mark.parametrize("member", ["d", "k", "p", "oth"])
def test_private_members_are_refused(member: str) -> None:
    with pytest.raises(Malformed, match="private_jwk"):
        parse_public_jwk({**EC, member: "AA"})


@pytest.mark.parametrize(
    "change",
    [
        {"x": EC["y"]},  # not on the curve
        {"x": b64url_encode(bytes(32)), "y": b64url_encode(bytes(32))},
        {"x": b64url_encode(b64url_decode(EC["x"])[:-1])},  # one byte short
        {"x": b64url_encode(b"\0" + b64url_decode(EC["x"]))},  # one byte long
        {"x": EC["x"] + "="},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"crv": 256},
        {"kty": "OKP"},
        {"kty": "RSA"},
        {"y": None},
        {"x": 7},
    ],
)
def test_what_is_no_key_is_malformed(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        parse_public_jwk({**EC, **change})


@pytest.mark.parametrize("value", [None, "text", [], 7, {}])
def test_what_is_no_object_is_malformed(value: object) -> None:
    with pytest.raises(Malformed):
        parse_public_jwk(value)


def test_an_ed25519_key_has_its_length() -> None:
    with pytest.raises(Malformed):
        parse_public_jwk({**ED, "x": "AAAA"})


def test_algorithms_must_fit_the_curve() -> None:
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        parse_public_jwk(EC, alg="ES384")
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        parse_public_jwk({**EC, "alg": "EdDSA"})
    assert parse_public_jwk({**EC, "alg": "ECDH-ES", "use": "enc"}).alg == "ES256"


def test_the_cache_is_bounded_and_does_not_mix_keys_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_read_ec_point", lru_cache(3)(module._read_ec_point.__wrapped__))
    keys = [SoftwareKey.generate() for _ in range(8)]
    for _ in range(2):
        for key in keys:
            key_read = parse_public_jwk(key.public_jwk())
            key_read.verify(key.sign(b"data"), b"data")
    assert module._read_ec_point.cache_info().currsize == 3
    forget_parsed_keys()
    assert module._read_ec_point.cache_info().currsize == 0


@pytest.mark.parametrize(
    "read", [module._read_ec_point, module._read_ec_key, module._read_ed25519, module._read_ed25519_key]
)
def test_what_strangers_send_is_remembered_within_bounds(read: Any) -> None:
    assert 0 < read.cache_info().maxsize <= 4096


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_signatures_and_their_failures(alg: str) -> None:
    key = SoftwareKey.generate(alg)
    public = parse_public_jwk(key.public_jwk())
    signature = key.sign(b"data")
    public.verify(signature, b"data")
    other = parse_public_jwk(SoftwareKey.generate(alg).public_jwk())
    for wrong, data, checker in [
        (signature, b"dat", public),
        (signature, b"data", other),
        (signature[:-1], b"data", public),
        (signature + b"\0", b"data", public),
        (bytes(len(signature)), b"data", public),
        (b"\xff" * len(signature), b"data", public),
        (b"", b"data", public),
    ]:
        with pytest.raises(Rejected, match="bad_signature"):
            checker.verify(wrong, data)


def test_ed25519_keys_of_small_order_sign_nothing() -> None:
    identity = b"\x01" + bytes(31)
    weak = parse_public_jwk({**ED, "x": b64url_encode(identity)})
    with pytest.raises(Rejected, match="bad_signature"):  # R = identity, S = 0: a lax verifier takes it for every text
        weak.verify(identity + bytes(32), b"any text")


@pytest.mark.parametrize("size", [32, 48, 66])
def test_der_of_extreme_numbers(size: int) -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    numbers = [0, 1, 0x7F, 0x80, 0xFF, (1 << (8 * size)) - 1, 1 << (8 * size - 1), 1 << (8 * size - 9)]
    for r in numbers:
        for s in numbers:
            raw = r.to_bytes(size, "big") + s.to_bytes(size, "big")
            assert ecdsa_to_der(raw, size) == encode_dss_signature(r, s)


def test_no_secret_in_public_parts() -> None:
    private = SoftwareKey.generate().private_jwk()
    assert "d" in private
    assert "d" not in public_part(private)
