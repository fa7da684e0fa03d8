"""JWT VC Issuer Metadata: where an issuer publishes its keys under its own https address (SD-JWT VC draft-19 §4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from common.cache import lifetime_of
from common.encoding import parse_json_object
from common.errors import Malformed, Rejected, Unavailable
from common.jose.jwk import PublicKey, parse_public_jwk
from common.ports import Fetch, Fetched

WELL_KNOWN = "/.well-known/jwt-vc-issuer"
MAX_BYTES = 64 * 1024
_MAX_KEYS = 100
_IDENTIFIER = re.compile(r"https?://[A-Za-z0-9._~:/\[\]!$&'()*+,;=%-]{1,2000}")
"""No query, fragment or user, nor anything that some reader of addresses would drop or mend."""
DEFAULT_TTL, LONGEST_TTL = 300, 3600
"""Seconds that keys are believed: where the server says nothing, and at most. So long does a withdrawn key live on here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeySet:
    """An issuer's published keys, as fetched. address: of the metadata. lifetime: seconds that they may be kept."""

    issuer: str
    address: str
    jwks: tuple[Mapping[str, Any], ...]
    lifetime: int

    def key(self, kid: str | None, *, alg: str) -> PublicKey:
        """The key with that kid; without a kid, the only key of that algorithm. Raises Rejected("untrusted_key")."""
        signing = [jwk for jwk in self.jwks if jwk.get("use", "sig") == "sig" and jwk.get("alg", alg) == alg]
        if kid is not None:
            signing = [jwk for jwk in signing if jwk.get("kid") == kid]
        if len(signing) != 1:
            raise Rejected("untrusted_key", "the issuer's metadata does not name this key exactly once")
        return parse_public_jwk(signing[0], alg=alg)


def metadata_address(issuer: str) -> str:
    """Issuer identifier → address of its metadata: the well-known text goes between host and path (§4.1).

    Raises Malformed for an identifier with a query, fragment or user, or that is not https (http on localhost: for sandboxes).
    """
    if not _IDENTIFIER.fullmatch(issuer):
        raise Malformed("bad_issuer", "an issuer identifier is an https address without query and fragment")
    try:
        parts = urlsplit(issuer)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise Malformed("bad_issuer", "not an issuer identifier") from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host == "localhost")
    if not secure or not host:
        raise Malformed("bad_issuer", "an issuer identifier is an https address")
    if any(segment in (".", "..") for segment in parts.path.split("/")):
        raise Malformed("bad_issuer", "an issuer identifier does not climb about in its server's folders")
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}{parts.path.removesuffix('/')}"


def build_issuer_metadata(issuer: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The metadata of an issuer of ours (§4.2). keys: public JWKs with kid; rotated-out ones stay while their signatures shall hold."""
    metadata_address(issuer)
    return {"issuer": issuer, "jwks": {"keys": [dict(parse_public_jwk(dict(key)).jwk) for key in keys]}}


def parse_issuer_metadata(body: bytes, *, issuer: str) -> list[Mapping[str, Any]] | str:
    """Metadata → its keys, or the address of its keys. Raises Malformed, and Rejected("untrusted_key") if it is another issuer's (§4.3)."""
    metadata = parse_json_object(body, max_bytes=MAX_BYTES)
    if metadata.get("issuer") != issuer:
        raise Rejected("untrusted_key", "the metadata speaks for another issuer")
    if ("jwks" in metadata) == ("jwks_uri" in metadata):
        raise Malformed("bad_issuer_metadata", "either jwks or jwks_uri stands in the metadata")
    if "jwks" in metadata:
        return parse_key_set(metadata["jwks"])
    address = metadata["jwks_uri"]
    if not isinstance(address, str):
        raise Malformed("bad_issuer_metadata", "jwks_uri is an address")
    return address


def parse_key_set(value: object) -> list[Mapping[str, Any]]:
    """JWK Set (RFC 7517 §5) → its members, unread: keys of kinds unknown here do not spoil the set. Raises Malformed."""
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS or not all(isinstance(key, dict) for key in keys):
        raise Malformed("bad_key_set", f"a JWK Set holds a list of at most {_MAX_KEYS} keys")
    return keys


def fetch_issuer_keys(issuer: str, *, fetch: Fetch) -> IssuerKeySet:
    """Asks the issuer's own address. Raises Malformed, Rejected("untrusted_key"), Refused or Unavailable."""
    address = metadata_address(issuer)
    answer = _fetch_json(address, fetch)
    lifetime = lifetime_of(answer.headers, default=DEFAULT_TTL, longest=LONGEST_TTL)
    keys = parse_issuer_metadata(answer.body, issuer=issuer)
    if isinstance(keys, str):
        key_set = _fetch_json(keys, fetch)
        lifetime = min(lifetime, lifetime_of(key_set.headers, default=DEFAULT_TTL, longest=LONGEST_TTL))
        keys = parse_key_set(parse_json_object(key_set.body, max_bytes=MAX_BYTES))
    return IssuerKeySet(issuer=issuer, address=address, jwks=tuple(keys), lifetime=lifetime)


def _fetch_json(address: str, fetch: Fetch) -> Fetched:
    answer = fetch.get(address, accept="application/json")
    if answer.status in (404, 410):
        raise Rejected("untrusted_key", "the issuer publishes no keys")
    if answer.status != 200:
        raise Unavailable("issuer_metadata_unavailable", f"the issuer's server answered {answer.status}")
    return answer
