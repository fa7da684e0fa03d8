"""JSON-LD expansion (JSON-LD 1.1 API §5) in safe mode: what would be lost is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.proofs.contexts import PINNED, ContextStore
from common.proofs.expand.pyld_fallback import expand_with_pyld


def expand(document: Mapping[str, Any], *, contexts: ContextStore = PINNED) -> list[Any]:
    """JSON-LD document → expanded form: an array of node objects. The document is not changed.

    Raises Malformed("undefined_term") for a term or type that no context defines, Malformed("relative_iri"), Malformed("bad_json_ld")
    for what breaks JSON-LD 1.1, Unsupported("unknown_context") for a context that is not in ``contexts``.
    """
    return expand_with_pyld(document, contexts)
