"""A W3C presentation in a JWT, proven: the holder that the credential names signed it, for us, just now.

VC-JOSE-COSE 1.0 §3.1.2; OpenID4VP 1.0 §B.1.3.1.
"""

from __future__ import annotations

from common.errors import Malformed, Rejected
from common.formats.credential import VerifiedPresentation
from common.formats.vc_jose_cose.parse import ParsedVpJwt
from common.formats.vc_jose_cose.verify import verify_credential
from common.formats.vcdm.document import read_types
from common.formats.vcdm.identifier import read_id
from common.jose.jwk import PublicKey, parse_public_jwk
from common.jose.jws import verify_jws
from common.jose.jwt import LEEWAY, check_audience, check_times, time_claim

MAX_AGE = 300
"""Seconds between signing and verifying, as for key binding."""


def verify_presentation(
    parsed: ParsedVpJwt,
    issuer_key: PublicKey,
    *,
    audience: str,
    nonce: str,
    now: int,
    holder_key: PublicKey | None = None,
    max_age: int = MAX_AGE,
    leeway: int = LEEWAY,
) -> VerifiedPresentation:
    """The presentation, once proven.

    1. the credential in it                                                  `verify_credential`
    2. the holder: credentialSubject.id, its key (holder_key where the DID needs the network)
    3. signature of the presentation by that key; kid, iss and holder, where present, name that DID
    4. iat (nbf in the 1.1 form): at most max_age seconds ago (+ leeway), not in the future (− leeway); exp, nbf
    5. aud and nonce are ours                                                OpenID4VP §14.1
    6. the document is a presentation
    Left to the caller, beside what `verify_credential` leaves: that holder_key is the holder's, that the nonce is used once.
    """
    token, claims = parsed.token, parsed.token.claims
    # 1 · credential
    credential = verify_credential(parsed.credential, issuer_key, now=now, leeway=leeway)
    # 2 · holder
    holder = credential.holder_did
    if credential.holder_jwk is not None:
        holder_key = parse_public_jwk(credential.holder_jwk)
    if holder is None or holder_key is None:
        raise Rejected("wrong_holder", "the credential names no holder whose key is known")
    # 3 · signature
    try:
        verify_jws(token.jws, holder_key)
    except Rejected as rejection:
        raise Rejected("wrong_holder", "not signed by the key of the holder that the credential names") from rejection
    if token.kid is not None and token.kid.startswith("did:") and token.kid.partition("#")[0] != holder:
        raise Rejected("wrong_holder", "kid names another DID than the holder's")
    if claims.get("iss", holder) != holder:
        raise Rejected("wrong_holder", "iss is not the holder that the credential names")
    if "holder" in parsed.document and read_id(parsed.document["holder"], "holder") != holder:
        raise Rejected("wrong_holder", "holder is not the one that the credential names")
    # 4 · times
    check_times(claims, now=now, leeway=leeway)
    signed_at = time_claim(claims, "iat")
    if signed_at is None and parsed.version == 1:
        signed_at = time_claim(claims, "nbf")
    if signed_at is None:
        raise Malformed("iat_missing", "a presentation says when it was signed")
    if now - signed_at > max_age + leeway:
        raise Rejected("stale", "the presentation was signed too long ago")
    # 5 · audience and nonce
    check_audience(claims, audience)
    if claims.get("nonce") != nonce:
        raise Rejected("wrong_nonce", "the presentation answers another request")
    # 6 · document
    read_types(parsed.document, base="VerifiablePresentation")
    return VerifiedPresentation(credential=credential, audience=audience, nonce=nonce, presented_at=signed_at)
