"""Expanded JSON-LD → quads (JSON-LD 1.1 API §8.2), straight from the expanded form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.errors import Malformed
from common.proofs.blank_nodes import Quad
from common.proofs.expand.rdf_terms import (
    I18N,
    PREDICATES,
    RDF,
    frequent_term,
    iri_term,
    literal,
    predicate_term,
    quote,
)

TYPE = f"<{RDF}type>"
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"


def expanded_to_quads(expanded: Sequence[Any]) -> list[Quad]:
    """Expanded form → quads of terms as N-Quads writes them; a quad may come twice. Raises Malformed for a relative or ill-formed IRI,
    language tag or number.
    """
    return Writer().write(expanded)


def _refuse_alike(quads: Sequence[Quad]) -> None:
    """Implementations in the field take two texts of one property for one that differ in base direction only, and keep the first."""
    seen: dict[tuple[str, ...], str] = {}
    for subject, predicate, value, graph in quads:
        text, quote_, rest = value.rpartition('"')
        if quote_ and (rest[:1] in ("", "@") or rest.startswith(f"^^<{I18N}")):
            language = rest.removeprefix("@").removeprefix(f"^^<{I18N}").partition("_")[0]
            if seen.setdefault((subject, predicate, graph, text, language), value) != value:
                raise Malformed("bad_json_ld", "one text in two base directions is read in two ways")


class Writer:
    """Collects quads in document order. ``graph`` is the graph's term, empty for the default graph."""

    def __init__(self) -> None:
        self.quads: list[Quad] = []
        self._directed = False
        self._names: dict[str, str] = {}
        self._count = 0

    def write(self, expanded: Sequence[Any]) -> list[Quad]:
        """All quads of an expanded document."""
        for node in expanded:
            self.node(node, "")
        return self.written()

    def written(self) -> list[Quad]:
        """The quads, of which no two may be read as one."""
        if self._directed:
            _refuse_alike(self.quads)
        return self.quads

    def fresh(self) -> str:
        """The name of a blank node that has none."""
        name = f"_:b{self._count}"
        self._count += 1
        return name

    def resource(self, iri: str) -> str:
        """An absolute IRI or blank node identifier as N-Quads has it."""
        if iri.startswith("_:"):
            if iri not in self._names:
                self._names[iri] = self.fresh()
            return self._names[iri]
        return iri_term(iri)

    def node(self, node: Any, graph: str) -> str:
        """Writes a node object's quads and returns its name."""
        identifier = node.get("@id")
        subject = self.fresh() if identifier is None else self.resource(identifier)
        write = self.quads.append
        for key, values in node.items():
            if key[0] != "@":
                predicate = PREDICATES.get(key) or predicate_term(key)
                for value in values:
                    text = value.get("@value")
                    if text.__class__ is str and len(value) == 1:
                        plain = text.isprintable() and '"' not in text and "\\" not in text  # as in `quote`, for speed
                        write((subject, predicate, f'"{text}"' if plain else quote(text), graph))
                    else:
                        write((subject, predicate, self.object(value, graph), graph))
            elif key == "@type":
                for each in values:
                    write((subject, TYPE, self.resource(each) if each[:2] == "_:" else frequent_term(each), graph))
            elif key == "@graph":
                for each in values:
                    self.node(each, subject)
            elif key == "@included":
                for each in values:
                    self.node(each, graph)
            elif key == "@reverse":
                for name, nodes in values.items():
                    predicate = predicate_term(name)
                    for each in nodes:
                        write((self.node(each, graph), predicate, subject, graph))
        return subject

    def object(self, value: Any, graph: str) -> str:
        """What an expanded value is as the object of a statement; what it says besides is written."""
        if "@value" in value:
            if "@direction" in value:
                self._directed = True
            return literal(value)
        if "@list" in value:
            return self._list(value["@list"], graph)
        if "@id" in value and len(value) == 1:
            return self.resource(value["@id"])
        return self.node(value, graph)

    def _list(self, items: Sequence[Any], graph: str) -> str:
        if not items:
            return _NIL
        cells = [self.fresh() for _ in items]
        for cell, item, rest in zip(cells, items, [*cells[1:], _NIL], strict=True):
            self.quads.append((cell, _FIRST, self.object(item, graph), graph))
            self.quads.append((cell, _REST, rest, graph))
        return cells[0]
