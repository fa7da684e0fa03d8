"""The key binding JWT: it holds, and each way to fail of RFC 9901 §7.3."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected, TegataError
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import build_jwt
from common.jose.sd_jwt import (
    Disclosable,
    issue_sd_jwt,
    parse_sd_jwt,
    present_sd_jwt,
    verify_key_binding,
    verify_sd_jwt,
)
from common.jose.sd_jwt.key_binding import build_key_binding, sd_hash
from common.keys.software import SoftwareKey

NOW = 1_790_000_000
ISSUER, HOLDER = SoftwareKey.generate(), SoftwareKey.generate()
ISSUER_KEY, HOLDER_KEY = parse_public_jwk(ISSUER.public_jwk()), parse_public_jwk(HOLDER.public_jwk())


def bound(**change: Any) -> str:
    presented = issue_sd_jwt({"typ": "t"}, {"name": Disclosable("花子"), "cnf": {"jwk": HOLDER.public_jwk()}}, ISSUER)
    claims = {"iat": NOW, "aud": "shop", "nonce": "n-1", "sd_hash": sd_hash(parse_sd_jwt(presented)), **change}
    typ, signer = claims.pop("typ", "kb+jwt"), claims.pop("signer", HOLDER)
    claims = {name: value for name, value in claims.items() if value is not None}
    return presented + build_jwt({"typ": typ}, claims, signer)


def check(text: str) -> int:
    return verify_key_binding(parse_sd_jwt(text), HOLDER_KEY, audience="shop", nonce="n-1", now=NOW)


def test_key_binding_holds() -> None:
    assert check(bound()) == NOW
    assert check(bound(iat=NOW - 360)) == NOW - 360
    assert check(bound(iat=NOW + 60)) == NOW + 60


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signer": ISSUER}, "wrong_holder"),
        ({"signer": SoftwareKey.generate("EdDSA")}, "wrong_holder"),
        ({"typ": "JWT"}, "wrong_type"),
        ({"typ": "dc+sd-jwt"}, "wrong_type"),
        ({"aud": "another"}, "wrong_audience"),
        ({"aud": ["shop"]}, "wrong_audience"),
        ({"aud": None}, "wrong_audience"),
        ({"nonce": "n-2"}, "wrong_nonce"),
        ({"nonce": None}, "wrong_nonce"),
        ({"nonce": 1}, "wrong_nonce"),
        ({"iat": NOW - 361}, "stale"),
        ({"iat": NOW + 61}, "not_yet_valid"),
        ({"exp": NOW - 61}, "expired"),
        ({"nbf": NOW + 61}, "not_yet_valid"),
        ({"sd_hash": b64url_encode(bytes(32))}, "wrong_holder"),
        ({"sd_hash": None}, "wrong_holder"),
    ],
)
def test_key_binding_fails(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(bound(**change))
    assert caught.value.reason == reason


def test_key_binding_needs_a_time_and_a_token() -> None:
    with pytest.raises(Malformed, match="iat_missing"):
        check(bound(iat=None))
    with pytest.raises(Rejected, match="wrong_holder"):
        check(bound().rpartition("~")[0] + "~")


def test_a_disclosure_taken_away_or_added_breaks_the_binding() -> None:
    parsed = parse_sd_jwt(issue_sd_jwt({}, {"a": Disclosable(1), "b": Disclosable(2)}, ISSUER))
    text = present_sd_jwt(parsed, paths=[("a",)], holder=HOLDER, audience="shop", nonce="n-1", now=NOW)
    assert check(text) == NOW
    token, *parts, binding = text.split("~")
    for others in ([], [*parts, *(set(parsed.disclosures) - set(parts))], list(parsed.disclosures)):
        with pytest.raises(Rejected, match="wrong_holder"):
            check("~".join((token, *others, binding)))


def test_binding_twice_is_refused() -> None:
    with pytest.raises(Malformed):
        build_key_binding(bound(), HOLDER, audience="a", nonce="n", now=NOW)


def check_both(text: str) -> None:
    parsed = parse_sd_jwt(text)
    verify_sd_jwt(parsed, ISSUER_KEY, typ="t", now=NOW)
    verify_key_binding(parsed, HOLDER_KEY, audience="shop", nonce="n-1", now=NOW)


def test_every_changed_character_is_noticed() -> None:
    text = bound()
    for position, character in enumerate(text):
        changed = text[:position] + ("A" if character != "A" else "B") + text[position + 1 :]
        with pytest.raises(TegataError):
            check_both(changed)
