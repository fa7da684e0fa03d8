"""What verifying a document of anybody's needs from the world: keys of its DIDs, its status lists. With a bound on each request.

An operator asks for a document by the VC API, and the document may name any DID and any status list. They are asked for through the
guarded fetch alone (https, public addresses, size and time limits), so many at the most for one request; nothing else that a document
names is ever fetched.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.did.document import Relationship
from common.did.resolve import Resolver
from common.errors import Malformed, Rejected
from common.formats.credential import IssuerKeyHint, VerifiedCredential
from common.formats.data_integrity.proof_set import VerifiedProof
from common.formats.data_integrity.verification_methods import VerificationMethod, VerificationMethods, known_method
from common.jose.jwk import PublicKey
from common.keys.history import KeyEntry, verify_key_active, verify_key_time
from common.status.fetch_status import StatusFact
from verifier.flows.gather_facts import FactGatherer

MAX_LOOKUPS = 32
"""Keys, and status entries, that one request may send us for."""


class ResolvedMethods(VerificationMethods):
    """Keys of DIDs, with their history: a key that was rotated out still verifies what it signed before. For one request."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__(resolve=resolver.resolve)
        self._resolver = resolver
        self._lives: dict[tuple[str, str], KeyEntry] = {}
        self._looked_up: set[str] = set()

    def find(self, url: str, relationship: Relationship) -> VerificationMethod:
        """As `VerificationMethods.find`. Raises Malformed("too_many_keys") beyond `MAX_LOOKUPS`."""
        controller = url.partition("#")[0]
        if not controller.startswith("did:") or controller.startswith(("did:key:", "did:jwk:")):
            return super().find(url, relationship)
        self._looked_up.add(url)
        if len(self._looked_up) > MAX_LOOKUPS:
            raise Malformed("too_many_keys", f"more than {MAX_LOOKUPS} keys would have to be looked up")
        try:
            found = self._resolver.key_with_history(url, relationship).value
        except Malformed:
            return super().find(url, relationship)  # a key that only its cryptosuite can read, as those for BBS
        self._lives[url, relationship] = found.entry
        return known_method(url, controller=controller, key=found.key)

    def check_times(self, proofs: Sequence[VerifiedProof], *, now: int) -> None:
        """That each key was sound when it signed. Raises Rejected("key_compromised" | "key_retired")."""
        for each in proofs:
            entry = self._lives.get((each.proof.verification_method, each.proof.purpose))
            if entry is None:
                continue
            if each.proof.purpose == "assertionMethod":
                verify_key_time(entry, claimed=each.proof.created, proven_before=None, now=now)
            else:
                verify_key_active(entry, now=now)


class DocumentWorld:
    """Keys and lists for verifying one request's documents, through what the process remembers."""

    def __init__(self, gatherer: FactGatherer, resolver: Resolver, *, now: int) -> None:
        self.methods = ResolvedMethods(resolver)
        self._gatherer = gatherer
        self._resolver = resolver
        self._now = now
        self._statuses = 0

    def issuer_key(self, hint: IssuerKeyHint, *, claimed: int | None) -> PublicKey:
        """Of a JOSE or COSE credential: the key of its DID; for an https issuer only where an anchor knows it.

        claimed: when the signed text says it was signed. Raises what the way to the key raises.
        """
        if hint.iss is None or not hint.iss.startswith("did:"):
            sought = self._gatherer.seek_key(hint, now=self._now)
            if sought.found is None:
                raise Rejected("untrusted_key", "the issuer is no DID, and no anchor knows where its key is")
            found = sought.found
        else:
            found = self._gatherer.find_key(hint, now=self._now)
        verify_key_time(found.history, claimed=claimed, proven_before=None, now=self._now)
        return found.key

    def holder_key(self, holder: str | None, kid: str | None) -> PublicKey:
        """Of a JOSE or COSE presentation. Raises Rejected("wrong_holder") where it names no DID."""
        party = holder or (kid or "").partition("#")[0]
        if not party.startswith("did:"):
            raise Rejected("wrong_holder", "a presentation is signed by the key of a DID, which it names")
        url = kid if kid is not None and kid.startswith("did:") else f"{party}#{(kid or '').removeprefix('#')}"
        if url.partition("#")[0] != party:
            raise Rejected("wrong_holder", "the key belongs to another DID than the holder's")
        return self._resolver.key(url, "authentication")

    def statuses(self, credential: VerifiedCredential) -> tuple[StatusFact, ...]:
        """What the credential's lists say of it. Raises Malformed("too_many_statuses")."""
        self._statuses += len(credential.statuses)
        if self._statuses > MAX_LOOKUPS:
            raise Malformed("too_many_statuses", f"more than {MAX_LOOKUPS} status entries would have to be looked up")
        return self._gatherer.listed_statuses(credential, now=self._now)

    def require_trust(self, credential: VerifiedCredential) -> None:
        """Raises Rejected("untrusted_issuer")."""
        reason = self._gatherer.distrust(credential)
        if reason:
            raise Rejected("untrusted_issuer", f"this deployment does not trust the issuer for this: {reason}")
