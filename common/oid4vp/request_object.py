"""Signed Request Object, fetched from the request_uri (OpenID4VP 1.0 §5, §5.8, §5.10; RFC 9101)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.x509 import Certificate

from common.errors import Malformed, Rejected
from common.ids import DidUrl
from common.jose.jwk import PublicKey
from common.jose.jwt import ParsedJwt, build_jwt, parse_jwt, verify_jwt
from common.oid4vp.authorization_request import (
    AuthorizationRequest,
    VerifiedRequest,
    build_request_parameters,
    parse_request_parameters,
)
from common.oid4vp.client_id import Prefix, did_key_needed, verify_client
from common.ports import Signer

REQUEST_TYP = "oauth-authz-req+jwt"
REQUEST_MEDIA_TYPE = f"application/{REQUEST_TYP}"
STATIC_AUDIENCE = "https://self-issued.me/v2"
"""``aud`` where the wallet did not say who it is (§5.8)."""
LIFETIME = 300
"""Seconds that a request object may be used, unless the verifier says otherwise."""
_BAD = "invalid_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequestObject:
    """Read, not verified. did_url: the key that the wallet must resolve (any relationship of ``verificationMethod``), or None."""

    jwt: ParsedJwt = field(repr=False)
    request: AuthorizationRequest
    did_url: DidUrl | None


def build_request_object(
    request: AuthorizationRequest,
    signer: Signer,
    *,
    now: int,
    kid: str | None = None,
    x5c: Sequence[str] | None = None,
    audience: str = STATIC_AUDIENCE,
    lifetime: int = LIFETIME,
) -> str:
    """Request → signed JWT. kid: the DID URL of the key (decentralized_identifier). x5c: certificates in base64, leaf first.

    audience: the wallet's issuer where it posted its metadata, else the symbolic one (§5.8). now, lifetime: seconds.
    Raises ValueError where the client's prefix and what proves it do not fit: that is a mistake of the deployment.
    """
    header: dict[str, Any] = {"typ": REQUEST_TYP}
    prefix = request.client_id.prefix
    if prefix is Prefix.DECENTRALIZED_IDENTIFIER and kid is not None:
        header["kid"] = kid
    elif prefix in (Prefix.X509_SAN_DNS, Prefix.X509_HASH) and x5c:
        header["x5c"] = list(x5c)
    else:
        raise ValueError(f"a request of {prefix} cannot be signed like this")
    claims = {"aud": audience, "iat": now, "exp": now + lifetime, **build_request_parameters(request)}
    return build_jwt(header, claims, signer)


def parse_request_object(text: str) -> ParsedRequestObject:
    """Compact JWT → request, nothing proven yet. Raises Malformed, Unsupported, Rejected("untrusted_key") (kid of another DID)."""
    try:
        jwt = parse_jwt(text.strip(), max_bytes=1 << 18)
    except Malformed as error:
        raise Malformed(_BAD, error.detail) from error
    request = parse_request_parameters(jwt.claims)
    return ParsedRequestObject(jwt=jwt, request=request, did_url=did_key_needed(request.client_id, jwt.header))


def verify_request_object(
    parsed: ParsedRequestObject,
    *,
    client_id: str,
    now: int,
    did_key: PublicKey | None = None,
    roots: Iterable[Certificate] = (),
    wallet_issuer: str | None = None,
    wallet_nonce: str | None = None,
) -> VerifiedRequest:
    """A parsed request → one that is known to come from its client.

    1. client_id inside equals the one outside, prefix included     §5.10.1, §14.10
    2. the key belongs to the client                                §5.9.3
    3. typ, signature, times, aud                                   §5, §5.8; RFC 9101 §6
    4. wallet_nonce is ours, if we sent one                         §5.10.1

    client_id: from the link. did_key: resolved from ``parsed.did_url``. wallet_issuer, wallet_nonce: what was posted, if anything.
    The caller still owes: consent, ``transaction_data.require_known_types``, trust in this client.
    Raises Rejected, Malformed("invalid_request").
    """
    request = parsed.request
    # 1 · client identifier
    if str(request.client_id) != client_id:
        raise Rejected("untrusted_key", "the request object is of another client than the link")
    # 2 · key
    client = verify_client(
        request.client_id, parsed.jwt.header, response_uri=request.response_uri, did_key=did_key, roots=roots, now=now
    )
    if client.key is None:
        raise Malformed(_BAD, "the request is not signed")
    # 3 · token
    audiences = (STATIC_AUDIENCE,) if wallet_issuer is None else (STATIC_AUDIENCE, wallet_issuer)
    verify_jwt(parsed.jwt, client.key, typ=REQUEST_TYP, now=now, audience=audiences)
    # 4 · our nonce
    if wallet_nonce is not None and request.wallet_nonce != wallet_nonce:
        raise Rejected("wrong_nonce", "the request object does not carry our wallet_nonce")
    return VerifiedRequest(request=request, client=client)
