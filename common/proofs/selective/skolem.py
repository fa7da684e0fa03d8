"""Blank nodes get names that survive selection: skolemisation. vc-di-ecdsa 1.0 §3.4.5–3.4.9.

The specification expands the document, names the nodes and compacts the result again, so that pointers can be applied to it. Here the
names are written into the compact document directly, then it is made sure that this changed nothing but names: the expanded forms with
and without them agree. It is faster, and pointers apply to the document as it is written (compaction would turn ``[x]`` into ``x``).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from common.encoding import compact_json
from common.errors import Malformed
from common.proofs.blank_nodes import Quad
from common.proofs.contexts import ContextStore
from common.proofs.expand import expand, expanded_to_quads
from common.proofs.expand.rdf_terms import RDF

_FIRST, _REST, _NIL = f"{RDF}first", f"{RDF}rest", f"{RDF}nil"
_NOT_NODES = frozenset({"@value", "@list", "@set"})
_MAX_PROBES = 200


class Skolemizer:
    """Names for the blank nodes of one document: while it is JSON-LD ``urn:bnid:<random>:<label>``, in quads ``_:<label>``."""

    __slots__ = ("_contexts", "_count", "_expanded", "_prefix", "document")

    def __init__(self, document: Mapping[str, Any], plain: Sequence[Any], contexts: ContextStore) -> None:
        """document: compact JSON-LD; the attribute is the same with names. plain: the document expanded. Raises Malformed."""
        self._contexts = contexts
        # Not to be guessed: a document must not be able to contain names that we give.
        self._prefix = f"urn:bnid:{secrets.token_hex(16)}:"
        self.document = self._named(document, None)
        expanded = self._expand_neutral(self.document, plain)
        if expanded is None:
            self.document = self._named(document, self._probe(document, plain))
            expanded = self._expand_neutral(self.document, plain)
        if expanded is None:
            raise Malformed(
                "not_selectable", "the blank nodes of the document cannot be told apart from other text in it"
            )
        self._expanded = expanded

    def quads(self, selection: Mapping[str, Any]) -> list[Quad]:
        """Quads of the document with names, or of a selection from it, each once; blank nodes are ``_:label``, one node always the same."""
        expanded = self._expanded if selection is self.document else expand(selection, contexts=self._contexts)
        given: set[str] = set()
        named = expanded_to_quads([self._complete(node, given) for node in expanded])
        opening, cut = f"<{self._prefix}", len(self._prefix) + 1

        def blank(term: str) -> str:
            return f"_:{term[cut:-1]}" if term.startswith(opening) else term

        return list(dict.fromkeys((blank(s), p, blank(o), blank(g)) for s, p, o, g in named))

    def _named(self, document: Mapping[str, Any], only: frozenset[int] | None) -> dict[str, Any]:
        """A copy in which every object that may be a blank node has a name. only: numbers of those that shall have one, all if None."""
        self._count = 0
        named: dict[str, Any] = self._name(dict(document), only)
        return named

    def _name(self, value: Any, only: frozenset[int] | None) -> Any:
        if isinstance(value, dict):
            given = value.get("id", value.get("@id"))
            named = {}
            for name, each in value.items():
                inner = type(each)
                named[name] = (
                    self._name(each, only) if (inner is dict or inner is list) and name != "@context" else each
                )
            blank = given if isinstance(given, str) and given.startswith("_:") else None
            if blank is not None or (given is None and _NOT_NODES.isdisjoint(value)):
                number = self._count
                self._count += 1
                if only is None or number in only:
                    if blank is not None:
                        named["id" if "id" in value else "@id"] = self._given(blank)
                    else:
                        named["@id"] = f"{self._prefix}m{number}"
            return named
        return [self._name(each, only) for each in value] if isinstance(value, list) else value

    def _given(self, identifier: str) -> str:
        return f"{self._prefix}g{identifier[2:].encode().hex()}"

    def _expand_neutral(self, named: Mapping[str, Any], plain: Sequence[Any]) -> list[Any] | None:
        """The expanded form, if the names changed nothing but names."""
        try:
            expanded = expand(named, contexts=self._contexts)
        except Malformed:
            return None
        return expanded if self._same(expanded, plain) else None

    def _probe(self, document: Mapping[str, Any], plain: Sequence[Any]) -> frozenset[int]:
        """Which objects are nodes, tried one at a time: others are JSON literals, language maps and the like."""
        if self._count > _MAX_PROBES:
            raise Malformed("not_selectable", "too many objects in the document that are not plain nodes")
        candidates = range(self._count)
        return frozenset(
            n for n in candidates if self._expand_neutral(self._named(document, frozenset({n})), plain) is not None
        )

    def _same(self, named: Any, plain: Any) -> bool:
        """Whether two expanded forms differ only in the names that we gave."""
        if isinstance(named, dict):
            if not isinstance(plain, dict):
                return False
            if "@value" in named or "@value" in plain:
                return named == plain
            missing = len(plain) - len(named)
            for name, value in named.items():
                if name == "@id":
                    if value.startswith(self._prefix):
                        if "@id" not in plain:
                            missing += 1
                        elif self._given(plain["@id"]) != value or not plain["@id"].startswith("_:"):
                            return False
                    elif plain.get("@id") != value:
                        return False
                elif name not in plain or not self._same(value, plain[name]):
                    return False
            return missing == 0
        if isinstance(named, list):
            return (
                isinstance(plain, list)
                and len(named) == len(plain)
                and all(self._same(one, other) for one, other in zip(named, plain, strict=True))
            )
        return bool(named == plain)

    def _complete(self, node: Any, given: set[str]) -> Any:
        """A node object with a name for everything blank in it: graphs by their content, lists by owner and content."""
        if "@value" in node:
            return node
        complete: dict[str, Any] = {}
        lists: list[tuple[str, Any]] = []
        for name, value in node.items():
            if name == "@id":
                complete[name] = self._given(value) if value.startswith("_:") else value
            elif name == "@type":
                complete[name] = [self._given(each) if each.startswith("_:") else each for each in value]
            elif name == "@reverse":
                complete[name] = {key: [self._complete(each, given) for each in nodes] for key, nodes in value.items()}
            elif name[0] == "@":
                complete[name] = [self._complete(each, given) for each in value] if isinstance(value, list) else value
            else:
                members = []
                for each in value:
                    if "@list" in each:
                        lists.append((name, [self._complete(item, given) for item in each["@list"]]))
                    else:
                        members.append(self._complete(each, given))
                complete[name] = members
        if "@id" not in complete:
            complete["@id"] = f"{self._prefix}c{_only_once(_digest(node), given)}"
        for name, items in lists:
            self._unroll(complete, name, items, given)
        return complete

    def _unroll(self, owner: dict[str, Any], name: str, items: Sequence[Any], given: set[str]) -> None:
        """A list as its cells, named so that the same list of the same owner has the same names in every selection."""
        if any("@list" in item for item in items):
            raise Malformed("not_selectable", "a list of lists cannot be disclosed selectively")
        if not items:
            owner[name].append({"@id": _NIL})
            return
        head = _only_once(_digest([owner["@id"].removeprefix(self._prefix), name, items]), given)
        names = [f"{self._prefix}l{head}{number}" for number in range(len(items))]
        owner[name].append({"@id": names[0]})
        cells = [
            {"@id": cell, _FIRST: [item], _REST: [{"@id": rest}]}
            for cell, item, rest in zip(names, items, [*names[1:], _NIL], strict=True)
        ]
        owner["@included"] = [*owner.get("@included", ()), *cells]


def _digest(content: Any) -> str:
    return hashlib.sha256(compact_json(content)).hexdigest()[:32]


def _only_once(digest: str, given: set[str]) -> str:
    """Two blank nodes that are alike in all that they say cannot be named by what they say."""
    if digest in given:
        raise Malformed("not_selectable", "two lists or graphs of the document cannot be told apart")
    given.add(digest)
    return digest
