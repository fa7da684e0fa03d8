"""JSON-LD expansion (JSON-LD 1.1 API §5) in safe mode: what would be lost or invented is refused.

Our own expander over compiled contexts; what it does not do (``BeyondSubset``) goes to PyLD. Where the recommendation and the
implementations in the field read a document in two ways, it is refused: no two verifiers shall differ on the bytes that are signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.encoding import compact_json
from common.errors import Malformed
from common.proofs.contexts import PINNED, ContextStore
from common.proofs.expand.compile import ContextProcessor
from common.proofs.expand.node_object import Expander
from common.proofs.expand.pyld_fallback import expand_with_pyld
from common.proofs.expand.term import BeyondSubset

MAX_PYLD_BYTES = 32_768
"""PyLD takes up to half a second over a document of this size, and longer out of proportion over larger ones."""


def expand(document: Mapping[str, Any], *, contexts: ContextStore = PINNED) -> list[Any]:
    """JSON-LD document → expanded form: an array of node objects. The document is not changed; the two may share parts.

    Raises Malformed("undefined_term") for a term or type that no context defines, Malformed("relative_iri"), Malformed("lost_value")
    for what expansion would drop, Malformed("bad_json_ld") and ("bad_context") for what breaks JSON-LD 1.1, Malformed("too_complex"),
    Unsupported("unknown_context") for a context that is not in ``contexts``.
    """
    expander = Expander(ContextProcessor(contexts))
    try:
        expanded = expander.document(document)
    except BeyondSubset as beyond:
        _refuse_large(document, beyond)
        expanded = expand_with_pyld(document, contexts)
    except RecursionError:
        raise Malformed("bad_json_ld", "nested too deeply") from None
    if not expanded:
        raise Malformed("lost_value", "the document says nothing")
    return expanded


def _refuse_large(document: Mapping[str, Any], beyond: BeyondSubset) -> None:
    try:
        size = len(compact_json(document))
    except (TypeError, ValueError) as error:
        raise Malformed("bad_json_ld", "a value that is not JSON") from error
    if size > MAX_PYLD_BYTES:
        raise Malformed("too_complex", f"too large a document for one that uses {beyond}")
