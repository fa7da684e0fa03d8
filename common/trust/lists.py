"""Signed and dated lists of whom to trust, which a deployment subscribes to: the anchors' content, kept by somebody else.

A list is a JWT (``typ: trust-list+jwt``), signed by the DID that the subscriber was told to expect:
``iss`` that DID, ``iat``, ``exp``, ``sequence`` (never falls), ``next_update``, ``name`` (language tag → text), ``test`` (sandboxes only),
``issuers`` (members as the TOML list of `common/trust/anchors.py` has them) and ``roots`` (certificates, base64 DER).

Our own form, kept small. OpenID Federation, the lists of ETSI TS 119 612 / 119 602 and ISO's VICAL say the same in other words; with the
second of them this file becomes a member beside it, under a contract of parse, verify and entries.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from common.did.syntax import parse_did_url
from common.errors import Malformed, Misconfigured, Refused, Rejected
from common.jose.jwk import PublicKey
from common.jose.jwt import ParsedJwt, build_jwt, parse_jwt, time_claim, verify_jwt
from common.ports import Signer
from common.trust.anchors import KEY_PATHS, Listing, TrustAnchors, TrustedIssuer, read_issuer, refuse_test_anchors

TYP = "trust-list+jwt"
MEDIA_TYPE = f"application/{TYP}"
MAX_BYTES = 1 << 20
_MAX_ENTRIES = 10_000
_CLAIMS = frozenset({"iss", "iat", "exp", "sequence", "next_update", "name", "test", "issuers", "roots"})


@dataclass(frozen=True, slots=True)
class ParsedTrustList:
    """Read, not verified. key_url: the DID URL of the key that shall have signed it. digest: SHA-256 of the text."""

    token: ParsedJwt
    signer: str
    key_url: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestSeen:
    """The list that was taken last: a later one never has a lower number, and one of the same number is the same text."""

    sequence: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """A verified list. Times in seconds since 1970; next_update: when there may be another, None where the list does not say."""

    listing: Listing
    anchors: TrustAnchors
    expires_at: int
    next_update: int | None
    seen: NewestSeen


def parse_trust_list(text: str) -> ParsedTrustList:
    """Raises Malformed."""
    token = parse_jwt(text, max_bytes=MAX_BYTES)
    signer, kid = token.claims.get("iss"), token.kid
    if not isinstance(signer, str) or not signer.startswith("did:") or kid is None:
        raise Malformed("bad_trust_list", "a trust list names the DID of its signer (iss) and the key (kid)")
    url = kid if kid.startswith("did:") else f"{signer}#{kid.removeprefix('#')}"
    if parse_did_url(url).did.did != signer:
        raise Malformed("bad_trust_list", "the key belongs to another DID than the signer's")
    return ParsedTrustList(token, signer, url, sha256(text.encode("ascii")).digest())


def verify_trust_list(
    parsed: ParsedTrustList,
    key: PublicKey,
    *,
    signer: str,
    now: int,
    newest_seen: NewestSeen | None = None,
    sandbox: bool = False,
) -> TrustList:
    """The list, once proven.

    1. it is the expected signer's
    2. signature, typ, and times: issued, not expired
    3. it is not older than what was seen, and not another of the same number
    4. every entry is well-formed; nothing in it is unknown
    5. outside a sandbox it is no test list, and names no test issuer or test root
    Raises Rejected("untrusted_key" | "bad_signature" | "wrong_type" | "expired" | "not_yet_valid" | "stale"), Malformed,
    Refused("test_anchor"). The caller still owes: that ``key`` is that of ``parsed.key_url``, and to remember ``seen``.
    """
    # 1
    if parsed.signer != signer:
        raise Rejected("untrusted_key", "the trust list is signed by somebody else")
    # 2
    claims = verify_jwt(parsed.token, key, typ=TYP, now=now)
    issued, expires, update = (time_claim(claims, name) for name in ("iat", "exp", "next_update"))
    if issued is None or expires is None or expires <= issued:
        raise Malformed("bad_trust_list", "a trust list is dated: iat, and exp after it")
    # 3
    sequence = claims.get("sequence")
    if type(sequence) is not int or not 0 <= sequence < 1 << 53:
        raise Malformed("bad_trust_list", "a trust list has a sequence number")
    seen = NewestSeen(sequence=sequence, digest=parsed.digest)
    if newest_seen is not None and (sequence < newest_seen.sequence or _is_another(seen, newest_seen)):
        raise Rejected("stale", "a newer trust list was seen already, or another of the same number")
    # 4
    unknown = claims.keys() - _CLAIMS
    if unknown:
        raise Malformed("bad_trust_list", f"unknown members: {', '.join(sorted(unknown))[:200]}")
    listing = Listing(name=_names(claims.get("name")), signer=signer, sequence=sequence, issued_at=issued)
    anchors = _read_anchors(claims, listing)
    # 5
    if not sandbox:
        try:
            if claims.get("test", False):
                raise Misconfigured("test_anchor", "the list is for sandboxes")
            refuse_test_anchors(anchors)
        except Misconfigured as error:
            raise Refused("test_anchor", error.detail) from error
    return TrustList(listing=listing, anchors=anchors, expires_at=expires, next_update=update, seen=seen)


def build_trust_list(
    anchors: TrustAnchors,
    signer: Signer,
    *,
    issuer: str,
    key_url: str,
    names: Mapping[str, str],
    sequence: int,
    issued_at: int,
    expires_at: int,
    next_update: int | None = None,
    test: bool = False,
) -> str:
    """The signed list. issuer: the signer's DID; key_url: the DID URL of its key."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "iat": issued_at,
        "exp": expires_at,
        "sequence": sequence,
        "name": dict(names),
        "test": test,
        "issuers": [_entry(one) for one in anchors.issuers],
        "roots": [base64.b64encode(root.public_bytes(Encoding.DER)).decode("ascii") for root in anchors.roots],
    }
    if next_update is not None:
        claims["next_update"] = next_update
    return build_jwt({"typ": TYP, "kid": key_url}, claims, signer)


def merge_anchors(own: TrustAnchors, lists: Sequence[TrustList]) -> TrustAnchors:
    """The operator's own entries, then the lists in their order. Who is named twice is believed as the first says: the operator's own word
    is never widened by a list, nor one list's by another."""
    issuers = {one.identifier: one for one in own.issuers}
    roots = dict.fromkeys(own.roots)
    for one in lists:
        for issuer in one.anchors.issuers:
            issuers.setdefault(issuer.identifier, issuer)
        roots.update(dict.fromkeys(one.anchors.roots))
    return TrustAnchors(roots=tuple(roots), issuers=tuple(issuers.values()))


def _is_another(one: NewestSeen, other: NewestSeen) -> bool:
    return one.sequence == other.sequence and one.digest != other.digest


def _read_anchors(claims: Mapping[str, Any], listing: Listing) -> TrustAnchors:
    issuers, roots, test = claims.get("issuers", []), claims.get("roots", []), claims.get("test", False)
    if not isinstance(issuers, list) or not isinstance(roots, list) or not isinstance(test, bool):
        raise Malformed("bad_trust_list", "issuers and roots are arrays, test is true or false")
    if len(issuers) + len(roots) > _MAX_ENTRIES or not all(isinstance(entry, dict) for entry in issuers):
        raise Malformed("bad_trust_list", f"at most {_MAX_ENTRIES} entries, each issuer an object")
    try:
        return TrustAnchors(
            roots=tuple(_root(root) for root in roots),
            issuers=tuple(replace(read_issuer(entry, test=test), listed_in=listing) for entry in issuers),
        )
    except Misconfigured as error:
        raise Malformed("bad_trust_list", error.detail) from error


def _root(text: object) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(base64.b64decode(text if isinstance(text, str) else "", validate=True))
    except (ValueError, binascii.Error) as error:
        raise Malformed("bad_trust_list", "a root is a certificate in base64") from error


def _names(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not value or not all(isinstance(name, str) and name for name in value.values()):
        raise Malformed("bad_trust_list", "a trust list has a name: language tag → text")
    return value


def _entry(issuer: TrustedIssuer) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "identifier": issuer.identifier,
        "types": sorted(issuer.types),
        "names": dict(issuer.names),
    }
    if issuer.key_paths != KEY_PATHS:
        entry["keys"] = sorted(issuer.key_paths)
    return {**entry, "test": True} if issuer.test else entry
