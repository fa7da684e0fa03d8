"""From a DID to its document, from a DID URL to a key. Remembers answers for a while, and failures for a short while."""

from __future__ import annotations

from copy import copy
from typing import Any

from common.cache import FreshCache, Remembered
from common.did.document import Relationship, check_document, find_key
from common.did.registry import METHODS
from common.did.syntax import parse_did, parse_did_url
from common.errors import Malformed, Refused, Rejected, TegataError, Unavailable
from common.jose.jwk import PublicKey
from common.ports import Clock, Fetch

SELF_CONTAINED_TTL = 24 * 3600
_REFRESH_AFTER = 30
"""Seconds. A key missing from a remembered document is looked for again, but a document is not fetched more often than this for it."""


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
        self._documents: FreshCache[dict[str, Any]] = FreshCache(capacity)
        self._keys: FreshCache[PublicKey] = FreshCache(capacity)
        self._failures: FreshCache[TegataError] = FreshCache(capacity)

    def resolve(self, did: str) -> dict[str, Any]:
        """The DID's document, checked. It is shared: read it, do not change it.

        Raises Malformed, Unsupported for a method that is in no registry, Rejected("untrusted_key") for a DID without a document,
        Refused or Unavailable from the network.
        """
        return self._document(did, now=self._clock.now()).value

    def key(self, did_url: str, relationship: Relationship = "assertionMethod") -> PublicKey:
        """The key that the DID URL names, if its document lists it under ``relationship``. Raises as `resolve` and `find_key` do."""
        return self.remembered_key(did_url, relationship).value

    def remembered_key(self, did_url: str, relationship: Relationship = "assertionMethod") -> Remembered[PublicKey]:
        """Like `key`, with the times between which the answer holds: what a verdict tells about how fresh it is."""
        now = self._clock.now()
        name = (relationship, did_url)
        known = self._keys.get(name, now=now)
        if known is not None:
            return known
        did = parse_did_url(did_url).did.did
        document = self._document(did, now=now)
        try:
            key = find_key(document.value, did_url, relationship)
        except Rejected:
            # The issuer may have rotated its keys since we last looked.
            if now - document.obtained_at < _REFRESH_AFTER or METHODS[parse_did(did).method].self_contained:
                raise
            self._documents.forget(did)
            document = self._document(did, now=now)
            key = find_key(document.value, did_url, relationship)
        return self._keys.put(name, key, now=document.obtained_at, ttl=document.dies_at - document.obtained_at)

    def _document(self, did: str, *, now: int) -> Remembered[dict[str, Any]]:
        known = self._documents.get(did, now=now)
        if known is not None:
            return known
        failed = self._failures.get(did, now=now)
        if failed is not None:
            raise copy(failed.value)
        parsed = parse_did(did)
        method = METHODS[parsed.method]
        try:
            document = method.resolve(parsed, fetch=self._fetch, sandbox=self._sandbox)
            if not method.self_contained:
                check_document(document, did=did)
        except (Malformed, Rejected, Refused, Unavailable) as failure:
            self._failures.put(did, failure, now=now, ttl=self._failure_ttl)
            raise
        ttl = SELF_CONTAINED_TTL if method.self_contained else self._ttl
        return self._documents.put(did, document, now=now, ttl=ttl)
