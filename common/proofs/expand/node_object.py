"""The expansion algorithm (JSON-LD 1.1 API §5.1.2) over compiled contexts: objects, arrays, values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.proofs.expand.compile import ContextProcessor
from common.proofs.expand.container_maps import expand_container
from common.proofs.expand.finished_object import bad, finish, is_plain_node, lost
from common.proofs.expand.shape import expand_by_shape, known_shape
from common.proofs.expand.term import KEYWORDS, TYPED, UNSET, BeyondSubset, Context, Term, is_absolute
from common.proofs.expand.values import Node, as_list, expand_value, identifier

_TEXT_KEYWORDS = frozenset({"@id", "@value", "@language", "@direction", "@index"})


class Expander:
    """Expands one document. ``name`` is always the active property as written, None at the top."""

    def __init__(self, processor: ContextProcessor) -> None:
        self.processor = processor

    def document(self, document: Any) -> list[Any]:
        expanded = self.element(self.processor.root, None, document)
        if isinstance(expanded, dict) and expanded.keys() == {"@graph"}:
            expanded = expanded["@graph"]
        return [] if expanded is None else as_list(expanded)

    def element(
        self, active: Context, name: str | None, element: Any, *, in_list: bool = False, in_index: bool = False
    ) -> Any:
        """Any JSON value → expanded; None for null. in_index: within an index, id or type map."""
        if element.__class__ is dict:
            return self._object(active, name, element, in_list, in_index)
        if element is None:
            return None
        if element.__class__ is list:
            return self._array(active, name, element, in_list, in_index)
        if isinstance(element, Mapping):
            return self._object(active, name, dict(element), in_list, in_index)
        if not isinstance(element, (str, int, float)):
            raise bad("a value that is not JSON")
        term = None if name is None else active.terms.get(name)
        if name is None or (term.iri if term is not None else name) == "@graph":
            raise lost("a value outside of any node")
        return expand_value(active, term, element)

    def _array(self, active: Context, name: str | None, items: list[Any], in_list: bool, in_index: bool) -> list[Any]:
        if not in_list and name is not None:
            term = active.terms.get(name)
            in_list = term is not None and "@list" in term.containers
        found: list[Any] = []
        for item in items:
            expanded = self.element(active, name, item, in_list=in_list, in_index=in_index)
            if expanded.__class__ is list:
                if in_list:
                    found.append({"@list": expanded})
                else:
                    found += expanded
            elif expanded is not None:
                found.append(expanded)
        return found

    def _object(self, active: Context, name: str | None, element: Node, in_list: bool, in_index: bool) -> Any:
        term = parent = None
        if name is not None:
            term = active.terms.get(name)
            parent = term.iri if term is not None else active.expand_vocabulary(name)
        if active.previous is not None and not in_index and not keeps_context(active, element):
            active = active.previous
        if term is not None and term.context is not UNSET:
            assert name is not None
            active = self.processor.scoped_by(active, name, term)
        if "@context" in element:
            active = self.processor.apply(active, element["@context"])
        outside = name is None or parent == "@graph"
        if parent != "@reverse":
            shape = known_shape(self, active, element)
            if shape is not None and (shape.kinds or not outside):  # else it might say nothing
                return expand_by_shape(self, shape, element)
        active, type_scoped = self.with_types(active, element)
        node: Node = {}
        self._entries(active, type_scoped, parent, element, node, in_list, name)
        return finish(node, element, active, outside=outside, in_list=in_list)

    def _enter(self, active: Context, element: Node) -> tuple[Context, Context]:
        """A node's own context and its types' applied: (active, the same without the types'). §5.1.2 steps 9 to 11."""
        if "@context" in element:
            active = self.processor.apply(active, element["@context"])
        return self.with_types(active, element)

    def with_types(self, active: Context, element: Node) -> tuple[Context, Context]:
        kinds: list[str] | None = None
        for key in active.type_keys:
            if key in element:
                scoped = [
                    kind
                    for kind in as_list(element[key])
                    if isinstance(kind, str)
                    and (term := active.terms.get(kind)) is not None
                    and term.context is not UNSET
                ]
                if kinds is not None and (scoped or kinds):
                    raise bad("types under two keys are read in two ways")
                kinds = scoped
        if not kinds:
            return active, active
        return self.processor.typed(active, tuple(kinds if len(kinds) == 1 else sorted(set(kinds)))), active

    def _entries(
        self,
        active: Context,
        type_scoped: Context,
        parent: str | None,
        element: Node,
        node: Node,
        in_list: bool,
        name: str | None,
    ) -> None:
        """Each entry of an object → its place in ``node``. §5.1.2 steps 13 and 14."""
        terms = active.terms
        unlocalised = active.language is None and active.direction is None
        nests: list[tuple[Any, Context]] = []
        for key, value in element.items():
            term = terms.get(key)
            if term is not None and term.plain:
                iri = term.iri
                kind = value.__class__
                if kind is str:
                    if term.coercion == TYPED:
                        expanded: Any = {"@value": value, "@type": term.type}
                    elif unlocalised and term.bare:
                        expanded = {"@value": value}
                    else:
                        expanded = expand_value(active, term, value)
                elif kind is dict:
                    expanded = self._object(active, key, value, False, False)
                else:
                    expanded = self.element(active, key, value)
                    if expanded is None:
                        continue
                if iri in node:
                    node[iri] += as_list(expanded)
                else:
                    node[iri] = expanded if expanded.__class__ is list else [expanded]  # type: ignore[index]
                continue
            if key == "@context":
                continue
            iri = term.iri if term is not None else active.expand_vocabulary(key)
            if iri == "@type" and iri not in node and parent != "@reverse":
                node[iri] = _kinds(type_scoped, value)
            elif iri == "@id" and iri not in node and parent != "@reverse" and value.__class__ is str:
                node[iri] = identifier(active, value)
            elif iri in KEYWORDS:
                assert iri is not None
                if parent == "@reverse":
                    raise bad("invalid reverse property map")
                if iri == "@nest":
                    nests.append((value, active if term is None else self.processor.scoped_by(active, key, term)))
                    continue
                if term is not None and term.context is not UNSET:
                    raise BeyondSubset("a keyword's alias with a context")
                if iri in node and iri not in ("@type", "@included", "@reverse"):
                    raise bad("colliding keywords")
                self._keyword(iri, active, type_scoped, parent, key, value, node, in_list, name)
            elif iri is None or not is_absolute(iri):
                raise Malformed("undefined_term", f"the contexts do not define the term {key[:100]!r}")
            else:
                self._property(active, term, iri, key, value, node)
        for content, context in nests:
            self._nested(context, parent, content, node, in_list, name)

    def _keyword(
        self,
        keyword: str,
        active: Context,
        type_scoped: Context,
        parent: str | None,
        key: str,
        value: Any,
        node: Node,
        in_list: bool,
        name: str | None,
    ) -> None:
        if keyword == "@type":
            node["@type"] = node.get("@type", []) + _kinds(type_scoped, value)
        elif keyword in _TEXT_KEYWORDS:
            self._text_keyword(keyword, active, value, node)
        elif keyword == "@graph":
            if not isinstance(value, (Mapping, list)):
                raise bad("invalid @graph value")
            node["@graph"] = as_list(self.element(active, key, value))
        elif keyword in ("@list", "@set"):
            is_list = keyword == "@list"
            inner = self.element(active, None if is_list and parent == "@graph" else name, value, in_list=is_list)
            if inner is None:
                raise lost("a list or set that is null")
            node[keyword] = as_list(inner)
        elif keyword == "@included":
            included = as_list(self.element(active, name, value))
            if not all(is_plain_node(each) for each in included):
                raise bad("invalid @included value")
            node["@included"] = node.get("@included", []) + included
        elif keyword == "@reverse":
            if not isinstance(value, Mapping):
                raise bad("invalid @reverse value")
            reversed_ = self.element(active, "@reverse", value, in_list=in_list)
            for iri, items in reversed_.pop("@reverse", {}).items():
                node.setdefault(iri, []).extend(items)
            for iri, items in reversed_.items():
                _add_reversed(node, iri, items)
        else:
            raise bad(f"{keyword} has no place in a document")

    @staticmethod
    def _text_keyword(keyword: str, active: Context, value: Any, node: Node) -> None:
        if keyword == "@value":
            node["@value"] = value
        elif keyword == "@language" and value is None:
            return
        elif not isinstance(value, str):
            raise bad(f"the value of {keyword} is a text")
        elif keyword == "@id":
            node["@id"] = identifier(active, value)
        elif keyword == "@language":
            node["@language"] = value.lower()
        else:
            if keyword == "@direction" and value not in ("ltr", "rtl"):
                raise bad("invalid base direction")
            node[keyword] = value

    def _property(self, active: Context, term: Term | None, iri: str, key: str, value: Any, node: Node) -> None:
        scoped = active if term is None else self.processor.scoped_by(active, key, term)
        containers: frozenset[str] = frozenset() if term is None else term.containers
        if term is not None and scoped is not active:
            again = scoped.terms.get(key, term)
            if again is not term and (again.iri != iri or again.context != term.context):
                raise bad("a scoped context that redefines its own term is read in two ways")
        expanded: Any = expand_container(self, active, scoped, term, key, value) if containers else None
        if expanded is None:
            if term is not None and term.type == "@json":
                expanded = {"@value": value, "@type": "@json"}
            else:
                expanded = self.element(scoped, key, value)
        if expanded is None:
            return
        if "@list" in containers and not (isinstance(expanded, dict) and "@list" in expanded):
            expanded = {"@list": as_list(expanded)}
        if "@graph" in containers and not containers & {"@id", "@index"}:
            expanded = [{"@graph": as_list(each)} for each in as_list(expanded)]
        if term is not None and term.reverse:
            _add_reversed(node, iri, as_list(expanded))
        else:
            node.setdefault(iri, []).extend(as_list(expanded))

    def _nested(
        self, context: Context, parent: str | None, content: Any, node: Node, in_list: bool, name: str | None
    ) -> None:
        """The entries of @nest objects belong to the node around them. §5.1.2 step 14."""
        for each in as_list(content):
            if not isinstance(each, Mapping):
                raise bad("invalid @nest value")
            element = dict(each)
            active, type_scoped = self._enter(context, element)
            if any(active.expand_vocabulary(key) == "@value" for key in element):
                raise bad("invalid @nest value")
            self._entries(active, type_scoped, parent, element, node, in_list, name)


def _kinds(type_scoped: Context, value: Any) -> list[str]:
    """The value of @type → IRIs, which `finish` looks at once more. §5.1.2 step 13.4.4."""
    found = []
    for kind in () if value is None else as_list(value):
        if not isinstance(kind, str):
            raise bad("invalid type value")
        term = type_scoped.terms.get(kind)
        iri = term.iri if term is not None else type_scoped.expand_vocabulary(kind)
        if iri is None:
            raise Malformed("undefined_term", f"the contexts do not define the type {kind[:100]!r}")
        found.append(iri)
    return found


def _add_reversed(node: Node, iri: str, items: list[Any]) -> None:
    if any("@value" in item or "@list" in item for item in items):
        raise bad("invalid reverse property value")
    node.setdefault("@reverse", {}).setdefault(iri, []).extend(items)


def keeps_context(active: Context, element: Node) -> bool:
    """Whether a type-scoped context still holds for a value object or a mere reference. §5.1.2 step 7.

    Implementations in the field look at objects of at most two entries only; where that makes a difference, refused.
    """
    if len(element) > 5:
        return False
    if active.value_keys.isdisjoint(element):
        return len(element) == 1 and active.expand_vocabulary(next(iter(element))) == "@id"
    keys = [active.expand_vocabulary(key) for key in element]
    if len(element) > 2 or "@context" in element:
        previous = active.previous
        assert previous is not None
        kinds = [element[key] for key, iri in zip(element, keys, strict=True) if iri == "@type"]
        texts = [*element, *(kind for kind in kinds if isinstance(kind, str))]
        if any(active.expand_vocabulary(text) != previous.expand_vocabulary(text) for text in texts):
            raise bad("a value object in a type-scoped context is read in two ways")
    return True
