"""From a credential's status reference to a fact: fetch the list, believe it only if the credential's issuer signed it, look up.

Two kinds of list: Token Status List (JWT or CWT, whichever comes) and Bitstring Status List (Data Integrity or ``vc+jwt``).
A fact is never an exception: whatever goes wrong on the way ends in ``unknown`` with its reason, and unknown is never valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Literal

from common.cache import FreshCache
from common.errors import Malformed, Refused, Rejected, TegataError, Unavailable, Unsupported
from common.formats.credential import IssuerKeyHint, StatusReference
from common.jose.jwk import PublicKey
from common.ports import Fetch
from common.status.bitstring_status_list import VerifiedBitstringList
from common.status.problems import StatusListRejected
from common.status.read_list import ACCEPT_BITSTRING, ACCEPT_TOKEN, verify_bitstring_answer, verify_token_answer
from common.status.token_status_list import APPLICATION_SPECIFIC, INVALID, SUSPENDED, VALID, VerifiedStatusList

StatusValue = Literal["valid", "invalid", "suspended", "application_specific", "unknown"]

FindKey = Callable[[IssuerKeyHint, int], PublicKey]
"""(hint, now) → the issuer's key. The same search as for credentials: ``common.trust.issuer_key``. Raises what that raises."""

_WORST_FIRST: tuple[StatusValue, ...] = ("invalid", "suspended", "unknown", "application_specific", "valid")
_MOST_FACTS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFact:
    """What is known of one credential's status.

    as_of: seconds since 1970 at which the issuer stated it (``iat`` or ``validFrom`` of the list), None when nothing is known.
    fetched_at: when we got the list. valid_until: when this knowledge ends (``exp`` or ``validUntil``, ``ttl``). reason: ``listed``,
    ``refresh_available`` (valid, and a newer version of the credential can be had), or why it is unknown: a short code.
    code: the entry's number. purpose: as in the reference. message: what the credential says that the number means.
    """

    value: StatusValue
    as_of: int | None
    list_uri: str
    reason: str
    fetched_at: int | None = None
    valid_until: int | None = None
    code: int | None = None
    purpose: str = "status_list"
    message: str | None = None

    @property
    def status_type(self) -> int | None:
        """The fact in numbers of draft-20 §7.1, whichever kind of list it comes from; None when nothing is known."""
        if self.value == "application_specific":
            return self.code if self.purpose == "status_list" else min(APPLICATION_SPECIFIC)
        return {"valid": VALID, "invalid": INVALID, "suspended": SUSPENDED}.get(self.value)


@dataclass(frozen=True, slots=True)
class _Known:
    """A list with the facts made from it so far: whatever has the same number has the same fact.

    read_token: index → value, of a Token Status List; None for a Bitstring Status List, which read_entry reads.
    """

    issued_at: int | None
    read_token: Callable[[int], int] | None
    read_entry: Callable[[StatusReference], int]
    obtained_at: int
    dies_at: int
    facts: dict[int | tuple[str, int], StatusFact] = field(default_factory=dict)


class StatusChecker:
    """Fetches and remembers status lists. Safe between threads.

    max_age: seconds that a list may be kept even if its issuer allows longer (a policy of freshness; 0 fetches every time).
    default_ttl: where the issuer gives no ``ttl``. failure_ttl: seconds that a failure is repeated without asking again.
    capacity: number of lists in memory, each up to ``common.status.deflated.MAX_INFLATED_BYTES``; the one fetched first leaves first.
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
        if capacity < 1:
            raise ValueError("at least one list is remembered")
        self._capacity = capacity
        self._lists: dict[tuple[str, str, bool], _Known] = {}  # read without a lock: one look-up is one step
        self._lock = Lock()
        self._failures: FreshCache[str] = FreshCache(16 * capacity)

    def check(self, reference: StatusReference, *, issuer: str, now: int) -> StatusFact:
        """The status of the credential that ``issuer`` issued with this reference. Never raises for what others did wrong.

        Verify the credential first (draft-20 §8.3): an unverified one could send us to any address.
        """
        # a list believed for one issuer is not believed for another, nor one kind of list for the other
        name = (issuer, reference.uri, reference.purpose == "status_list")
        known = self._lists.get(name)
        if known is None or not known.obtained_at <= now < known.dies_at:
            learned = self._learn(name, reference, now)
            if isinstance(learned, StatusFact):
                return learned
            known = learned
        try:
            if known.read_token is not None:
                code = known.read_token(reference.index)
                fact = known.facts.get(code)
            else:
                code = known.read_entry(reference)
                fact = known.facts.get((reference.purpose, code)) if not reference.messages else None
        except IndexError:
            return _unknown(reference, "no_such_entry")
        except Rejected as failure:
            return _unknown(reference, _reason(failure))
        return fact if fact is not None else _new_fact(known, reference, code)

    def _learn(self, name: tuple[str, str, bool], reference: StatusReference, now: int) -> _Known | StatusFact:
        """The list, fetched now, or the fact that it could not be had."""
        failed = self._failures.get(name, now=now)
        if failed is not None:
            return _unknown(reference, failed.value)
        try:
            found = self.fetch_list(reference, issuer=name[0], now=now)
        except TegataError as failure:
            reason = _reason(failure)
            self._failures.put(name, reason, now=now, ttl=self._failure_ttl)
            return _unknown(reference, reason)
        lifetime = max(0, self._lifetime(found, now))
        known = _Known(
            issued_at=found.issued_at,
            read_token=found.entries.reader() if isinstance(found, VerifiedStatusList) else None,
            read_entry=found.get if isinstance(found, VerifiedBitstringList) else _no_entry,
            obtained_at=now,
            dies_at=now + lifetime,
        )
        with self._lock:
            self._lists.pop(name, None)
            if lifetime:
                while len(self._lists) >= self._capacity:
                    del self._lists[next(iter(self._lists))]
                self._lists[name] = known
        return known

    def check_all(self, references: Iterable[StatusReference], *, issuer: str, now: int) -> tuple[StatusFact, ...]:
        """A credential may have several: revocation in one list, suspension in another."""
        return tuple(self.check(reference, issuer=issuer, now=now) for reference in references)

    def fetch_list(
        self, reference: StatusReference, *, issuer: str, now: int
    ) -> VerifiedStatusList | VerifiedBitstringList:
        """The list of a reference, fetched now and verified for this issuer. Raises Malformed, Rejected, Refused, Unavailable, Unsupported.

        The list's key is searched for under the *credential's* issuer (draft-20 §11.3): only ``kid``, certificates and ``alg`` come from
        the list.
        """
        token = reference.purpose == "status_list"
        answer = self._fetch.get(reference.uri, accept=ACCEPT_TOKEN if token else ACCEPT_BITSTRING)
        if answer.status != 200:
            raise Unavailable("list_unavailable", f"the status list's server answered {answer.status}")

        def key_of(hint: IssuerKeyHint) -> PublicKey:
            return self._find_key(replace(hint, iss=issuer), now)

        verify = verify_token_answer if token else verify_bitstring_answer
        return verify(answer.body, key_of, uri=reference.uri, issuer=issuer, now=now)

    def _lifetime(self, found: VerifiedStatusList | VerifiedBitstringList, now: int) -> int:
        """Seconds from now. ``ttl`` counts from when it was fetched (draft-20 §8.3 step 4d), the end of validity is a point in time."""
        lifetime = found.ttl if found.ttl is not None else self._default_ttl
        if self._max_age is not None:
            lifetime = min(lifetime, self._max_age)
        return lifetime if found.expires_at is None else min(lifetime, found.expires_at - now)


def _no_entry(reference: StatusReference) -> int:
    raise StatusListRejected("STATUS_VERIFICATION_ERROR", f"not a list of entries for {reference.purpose}")


def _new_fact(known: _Known, reference: StatusReference, code: int) -> StatusFact:
    """A fact that is made for the first time, and remembered where it depends on nothing but list, purpose and number."""
    purpose = reference.purpose
    token = purpose == "status_list"
    value, reason = _token_value(code) if token else _bitstring_value(purpose, code)
    fact = StatusFact(
        value=value,
        as_of=known.issued_at,
        list_uri=reference.uri,
        reason=reason,
        fetched_at=known.obtained_at,
        valid_until=known.dies_at,
        code=code,
        purpose=purpose,
        message=_message(reference, code),
    )
    if not reference.messages and len(known.facts) < _MOST_FACTS:
        known.facts[code if token else (purpose, code)] = fact
    return fact


def worst(facts: Iterable[StatusFact]) -> StatusFact | None:
    """The fact that decides: withdrawn, suspended, unknown, the issuer's own words, valid; of equals the oldest; None of none."""
    return min(facts, key=lambda fact: (_WORST_FIRST.index(fact.value), fact.as_of or 0), default=None)


def _token_value(code: int) -> tuple[StatusValue, str]:
    """draft-20 §7.1. Reserved values say nothing."""
    if code == VALID:
        return "valid", "listed"
    if code == INVALID:
        return "invalid", "listed"
    if code == SUSPENDED:
        return "suspended", "listed"
    return ("application_specific", "listed") if code in APPLICATION_SPECIFIC else ("unknown", "reserved_value")


def _bitstring_value(purpose: str, code: int) -> tuple[StatusValue, str]:
    """Bitstring Status List 1.0 §2.1: ``refresh`` does not invalidate; what ``message`` and strangers' purposes mean is not ours to say."""
    if code == 0:
        return "valid", "listed"
    if purpose == "revocation":
        return "invalid", "listed"
    if purpose == "suspension":
        return "suspended", "listed"
    return ("valid", "refresh_available") if purpose == "refresh" else ("application_specific", "listed")


def _message(reference: StatusReference, code: int) -> str | None:
    """§2.1: without messages, the values of one bit are called so."""
    if reference.purpose == "status_list":
        return None
    return reference.messages[code] if reference.messages else ("set" if code else "unset")


def _unknown(reference: StatusReference, reason: str) -> StatusFact:
    return StatusFact(value="unknown", as_of=None, list_uri=reference.uri, reason=reason, purpose=reference.purpose)


def _reason(failure: TegataError) -> str:
    """Short code for the verdict tree. The words are stable: pages translate them."""
    if isinstance(failure, Unavailable):
        return "list_unreachable"
    if isinstance(failure, StatusListRejected):
        known = {"RANGE_ERROR": "no_such_entry", "STATUS_LIST_LENGTH_ERROR": "list_too_short"}
        return known.get(failure.problem, "list_rejected")
    if isinstance(failure, Rejected):
        return {"expired": "list_expired", "bad_signature": "list_not_signed_by_issuer"}.get(
            failure.reason, "list_rejected"
        )
    if isinstance(failure, Malformed):
        return "list_malformed"
    if isinstance(failure, Refused | Unsupported):
        return "list_not_allowed"
    return "list_unreachable"
