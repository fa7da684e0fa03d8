"""The Token Status List as a CWT (draft-20 §5.2): building, reading, verifying. Pure; `fetch_status` brings it here."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from common.cose.cwt import EXP, IAT, ISS, SUB, ParsedCwt, build_cwt, parse_cwt, time_claim, verify_cwt
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.ports import Signer
from common.status.bits import StatusList, inflate
from common.status.deflated import MAX_INFLATED_BYTES
from common.status.token_status_list import MAX_TOKEN_BYTES, VerifiedStatusList, read_version

MEDIA_TYPE = "application/statuslist+cwt"
TTL, STATUS_LIST = 65_534, 65_533
"""Claim keys (§5.2, §15.3)."""


def build_status_list_cwt(
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
) -> bytes:
    """The list as a signed token. The arguments are those of ``build_status_list_token``; x5c becomes ``x5chain``."""
    if ttl <= 0 or expires_at <= issued_at:
        raise ValueError("a status list lives for a positive time")
    status_list: dict[str, Any] = {"bits": entries.bits, "lst": entries.deflate()}
    if aggregation_uri is not None:
        status_list["aggregation_uri"] = aggregation_uri
    claims: dict[int | str, Any] = {
        SUB: uri,
        IAT: issued_at,
        EXP: expires_at,
        TTL: ttl,
        STATUS_LIST: status_list,
    }
    if version is not None:
        claims["list_version"] = version
    return build_cwt(
        claims,
        signer,
        typ=MEDIA_TYPE,
        kid=(key_id or signer.kid).encode("utf-8"),
        x5chain=tuple(b64decode(certificate) for certificate in x5c),
    )


def parse_status_list_cwt(data: bytes) -> ParsedCwt:
    """Token → unverified. Raises Malformed; also without the tag of COSE_Sign1, or with that of a CWT, which §5.2 forbids.

    A MAC (tag 17) is refused with the rest: whoever could check it could also have made it.
    """
    parsed = parse_cwt(data, max_bytes=MAX_TOKEN_BYTES)
    if not parsed.tagged:
        raise Malformed("bad_status_list", "a status list token is a tagged COSE_Sign1, without the tag of a CWT")
    return parsed


def verify_status_list_cwt(
    parsed: ParsedCwt, key: PublicKey, *, uri: str, issuer: str, now: int, max_bytes: int = MAX_INFLATED_BYTES
) -> VerifiedStatusList:
    """Unverified → a list to look entries up in (§8.3). The steps are those of ``verify_status_list_token``:

    1. signature, type and times (§5.2, §8.3 steps 3a, 4b, 4c)
    2. the subject is the address that the credential named (§8.3 step 4a)
    3. the issuer claim, which the draft leaves open, names the credential's issuer if it is there
    4. required claims and their forms (§8.3 step 3b)
    5. inflating, bounded (§8.3 step 5)

    Raises Malformed or Rejected. The caller still owes: that ``key`` belongs to the issuer of the credential (§11.3).
    """
    # 1
    claims = verify_cwt(parsed, key, typ=MEDIA_TYPE, now=now)

    # 2
    if claims.get(SUB) != uri:
        raise Rejected("status_unknown", "the status list is for another address")

    # 3
    if claims.get(ISS, issuer) != issuer:
        raise Rejected("untrusted_issuer", "the status list names another issuer")

    # 4
    issued_at = time_claim(claims, IAT)
    if issued_at is None:
        raise Malformed("bad_status_list", "a status list tells when it was made")
    entries, aggregation_uri = read_status_list(claims.get(STATUS_LIST), max_bytes=max_bytes)  # with 5
    return VerifiedStatusList(
        uri=uri,
        issued_at=issued_at,
        expires_at=time_claim(claims, EXP),
        ttl=_ttl(claims),
        aggregation_uri=aggregation_uri,
        entries=entries,
        version=read_version(claims.get("list_version")),
    )


def read_status_list(body: object, *, max_bytes: int = MAX_INFLATED_BYTES) -> tuple[StatusList, str | None]:
    """The ``StatusList`` map (§4.3) → entries, aggregation_uri. Raises Malformed."""
    if not isinstance(body, Mapping):
        raise Malformed("bad_status_list", "the status list is a map")
    bits, compressed, aggregation_uri = body.get("bits"), body.get("lst"), body.get("aggregation_uri")
    if isinstance(bits, bool) or not isinstance(bits, int) or not isinstance(compressed, bytes):
        raise Malformed("bad_status_list", "the status list holds bits and the bytes lst")
    if aggregation_uri is not None and not isinstance(aggregation_uri, str):
        raise Malformed("bad_status_list", "aggregation_uri is an address")
    return inflate(bits, compressed, max_bytes=max_bytes), aggregation_uri


def _ttl(claims: Mapping[int | str, Any]) -> int | None:
    if TTL not in claims:
        return None
    ttl = claims[TTL]
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 < ttl < 1 << 53:
        raise Malformed("bad_status_list", "ttl is a positive whole number of seconds")
    return ttl
