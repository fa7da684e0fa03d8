"""The anchors of a deployment that subscribes to trust lists: its own, and what the lists say today.

A list is fetched by the guarded fetch, verified, and kept, so that a restart without network believes the last good one until it expires.
A list that is over, or a newer one that does not verify, is never believed; the last good one stays for as long as it is dated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from cryptography import x509

from common.did.resolve import Resolver
from common.encoding import compact_json, parse_json_object
from common.errors import Misconfigured, TegataError, Unavailable
from common.jose.jwk import PublicKey, parse_public_jwk
from common.ports import Clock, Fetch
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.lists import MAX_BYTES, MEDIA_TYPE, TrustList, merge_anchors, parse_trust_list, verify_trust_list

_RETRY = 60
"""Seconds until a list that could not be had is asked for again."""


class KeptLists(Protocol):
    """Where lists survive a restart, by address. Our own disk: what stands there was verified when it was written."""

    def read(self, address: str) -> bytes | None: ...

    def write(self, address: str, content: bytes) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """address: of the list. signer: the DID whose signature is expected; a did:key is the key itself."""

    address: str
    signer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """What an operator is told of a subscription. problem: the code of the last failure, empty when the last try was good."""

    address: str
    sequence: int | None
    expires_at: int | None
    problem: str


def parse_subscription(text: str) -> Subscription:
    """``https://… did:…`` Raises Misconfigured."""
    address, _, signer = text.strip().partition(" ")
    signer = signer.strip()
    if not address.startswith(("https://", "http://localhost")) or not signer.startswith("did:") or " " in signer:
        raise Misconfigured("trust_lists", "a trust list is given as its address, a space, and the DID of its signer")
    return Subscription(address=address, signer=signer)


class SubscribedAnchors:
    """Implements common.trust.anchors.Anchors. Safe between threads. every: seconds between two looks at a list."""

    def __init__(
        self,
        own: TrustAnchors,
        subscriptions: Sequence[Subscription],
        *,
        fetch: Fetch,
        resolver: Resolver,
        clock: Clock,
        kept: KeptLists,
        every: int,
        sandbox: bool,
    ) -> None:
        self._own = own
        self._subscriptions = tuple(subscriptions)
        self._fetch = fetch
        self._resolver = resolver
        self._clock = clock
        self._kept = kept
        self._every = every
        self._sandbox = sandbox
        self._lists: dict[str, TrustList] = {}
        self._problems: dict[str, str] = {}
        self._due: dict[str, int] = {}
        self._lock = Lock()
        self._merged, self._until = own, 0

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        return self._current().roots

    @property
    def issuers(self) -> tuple[TrustedIssuer, ...]:
        return self._current().issuers

    def issuer(self, identifier: str) -> TrustedIssuer | None:
        return self._current().issuer(identifier)

    def open(self) -> None:
        """At start: what was kept, and from the network what is not there or over. Never raises for what others did wrong."""
        for one in self._subscriptions:
            self._load(one)
        self.refresh(only_missing=True)

    def refresh(self, *, only_missing: bool = False) -> tuple[ListState, ...]:
        """Fetches the lists that are due; the others' state is told, too. For a job."""
        now = self._clock.now()
        for one in self._subscriptions:
            known = self._lists.get(one.address)
            missing = known is None or now >= known.expires_at
            if (missing or not only_missing) and now >= self._due.get(one.address, 0):
                self._refresh(one, now)
        return tuple(self._state(one) for one in self._subscriptions)

    def _refresh(self, one: Subscription, now: int) -> None:
        try:
            answer = self._fetch.get(one.address, accept=MEDIA_TYPE)
            if answer.status != 200:
                raise Unavailable("trust_list_unavailable", f"the list's server answered {answer.status}")
            text = answer.body[: MAX_BYTES + 1].decode("latin-1").strip()
            key = self._resolver.key(parse_trust_list(text).key_url)
            found = self._verify(one, text, key, now)
        except TegataError as error:
            self._problems[one.address] = error.code
            self._due[one.address] = now + min(_RETRY, self._every)
            return
        self._kept.write(one.address, compact_json({"list": text, "key": dict(key.jwk)}))
        self._problems.pop(one.address, None)
        due = now + self._every
        self._due[one.address] = due if found.next_update is None else max(now + _RETRY, min(due, found.next_update))
        self._take(one, found)

    def _load(self, one: Subscription) -> None:
        """A list that is over is not taken, yet its number counts: nobody can show an older one afterwards."""
        try:
            content = self._kept.read(one.address)
            if content is None:
                return
            stored = parse_json_object(content, max_bytes=2 * MAX_BYTES)
            key = parse_public_jwk(stored.get("key") if isinstance(stored.get("key"), dict) else {})
            parsed = parse_trust_list(str(stored.get("list")))
            issued: Any = parsed.token.claims.get("iat")
            at = issued if type(issued) is int else 0  # whether it is over is asked each time that it is used
            self._take(one, verify_trust_list(parsed, key, signer=one.signer, now=at, sandbox=self._sandbox))
        except TegataError as error:
            self._problems[one.address] = error.code

    def _verify(self, one: Subscription, text: str, key: PublicKey, now: int) -> TrustList:
        known = self._lists.get(one.address)
        return verify_trust_list(
            parse_trust_list(text),
            key,
            signer=one.signer,
            now=now,
            newest_seen=known.seen if known else None,
            sandbox=self._sandbox,
        )

    def _take(self, one: Subscription, found: TrustList) -> None:
        with self._lock:
            self._lists[one.address] = found
            self._until = 0

    def _current(self) -> TrustAnchors:
        """Own anchors and every list that is not over, merged once until a list changes or ends."""
        now = self._clock.now()
        with self._lock:
            if now >= self._until:
                ordered = (self._lists.get(one.address) for one in self._subscriptions)
                living = [found for found in ordered if found is not None and now < found.expires_at]
                self._merged = merge_anchors(self._own, living)
                self._until = min((found.expires_at for found in living), default=now + self._every + 1)
            return self._merged

    def _state(self, one: Subscription) -> ListState:
        known = self._lists.get(one.address)
        return ListState(
            address=one.address,
            sequence=known.listing.sequence if known else None,
            expires_at=known.expires_at if known else None,
            problem=self._problems.get(one.address, ""),
        )
