"""JSON-LD documents → quads, node objects of a known shape without the expanded form between.

What comes out is what `expand` and `expanded_to_quads` give, which all else is left to. Where the entries of an object went is kept, so
that a selection from the document need not be expanded by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.errors import Malformed
from common.proofs.blank_nodes import Quad
from common.proofs.contexts import PINNED, ContextStore
from common.proofs.expand.compile import ContextProcessor
from common.proofs.expand.expansion import expand
from common.proofs.expand.finished_object import bad
from common.proofs.expand.n_quads import TYPE, Writer
from common.proofs.expand.node_object import Expander, keeps_context
from common.proofs.expand.rdf_terms import quote
from common.proofs.expand.shape import NAME, NOTHING, REFERENCE, TYPES, Shape, known_shape
from common.proofs.expand.term import BeyondSubset, Context
from common.proofs.expand.values import Node, as_list, expand_value, identifier

_SILENT = frozenset({NAME, NOTHING})
Places = dict[int, list[int] | None]
"""id of an object or array of the document → where the quads of its entries begin, one after the other, and where the last one's end.

None: it stands at more than one place, or a part of it says something else than in the whole. So is what the expander wrote.
"""


def to_nquads(document: Mapping[str, Any], *, contexts: ContextStore = PINNED) -> list[str]:
    """JSON-LD document → its N-Quads, each once and with its line end, blank nodes named ``_:b0`` … in order of appearance.

    Literals and escapes have the form that RDFC-1.0 §5 asks. Raises as ``expand``, and Malformed for a relative or ill-formed IRI,
    language tag or number.
    """
    quads = dict.fromkeys(to_quads(document, contexts=contexts))
    return [f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n" for s, p, o, g in quads]


def to_quads(document: Mapping[str, Any], *, contexts: ContextStore = PINNED) -> list[Quad]:
    """JSON-LD document → quads of terms as N-Quads writes them; a quad may come twice. Raises as ``to_nquads``."""
    return to_quads_with_places(document, contexts)[0]


def to_quads_with_places(document: Mapping[str, Any], contexts: ContextStore) -> tuple[list[Quad], Places]:
    """``to_quads``, and which of them each entry became. The ids hold as long as nobody changes the document or lets go of it."""
    writer = _DirectWriter(contexts)
    try:
        if writer.document(document):
            return writer.written(), writer.places
    except BeyondSubset:
        pass
    except RecursionError:
        raise Malformed("bad_json_ld", "nested too deeply") from None
    return Writer().write(expand(document, contexts=contexts)), {}


class _DirectWriter(Writer):
    """All into the default graph: objects in other graphs are not simple."""

    def __init__(self, contexts: ContextStore) -> None:
        super().__init__()
        self.places: Places = {}
        self._processor = ContextProcessor(contexts)
        self._expander = Expander(self._processor)

    def document(self, document: Mapping[str, Any]) -> bool:
        """Whether the document is one that can be written directly; then it is written."""
        if document.__class__ is not dict:
            return False
        active = self._processor.root
        if "@context" in document:
            active = self._processor.apply(active, document["@context"])
        shape = known_shape(self._expander, active, document)
        if shape is None or not shape.kinds:  # else it might say nothing
            return False
        self._write(shape, document)
        return True

    def _write(self, shape: Shape, element: Node) -> str:
        """A node object → its name; its quads are written."""
        active, entries, _, kind_terms, name = shape
        quads = self.quads
        write = quads.append
        subject = self.fresh() if name is None else self._name(active, element[name])
        places: list[int] = []
        for (key, value), (meaning, _, _, term, predicate, behind) in zip(element.items(), entries, strict=True):
            places.append(len(quads))
            if value.__class__ is str and meaning <= REFERENCE:
                if meaning == REFERENCE:
                    write((subject, predicate, self.resource(identifier(active, value)), ""))
                elif value.isprintable() and '"' not in value and "\\" not in value:  # as in `quote`, for speed
                    write((subject, predicate, f'"{value}{behind}' if behind else f'"{value}"', ""))
                else:
                    write((subject, predicate, quote(value) + behind[1:], ""))
            elif meaning == TYPES:
                for kind in kind_terms:
                    write((subject, TYPE, kind, ""))
            elif meaning in _SILENT:
                continue
            elif value.__class__ is str:
                write((subject, predicate, self.object(expand_value(active, term, value), ""), ""))
            elif value.__class__ is list:
                inner: list[int] = []
                for each in value:
                    inner.append(len(quads))
                    for found in self._objects(active, key, each):
                        write((subject, predicate, found, ""))
                self._keep(value, inner)
            else:
                for found in self._objects(active, key, value):
                    write((subject, predicate, found, ""))
        self._keep(element, places, alone=name == "id" or (name is None and "id" not in element))
        return subject

    def _name(self, active: Context, value: Any) -> str:
        if value.__class__ is not str:
            raise bad("the value of @id is a text")
        return self.resource(identifier(active, value))

    def _keep(self, part: Node | list[Any], places: list[int], *, alone: bool = True) -> None:
        """alone: false where the part may say something else once a selection has left some of its entries out."""
        places.append(len(self.quads))
        self.places[id(part)] = places if alone and id(part) not in self.places else None

    def _objects(self, active: Context, key: str, value: Any) -> Iterable[str]:
        """What a value becomes as object of statements; what it says besides is written. key: of a term that is plain."""
        # To apply contexts is the expander's, who counts the work.
        if value.__class__ is dict and "@context" not in value:
            inner, alone = active, True
            if inner.previous is not None and not keeps_context(inner, value):
                alone = inner.value_keys.isdisjoint(value)  # else fewer entries might keep the context
                inner = inner.previous
            shape = known_shape(self._expander, inner, value)
            if shape is not None:
                subject = self._write(shape, value)
                if not alone:
                    self.places[id(value)] = None
                return (subject,)
        if isinstance(value, dict | list):
            self.places[id(value)] = None
        expanded = self._expander.element(active, key, value)
        return () if expanded is None else (self.object(each, "") for each in as_list(expanded))
