"""Texts, numbers and booleans under a property: value and IRI expansion (JSON-LD 1.1 API §5.3.2, §5.2.2)."""

from __future__ import annotations

from typing import Any

from common.errors import Malformed
from common.proofs.expand.finished_object import bad
from common.proofs.expand.term import (
    IDENTIFIER,
    JSON,
    LITERAL,
    TYPED,
    UNCERTAIN,
    UNSET,
    VOCABULARY,
    Context,
    Term,
    is_absolute,
)

Node = dict[str, Any]


def as_list(value: Any) -> list[Any]:
    return value if value.__class__ is list else [value]


def identifier(active: Context, value: str) -> str:
    """A text read as an IRI, document-relative but with no base → absolute IRI. Raises Malformed("relative_iri")."""
    expanded = active.expand_compact(value)
    if expanded is None:
        raise Malformed("relative_iri", f"{value[:100]!r} is not an absolute IRI")
    return expanded


def vocabulary(active: Context, value: str) -> str:
    """A text read as a term or IRI → absolute IRI. Raises Malformed("undefined_term")."""
    expanded = active.expand_vocabulary(value)
    if expanded is None or not is_absolute(expanded):
        raise Malformed("undefined_term", f"the contexts do not define {value[:100]!r}")
    return expanded


def expand_value(active: Context, term: Term | None, value: Any) -> Node:
    """Value expansion (§5.3.2) of a text, number or boolean under a property with that term definition."""
    coercion = LITERAL if term is None else term.coercion
    if value.__class__ is str:
        if coercion == IDENTIFIER:
            return {"@id": identifier(active, value)}
        if coercion == VOCABULARY:
            return {"@id": vocabulary(active, value)}
        if coercion == LITERAL:
            return localised(value, *localisation(active, term))
    if coercion in (TYPED, JSON):
        assert term is not None
        return {"@value": value, "@type": term.type}
    return {"@value": value}


def localisation(active: Context, term: Term | None) -> tuple[Any, Any]:
    """The language and base direction of plain texts under a term."""
    direction = active.direction if term is None or term.direction is UNSET else term.direction
    if direction == UNCERTAIN:
        raise bad("a default @direction under a further context is read in two ways")
    return active.language if term is None or term.language is UNSET else term.language, direction


def localised(value: str, language: str | None, direction: str | None) -> Node:
    found: Node = {"@value": value}
    if language is not None:
        found["@language"] = language
    if direction is not None:
        found["@direction"] = direction
    return found
