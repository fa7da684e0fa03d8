"""From the ``verificationMethod`` of a proof to the method that a controller lists for the purpose. W3C CID 1.0 §3.3; DID Core 1.0 §5.3.

did:key and did:jwk are read from the DID itself. Everything else comes from what the caller gives: a key that it has found already,
controller documents, or the ``resolve`` of a `common.did.resolve.Resolver`. Nothing is fetched from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.did.document import Relationship, find_method
from common.errors import Malformed, Rejected
from common.formats.vcdm.holder_key import key_of_did
from common.formats.vcdm.moment import parse_moment
from common.jose.jwk import PublicKey

Resolve = Callable[[str], Mapping[str, Any]]
"""DID → its document; raises as `common.did.resolve.Resolver.resolve`."""

SIGNING: frozenset[str] = frozenset(
    {"assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation"}
)
"""The relationships that a proof's purpose may name (VC Data Integrity 1.0 §2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationMethod:
    """A method that its controller lists for the purpose asked about. method: the object, key included, as it stands there.

    key: the same key, where the caller has read it already.
    """

    controller: str
    method: Mapping[str, Any]
    key: PublicKey | None = None


class VerificationMethods:
    """Finds methods. known: (verification method URL, relationship) → the method, where the caller has found it and answers for it.

    documents: controller documents by their ``id``, DID or https address. resolve: for every other DID; None refuses them.
    """

    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        documents: Mapping[str, Mapping[str, Any]] | None = None,
        known: Mapping[tuple[str, Relationship], VerificationMethod] | None = None,
    ) -> None:
        self._resolve = resolve
        self._documents = documents or {}
        self._known = known or {}

    def find(self, url: str, relationship: Relationship) -> VerificationMethod:
        """The method. Raises Malformed, Rejected("untrusted_key"), and what ``resolve`` raises."""
        known = self._known.get((url, relationship))
        if known is not None:
            return known
        controller, _, fragment = url.partition("#")
        if not fragment:
            raise Malformed("bad_verification_method", "verificationMethod is the URL of a key: with a fragment")
        document = self._documents.get(controller)
        if document is not None:
            return VerificationMethod(controller=controller, method=_find_given(document, url, relationship))
        if controller.startswith("did:key:"):
            return VerificationMethod(controller=controller, method=_of_did_key(controller, fragment))
        if controller.startswith("did:jwk:"):
            return VerificationMethod(controller=controller, method=_of_did_jwk(controller, fragment))
        if self._resolve is None or not controller.startswith("did:"):
            raise Rejected("untrusted_key", "no way to this proof's key is open here")
        return VerificationMethod(
            controller=controller, method=find_method(self._resolve(controller), url, relationship)
        )


def check_in_use(method: Mapping[str, Any], *, signed_at: int | None, now: int) -> None:
    """``revoked`` and ``expires`` of CID 1.0 §2.2, as `common.keys.history.judge_key_time` reads them: a key that was rotated out in good
    order still verifies what it signed before; one that was revoked verifies nothing here, since nothing here proves when it signed.

    signed_at: ``created`` of the proof, seconds; a proof that does not say counts as made now.
    Raises Rejected("key_compromised" | "key_retired"), Malformed for a time that is none.
    """
    if "revoked" in method and now >= parse_moment(method["revoked"]):
        raise Rejected("key_compromised", "the key of the proof has been revoked by its controller")
    if "expires" in method and (now if signed_at is None else signed_at) >= parse_moment(method["expires"]):
        raise Rejected("key_retired", "the proof was made after its key had been retired")


def known_method(url: str, *, controller: str, key: PublicKey) -> VerificationMethod:
    """For those who have found a key by other means (`common.trust.issuer_key`): the method that it is."""
    method = {"id": url, "type": "JsonWebKey", "controller": controller, "publicKeyJwk": key.jwk}
    return VerificationMethod(controller=controller, method=method, key=key)


def _find_given(document: Mapping[str, Any], url: str, relationship: Relationship) -> Mapping[str, Any]:
    if url.startswith("did:"):
        return find_method(document, url, relationship)
    # CID 1.0 §3.3 for controllers that are no DIDs: the same rules, without the grammar of DID URLs
    listed = document.get(relationship)
    entries = listed if isinstance(listed, list) else []
    embedded = [entry for entry in entries if isinstance(entry, Mapping) and entry.get("id") == url]
    methods = document.get("verificationMethod")
    defined = [
        entry
        for entry in (methods if isinstance(methods, list) else [])
        if isinstance(entry, Mapping) and entry.get("id") == url
    ]
    if not embedded and url not in [entry for entry in entries if isinstance(entry, str)]:
        raise Rejected("untrusted_key", f"the controller document does not list this key under {relationship}")
    if document.get("id") != url.partition("#")[0] or len(embedded) + len(defined) != 1:
        raise Rejected("untrusted_key", "the controller document does not define this key exactly once")
    method: Mapping[str, Any] = (embedded + defined)[0]
    if method.get("controller") != document["id"]:
        raise Rejected("untrusted_key", "the key is under the control of somebody else")
    return method


def _of_did_key(did: str, fragment: str) -> dict[str, Any]:
    multikey = did.removeprefix("did:key:")
    if fragment != multikey:
        raise Malformed("bad_verification_method", "the key of a did:key is named by its own multikey")
    return {"id": f"{did}#{fragment}", "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}


def _of_did_jwk(did: str, fragment: str) -> dict[str, Any]:
    if fragment != "0":
        raise Malformed("bad_verification_method", "the key of a did:jwk is #0")
    return {"id": f"{did}#0", "type": "JsonWebKey", "controller": did, "publicKeyJwk": key_of_did(did)}
