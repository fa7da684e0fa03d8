"""Ask the world what a judge needs: the issuer's key before the presentation is examined, its status after it held.

Nothing here decides and nothing raises for what others did wrong: what cannot be learnt becomes a fact with its reason.
A stranger's credential sends nobody anywhere: who is in no anchor is not asked for keys, and a status list is fetched only for a
credential that verified under the key of an issuer that is trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from cryptography.x509 import Certificate

from common.did.resolve import Resolver
from common.errors import TegataError, Unavailable
from common.formats.credential import IssuerKeyHint, VerifiedCredential
from common.formats.data_integrity.policy import SchemaCheck
from common.formats.time_stamped import stamped_digest
from common.ports import Fetch
from common.status.fetch_status import StatusChecker, worst
from common.status.fetch_status import StatusFact as ListedStatus
from common.trust.anchors import Anchors
from common.trust.issuer_key import FoundKey, IssuerKeyFinder
from common.trust.policy import judge_issuer
from common.trust.time_stamps import AgeFact, TimeStampFinder
from verifier.checks.contract import IssuerFact, SchemaFact, StatusFact
from verifier.checks.schema_kept import W3C_FORMATS
from verifier.checks.verdict import Believed, Listed, Sentence
from verifier.flows.judge_schemas import judge_schemas

_NO_AGE = AgeFact(reason="no_time_stamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What looking for the issuer's key gave: the key, or why there is none.

    known: some anchor speaks of this issuer. named: the presentation says who its issuer is (else its certificate does).
    """

    found: FoundKey | None
    known: bool
    named: bool = True
    reason: str = ""
    unreachable: bool = False


class FactGatherer:
    """Remembers keys and lists, within bounds; safe between threads; one per process.

    status_cache_seconds: how long a status list is kept, whatever its issuer allows. tsa_roots: of time-stamping authorities.
    check_schema: of the schemas that are held here.
    """

    def __init__(
        self,
        *,
        fetch: Fetch,
        resolver: Resolver,
        anchors: Anchors,
        sandbox: bool,
        status_cache_seconds: int,
        tsa_roots: Sequence[Certificate] = (),
        check_schema: SchemaCheck | None = None,
    ) -> None:
        self._anchors = anchors
        self._check_schema = check_schema
        self._sandbox = sandbox
        self._keys = IssuerKeyFinder(fetch, resolver, anchors)
        self._ages = TimeStampFinder(fetch, resolver, self._keys, tsa_roots)
        self._statuses = StatusChecker(fetch, self._keys.key, max_age=status_cache_seconds, failure_ttl=1)

    def seek_key(self, hint: IssuerKeyHint | None, *, now: int) -> Sought:
        """The key of the issuer that the hint names, if an anchor speaks of that issuer (or, without a name, a chain may)."""
        if hint is None:
            return Sought(found=None, known=False, reason="unreadable")
        known = self._anchors.issuer(hint.iss) is not None if hint.iss is not None else bool(hint.x5c)
        if not known:
            return Sought(found=None, known=False, reason="not_listed")
        try:
            return Sought(found=self._keys.find(hint, now=now), known=True, named=hint.iss is not None)
        except Unavailable as failure:
            return Sought(found=None, known=True, reason=failure.code, unreachable=True)
        except TegataError as failure:
            return Sought(found=None, known=True, reason=failure.code)

    def issuer_fact(
        self, sought: Sought, credential: VerifiedCredential | None, *, age: AgeFact = _NO_AGE
    ) -> IssuerFact:
        """Trust is judged for the issuer that the *key* speaks for and the types that were *proven*.

        Without a proven credential there are no types: the issuer is then only said to be known here. age: of `age_fact`.
        """
        found = sought.found
        if found is None:
            return IssuerFact(believed=None, trusted=sought.known, reason=sought.reason, unreachable=sought.unreachable)
        trusted, reason = self._trust(found, sought, credential)
        return IssuerFact(
            believed=Believed(
                path=found.path,
                evidence=found.evidence,
                as_of=found.fetched_at,
                listed_in=self._listed(found.issuer) if trusted else None,
            ),
            trusted=trusted,
            reason=reason,
            key=found.history,
            proven_before=age.proven_before,
            age_unreachable=age.reason == "time_stamp_unreachable",
            history_unknown=bool(found.history_unknown),
        )

    def _listed(self, issuer: str) -> Listed | None:
        entry = self._anchors.issuer(issuer)
        if entry is None or entry.listed_in is None:
            return None
        found = entry.listed_in
        first = next(iter(found.name.values()))
        name = Sentence(ja=found.name.get("ja", first), en=found.name.get("en", first))
        return Listed(name=name, signer=found.signer, sequence=found.sequence, issued_at=found.issued_at)

    def age_fact(self, sought: Sought, credential: VerifiedCredential | None, parsed: Any, *, now: int) -> AgeFact:
        """By when the credential existed, says a time-stamp. Asked for only where it decides: the key was compromised, all else holds,
        and the issuer is one that an anchor names (a stranger's credential sends nobody anywhere)."""
        found = sought.found
        if found is None or found.history.compromised_since is None or credential is None:
            return _NO_AGE
        if not self._trust(found, sought, credential)[0]:
            return _NO_AGE
        try:
            digest = stamped_digest(parsed)
        except TegataError:
            return _NO_AGE
        return self._ages.age_of(digest, issuer=found.issuer, now=now)

    def _trust(self, found: FoundKey, sought: Sought, credential: VerifiedCredential | None) -> tuple[bool, str]:
        if credential is None:
            known = self._anchors.issuer(found.issuer) is not None
            return known, "" if known else "not_listed"
        if sought.named and credential.issuer != found.issuer:
            return False, "key_of_another_issuer"
        trust = judge_issuer(self._anchors, issuer=found.issuer, types=credential.types, sandbox=self._sandbox)
        return trust.trusted, trust.reason

    def with_schemas(self, check_schema: SchemaCheck | None) -> FactGatherer:
        """The same, memory included, that also puts credentials to their schemas."""
        other = copy(self)
        other._check_schema = check_schema
        return other

    def schema_fact(self, credential: VerifiedCredential | None) -> SchemaFact:
        """Whether a proven credential of the W3C's data model keeps the schemas that it names."""
        if credential is None or credential.format not in W3C_FORMATS:
            return SchemaFact()
        return judge_schemas(credential.claims, self._check_schema)

    def find_key(self, hint: IssuerKeyHint, *, now: int) -> FoundKey:
        """The key of an issuer that no anchor has to know, for callers who answer for whom they ask about. Raises as the finder."""
        return self._keys.find(hint, now=now)

    def listed_statuses(self, credential: VerifiedCredential, *, now: int) -> tuple[ListedStatus, ...]:
        """What the issuer's lists say of a credential that was proven, whoever issued it."""
        return self._statuses.check_all(credential.statuses, issuer=credential.issuer, now=now)

    def distrust(self, credential: VerifiedCredential) -> str:
        """Why the deployment does not let this issuer issue these types; empty where it does."""
        trust = judge_issuer(self._anchors, issuer=credential.issuer, types=credential.types, sandbox=self._sandbox)
        return "" if trust.trusted else trust.reason

    def status_fact(
        self, sought: Sought, credential: VerifiedCredential | None, issuer: IssuerFact, *, now: int
    ) -> StatusFact:
        """The credential's status, from the lists that its own issuer signed; of several the one that decides."""
        if credential is None or sought.found is None or not issuer.trusted:
            return StatusFact(listed=True, reason="status_unknown")
        fact = worst(self._statuses.check_all(credential.statuses, issuer=sought.found.issuer, now=now))
        if fact is None:
            return StatusFact(listed=False)
        return StatusFact(
            listed=True,
            value=fact.status_type,
            as_of=fact.as_of,
            reason={"listed": "", "list_unreachable": "status_unreachable"}.get(fact.reason, fact.reason),
        )
