"""An SD-JWT proven: signature, disclosures, times. RFC 9901 §7.1. Key binding is ``key_binding.py``'s."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.jose.jws import verify_jws
from common.jose.jwt import LEEWAY, check_times
from common.jose.sd_jwt.disclosure import unpack_and_tell
from common.jose.sd_jwt.parse import ParsedSdJwt
from common.record import Record


class VerifiedSdJwt(Record, frozen=True):
    """claims: the processed payload (§7.1), disclosed claims in their places, no ``_sd``, no ``_sd_alg``."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def verify_sd_jwt(
    parsed: ParsedSdJwt,
    issuer_key: PublicKey,
    *,
    typ: str | None,
    now: int,
    leeway: int = LEEWAY,
    never_disclosed: Collection[str] = ("iss", "aud", "exp", "nbf", "cnf"),
) -> VerifiedSdJwt:
    """The claims, once proven. Steps of RFC 9901 §7.1:

    1. (parse_sd_jwt) the parts
    2. the issuer's signature: algorithm, typ, signature; ``_sd_alg`` is known
    3. every disclosure goes where its digest stands; forms and names are checked
    4. no digest stands twice
    5. no disclosure is left over
    6. exp, nbf, iat of the *processed* payload, and never_disclosed claims (§9.7) came in the open
    Left to the caller: that issuer_key is this issuer's (step 2.c), key binding (§7.3), what the claims mean.
    Raises Rejected("bad_signature" | "wrong_type" | "algorithm_not_allowed" | "disclosure_invalid" | "expired" | "not_yet_valid")
    or Malformed.
    """
    # 2 · signature
    verify_jws(parsed.token.jws, issuer_key, typ=typ)
    # 3 to 6 · disclosures and times
    claims, _ = open_claims(parsed, now=now, leeway=leeway, never_disclosed=never_disclosed)
    return VerifiedSdJwt(parsed.token.header, claims)


def open_claims(
    parsed: ParsedSdJwt, *, now: int, leeway: int = LEEWAY, never_disclosed: Collection[str]
) -> tuple[dict[str, Any], frozenset[str]]:
    """Steps 3 to 6 of `verify_sd_jwt`, which come after the signature: the processed payload, its times checked, and the names of
    top-level claims of which something inside is held back."""
    # 3, 4, 5 · disclosures
    claims, partly_shown = unpack_and_tell(parsed.token.claims, parsed.disclosures, never_disclosed=never_disclosed)
    # 6 · times
    check_times(claims, now=now, leeway=leeway)
    return claims, partly_shown


def holder_jwk(claims: Mapping[str, Any]) -> dict[str, Any] | None:
    """The key in ``cnf`` (RFC 7800 §3.2) of claims that were read from JSON. None: the token is bound to nobody.

    Raises Malformed or Rejected for another kind of ``cnf``.
    """
    confirmation = claims.get("cnf")
    if confirmation is None and "cnf" not in claims:
        return None
    if not isinstance(confirmation, dict):
        raise Malformed("bad_cnf", "cnf is an object")
    jwk = confirmation.get("jwk")
    if not isinstance(jwk, dict):
        raise Rejected("wrong_holder", "cnf names its key in a way that is not known here; known: jwk")
    return jwk
