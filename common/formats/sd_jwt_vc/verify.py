"""SD-JWT VC, proven. SD-JWT VC draft-19 §2.2, §2.4; RFC 9901 §7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.credential import VerifiedCredential, VerifiedPresentation
from common.formats.sd_jwt_vc.parse import FORMAT, TYP, ParsedSdJwtVc
from common.formats.status_claim import parse_status_claim
from common.jose.jwk import PublicKey, parse_public_jwk
from common.jose.jws import verify_jws
from common.jose.jwt import time_claim
from common.jose.sd_jwt.key_binding import check_binding, verify_binding_signature
from common.jose.sd_jwt.verify import holder_jwk, open_claims
from common.x509.names import dns_names, uris
from common.x509.x5c import parse_x5c

IN_THE_OPEN = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"})
"""Claims that are never in a disclosure, with all that is in them (§2.2.2.3)."""
_OF_THE_FORMAT = IN_THE_OPEN | {"iat", "jti"}


def verify_credential(parsed: ParsedSdJwtVc, issuer_key: PublicKey, *, now: int) -> VerifiedCredential:
    """The credential, once proven.

    1. the issuer's signature, typ ``dc+sd-jwt``                            §2.4, RFC 9901 §7.1
    2. the holder's key in cnf is a key                                     RFC 7800 §3.2
    3. disclosures, times                                                   RFC 9901 §7.1
    4. vct, and aka_vcts where present                                      §2.2.2.1, §2.2.2.2
    5. who issued it: iss, else the leaf of x5c                             §2.5
    6. the status claim is of a known kind                                  Token Status List §6
    Left to the caller: that issuer_key is this issuer's (§2.5), that this issuer is trusted for this type, the status itself.
    """
    # 1 · signature
    verify_jws(parsed.sd_jwt.token.jws, issuer_key, typ=TYP)
    # 2 · holder
    _read_holder_key(parsed)
    # 3 to 6
    return _read_credential(parsed, now=now)


def verify_presentation(
    parsed: ParsedSdJwtVc, issuer_key: PublicKey, *, audience: str, nonce: str, now: int
) -> VerifiedPresentation:
    """All of `verify_credential`, with key binding by the key that the *verified* credential names (RFC 9901 §7.3).

    1. the key in cnf is read; it is believed with step 2
    2. the issuer's signature                       3. the key binding's signature
    4. steps 3 to 6 of `verify_credential`          5. what the key binding says: when, to whom, for which nonce, over what
    The signatures come one after the other: each needs the processor's caches to itself, and leaves them cold for all else.
    Left to the caller, beside what `verify_credential` leaves: that the nonce is used once.
    """
    # 1 · the holder's key
    holder_key = _read_holder_key(parsed)
    # 2 · the issuer's signature
    verify_jws(parsed.sd_jwt.token.jws, issuer_key, typ=TYP)
    if holder_key is None:
        raise Rejected("wrong_holder", "the credential is bound to nobody, so nobody can prove to hold it")
    # 3 · the holder's signature
    verify_binding_signature(parsed.sd_jwt, holder_key)
    # 4 · the credential
    credential = _read_credential(parsed, now=now)
    # 5 · the binding
    signed_at = check_binding(parsed.sd_jwt, audience=audience, nonce=nonce, now=now)
    return VerifiedPresentation(credential=credential, audience=audience, nonce=nonce, presented_at=signed_at)


def _read_holder_key(parsed: ParsedSdJwtVc) -> PublicKey | None:
    """The key in cnf, which is never in a disclosure."""
    jwk = holder_jwk(parsed.sd_jwt.token.claims)
    return parse_public_jwk(jwk) if jwk is not None else None


def _read_credential(parsed: ParsedSdJwtVc, *, now: int) -> VerifiedCredential:
    """Steps 3 to 6 of `verify_credential`, which come after the signature."""
    # 3 · disclosures and times
    claims, partly_shown = open_claims(parsed.sd_jwt, now=now, never_disclosed=IN_THE_OPEN)
    # 4 · type
    types = _types(claims)
    if not isinstance(claims.get("vct#integrity", ""), str):
        raise Malformed("bad_vct", "vct#integrity is text")
    # 5 · issuer
    issuer = claims.get("iss")
    if issuer is None:
        issuer = _issuer_of_certificate(parsed)
    if not isinstance(issuer, str) or not issuer:
        raise Malformed("bad_iss", "iss is text")
    # 6 · status
    status = parse_status_claim(claims)
    identifier = claims.get("jti")
    return VerifiedCredential(
        format=FORMAT,
        types=types,
        issuer=issuer,
        claims=claims,
        subject={name: value for name, value in claims.items() if name not in _OF_THE_FORMAT},
        holder_jwk=holder_jwk(claims),
        holder_did=None,
        issued_at=time_claim(claims, "iat"),
        valid_from=time_claim(claims, "nbf"),
        valid_until=time_claim(claims, "exp"),
        status=status,
        credential_id=identifier if isinstance(identifier, str) else None,
        partly_shown=partly_shown,
    )


def _types(claims: Mapping[str, Any]) -> tuple[str, ...]:
    vct = claims.get("vct")
    if not isinstance(vct, str) or not vct:
        raise Malformed("bad_vct", "an SD-JWT VC names its type in vct")
    if "aka_vcts" not in claims:
        return (vct,)
    others = claims["aka_vcts"]
    if not isinstance(others, list) or not others or not all(isinstance(other, str) and other for other in others):
        raise Malformed("bad_vct", "aka_vcts is an array of texts, and not empty")
    if vct in others:
        raise Malformed("bad_vct", "aka_vcts repeats vct")
    return (vct, *others)


def _issuer_of_certificate(parsed: ParsedSdJwtVc) -> str:
    """The one address that the leaf of x5c names: its URI, else its host (§2.5). The chain is verified where the key is found."""
    leaf = parse_x5c(parsed.sd_jwt.token.header.get("x5c"))[0]
    named = uris(leaf) or tuple(f"https://{name}" for name in dns_names(leaf))
    if len(named) != 1:
        raise Rejected("untrusted_key", "the certificate does not name one issuer")
    return named[0]
