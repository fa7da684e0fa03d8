"""The canonical form of the JCS suites: RFC 8785 over the document and over the proof's options.

vc-di-eddsa 1.0 §3.3, vc-di-ecdsa 1.0 §3.3. The options carry the document's ``@context``, so that a later proof of a set, which may
need more contexts, can add them to the document without breaking earlier ones: the document may only go on where they end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Rejected
from common.proofs.jcs import canonicalize_json
from common.proofs.suites.signed_hash import Hash, SignedHash


def canonical_jcs(document: Mapping[str, Any], options: Mapping[str, Any], hash_name: Hash) -> tuple[bytes, bytes]:
    """(canonical options, canonical document). Raises Rejected("bad_signature") where the contexts of the two disagree."""
    del hash_name  # canonical JSON knows no hash
    if "@context" in options:
        document = _with_contexts_of(document, options["@context"])
    return canonicalize_json(options), canonicalize_json(document)


def _with_contexts_of(document: Mapping[str, Any], signed: object) -> Mapping[str, Any]:
    """The document under the contexts that were signed. It must begin with all of them, in their order (§3.3.2 step 4)."""
    present = document.get("@context")
    if present == signed:
        return document
    have, want = _as_list(present), _as_list(signed)
    if have[: len(want)] != want:
        raise Rejected("bad_signature", "the document's @context does not begin with the one that was signed")
    return {**document, "@context": signed}


def _as_list(contexts: object) -> list[Any]:
    return contexts if isinstance(contexts, list) else [contexts]


class SignedJcsHash(SignedHash):
    """A JCS suite: it puts the document's contexts into the options (§3.3.1 step 2)."""

    __slots__ = ()

    def __init__(self, name: str, algs: tuple[str, ...]) -> None:
        super().__init__(name, algs, canonical_jcs)

    def complete_options(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        completed = super().complete_options(document, options)
        if "@context" in document:
            completed["@context"] = document["@context"]
        return completed
