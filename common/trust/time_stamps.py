"""Whether a credential is proven to be older than its issuer's lost key: the time-stamp that the issuer keeps for it (RFC 3161).

Where to ask is told by the issuer and never by the credential: ``time_stamps_endpoint`` in its JWT VC Issuer Metadata; a DID leads there
by an https address in its document's ``alsoKnownAs``. What comes back needs no trust in the issuer (nor in the thief of its key): a
trusted authority signed it, and it is of this credential's digest.

The issuer learns that somebody looks at this very copy. So it is asked only where the answer decides, for a key that was compromised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509

from common.cache import FreshCache
from common.did.resolve import Resolver
from common.encoding import b64url_encode
from common.errors import Malformed, NotFound, TegataError, Unavailable
from common.ports import Fetch
from common.trust.issuer_key import IssuerKeyFinder
from common.trust.issuer_metadata import metadata_address
from common.x509.time_stamp import ANSWER_TYPE, parse_time_stamp, verify_time_stamp

AgeReason = Literal["stamped", "no_time_stamp", "time_stamp_invalid", "time_stamp_unreachable"]
_TTL, _FAILURE_TTL = 3600, 10
_CAPACITY = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeFact:
    """proven_before: seconds since 1970 by which the credential existed, None without proof. authority: whose clock says so."""

    reason: AgeReason
    proven_before: int | None = None
    authority: str = ""


class TimeStampFinder:
    """Remembers what it found, within bounds. Safe between threads. roots: of the time-stamping authorities that are believed."""

    def __init__(
        self, fetch: Fetch, resolver: Resolver, keys: IssuerKeyFinder, roots: Sequence[x509.Certificate]
    ) -> None:
        self._fetch = fetch
        self._resolver = resolver
        self._keys = keys
        self._roots = tuple(roots)
        self._facts: FreshCache[AgeFact] = FreshCache(_CAPACITY)

    def age_of(self, digest: bytes, *, issuer: str, now: int) -> AgeFact:
        """digest: `common.formats.time_stamped.stamped_digest`. Never raises for what others did wrong."""
        if not self._roots:
            return AgeFact(reason="no_time_stamp")
        known = self._facts.get((issuer, digest), now=now)
        if known is not None:
            return known.value
        try:
            fact = self._seek(digest, issuer, now)
        except Unavailable:
            fact = AgeFact(reason="time_stamp_unreachable")
        except NotFound:
            fact = AgeFact(reason="no_time_stamp")
        except TegataError:
            fact = AgeFact(reason="time_stamp_invalid")
        ttl = _TTL if fact.reason == "stamped" else _FAILURE_TTL
        return self._facts.put((issuer, digest), fact, now=now, ttl=ttl).value

    def _seek(self, digest: bytes, issuer: str, now: int) -> AgeFact:
        endpoint = self._keys.published(self._address_of(issuer), now).time_stamps
        if endpoint is None:
            raise NotFound("no_time_stamps", "the issuer publishes no time-stamps")
        answer = self._fetch.get(f"{endpoint.rstrip('/')}/{b64url_encode(digest)}", accept=ANSWER_TYPE)
        if answer.status in (404, 410):
            raise NotFound("no_time_stamp", "the issuer has no time-stamp of this credential")
        if answer.status != 200:
            raise Unavailable("time_stamp_unreachable", f"the issuer's server answered {answer.status}")
        found = verify_time_stamp(parse_time_stamp(answer.body), digest=digest, roots=self._roots)
        return AgeFact(reason="stamped", proven_before=found.proven_before, authority=found.authority)

    def _address_of(self, issuer: str) -> str:
        """The issuer's https identifier. Raises NotFound where its DID document names none."""
        if not issuer.startswith("did:"):
            return issuer
        names = self._resolver.resolve(issuer).get("alsoKnownAs")
        for name in names if isinstance(names, list) else ():
            try:
                metadata_address(name if isinstance(name, str) else "")
            except Malformed:
                continue
            return str(name)
        raise NotFound("no_time_stamps", "the issuer's DID document names no https identifier")
