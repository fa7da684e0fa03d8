"""The key binding JWT: the holder signs what is presented, to whom, for which nonce, when. RFC 9901 §4.3, §7.3."""

from __future__ import annotations

from typing import Any

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.jose.jws import verify_jws
from common.jose.jwt import LEEWAY, build_jwt, check_times, time_claim
from common.jose.sd_jwt.disclosure import hash_of
from common.jose.sd_jwt.parse import ParsedSdJwt, parse_sd_jwt
from common.ports import Signer

TYP = "kb+jwt"
MAX_AGE = 300
"""Seconds between signing and verifying: a person's last tap lies in between, a copied answer from yesterday does not."""


def sd_hash(parsed: ParsedSdJwt) -> str:
    """§4.3.1: the hash that ``_sd_alg`` names over the issuer-signed JWT and the disclosures that are presented."""
    return b64url_encode(hash_of(parsed.token.claims)(parsed.presented.encode("ascii")).digest())


def build_key_binding(
    presented: str, holder: Signer, *, audience: str, nonce: str, now: int, extra: dict[str, Any] | None = None
) -> str:
    """SD-JWT (ending in a tilde) → SD-JWT+KB. now: seconds. extra: further claims (``transaction_data_hashes``)."""
    parsed = parse_sd_jwt(presented)
    if parsed.key_binding is not None:
        raise Malformed("bad_sd_jwt", "it has a key binding JWT already")
    claims = {"iat": now, "aud": audience, "nonce": nonce, "sd_hash": sd_hash(parsed), **(extra or {})}
    return presented + build_jwt({"typ": TYP}, claims, holder)


def verify_key_binding(
    parsed: ParsedSdJwt,
    holder_key: PublicKey,
    *,
    audience: str,
    nonce: str,
    now: int,
    max_age: int = MAX_AGE,
    leeway: int = LEEWAY,
) -> int:
    """When the holder signed (seconds, by the holder's clock), once proven. Steps of RFC 9901 §7.3:

    1. there is a KB-JWT
    2. (caller) holder_key came from ``cnf`` of the *verified* SD-JWT
    3. header: algorithm, typ ``kb+jwt``   4. signature
    5. iat: at most max_age seconds ago (+ leeway), and not in the future (− leeway)
    6. aud is one text and ours; nonce is ours
    7. sd_hash is over exactly what was presented
    8. exp and nbf, where present
    Raises Rejected("wrong_holder" | "wrong_audience" | "wrong_nonce" | "stale" | …) or Malformed.
    """
    verify_binding_signature(parsed, holder_key)
    return check_binding(parsed, audience=audience, nonce=nonce, now=now, max_age=max_age, leeway=leeway)


def verify_binding_signature(parsed: ParsedSdJwt, holder_key: PublicKey) -> None:
    """Steps 1 to 4 of `verify_key_binding`."""
    # 1 · there is one
    token = parsed.key_binding
    if token is None:
        raise Rejected("wrong_holder", "presented without proof that the holder's key is there")
    # 3, 4 · header and signature
    try:
        verify_jws(token.jws, holder_key, typ=TYP)
    except Rejected as rejection:
        if rejection.reason in ("bad_signature", "algorithm_not_allowed"):
            raise Rejected(
                "wrong_holder", "the key binding is not signed by the key that the credential names"
            ) from rejection
        raise


def check_binding(
    parsed: ParsedSdJwt, *, audience: str, nonce: str, now: int, max_age: int = MAX_AGE, leeway: int = LEEWAY
) -> int:
    """Steps 5 to 8 of `verify_key_binding`, which come after its signature."""
    token = parsed.key_binding
    if token is None:
        raise Rejected("wrong_holder", "presented without proof that the holder's key is there")
    claims = token.claims
    # 5 · iat, 8 · exp and nbf
    check_times(claims, now=now, leeway=leeway)
    issued = time_claim(claims, "iat")
    if issued is None:
        raise Malformed("iat_missing", "a key binding JWT has an iat")
    if now - issued > max_age + leeway:
        raise Rejected("stale", "the key binding was signed too long ago")
    # 6 · aud and nonce
    if claims.get("aud") != audience:
        raise Rejected("wrong_audience", "the presentation is meant for somebody else")
    if claims.get("nonce") != nonce:
        raise Rejected("wrong_nonce", "the presentation answers another request")
    # 7 · sd_hash
    if claims.get("sd_hash") != sd_hash(parsed):
        raise Rejected("wrong_holder", "the key binding covers another selection of claims")
    return issued
