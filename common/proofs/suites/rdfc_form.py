"""The canonical form of the RDFC suites: RDFC-1.0 over the document and over the proof's options. vc-di-eddsa, vc-di-ecdsa 1.0 §3.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.proofs.canonical import canonize
from common.proofs.contexts.store import ContextStore
from common.proofs.suites.options_form import OptionsForm
from common.proofs.suites.signed_hash import Hash


class RdfcForm:
    """Canonical N-Quads of document and options. contexts: those that documents may name."""

    __slots__ = ("_contexts", "_options_form")

    def __init__(self, contexts: ContextStore) -> None:
        self._contexts = contexts
        self._options_form = OptionsForm(contexts)

    def canonical(
        self, document: Mapping[str, Any], options: Mapping[str, Any], hash_name: Hash
    ) -> tuple[bytes, bytes]:
        """(canonical options, canonical document). The options are read under the document's ``@context`` (§3.2.5).

        Raises Malformed for what JSON-LD cannot read without loss, Unsupported("unknown_context").
        """
        if "@context" not in document:
            raise Malformed("bad_context", "a document of this cryptosuite has an @context")
        if options.get("@context", document["@context"]) != document["@context"]:
            raise Malformed(
                "bad_context", "a proof of this cryptosuite has no @context of its own: it would not be signed"
            )
        return (
            self._options_form.canonical(options, document["@context"], hash_name=hash_name).encode(),
            canonize(document, hash=hash_name, contexts=self._contexts).encode(),
        )
