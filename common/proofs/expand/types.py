"""The types of a document as the IRIs that its contexts make of them (JSON-LD 1.1 API §5.1.2 step 13.4.4), without expanding the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.proofs.contexts import PINNED, ContextStore
from common.proofs.expand.compile import ContextProcessor
from common.proofs.expand.expansion import expand
from common.proofs.expand.term import BeyondSubset
from common.proofs.expand.values import as_list, vocabulary


def expand_types(document: Mapping[str, Any], *, contexts: ContextStore = PINNED) -> tuple[str, ...]:
    """``type`` of the document itself → IRIs, in its order. Raises what `expand` raises.

    Type-scoped contexts play no part: types are read in the context that holds before them.
    """
    try:
        processor = ContextProcessor(contexts)
        active = processor.apply(processor.root, document.get("@context"))
        found = [name for key in ("type", "@type") if key in document for name in as_list(document[key])]
        if not all(isinstance(name, str) for name in found):
            raise Malformed("bad_json_ld", "a type is a text")
        return tuple(vocabulary(active, name) for name in found)
    except BeyondSubset:
        return tuple(expand(document, contexts=contexts)[0].get("@type", ()))
