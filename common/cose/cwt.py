"""CBOR Web Tokens in a COSE_Sign1: claims with times and a type. RFC 8392; ``typ`` by RFC 9596.

Claims stay a map with their registered numbers as keys. Does not find keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.cbor import Tagged, decode, encode
from common.cose.headers import KID, TYP, X5CHAIN, build_x5chain
from common.cose.sign1 import TAG, ParsedSign1, parse_sign1, sign_sign1, verify_sign1
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.ports import Signer

ISS, SUB, AUD, EXP, NBF, IAT, CTI = 1, 2, 3, 4, 5, 6, 7
"""Claim keys of RFC 8392 §4."""
CWT_TAG = 61
LEEWAY = 60
"""Seconds by which another machine's clock may be off."""
MAX_BYTES = 1 << 20
_LATEST = 1 << 53


@dataclass(frozen=True, slots=True)
class ParsedCwt:
    """Read, not verified. ``claims`` may be used to find a key, and for nothing else before ``verify_cwt``."""

    sign1: ParsedSign1
    claims: Mapping[int | str, Any] = field(repr=False)
    tagged: bool
    """Whether it carried the tag of COSE_Sign1, and not that of a CWT."""

    @property
    def alg(self) -> str:
        """JOSE name. Raises Rejected("algorithm_not_allowed")."""
        return self.sign1.alg

    @property
    def kid(self) -> bytes | None:
        return self.sign1.kid

    @property
    def x5chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first. Raises Malformed."""
        return self.sign1.x5chain


def build_cwt(
    claims: Mapping[int | str, Any], signer: Signer, *, typ: str, kid: bytes = b"", x5chain: tuple[bytes, ...] = ()
) -> bytes:
    """Claims → signed CWT, tagged as COSE_Sign1 and not as a CWT. typ: media type, protected; kid and certificates are not (§3.1)."""
    unprotected: dict[int | str, Any] = {}
    if kid:
        unprotected[KID] = kid
    if x5chain:
        unprotected[X5CHAIN] = build_x5chain(x5chain)
    return sign_sign1(encode(dict(claims)), signer, protected={TYP: typ}, unprotected=unprotected, tagged=True)


def parse_cwt(data: bytes, *, max_bytes: int = MAX_BYTES) -> ParsedCwt:
    """Bytes, with the tags of a CWT (61) and of COSE_Sign1 (18) or without → parts. Raises Malformed; also for a MAC or encryption."""
    value = decode(data, max_bytes=max_bytes)
    outer = isinstance(value, Tagged) and value.tag == CWT_TAG
    if outer:
        value = value.value
    tagged = not outer and isinstance(value, Tagged) and value.tag == TAG
    parsed = parse_sign1(value, max_bytes=max_bytes)
    if parsed.payload is None:
        raise Malformed("bad_cwt", "a CWT carries its claims")
    claims = decode(parsed.payload, max_bytes=max_bytes)
    if not isinstance(claims, dict) or any(isinstance(key, bytes) for key in claims):
        raise Malformed("bad_cwt", "claims are a map with numbers and texts as keys")
    return ParsedCwt(parsed, claims, tagged)


def time_claim(claims: Mapping[int | str, Any], key: int | str) -> int | None:
    """A NumericDate in whole seconds, None where absent. Raises Malformed: not a number, negative, beyond 2^53."""
    if key not in claims:
        return None
    value = claims[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LATEST:
        raise Malformed("bad_time", "a time is a number of seconds")
    return int(value)


def verify_cwt(
    parsed: ParsedCwt, key: PublicKey, *, typ: str | None, now: int, leeway: int = LEEWAY
) -> Mapping[int | str, Any]:
    """The claims, once proven.

    1. the protected ``typ`` (RFC 9596 §2; None only where a text defines none), with or without ``application/``
    2. the signature                                                               RFC 8392 §7.2 step 5
    3. exp, nbf, iat, each where present, ``leeway`` seconds on either side          RFC 8392 §3.1
    Left to the caller: whether this key may speak for whom it should; every other claim.
    Raises Rejected("wrong_type" | "bad_signature" | "algorithm_not_allowed" | "expired" | "not_yet_valid") or Malformed.
    """
    # 1 · type
    found = parsed.sign1.protected.get(TYP)
    if typ is not None and (not isinstance(found, str) or _long(found) != _long(typ)):
        raise Rejected("wrong_type", "the token is of another type")
    # 2 · signature
    verify_sign1(parsed.sign1, key)
    # 3 · times
    expires, begins, issued = (time_claim(parsed.claims, claim) for claim in (EXP, NBF, IAT))
    if expires is not None and now >= expires + leeway:
        raise Rejected("expired", "exp has passed")
    if begins is not None and now < begins - leeway:
        raise Rejected("not_yet_valid", "nbf is still to come")
    if issued is not None and now < issued - leeway:
        raise Rejected("not_yet_valid", "iat lies in the future")
    return parsed.claims


def _long(media_type: str) -> str:
    lower = media_type.lower()
    return lower if "/" in lower else f"application/{lower}"
