"""A document and selections from it share parts: each part is expanded, and written as quads, once.

What comes out is what `expand` and `expanded_to_quads` give. A part is known again only where all that its expansion depends on is the same
object: the part, the property that it stands under by name, and the context that is active there. What is remembered keeps these alive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.proofs.blank_nodes import Quad
from common.proofs.contexts import ContextStore
from common.proofs.expand.compile import ContextProcessor
from common.proofs.expand.expansion import expand_by
from common.proofs.expand.n_quads import Writer
from common.proofs.expand.node_object import Expander
from common.proofs.expand.term import Context
from common.proofs.expand.values import Node

_Expansions = dict[tuple[int, str, int], tuple[Node, Context, Node]]
"""ids of an element and of its active context, the property between them → these two, so that their ids stay theirs, and the result."""
_Written = dict[int, tuple[Node, str, list[Quad], int, int]]
"""id of a node → the node, so that its id stays its; its name; where its quads are, from and to; none of them mentions a blank node."""


class SharedParts:
    """Expands documents that share parts. None of them may be changed as long as this lives."""

    __slots__ = ("_contexts", "_expansions", "_written")

    def __init__(self, contexts: ContextStore) -> None:
        self._contexts = contexts
        self._expansions: _Expansions = {}
        self._written: _Written = {}

    def expand(self, document: Mapping[str, Any]) -> list[Any]:
        """As `common.proofs.expand.expand`. Two results may share parts; neither is to be changed."""
        return expand_by(_SharingExpander(ContextProcessor(self._contexts), self._expansions), document)

    def quads(self, expanded: Sequence[Any]) -> tuple[list[Quad], bool]:
        """As `expanded_to_quads`, and whether any blank node is mentioned. expanded: what ``expand`` returned."""
        writer = _SharingWriter(self._written)
        return writer.write(expanded), writer.blank_mentions > 0


class _SharingExpander(Expander):
    def __init__(self, processor: ContextProcessor, expansions: _Expansions) -> None:
        super().__init__(processor)
        self._expansions = expansions

    def _object(self, active: Context, name: str | None, element: Node, in_list: bool, in_index: bool) -> Any:
        if (
            name is None or in_list or in_index or name == "@reverse"
        ):  # what a reverse map expands to is taken apart again
            return super()._object(active, name, element, in_list, in_index)
        key = (id(element), name, id(active))
        known = self._expansions.get(key)
        if known is not None:
            return known[2]
        node = super()._object(active, name, element, in_list, in_index)
        if node.__class__ is dict:  # an array, which a set object stands for, may be added to
            self._expansions[key] = element, active, node
        return node


class _SharingWriter(Writer):
    def __init__(self, written: _Written) -> None:
        super().__init__()
        self._written = written

    def node(self, node: Any, graph: str) -> str:
        if graph:
            return super().node(node, graph)
        known = self._written.get(id(node))
        if known is not None:
            _, subject, quads, start, end = known
            self.quads += quads[start:end]
            return subject
        start, mentions = len(self.quads), self.blank_mentions
        subject = super().node(node, graph)
        if self.blank_mentions == mentions and not self.directed:  # whether texts are directed is asked at the end
            self._written[id(node)] = node, subject, self.quads, start, len(self.quads)
        return subject
