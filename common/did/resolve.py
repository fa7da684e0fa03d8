"""From a DID to its document, from a DID URL to a key. Remembers answers for a while, and failures for a short while."""

from __future__ import annotations

from copy import copy
from typing import Any

from common.cache import FreshCache, Remembered
from common.did.contract import Resolved, VersionQuery, is_versioned
from common.did.document import Relationship, check_document
from common.did.history import KeyWithHistory, find_key_with_history
from common.did.registry import METHODS
from common.did.syntax import parse_did, parse_did_url
from common.errors import Malformed, Refused, Rejected, TegataError, Unavailable, Unsupported
from common.jose.jwk import PublicKey
from common.keys.history import verify_key_active
from common.ports import Clock, Fetch

SELF_CONTAINED_TTL = 24 * 3600
_REFRESH_AFTER = 30
"""Seconds. A key missing from a remembered document is looked for again, but a document is not fetched more often than this for it."""
_REMEMBER_LOGS = 365 * 24 * 3600
"""Seconds for which the newest version seen of a log is remembered, so that nobody can show an older one afterwards."""


class Resolver:
    """Resolves the DID methods of the registry. Safe between threads.

    ttl: seconds that a document from the network is believed, so also how long a withdrawn key lives on here.
    failure_ttl: seconds that a failure is repeated without asking again. capacity: number of documents, and of keys, remembered.
    """

    def __init__(
        self,
        fetch: Fetch,
        clock: Clock,
        *,
        sandbox: bool = False,
        ttl: int = 300,
        failure_ttl: int = 10,
        capacity: int = 1024,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._sandbox = sandbox
        self._ttl = ttl
        self._failure_ttl = failure_ttl
        self._documents: FreshCache[Resolved] = FreshCache(capacity)
        self._keys: FreshCache[KeyWithHistory] = FreshCache(capacity)
        self._failures: FreshCache[TegataError] = FreshCache(capacity)
        self._newest_seen: FreshCache[str] = FreshCache(capacity)

    def resolve(self, did: str) -> dict[str, Any]:
        """The DID's document, checked. It is shared: read it, do not change it.

        Raises Malformed, Unsupported for a method that is in no registry, Rejected("untrusted_key") for a DID without a document (one
        that was deactivated included), Refused or Unavailable from the network.
        """
        document = self.resolved(did).value.document
        if document is None:
            raise Rejected("untrusted_key", "the DID was deactivated")
        return document

    def resolved(self, did: str) -> Remembered[Resolved]:
        """The document with its metadata and history, and the times between which the answer holds. Raises as `resolve` does."""
        return self._resolved(did, now=self._clock.now())

    def resolve_version(self, did: str, version: VersionQuery) -> Resolved:
        """The document of a certain version, asked for afresh. Raises as `resolve` does, Unsupported for a method without versions."""
        parsed = parse_did(did)
        method = METHODS[parsed.method]
        if not is_versioned(method):
            versioned = tuple(one.name for one in METHODS if is_versioned(one))
            raise Unsupported("no_versions", f"a did:{parsed.method} has no earlier versions", known=versioned)
        return method.resolve_version(parsed, version, fetch=self._fetch, sandbox=self._sandbox, now=self._clock.now())

    def key(self, did_url: str, relationship: Relationship = "assertionMethod") -> PublicKey:
        """The key that the DID URL names, if its document lists it under ``relationship`` and it is in use now.

        Raises as `resolve` and `find_key` do, and Rejected("key_retired" | "key_compromised").
        """
        return self.remembered_key(did_url, relationship).value

    def remembered_key(self, did_url: str, relationship: Relationship = "assertionMethod") -> Remembered[PublicKey]:
        """Like `key`, with the times between which the answer holds: what a verdict tells about how fresh it is."""
        found = self.key_with_history(did_url, relationship)
        verify_key_active(found.value.entry, now=self._clock.now())
        return Remembered(value=found.value.key, obtained_at=found.obtained_at, dies_at=found.dies_at)

    def key_with_history(
        self, did_url: str, relationship: Relationship = "assertionMethod"
    ) -> Remembered[KeyWithHistory]:
        """The key that the DID URL names or once named, for signatures of any age. Raises as `resolve` and `find_key` do.

        The caller still owes: `common.keys.history.judge_key_time` with the time of the signature.
        """
        now = self._clock.now()
        name = (relationship, did_url)
        known = self._keys.get(name, now=now)
        if known is not None:
            return known
        did = parse_did_url(did_url).did.did
        resolved = self._resolved(did, now=now)
        try:
            found = find_key_with_history(resolved.value, did_url, relationship)
        except Rejected:
            # The issuer may have rotated its keys since we last looked.
            if now - resolved.obtained_at < _REFRESH_AFTER or METHODS[parse_did(did).method].self_contained:
                raise
            self._documents.forget(did)
            resolved = self._resolved(did, now=now)
            found = find_key_with_history(resolved.value, did_url, relationship)
        return self._keys.put(name, found, now=resolved.obtained_at, ttl=resolved.dies_at - resolved.obtained_at)

    def _resolved(self, did: str, *, now: int) -> Remembered[Resolved]:
        known = self._documents.get(did, now=now)
        if known is not None:
            return known
        failed = self._failures.get(did, now=now)
        if failed is not None:
            raise copy(failed.value)
        parsed = parse_did(did)
        method = METHODS[parsed.method]
        try:
            resolved = method.resolve(parsed, fetch=self._fetch, sandbox=self._sandbox, now=now)
            if resolved.document is not None and not method.self_contained:
                # A method that proves its history also proves what the document is called now.
                proven = str(resolved.document.get("id")) if is_versioned(method) else did
                check_document(resolved.document, did=proven)
            self._check_not_older(did, resolved, now=now)
        except (Malformed, Rejected, Refused, Unavailable) as failure:
            self._failures.put(did, failure, now=now, ttl=self._failure_ttl)
            raise
        ttl = SELF_CONTAINED_TTL if method.self_contained else self._ttl
        if resolved.lifetime is not None:
            ttl = min(ttl, resolved.lifetime)
        return self._documents.put(did, resolved, now=now, ttl=ttl)

    def _check_not_older(self, did: str, resolved: Resolved, *, now: int) -> None:
        """A log only grows: the newest version that was seen is still in it (did:webvh 1.0, security considerations)."""
        if not resolved.version_ids:
            return
        seen = self._newest_seen.get(did, now=now)
        if seen is not None and seen.value not in resolved.version_ids:
            raise Rejected("untrusted_key", "the DID's log was cut or rewritten since it was last seen")
        self._newest_seen.put(did, resolved.version_ids[-1], now=now, ttl=_REMEMBER_LOGS)
