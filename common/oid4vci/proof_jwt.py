"""The ``jwt`` key proof: the wallet shows that it holds the key a credential shall be bound to (OpenID4VCI 1.0 appendix F.1, F.4).

Keys are named by ``jwk`` or by a ``kid`` that is a did:key or did:jwk. ``x5c``, ``trust_chain`` and key attestations are not read here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.did.syntax import parse_did_url
from common.encoding import b64url_decode, parse_json_object
from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.ids import Did, Nonce
from common.jose.jwk import PublicKey, parse_public_jwk
from common.jose.jwt import ParsedJwt, build_jwt, parse_jwt, verify_jwt
from common.keys.multikey import decode_multikey, encode_did_key
from common.ports import Signer

PROOF_TYP = "openid4vci-proof+jwt"
PROOF_ALGS = ("ES256", "ES384", "EdDSA")
MAX_AGE = 300
"""Seconds between making a proof and its arrival; with the nonce this bounds replay (§13.8)."""
_BAD = "invalid_proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedProof:
    """Read, not verified. method: how the header names the key: jwk, did:key, did:jwk. holder_did: set for the DIDs."""

    jwt: ParsedJwt = field(repr=False)
    key: PublicKey
    method: str
    holder_did: Did | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedProof:
    """A key whose holder answered this issuer just now. thumbprint: RFC 7638. nonce: None only where no nonce was asked for."""

    key: PublicKey
    method: str
    holder_did: Did | None
    nonce: Nonce | None
    issued_at: int

    @property
    def holder_jwk(self) -> Mapping[str, Any]:
        """The public key itself, without kid, use and the like: what goes into ``cnf.jwk``."""
        return {name: self.key.jwk[name] for name in ("kty", "crv", "x", "y") if name in self.key.jwk}

    @property
    def thumbprint(self) -> str:
        return self.key.thumbprint


def build_proof_jwt(
    signer: Signer,
    *,
    issuer: str,
    nonce: str | None,
    now: int,
    kid: str | None = None,
    client_id: str | None = None,
) -> str:
    """A proof for one key. kid: the DID URL of the key; without it the key itself goes into the header as ``jwk``.

    issuer: the credential issuer's identifier. client_id: only where the access token was given to a named client.
    """
    header: dict[str, Any] = {"typ": PROOF_TYP}
    if kid is not None:
        header["kid"] = kid
    else:
        public = signer.public_jwk()
        header["jwk"] = {name: public[name] for name in ("kty", "crv", "x", "y") if name in public}
    claims: dict[str, Any] = {"aud": issuer, "iat": now}
    if client_id is not None:
        claims["iss"] = client_id
    if nonce is not None:
        claims["nonce"] = nonce
    return build_jwt(header, claims, signer)


def parse_proof_jwt(text: str) -> ParsedProof:
    """Compact JWT → proof. Raises Malformed("invalid_proof"), Unsupported("invalid_proof") for a key named another way."""
    try:
        jwt = parse_jwt(text, max_bytes=16384)
        named = [name for name in ("jwk", "kid", "x5c") if name in jwt.header]
        if len(named) != 1:
            raise Malformed(_BAD, "a key proof names its key by exactly one of jwk, kid and x5c")
        if named == ["jwk"]:
            return ParsedProof(jwt=jwt, key=parse_public_jwk(jwt.header["jwk"]), method="jwk", holder_did=None)
        if named == ["kid"] and isinstance(jwt.header["kid"], str):
            return _read_did_key(jwt, jwt.header["kid"])
    except (Malformed, Rejected) as error:
        raise Malformed(_BAD, error.detail) from error
    raise Unsupported(_BAD, "the key is not named by jwk, did:key or did:jwk", known=("jwk", "did:key", "did:jwk"))


def _read_did_key(jwt: ParsedJwt, kid: str) -> ParsedProof:
    """did:key and did:jwk spell their key out; the fragment must be the one they have."""
    url = parse_did_url(kid)
    did = url.did
    if url.path or url.query is not None:
        raise Malformed(_BAD, "kid is not the DID URL of a key")
    if did.method == "key":
        jwk = decode_multikey(did.identifier)
        if encode_did_key(jwk) != did.identifier or url.fragment != did.identifier:
            raise Malformed(_BAD, "kid is not the DID URL of this did:key")
    elif did.method == "jwk":
        jwk = parse_json_object(b64url_decode(did.identifier), max_bytes=2048)
        if url.fragment != "0":
            raise Malformed(_BAD, "kid is not the DID URL of this did:jwk")
    else:
        raise Unsupported(_BAD, "only did:key and did:jwk can name a holder here", known=("did:key", "did:jwk"))
    return ParsedProof(jwt=jwt, key=parse_public_jwk(jwk), method=f"did:{did.method}", holder_did=did.did)


def verify_proof_jwt(
    parsed: ParsedProof,
    *,
    issuer: str,
    now: int,
    algs: Collection[str] = PROOF_ALGS,
    methods: Collection[str] = ("jwk", "did:key", "did:jwk"),
    nonce_needed: bool = True,
    client_id: str | None = None,
    max_age: int = MAX_AGE,
) -> VerifiedProof:
    """A parsed proof → a proven key (appendix F.4).

    1. the key is named as this configuration allows        ``cryptographic_binding_methods_supported``
    2. alg is one that the metadata lists                    ``proof_signing_alg_values_supported``
    3. typ, signature, aud, iat within max_age (seconds)     F.1; §13.8
    4. iss is the client, and absent for an anonymous one    F.1
    5. the nonce is there, if this issuer gives nonces       F.1
    The caller still owes: that the nonce is one of its own, fresh, and now used up (a conditional update).
    Raises Rejected (mapped to invalid_proof; reason wrong_nonce → invalid_nonce) or Malformed("invalid_proof").
    """
    # 1 · binding method
    if parsed.method not in methods:
        raise Rejected("untrusted_key", "this credential cannot be bound to a key named that way")
    # 2 · algorithm
    if parsed.jwt.alg not in algs:
        raise Rejected("algorithm_not_allowed", "the key proof's alg is not one that the metadata lists")
    # 3 · token
    audience = parsed.jwt.claims.get("aud")
    if not isinstance(audience, str):
        raise Malformed(_BAD, "aud is the issuer's identifier, one text")
    try:
        claims = verify_jwt(parsed.jwt, parsed.key, typ=PROOF_TYP, now=now, audience=issuer, max_age=max_age)
    except Malformed as error:
        raise Malformed(_BAD, error.detail) from error
    # 4 · client
    if claims.get("iss") != client_id:
        raise Rejected("wrong_holder", "iss is the client_id, and absent for an anonymous client")
    # 5 · nonce
    nonce = claims.get("nonce")
    if nonce_needed and not (isinstance(nonce, str) and nonce):
        raise Malformed(_BAD, "the key proof lacks the nonce")
    return VerifiedProof(
        key=parsed.key,
        method=parsed.method,
        holder_did=parsed.holder_did,
        nonce=Nonce(nonce) if isinstance(nonce, str) and nonce else None,
        issued_at=int(claims["iat"]),
    )


def verify_proofs(
    texts: Sequence[str],
    *,
    issuer: str,
    now: int,
    algs: Collection[str] = PROOF_ALGS,
    methods: Collection[str] = ("jwk", "did:key", "did:jwk"),
    nonce_needed: bool = True,
    client_id: str | None = None,
    max_age: int = MAX_AGE,
) -> tuple[VerifiedProof, ...]:
    """All proofs of one request: each verified, every key different (each binds at most one credential, §8.3), one nonce for all.

    Raises as ``verify_proof_jwt``, and with everything that is neither Malformed nor Rejected turned to Malformed("invalid_proof").
    """
    proofs: list[VerifiedProof] = []
    for text in texts:
        try:
            parsed = parse_proof_jwt(text)
            proof = verify_proof_jwt(
                parsed,
                issuer=issuer,
                now=now,
                algs=algs,
                methods=methods,
                nonce_needed=nonce_needed,
                client_id=client_id,
                max_age=max_age,
            )
        except (Malformed, Rejected):
            raise
        except TegataError as error:
            raise Malformed(_BAD, error.detail) from error
        proofs.append(proof)
    if len({proof.thumbprint for proof in proofs}) != len(proofs):
        raise Malformed(_BAD, "a key is proven twice; every credential needs its own")
    if len({proof.nonce for proof in proofs}) > 1:
        raise Rejected("wrong_nonce", "the key proofs of one request carry different nonces")
    return tuple(proofs)
