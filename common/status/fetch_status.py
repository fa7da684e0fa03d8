"""From a credential's status reference to a fact: fetch the list, believe it only if the credential's issuer signed it, look up.

A fact is never an exception: whatever goes wrong on the way ends in ``unknown`` with its reason, and unknown is never valid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from common.cache import FreshCache
from common.errors import Malformed, Refused, Rejected, TegataError, Unavailable, Unsupported
from common.formats.credential import IssuerKeyHint, StatusReference
from common.jose.jwk import PublicKey
from common.ports import Fetch
from common.status.token_status_list import (
    APPLICATION_SPECIFIC,
    INVALID,
    MEDIA_TYPE,
    SUSPENDED,
    VALID,
    VerifiedStatusList,
    parse_status_list_token,
    verify_status_list_token,
)

StatusValue = Literal["valid", "invalid", "suspended", "application_specific", "unknown"]

FindKey = Callable[[IssuerKeyHint, int], PublicKey]
"""(hint, now) → the issuer's key. The same search as for credentials: ``common.trust.issuer_key``. Raises what that raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFact:
    """What is known of one credential's status.

    as_of: seconds since 1970 at which the issuer stated it (``iat`` of the list), None when nothing is known. fetched_at: when we got the
    list. valid_until: when this knowledge ends (``exp``, ``ttl``). reason: ``listed``, or why it is unknown: a short code.
    """

    value: StatusValue
    as_of: int | None
    list_uri: str
    reason: str
    fetched_at: int | None = None
    valid_until: int | None = None
    code: int | None = None


class StatusChecker:
    """Fetches and remembers status lists. Safe between threads.

    max_age: seconds that a list may be kept even if its issuer allows longer (a policy of freshness; 0 fetches every time).
    default_ttl: where the issuer gives no ``ttl``. failure_ttl: seconds that a failure is repeated without asking again.
    capacity: number of lists in memory, each up to ``common.status.deflated.MAX_INFLATED_BYTES``.
    """

    def __init__(
        self,
        fetch: Fetch,
        find_key: FindKey,
        *,
        max_age: int | None = None,
        default_ttl: int = 300,
        failure_ttl: int = 5,
        capacity: int = 32,
    ) -> None:
        self._fetch = fetch
        self._find_key = find_key
        self._max_age = max_age
        self._default_ttl = default_ttl
        self._failure_ttl = failure_ttl
        self._lists: FreshCache[VerifiedStatusList] = FreshCache(capacity)
        self._failures: FreshCache[str] = FreshCache(16 * capacity)

    def check(self, reference: StatusReference, *, issuer: str, now: int) -> StatusFact:
        """The status of the credential that ``issuer`` issued with this reference. Never raises for what others did wrong.

        Verify the credential first (§8.3): an unverified one could send us to any address.
        """
        uri = reference.uri
        name = (issuer, uri)  # a list believed for one issuer is not believed for another
        known = self._lists.get(name, now=now)
        if known is None:
            failed = self._failures.get(name, now=now)
            if failed is not None:
                return _unknown(uri, failed.value)
            try:
                fresh = self.fetch_list(uri, issuer=issuer, now=now)
            except TegataError as failure:
                reason = _reason(failure)
                self._failures.put(name, reason, now=now, ttl=self._failure_ttl)
                return _unknown(uri, reason)
            known = self._lists.put(name, fresh, now=now, ttl=self._lifetime(fresh, now))
        verified = known.value
        try:
            code = verified.get(reference.index)
        except Rejected:
            return _unknown(uri, "no_such_entry")
        value = _value(code)
        return StatusFact(
            value=value,
            as_of=verified.issued_at,
            list_uri=uri,
            reason="listed" if value != "unknown" else "reserved_value",
            fetched_at=known.obtained_at,
            valid_until=known.dies_at,
            code=code,
        )

    def fetch_list(self, uri: str, *, issuer: str, now: int) -> VerifiedStatusList:
        """One list, fetched now and verified for this issuer (§8.1–8.3). Raises Malformed, Rejected, Refused, Unavailable.

        The list's key is searched for under the *credential's* issuer (§11.3): only ``kid``, ``x5c`` and ``alg`` come from the list.
        """
        answer = self._fetch.get(uri, accept=MEDIA_TYPE)
        if answer.status != 200:
            raise Unavailable("list_unavailable", f"the status list's server answered {answer.status}")
        try:
            parsed = parse_status_list_token(answer.body.decode("ascii").strip())
        except UnicodeDecodeError:
            raise Malformed("bad_status_list", "not a JWT") from None
        hint = IssuerKeyHint(
            format="statuslist+jwt", iss=issuer, kid=parsed.kid, x5c=_x5c(parsed.header), alg=parsed.alg
        )
        key = self._find_key(hint, now)
        return verify_status_list_token(parsed, key, uri=uri, issuer=issuer, now=now)

    def _lifetime(self, found: VerifiedStatusList, now: int) -> int:
        """Seconds from now. ``ttl`` counts from when it was fetched (§8.3 step 4d), ``exp`` is a point in time."""
        lifetime = found.ttl if found.ttl is not None else self._default_ttl
        if self._max_age is not None:
            lifetime = min(lifetime, self._max_age)
        return lifetime if found.expires_at is None else min(lifetime, found.expires_at - now)


def _x5c(header: object) -> tuple[str, ...]:
    chain = header.get("x5c", []) if isinstance(header, dict) else []
    if not isinstance(chain, list) or not all(isinstance(certificate, str) for certificate in chain):
        raise Malformed("bad_x5c", "x5c is an array of certificates")
    return tuple(chain)


def _value(code: int) -> StatusValue:
    if code == VALID:
        return "valid"
    if code == INVALID:
        return "invalid"
    if code == SUSPENDED:
        return "suspended"
    return "application_specific" if code in APPLICATION_SPECIFIC else "unknown"


def _unknown(uri: str, reason: str) -> StatusFact:
    return StatusFact(value="unknown", as_of=None, list_uri=uri, reason=reason)


def _reason(failure: TegataError) -> str:
    """Short code for the verdict tree. The words are stable: pages translate them."""
    if isinstance(failure, Unavailable):
        return "list_unreachable"
    if isinstance(failure, Rejected):
        return {"expired": "list_expired", "bad_signature": "list_not_signed_by_issuer"}.get(
            failure.reason, "list_rejected"
        )
    if isinstance(failure, Malformed):
        return "list_malformed"
    if isinstance(failure, Refused | Unsupported):
        return "list_not_allowed"
    return "list_unreachable"
