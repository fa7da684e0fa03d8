"""JSON Web Tokens: signed claims with times and an audience. RFC 7519, RFC 8725."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.jose.jws import MAX_BYTES, ParsedJws, parse_jws, sign_jws, verify_jws
from common.ports import Signer
from common.record import Record

LEEWAY = 60
"""Seconds by which another machine's clock may be off."""
_LATEST = 1 << 53


class ParsedJwt(Record, frozen=True):
    """Read, not verified. ``claims`` may be used to find a key, and for nothing else before ``verify_jwt``."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    jws: ParsedJws

    @property
    def kid(self) -> str | None:
        return self.jws.kid

    @property
    def alg(self) -> str:
        return self.jws.alg


def parse_jwt(text: str, *, max_bytes: int = MAX_BYTES) -> ParsedJwt:
    """Compact JWT → header and claims. Raises Malformed."""
    jws = parse_jws(text, max_bytes=max_bytes)
    return ParsedJwt(jws.header, parse_json_object(jws.payload), jws)


def time_claim(claims: Mapping[str, Any], name: str) -> int | None:
    """A NumericDate claim in whole seconds, None where absent. Raises Malformed: not a number, negative, beyond 2^53."""
    value = claims.get(name)
    if value.__class__ is int and 0 <= value < _LATEST:
        return value
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LATEST:
        raise Malformed("bad_time", f"{name} is not a time in seconds")
    return int(value)


def check_times(claims: Mapping[str, Any], *, now: int, leeway: int = LEEWAY) -> None:
    """``exp``, ``nbf`` and ``iat``, each where present (RFC 7519 §4.1.4–6). All in seconds.

    Raises Rejected("expired" | "not_yet_valid") or Malformed. An ``iat`` in the future counts as not yet valid.
    """
    expires = time_claim(claims, "exp") if "exp" in claims else None
    not_before = time_claim(claims, "nbf") if "nbf" in claims else None
    issued = time_claim(claims, "iat") if "iat" in claims else None
    if expires is not None and now >= expires + leeway:
        raise Rejected("expired", "exp has passed")
    if not_before is not None and now < not_before - leeway:
        raise Rejected("not_yet_valid", "nbf is still to come")
    if issued is not None and now < issued - leeway:
        raise Rejected("not_yet_valid", "iat lies in the future")


def check_audience(claims: Mapping[str, Any], audience: str | Collection[str]) -> str:
    """``aud`` (text or array of texts) names one of the accepted audiences; returns it. Raises Rejected("wrong_audience")."""
    accepted = (audience,) if isinstance(audience, str) else tuple(audience)
    claimed = claims.get("aud")
    for found in claimed if isinstance(claimed, list) else (claimed,):
        if isinstance(found, str) and found in accepted:
            return found
    raise Rejected("wrong_audience", "aud names somebody else")


def verify_jwt(
    parsed: ParsedJwt,
    key: PublicKey,
    *,
    typ: str | None,
    now: int,
    leeway: int = LEEWAY,
    audience: str | Collection[str] | None = None,
    max_age: int | None = None,
) -> Mapping[str, Any]:
    """The claims, once proven.

    1. header and signature       RFC 7515 §5.2; ``typ`` as RFC 8725 §3.11 (None only where a text defines no typ)
    2. exp, nbf, iat              RFC 7519 §4.1.4–6, ``leeway`` seconds on either side
    3. aud, if asked for          RFC 7519 §4.1.3
    4. max_age, if asked for      iat is there and at most max_age (+ leeway) seconds old
    Left to the caller: whether this key may speak for ``iss``; nonce and jti; every other claim.
    """
    # 1 · header and signature
    verify_jws(parsed.jws, key, typ=typ)
    # 2 · times
    check_times(parsed.claims, now=now, leeway=leeway)
    # 3 · audience
    if audience is not None:
        check_audience(parsed.claims, audience)
    # 4 · age
    if max_age is not None:
        issued = time_claim(parsed.claims, "iat")
        if issued is None:
            raise Malformed("iat_missing", "iat is needed here")
        if now - issued > max_age + leeway:
            raise Rejected("stale", "iat lies too far back")
    return parsed.claims


def build_jwt(header: Mapping[str, Any], claims: Mapping[str, Any], signer: Signer) -> str:
    """Claims → signed compact JWT. ``alg`` comes from the signer; give ``typ``, and ``kid`` where the receiver needs it."""
    return sign_jws(header, compact_json(dict(claims)), signer)
