"""Node objects with the same keys in the same order, of the same types, under the same context, expand alike: what is alike is kept.

Only for what is simple: a name, types, and properties that are plain, each with an IRI of its own. All else is expanded entry by entry.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final, NamedTuple

from common.errors import Malformed
from common.proofs.expand.finished_object import bad
from common.proofs.expand.rdf_terms import (
    PREDICATES,
    SPECIAL_TYPES,
    frequent_term,
    iri_term,
    predicate_term,
)
from common.proofs.expand.term import IDENTIFIER, LITERAL, TYPED, UNSET, Context, Term, is_absolute
from common.proofs.expand.values import Node, as_list, expand_value, identifier

if TYPE_CHECKING:
    from common.proofs.expand.node_object import Expander

BARE, WITH_DATATYPE, REFERENCE, COERCED, NAME, TYPES, NOTHING = range(7)
"""What becomes of an entry: a text as it is, a text with its term's datatype, a text that is an IRI, a text that needs value expansion,
@id, @type, nothing.
"""
MAX_KEY_CHARACTERS = 2_000
"""Of keys and types together, which strangers choose; and of the types' IRIs."""
MAX_PROPERTY_CHARACTERS = 200
"""Of the IRIs of a property and its datatype. What is remembered of a shape is bounded by this and the number of keys."""
NO_SHAPE: Final = "none"
"""Remembered for objects that are not simple."""


class Entry(NamedTuple):
    """predicate: the IRI as N-Quads has it. behind: how a literal with the datatype ends there."""

    meaning: int
    iri: str
    datatype: str | None
    term: Term | None
    predicate: str
    behind: str


class Shape(NamedTuple):
    """active: the context of the entries, that of the types applied. kinds: what @type becomes, and as N-Quads has it. name: the key that
    stands for @id.
    """

    active: Context
    entries: tuple[Entry, ...]
    kinds: tuple[str, ...]
    kind_terms: tuple[str, ...]
    name: str | None


def known_shape(expander: Expander, active: Context, element: Node) -> Shape | None:
    """The shape of an object under the context that is active after its own; None if it is not simple.

    Raises Malformed for types that `Expander.with_types` refuses.
    """
    kinds = element.get("type")
    kind = kinds.__class__
    if kind is list:
        key: Hashable = (tuple(element), tuple(kinds))  # type: ignore[arg-type]
    elif kind is str or kinds is None:
        key = (tuple(element), kinds)
    else:
        return None
    try:
        found: Shape | str | None = active.shapes.get(key)
    except TypeError:  # a type that is no text, nor anything hashable
        return None
    if found is None:
        if not _is_short(element):
            return None
        found = _shape_of(element, *expander.with_types(active, element)) or NO_SHAPE
        expander.processor.compiled.remember_shape(active, key, found, len(element))
    return found if isinstance(found, Shape) else None


def expand_by_shape(expander: Expander, shape: Shape, element: Node) -> Node:
    """A node object of this shape → expanded."""
    active, entries, kinds, _, _ = shape
    node: Node = {}
    for (key, value), (meaning, iri, datatype, term, _, _) in zip(element.items(), entries, strict=True):
        if meaning == TYPES:
            node["@type"] = [*kinds]
        elif meaning == NOTHING:
            continue
        elif value.__class__ is str:
            if meaning == BARE:
                node[iri] = [{"@value": value}]
            elif meaning == WITH_DATATYPE:
                node[iri] = [{"@value": value, "@type": datatype}]
            elif meaning == NAME:
                node["@id"] = identifier(active, value)
            else:
                node[iri] = [expand_value(active, term, value)]
        elif meaning == NAME:
            raise bad("the value of @id is a text")
        else:
            expanded = expander.element(active, key, value)
            if expanded is not None:
                node[iri] = expanded if expanded.__class__ is list else [expanded]
    return node


def _is_short(element: Node) -> bool:
    """Whether the key is worth remembering."""
    kinds = element.get("type", "")
    texts = [*element, *(kinds if isinstance(kinds, list) else [kinds])]
    return all(isinstance(text, str) for text in texts) and sum(map(len, texts)) + len(texts) <= MAX_KEY_CHARACTERS


def _shape_of(element: Node, active: Context, type_scoped: Context) -> Shape | None:
    """The shape of an object; None if it is not simple, or cannot be written as quads.

    type_scoped: the context that is active after the object's own. active: the same with the contexts of its types.
    """
    entries = []
    kinds: list[str] = []
    name = None
    for key in element:
        term = active.terms.get(key)
        if key == "@context":
            entries.append(Entry(NOTHING, key, None, None, "", ""))
            continue
        if term is None or (key == "type") != (term.iri == "@type"):
            return None
        if (
            key != "type" and key in type_scoped.type_keys
        ):  # what it says is no part of the key, and decided on ``active``
            return None
        if term.plain:
            entry = _property(active, term)
            if entry is None:
                return None
            entries.append(entry)
        elif term.context is not UNSET or term.iri not in ("@id", "@type"):
            return None
        elif term.iri == "@id":
            entries.append(Entry(NAME, "@id", None, term, "", ""))
            name = key
        else:
            expanded = [type_scoped.expand_vocabulary(kind) for kind in as_list(element[key])]
            kinds = [kind for kind in expanded if kind is not None and is_absolute(kind)]
            if not kinds or len(kinds) < len(expanded) or "type" not in type_scoped.type_keys:
                return None
            if sum(map(len, kinds)) > MAX_KEY_CHARACTERS:
                return None
            entries.append(Entry(TYPES, "@type", None, term, "", ""))
    if len({entry.iri for entry in entries}) < len(entries):
        return None
    try:
        return Shape(active, tuple(entries), tuple(kinds), tuple(map(iri_term, kinds)), name)
    except Malformed:  # a blank node, or what is not well-formed as an IRI
        return None


def _property(active: Context, term: Term) -> Entry | None:
    assert term.iri is not None
    if len(term.iri) + len(term.type or "") > MAX_PROPERTY_CHARACTERS:
        return None
    meaning = _meaning(active, term)
    try:
        predicate = PREDICATES.get(term.iri) or predicate_term(term.iri)
        behind = f'"^^{frequent_term(term.type or "")}' if meaning == WITH_DATATYPE else ""
    except Malformed:
        return None
    return Entry(meaning, term.iri, term.type, term, predicate, behind)


def _meaning(active: Context, term: Term) -> int:
    if term.coercion == TYPED and term.type not in SPECIAL_TYPES:
        return WITH_DATATYPE
    if term.coercion == IDENTIFIER:
        return REFERENCE
    if term.coercion == LITERAL and term.bare and active.language is None and active.direction is None:
        return BARE
    return COERCED
