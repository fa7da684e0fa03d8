"""Finds the key that may speak for an issuer, by exactly one of three paths, and tells which one it was.

The issuer's identifier decides: a DID goes to its document; an https address goes to the certificate chain if the credential brings one
(``x5c``), else to the issuer's own metadata. Nothing falls back: where one path fails, no other is tried, so that nobody can steer a
verifier to the weaker one (SD-JWT VC draft-19 §7.3). An issuer's entry in the anchors may narrow the paths further.

A certificate says nothing of a compromise that the issuer declares itself. So a key that a chain vouches for is looked up, by its
thumbprint, among the keys that the issuer publishes. Three answers: it stands there, and its life is told; the issuer publishes no keys
at all (404), and the certificate is all there is; or nobody can tell just now, and that is a fact of its own (``history_unknown``): it
is not "no history", since who keeps a verifier from asking would then revive a stolen key. Issuers without a server of their own are
listed with ``keys = ["x5c"]``: for them, and only for them, silence counts as no history.
"""

from __future__ import annotations

from base64 import b64decode
from copy import copy
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from common.cache import FreshCache, Remembered
from common.did.document import find_key
from common.did.resolve import Resolver
from common.did.syntax import parse_did_url
from common.errors import Malformed, Rejected, TegataError, Unavailable
from common.formats.credential import IssuerKeyHint
from common.jose.jwk import PublicKey, export_public_jwk, parse_public_jwk
from common.keys.history import UNRECORDED, KeyEntry, verify_key_time
from common.ports import Fetch
from common.trust.anchors import KEY_PATHS, Anchors, KeyPath
from common.trust.issuer_metadata import IssuerKeySet, NothingPublished, fetch_issuer_keys, metadata_address
from common.x509.iaca import IacaRoots
from common.x509.x5c import verify_x5c

_CHAIN_TTL = 300
_REFRESH_AFTER = 30
_FAILURE_TTL = 10
_CAPACITY = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A key that may speak for ``issuer``. path: how it was found. evidence: the address, root or DID URL, to show in a verdict.

    fetched_at: seconds since 1970 at which we learned it; valid_until: when that knowledge ends. history: what the issuer publishes of the
    key's life. A key that was retired or compromised is found, too: whether a signature of it counts, `judge_key_time` says.
    history_unknown: why the life of a certified key could not be learnt (an error's code), empty where it could.
    """

    key: PublicKey
    path: KeyPath
    issuer: str
    evidence: str
    fetched_at: int
    valid_until: int
    history: KeyEntry = UNRECORDED
    history_unknown: str = ""


class IssuerKeyFinder:
    """Remembers what it found, within bounds. Safe between threads. One per process and set of anchors."""

    def __init__(self, fetch: Fetch, resolver: Resolver, anchors: Anchors) -> None:
        self._fetch = fetch
        self._resolver = resolver
        self._anchors = anchors
        self._roots: tuple[Certificate, ...] = anchors.roots
        self._iaca = IacaRoots(self._roots)
        self._key_sets: FreshCache[IssuerKeySet] = FreshCache(_CAPACITY)
        self._chains: FreshCache[FoundKey] = FreshCache(_CAPACITY)
        self._failures: FreshCache[TegataError] = FreshCache(_CAPACITY)

    def find(self, hint: IssuerKeyHint, *, now: int) -> FoundKey:
        """The issuer's key.

        1. choose the path by the kind of identifier
        2. the anchors allow this path for this issuer
        3. walk it
        4. the key is of the algorithm that the header names

        Raises Rejected("untrusted_key" | "algorithm_not_allowed" | "expired" | "not_yet_valid"), Malformed, Unsupported (DID method),
        Refused or Unavailable (network). The caller still owes: that the issuer is trusted (`judge_issuer`), preferably before this, and
        that the key was sound when it signed (`common.keys.history.judge_key_time` of ``history``).
        """
        # 1
        path = choose_path(hint)

        # 2
        if hint.iss is not None:
            self._check_path(hint.iss, path)

        # 3
        if path == "did":
            found = self._by_did(hint)
        elif path == "x5c":
            self._follow_roots()
            is_mdoc = hint.format == "mso_mdoc"
            certified = self._by_document_signer(hint, now) if is_mdoc else self._by_chain(hint, now)
            found = self._with_history(certified, now)
        else:
            found = self._by_metadata(hint, now)

        if hint.iss is None:  # only now it is known whose entry to ask
            self._check_path(found.issuer, path)

        # 4
        if found.key.alg != hint.alg:
            raise Rejected("algorithm_not_allowed", "the issuer's key is of another algorithm than the header names")
        return found

    def _check_path(self, issuer: str, path: KeyPath) -> None:
        entry = self._anchors.issuer(issuer)
        if path not in (entry.key_paths if entry else KEY_PATHS):
            raise Rejected("untrusted_key", "this issuer's key is to be found in another way")

    def key(self, hint: IssuerKeyHint, now: int) -> PublicKey:
        """`find`, for those who need the key alone: what `common.status.fetch_status.StatusChecker` takes.

        A list may outlive its key's retirement by its own short life; a compromised key says nothing about anybody's status. Raises
        Unavailable where it cannot be learnt whether the key was compromised.
        """
        found = self.find(hint, now=now)
        if found.history_unknown:
            raise Unavailable("key_history_unknown", "the issuer's account of its keys cannot be had")
        verify_key_time(found.history, claimed=None, proven_before=None, now=now)
        return found.key

    def _by_did(self, hint: IssuerKeyHint) -> FoundKey:
        """kid is a DID URL of the issuer's, or its fragment with or without ``#`` (VC-JOSE-COSE §4.1)."""
        did = str(hint.iss)
        if hint.kid is None:
            url = self._only_key(did)
        elif hint.kid.startswith("did:"):
            url = hint.kid
        else:
            url = f"{did}#{hint.kid.removeprefix('#')}"
        if parse_did_url(url).did.did != did:
            raise Rejected("untrusted_key", "the key belongs to another DID than the issuer's")
        remembered = self._resolver.key_with_history(url, "assertionMethod")
        return FoundKey(
            key=remembered.value.key,
            path="did",
            issuer=did,
            evidence=url,
            fetched_at=remembered.obtained_at,
            valid_until=remembered.dies_at,
            history=remembered.value.entry,
        )

    def _only_key(self, did: str) -> str:
        """A header without kid is unambiguous where the document has one assertion key."""
        document = self._resolver.resolve(did)
        listed = document.get("assertionMethod")
        if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], str):
            raise Rejected("untrusted_key", "the header does not say which of the issuer's keys it means")
        url = listed[0] if listed[0].startswith("did:") else f"{did}{listed[0]}"
        find_key(document, url, "assertionMethod")
        return url

    def _follow_roots(self) -> None:
        """Roots come and go with trust lists; what was verified under others is forgotten."""
        roots = self._anchors.roots
        if roots is not self._roots:
            self._iaca, self._chains, self._roots = IacaRoots(roots), FreshCache(_CAPACITY), roots

    def _by_chain(self, hint: IssuerKeyHint, now: int) -> FoundKey:
        name = (hint.iss, hint.x5c)
        known = self._chains.get(name, now=now)
        if known is not None:
            return known.value
        chain = verify_x5c(hint.x5c, self._anchors.roots, now=now)
        issuer = _issuer_of_chain(hint.iss, chain.uris, chain.dns_names)
        ttl = min(_CHAIN_TTL, chain.not_after - now)
        found = FoundKey(
            key=parse_public_jwk(export_public_jwk(chain.public_key)),
            path="x5c",
            issuer=issuer,
            evidence=f"{chain.root_subject} (SHA-256 {chain.root_sha256[:16]}…)",
            fetched_at=now,
            valid_until=now + ttl,
        )
        return self._chains.put(name, found, now=now, ttl=ttl).value

    def _by_document_signer(self, hint: IssuerKeyHint, now: int) -> FoundKey:
        """An mdoc's chain is judged by its own profile, and anew each time (ISO/IEC 18013-5 §9.3.3); what it vouches for is the address
        in the signer's issuer alternative name."""
        verified = self._iaca.verify([b64decode(text) for text in hint.x5c], now=now)
        signer = verified.signer
        return FoundKey(
            key=parse_public_jwk(export_public_jwk(signer.public_key)),
            path="x5c",
            issuer=signer.issuer,
            evidence=f"{verified.root_subject} (SHA-256 {verified.root_sha256[:16]}…)",
            fetched_at=now,
            valid_until=min(now + _CHAIN_TTL, signer.not_after),
        )

    def _with_history(self, found: FoundKey, now: int) -> FoundKey:
        """What the issuer itself publishes of the life of a key that a chain vouches for."""
        try:
            metadata_address(found.issuer)
        except Malformed:
            return found  # an issuer without an address has nowhere to publish anything
        entry = self._anchors.issuer(found.issuer)
        try:
            known = self._published(found.issuer, now)
            history = known.value.history_of(found.key)
        except NothingPublished:
            return found
        except TegataError as failure:
            by_chain_only = entry is not None and entry.key_paths == {"x5c"}
            return found if by_chain_only else replace(found, history_unknown=failure.code)
        return replace(found, history=history, valid_until=min(found.valid_until, known.dies_at))

    def published(self, issuer: str, now: int) -> IssuerKeySet:
        """What the issuer publishes at its https address. Raises as `fetch_issuer_keys` does."""
        return self._published(issuer, now).value

    def _published(self, issuer: str, now: int, *, wanted: IssuerKeyHint | None = None) -> Remembered[IssuerKeySet]:
        """wanted: a key that should be in it; if it is not, what is remembered may be too old."""
        known = self._key_sets.get(issuer, now=now)
        if known is not None and wanted is not None and not _has(known.value, wanted):
            known = known if now - known.obtained_at < _REFRESH_AFTER else None  # keys may have been rotated since
        if known is not None:
            return known
        failed = self._failures.get(issuer, now=now)
        if failed is not None:
            raise copy(failed.value)
        try:
            fetched = fetch_issuer_keys(issuer, fetch=self._fetch)
        except TegataError as failure:
            self._failures.put(issuer, failure, now=now, ttl=_FAILURE_TTL)
            raise
        return self._key_sets.put(issuer, fetched, now=now, ttl=fetched.lifetime)

    def _by_metadata(self, hint: IssuerKeyHint, now: int) -> FoundKey:
        issuer = str(hint.iss)
        known = self._published(issuer, now, wanted=hint)
        key, history = known.value.key_with_history(hint.kid, alg=hint.alg)
        return FoundKey(
            key=key,
            path="jwt_vc_issuer_metadata",
            issuer=issuer,
            evidence=known.value.address,
            fetched_at=known.obtained_at,
            valid_until=known.dies_at,
            history=history,
        )


def find_issuer_key(hint: IssuerKeyHint, *, fetch: Fetch, resolver: Resolver, anchors: Anchors, now: int) -> FoundKey:
    """`IssuerKeyFinder.find` without a memory: for one question. Servers keep a finder."""
    return IssuerKeyFinder(fetch, resolver, anchors).find(hint, now=now)


def choose_path(hint: IssuerKeyHint) -> KeyPath:
    """Which way leads to the key. Pure. Raises Malformed for an issuer that is neither a DID nor an https address."""
    if hint.iss is not None and hint.iss.startswith("did:"):
        return "did"
    if hint.x5c:
        return "x5c"
    if hint.iss is None:
        raise Malformed("no_issuer", "the credential names no issuer")
    metadata_address(hint.iss)
    return "jwt_vc_issuer_metadata"


def _has(keys: IssuerKeySet, hint: IssuerKeyHint) -> bool:
    try:
        keys.key_with_history(hint.kid, alg=hint.alg)
    except TegataError:
        return False
    return True


def _issuer_of_chain(iss: str | None, uris: tuple[str, ...], dns_names: tuple[str, ...]) -> str:
    """The issuer that a leaf speaks for. Raises Rejected("untrusted_key").

    A leaf with URI names speaks for these addresses only: on a host with several institutions, none can sign for another. A leaf with
    DNS names alone speaks for every address on that host. Without ``iss`` the leaf has to name exactly one (SD-JWT VC draft-19 §2.2.2.3).
    """
    if iss is None:
        names = uris or tuple(f"https://{name}" for name in dns_names)
        if len(names) != 1:
            raise Rejected("untrusted_key", "the certificate does not name one issuer")
        return names[0]
    if uris:
        if iss not in uris:
            raise Rejected("untrusted_key", "the certificate is for another issuer")
        return iss
    metadata_address(iss)  # an identifier in its strict form, so that its host is plain to see
    if urlsplit(iss).hostname not in dns_names:
        raise Rejected("untrusted_key", "the certificate is for another host")
    return iss
