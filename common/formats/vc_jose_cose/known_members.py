"""Which members a document may have at its top when we sign it: those that a context defines *by name*.

VCDM 2.0 §5.2 lets anybody extend a credential by a context. A member that no context defines means nothing to anybody, and a context that
defines every word there is (``@vocab``) defines none in particular: what it lets through is as likely a misspelt ``validUntil``. So an
issuer here signs neither. A verifier ignores what it does not understand (VC-JOSE-COSE 1.0 §3.1.3) and does not ask here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from common.errors import Malformed, Unsupported
from common.proofs.contexts import context_document

_OF_JSON_LD = frozenset({"@context", "@id", "@type", "@graph"})
MAX_NESTING = 8


def check_members(document: Mapping[str, Any]) -> None:
    """Raises Malformed("undefined_term") for the first member that no context known here defines by name."""
    types = document.get("type")
    names = frozenset(name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str))
    defined = {*_OF_JSON_LD, *_terms(document.get("@context"), names, 0)}
    for member in document:
        if member not in defined:
            raise Malformed("undefined_term", f"no context defines {member[:60]!r} by name")


def _terms(context: object, types: frozenset[str], depth: int) -> Iterator[str]:
    """The terms of a context, and those that its type-scoped contexts add for these types. An unknown address defines nothing."""
    if depth > MAX_NESTING:
        return
    if isinstance(context, list):
        for entry in context:
            yield from _terms(entry, types, depth + 1)
    elif isinstance(context, str):
        try:
            found = context_document(context)
        except Unsupported:
            return
        yield from _terms(found["@context"], types, depth + 1)
    elif isinstance(context, Mapping):
        for term, definition in context.items():
            if not term.startswith("@") and definition is not None:
                yield term
                if term in types and isinstance(definition, Mapping):
                    yield from _terms(definition.get("@context"), types, depth + 1)
