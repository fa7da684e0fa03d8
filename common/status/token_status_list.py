"""The Token Status List as a JWT (draft-20 §5.1): building, reading, verifying. Pure; `fetch_status` brings it here.

``list_version`` is a claim of ours beside the text's (§5.1 rule 1 allows others): where a holder of the list asks for changes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.jose.jwt import ParsedJwt, build_jwt, parse_jwt, time_claim, verify_jwt
from common.ports import Signer
from common.status.bits import StatusList, inflate
from common.status.deflated import MAX_INFLATED_BYTES
from common.status.problems import StatusListRejected

TYP = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
MAX_TOKEN_BYTES = 1 << 20

VALID, INVALID, SUSPENDED = 0, 1, 2
"""Status types (§7.1). INVALID is for good, SUSPENDED may be lifted."""
APPLICATION_SPECIFIC = frozenset({0x03, *range(0x0C, 0x10)})
"""Registered for the issuer's own meanings (§7.1). Every other value is reserved: it says nothing, so nothing is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedStatusList:
    """A list whose signature, address and times hold. issued_at, expires_at: seconds since 1970. ttl: seconds that it may be kept.

    version: counts the changes of a list of ours, None for others'.
    """

    uri: str
    issued_at: int
    expires_at: int | None
    ttl: int | None
    aggregation_uri: str | None
    entries: StatusList = field(repr=False)
    version: int | None = None

    def get(self, index: int) -> int:
        """The status type at the index. Raises Rejected("status_unknown") outside the list: such a credential is refused (§8.3 step 6)."""
        try:
            return self.entries[index]
        except IndexError:
            raise StatusListRejected("RANGE_ERROR", "the status list has no such entry") from None


def build_status_list_token(
    entries: StatusList,
    signer: Signer,
    *,
    uri: str,
    issued_at: int,
    expires_at: int,
    ttl: int,
    aggregation_uri: str | None = None,
    x5c: tuple[str, ...] = (),
    key_id: str = "",
    version: int | None = None,
) -> str:
    """The list as a signed token. uri: the address that credentials give, becomes ``sub``. Times in seconds; ttl is above 0.

    key_id: the ``kid``, the signer's own where empty. x5c: its certificates, where the issuer's credentials carry them too.
    """
    if ttl <= 0 or expires_at <= issued_at:
        raise ValueError("a status list lives for a positive time")
    header: dict[str, Any] = {"alg": signer.alg, "typ": TYP, "kid": key_id or signer.kid}
    if x5c:
        header["x5c"] = list(x5c)
    status_list: dict[str, Any] = {"bits": entries.bits, "lst": b64url_encode(entries.deflate())}
    if aggregation_uri is not None:
        status_list["aggregation_uri"] = aggregation_uri
    claims: dict[str, Any] = {"sub": uri, "iat": issued_at, "exp": expires_at, "ttl": ttl, "status_list": status_list}
    if version is not None:
        claims["list_version"] = version
    return build_jwt(header, claims, signer)


def parse_status_list_token(text: str) -> ParsedJwt:
    """Token → unverified. Raises Malformed. ``header`` tells where to look for the key."""
    return parse_jwt(text, max_bytes=MAX_TOKEN_BYTES)


def verify_status_list_token(
    parsed: ParsedJwt, key: PublicKey, *, uri: str, issuer: str, now: int, max_bytes: int = MAX_INFLATED_BYTES
) -> VerifiedStatusList:
    """Unverified → a list to look entries up in (§8.3).

    1. signature, typ and times (§5.1, §8.3 steps 3a, 4b, 4c)
    2. ``sub`` is the address that the credential named, so that no list stands in for another (§8.3 step 4a)
    3. ``iss``, which the draft leaves open, names the credential's issuer if it is there
    4. required claims and their forms (§8.3 step 3b)
    5. inflating, bounded (§8.3 step 5)

    Raises Malformed or Rejected. The caller still owes: that ``key`` belongs to the issuer of the credential (§11.3).
    """
    # 1
    claims = verify_jwt(parsed, key, typ=TYP, now=now)

    # 2
    if claims.get("sub") != uri:
        raise Rejected("status_unknown", "the status list is for another address")

    # 3
    if claims.get("iss", issuer) != issuer:
        raise Rejected("untrusted_issuer", "the status list names another issuer")

    # 4
    issued_at = time_claim(claims, "iat")
    if issued_at is None:
        raise Malformed("bad_status_list", "a status list tells when it was made")
    body = claims.get("status_list")
    if not isinstance(body, Mapping) or not isinstance(body.get("lst"), str) or not isinstance(body.get("bits"), int):
        raise Malformed("bad_status_list", "status_list holds bits and lst")
    aggregation_uri = body.get("aggregation_uri")
    if aggregation_uri is not None and not isinstance(aggregation_uri, str):
        raise Malformed("bad_status_list", "aggregation_uri is an address")

    # 5
    entries = inflate(body["bits"], b64url_decode(body["lst"]), max_bytes=max_bytes)
    return VerifiedStatusList(
        uri=uri,
        issued_at=issued_at,
        expires_at=time_claim(claims, "exp"),
        ttl=_ttl(claims),
        aggregation_uri=aggregation_uri,
        entries=entries,
        version=read_version(claims.get("list_version")),
    )


def read_version(found: object) -> int | None:
    """Our own ``list_version``. Somebody else's claim of that name, of whatever form, means nothing here."""
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _ttl(claims: Mapping[str, Any]) -> int | None:
    ttl = time_claim(claims, "ttl")
    if ttl is not None and claims["ttl"] <= 0:
        raise Malformed("bad_status_list", "ttl is a positive number of seconds")
    return ttl
