"""Expanded JSON-LD → N-Quads (JSON-LD 1.1 API §8.2, with rdfDirection ``i18n-datatype``), straight from the expanded form.

The value of ``@direction`` becomes part of the datatype. VC Data Integrity names no rdfDirection (vc-data-integrity, issue 366); with
none the direction would not be signed, and this is what the suites in the field do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from common.errors import Malformed
from common.proofs.blank_nodes import Quad
from common.proofs.contexts import PINNED, ContextStore
from common.proofs.expand.expansion import expand
from common.proofs.jcs import canonicalize_json

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING, _DOUBLE = f"{XSD}string", f"{XSD}double"
_SPECIAL_TYPES = frozenset({"@json", _STRING, _DOUBLE})
I18N = "https://www.w3.org/ns/i18n#"
_TYPE = f"<{RDF}type>"
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"
_DOUBLE_AS_TEXT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRIM_DOUBLE = re.compile(r"(\d)0*E\+?(-?)0*(\d)")
_BETWEEN = r"[^\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff#]*"
_IRI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:{_BETWEEN}(?:#{_BETWEEN})?")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_TO_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


def to_nquads(document: Mapping[str, Any], *, contexts: ContextStore = PINNED) -> list[str]:
    """JSON-LD document → its N-Quads, each once and with its line end, blank nodes named ``_:b0`` … in order of appearance.

    Literals and escapes have the form that RDFC-1.0 §5 asks. Raises as ``expand``, and Malformed for a relative or ill-formed IRI,
    language tag or number.
    """
    quads = dict.fromkeys(to_quads(document, contexts=contexts))
    return [f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n" for s, p, o, g in quads]


def to_quads(document: Mapping[str, Any], *, contexts: ContextStore = PINNED) -> list[Quad]:
    """JSON-LD document → quads of terms as N-Quads writes them; a quad may come twice. Raises as ``to_nquads``."""
    return expanded_to_quads(expand(document, contexts=contexts))


def expanded_to_quads(expanded: Sequence[Any]) -> list[Quad]:
    """Expanded form → quads, as ``to_quads``."""
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
    """Collects quads in document order. ``graph`` is the graph's term, empty for the default graph.

    blank_mentions: how often a blank node was named so far. directed: whether any text so far has a base direction.
    """

    def __init__(self) -> None:
        self.quads: list[Quad] = []
        self.directed = False
        self.blank_mentions = 0
        self._names: dict[str, str] = {}
        self._count = 0

    def write(self, expanded: Sequence[Any]) -> list[Quad]:
        """All quads of an expanded document."""
        for node in expanded:
            self.node(node, "")
        if self.directed:
            _refuse_alike(self.quads)
        return self.quads

    def _fresh(self) -> str:
        name = f"_:b{self._count}"
        self._count += 1
        self.blank_mentions += 1
        return name

    def _resource(self, iri: str) -> str:
        """An absolute IRI or blank node identifier as N-Quads has it."""
        if iri.startswith("_:"):
            self.blank_mentions += 1
            if iri not in self._names:
                self._names[iri] = self._fresh()
            return self._names[iri]
        return iri_term(iri)

    def node(self, node: Any, graph: str) -> str:
        """Writes a node object's quads and returns its name."""
        identifier = node.get("@id")
        subject = self._fresh() if identifier is None else self._resource(identifier)
        write = self.quads.append
        for key, values in node.items():
            if key[0] != "@":
                predicate = _PREDICATES.get(key) or predicate_term(key)
                for value in values:
                    text = value.get("@value")
                    if text.__class__ is str and len(value) == 1:
                        plain = text.isprintable() and '"' not in text and "\\" not in text  # as in `quote`, for speed
                        write((subject, predicate, f'"{text}"' if plain else quote(text), graph))
                    else:
                        write((subject, predicate, self._object(value, graph), graph))
            elif key == "@type":
                for each in values:
                    term = self._resource(each) if each[:2] == "_:" else frequent_term(each)
                    write((subject, _TYPE, term, graph))
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

    def _object(self, value: Any, graph: str) -> str:
        if "@value" in value:
            if "@direction" in value:
                self.directed = True
            return literal(value)
        if "@list" in value:
            return self._list(value["@list"], graph)
        if "@id" in value and len(value) == 1:
            return self._resource(value["@id"])
        return self.node(value, graph)

    def _list(self, items: Sequence[Any], graph: str) -> str:
        if not items:
            return _NIL
        cells = [self._fresh() for _ in items]
        for cell, item, rest in zip(cells, items, [*cells[1:], _NIL], strict=True):
            self.quads.append((cell, _FIRST, self._object(item, graph), graph))
            self.quads.append((cell, _REST, rest, graph))
        return cells[0]


def iri_term(iri: str) -> str:
    """An absolute IRI in angle brackets. Raises Malformed("relative_iri") for what is none."""
    if _IRI.fullmatch(iri) is None:
        raise Malformed("relative_iri", f"{iri[:100]!r} is not an absolute IRI")
    return f"<{iri}>"


_FREQUENT_CHARACTERS = 200
_REMEMBERED = 4096
_remembered_term = lru_cache(maxsize=_REMEMBERED)(iri_term)
_PREDICATES: dict[str, str] = {}
"""The terms of properties seen lately."""


def frequent_term(iri: str) -> str:
    """`iri_term` for types, datatypes and properties, which come again and again."""
    return _remembered_term(iri) if len(iri) < _FREQUENT_CHARACTERS else iri_term(iri)


def predicate_term(iri: str) -> str:
    """A property's IRI in angle brackets. Raises Malformed, also for a blank node, which cannot be one in RDF."""
    if iri[:2] == "_:":
        raise Malformed("blank_node_predicate", "a blank node cannot be a predicate")
    term = iri_term(iri)
    if len(iri) < _FREQUENT_CHARACTERS:
        if len(_PREDICATES) >= _REMEMBERED:
            _PREDICATES.clear()
        _PREDICATES[iri] = term
    return term


def quote(text: str) -> str:
    """A literal's lexical form between quotes, escaped as canonical N-Quads asks (RDFC-1.0 §5)."""
    if (
        text.isprintable() and '"' not in text and "\\" not in text
    ):  # for speed: what is escaped besides is not printable
        return f'"{text}"'
    return f'"{_TO_ESCAPE.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    escaped = _ESCAPES.get(found.group())
    if escaped is None:
        raise Malformed("bad_json", "half of a surrogate pair is no character")
    return escaped


def literal(value: Mapping[str, Any]) -> str:
    """Value object → literal term. JSON-LD 1.1 API §8.2.2."""
    content = value["@value"]
    if content.__class__ is str and len(value) == 1:
        return quote(content)
    datatype = value.get("@type")
    if content.__class__ is str and datatype.__class__ is str and datatype not in _SPECIAL_TYPES:
        return f"{quote(content)}^^{frequent_term(datatype)}"
    if datatype == "@json":
        return f"{quote(canonicalize_json(content).decode())}^^<{RDF}JSON>"
    if isinstance(content, str):
        if datatype is None:
            if "@language" not in value and "@direction" not in value:
                return quote(content)
            return _localised(content, value.get("@language", ""), value.get("@direction"))
        if datatype == _STRING:
            return quote(content)
        if datatype == _DOUBLE and _DOUBLE_AS_TEXT.fullmatch(content):
            content = canonical_double(float(content))
        return f"{quote(content)}^^{frequent_term(datatype)}"
    if isinstance(content, bool):
        text, native = ("true" if content else "false"), "boolean"
    elif isinstance(content, (int, float)):
        text, native = number(content, as_double=datatype == _DOUBLE)
    else:
        raise Malformed("bad_json_ld", "a value is neither text, number nor boolean")
    return f'"{text}"^^{frequent_term(datatype or XSD + native)}' if datatype != _STRING else f'"{text}"'


def _localised(content: str, language: str, direction: str | None) -> str:
    if language and _LANGUAGE.fullmatch(language) is None:
        raise Malformed("bad_language", f"{language[:40]!r} is not a language tag")
    if direction is None:
        return f"{quote(content)}@{language}"
    return f"{quote(content)}^^<{I18N}{language}_{direction}>"


def number(value: float, *, as_double: bool) -> tuple[str, str]:
    """A JSON number → lexical form and the XSD datatype it has of itself. 10.0 is the integer 10, as everywhere outside Python."""
    if not as_double and abs(value) < 1e21 and (isinstance(value, int) or value.is_integer()):
        return str(int(value)), "integer"
    return canonical_double(value), "double"


def canonical_double(value: float) -> str:
    """Canonical lexical form of xsd:double, with at most 15 digits after the point: 5.3 → ``5.3E0``."""
    try:
        as_float = float(value)
    except OverflowError:
        raise Malformed("bad_number", "a number is too large") from None
    if not math.isfinite(as_float):
        raise Malformed("bad_number", "a number is not finite")
    return _TRIM_DOUBLE.sub(r"\1E\2\3", f"{as_float:1.15E}")
