"""JWT VC Issuer Metadata: where an issuer publishes its keys under its own https address (SD-JWT VC draft-19 §4).

A key's life is told by the members that OpenID Federation 1.0 §8.7 gives to historical keys: ``nbf``, ``exp`` (rotated out in good order)
and ``revoked`` (``{"revoked_at": …, "reason": "compromised"}``). A key that was rotated out stays in ``jwks`` with its ``exp``. One that
was compromised stands apart, in ``historical_keys`` beside ``jwks``, our only addition to the text: whoever does not know it finds no
such key, and refuses what it signed. ``time_stamps_endpoint``, the other addition, is where time-stamps of what the issuer signed are to
be had (`common/trust/time_stamps.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from common.cache import lifetime_of
from common.encoding import parse_json_object
from common.errors import Malformed, Rejected, TegataError, Unavailable
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.history import UNRECORDED, KeyEntry
from common.ports import Fetch, Fetched

WELL_KNOWN = "/.well-known/jwt-vc-issuer"
MAX_BYTES = 64 * 1024
_MAX_KEYS = 100
_IDENTIFIER = re.compile(r"https?://[A-Za-z0-9._~:/\[\]!$&'()*+,;=%-]{1,2000}")
"""No query, fragment or user, nor anything that some reader of addresses would drop or mend."""
DEFAULT_TTL, LONGEST_TTL = 300, 3600
"""Seconds that keys are believed: where the server says nothing, and at most. So long does a withdrawn key live on here."""


class NothingPublished(Rejected):
    """The issuer's server answers that there is no metadata: an issuer may live by certificates alone."""

    def __init__(self) -> None:
        super().__init__("untrusted_key", "the issuer publishes no keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeySet:
    """An issuer's published keys, as fetched. address: of the metadata. lifetime: seconds that they may be kept.

    by_thumbprint: the same keys, historical ones included, by RFC 7638; kinds unknown here are left out.
    """

    issuer: str
    address: str
    jwks: tuple[Mapping[str, Any], ...]
    lifetime: int
    historical_keys: tuple[Mapping[str, Any], ...] = ()
    time_stamps: str | None = None
    by_thumbprint: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict, repr=False)

    def history_of(self, key: PublicKey) -> KeyEntry:
        """The life of a key that was found elsewhere (in a certificate). One that is published as sound and as revoked counts as the
        worse. Raises Malformed for dates that are none."""
        entries = [read_key_entry(jwk) for jwk in self.by_thumbprint.get(key.thumbprint, ())]
        compromised = [entry.compromised_since for entry in entries if entry.compromised_since is not None]
        retired = [entry.retired_at for entry in entries if entry.retired_at is not None]
        if not entries:
            return UNRECORDED
        return replace(
            entries[0],
            compromised_since=min(compromised, default=None),
            retired_at=min(retired, default=None),
        )

    def key_with_history(self, kid: str | None, *, alg: str) -> tuple[PublicKey, KeyEntry]:
        """Like `key`, for signatures of any age: historical keys are found, too, by their kid.

        Raises Rejected("untrusted_key"), Malformed. The caller still owes: `common.keys.history.judge_key_time`.
        """
        past = [jwk for jwk in self.historical_keys if kid is not None and jwk.get("kid") == kid]
        if not past:
            key = self.key(kid, alg=alg)
            return key, read_key_entry(key.jwk)
        if len(past) != 1 or any(jwk.get("kid") == kid for jwk in self.jwks):
            raise Rejected("untrusted_key", "the issuer's metadata does not name this key exactly once")
        entry = read_key_entry(past[0])
        if entry.retired_at is None and entry.compromised_since is None:
            raise Malformed("bad_issuer_metadata", "a historical key says what became of it, and when")
        return parse_public_jwk(past[0], alg=alg), entry

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


def build_issuer_metadata(
    issuer: str,
    keys: Sequence[Mapping[str, Any]],
    history: Mapping[str, KeyEntry] | None = None,
    *,
    time_stamps: str | None = None,
) -> dict[str, Any]:
    """The metadata of an issuer of ours (§4.2). keys: public JWKs with kid; rotated-out ones stay while their signatures shall hold.

    history: kid → the key's life, for keys that have one. time_stamps: where time-stamps of the issuer's credentials are.
    """
    metadata_address(issuer)
    sound: list[dict[str, Any]] = []
    compromised: list[dict[str, Any]] = []
    for key in keys:
        jwk = dict(parse_public_jwk(dict(key)).jwk)
        entry = (history or {}).get(str(jwk.get("kid")), UNRECORDED)
        (sound if entry.compromised_since is None else compromised).append({**jwk, **_dates(entry)})
    metadata: dict[str, Any] = {"issuer": issuer, "jwks": {"keys": sound}}
    if time_stamps is not None:
        metadata["time_stamps_endpoint"] = time_stamps
    return {**metadata, "historical_keys": {"keys": compromised}} if compromised else metadata


def _dates(entry: KeyEntry) -> dict[str, Any]:
    dates: dict[str, Any] = {}
    if entry.retired_at is not None:
        dates["exp"] = entry.retired_at
    if entry.compromised_since is not None:
        dates["revoked"] = {"revoked_at": entry.compromised_since, "reason": "compromised"}
    return dates


def read_key_entry(jwk: Mapping[str, Any]) -> KeyEntry:
    """A JWK's own account of its life (OpenID Federation 1.0 §8.7.3). A key revoked as ``superseded`` was rotated out; every other reason
    is a compromise. Raises Malformed for a date that is none.
    """
    revoked = jwk.get("revoked")
    retired, compromised = _date(jwk, "exp"), None
    if revoked is not None:
        since = _date(revoked, "revoked_at") if isinstance(revoked, dict) else None
        if since is None:
            raise Malformed("bad_issuer_metadata", "a revoked key says since when")
        if revoked.get("reason") == "superseded":
            retired = since if retired is None else min(since, retired)
        else:
            compromised = since
    return KeyEntry(
        key_id=str(jwk.get("kid", "")),
        valid_from=_date(jwk, "nbf"),
        retired_at=retired,
        compromised_since=compromised,
    )


def _date(members: Mapping[str, Any], name: str) -> int | None:
    value = members.get(name)
    if name in members and (not isinstance(value, int | float) or isinstance(value, bool)):
        raise Malformed("bad_issuer_metadata", f"{name} is a number of seconds")
    return None if value is None else int(value)


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
    metadata = parse_json_object(answer.body, max_bytes=MAX_BYTES)
    historical, time_stamps = metadata.get("historical_keys", {"keys": []}), metadata.get("time_stamps_endpoint")
    if isinstance(keys, str):
        key_set = _fetch_json(keys, fetch)
        lifetime = min(lifetime, lifetime_of(key_set.headers, default=DEFAULT_TTL, longest=LONGEST_TTL))
        keys = parse_key_set(parse_json_object(key_set.body, max_bytes=MAX_BYTES))
    past = parse_key_set(historical)
    return IssuerKeySet(
        issuer=issuer,
        address=address,
        jwks=tuple(keys),
        lifetime=lifetime,
        historical_keys=tuple(past),
        by_thumbprint=_by_thumbprint([*keys, *past]),
        time_stamps=time_stamps if isinstance(time_stamps, str) else None,
    )


def _by_thumbprint(keys: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for jwk in keys:
        try:
            name = parse_public_jwk(dict(jwk)).thumbprint
        except TegataError:
            continue
        found[name] = (*found.get(name, ()), jwk)
    return found


def _fetch_json(address: str, fetch: Fetch) -> Fetched:
    answer = fetch.get(address, accept="application/json")
    if answer.status in (404, 410):
        raise NothingPublished
    if answer.status != 200:
        raise Unavailable("issuer_metadata_unavailable", f"the issuer's server answered {answer.status}")
    return answer
