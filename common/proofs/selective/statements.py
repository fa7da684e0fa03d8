"""A document as the statements that are signed one by one, and which of them pointers select. vc-di-ecdsa 1.0 §3.4.14–3.4.17."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from common.errors import Malformed
from common.proofs.blank_nodes import Quad
from common.proofs.canonical import canonical_labels, render, write_lines
from common.proofs.contexts import ContextStore
from common.proofs.expand import SharedParts, expand, expanded_to_quads
from common.proofs.selective.labels import LabelMap, LabelMapFactory
from common.proofs.selective.pointers import select
from common.proofs.selective.skolem import Skolemizer
from common.proofs.suites.options_form import OptionsForm

MAX_STATEMENTS = 1000
"""Statements in a document with a selective proof: each of them is signed, or a message of the signature."""


class Statements:
    """The statements (canonical N-Quads lines, relabelled and sorted) of a whole document."""

    _named: tuple[Skolemizer, LabelMap] | None = None

    def __init__(self, document: Mapping[str, Any], make_labels: LabelMapFactory, contexts: ContextStore) -> None:
        """Raises Malformed for what cannot be canonicalised or has too many statements, Unsupported("unknown_context").

        The document is not to be changed as long as this lives.
        """
        self._document, self._make_labels, self._contexts = document, make_labels, contexts
        self._parts = SharedParts(contexts)
        self._expanded = self._parts.expand(document)
        self._quads = _each_once(self._parts.quads(self._expanded)[0])
        self._labels = make_labels(canonical_labels(self._quads))
        self._written = write_lines(self._quads, self._labels)

    @cached_property
    def lines(self) -> list[str]:
        return sorted(self._written)

    def matching(self, pointers: Sequence[str]) -> tuple[int, ...]:
        """Indexes, ascending, of the statements that the pointers select.

        Raises Malformed("bad_pointer"), or ("bad_selection") for a part of an ordered list, of a graph or of a value.
        """
        return self._indexes(self._lines(*self._selected(pointers)))

    def split(self, pointers: Sequence[str]) -> tuple[list[str], list[str]]:
        """(the statements that the pointers select, the others). Raises as ``matching``."""
        chosen = self._lines(*self._selected(pointers))
        rest = [line for line in self._written if line not in chosen]
        return sorted(chosen), sorted(rest)

    def reveal(self, pointers: Sequence[str]) -> tuple[tuple[int, ...], LabelMap]:
        """As ``matching``; and canonical label in the selection, which its verifier will see → label in the statements (without ``_:``)."""
        quads, labels = self._selected(pointers)
        seen = canonical_labels(quads) if labels else {}
        indexes = self._indexes(self._lines(quads, labels))
        return indexes, {label[2:]: labels[name][2:] for name, label in seen.items()}

    def _selected(self, pointers: Sequence[str]) -> tuple[Sequence[Quad], LabelMap]:
        """The quads selected, and the labels of their blank nodes in the statements. A quad without blank nodes may come twice."""
        selected = select(self._document, pointers)
        if selected is None:
            return [], {}
        if "" in pointers:
            return self._quads, self._labels
        quads, has_blank = self._parts.quads(self._parts.expand(selected))
        if not has_blank:
            return quads, {}
        if self._named is None:
            skolemizer = Skolemizer(self._document, self._expanded, self._contexts)
            whole = skolemizer.quads(skolemizer.document)
            self._named = skolemizer, self._make_labels(canonical_labels(whole))
        skolemizer, labels = self._named
        named = select(skolemizer.document, pointers)
        assert named is not None
        return skolemizer.quads(named), labels

    def _lines(self, quads: Sequence[Quad], labels: LabelMap) -> frozenset[str]:
        """Statements of the document. A quad without blank nodes is the same in the document and in a selection."""
        if labels:
            lines = frozenset(write_lines(quads, labels))
            if lines.issubset(self._written):
                return lines
        else:
            chosen = frozenset(quads)
            lines = frozenset([line for quad, line in zip(self._quads, self._written, strict=True) if quad in chosen])
            if len(lines) == len(chosen):
                return lines
        raise Malformed(
            "bad_selection",
            "a part is selected of what can only be shown as a whole: an ordered list, a graph, a value",
        )

    def _indexes(self, lines: frozenset[str]) -> tuple[int, ...]:
        return tuple(index for index, line in enumerate(self.lines) if line in lines)


def revealed_statements(document: Mapping[str, Any], labels: LabelMapFactory, contexts: ContextStore) -> list[str]:
    """The statements of a document as its verifier sees them (labelReplacementCanonicalizeJsonLd). Raises as `Statements`."""
    quads = _each_once(expanded_to_quads(expand(document, contexts=contexts)))
    return render(quads, labels(canonical_labels(quads)))


def split(lines: Sequence[str], indexes: Iterable[int]) -> tuple[list[str], list[str]]:
    """(the lines at the indexes, the others). Raises Malformed("bad_indexes") for an index without a line."""
    chosen = frozenset(indexes)
    if any(index >= len(lines) for index in chosen):
        raise Malformed("bad_indexes", "an index names a statement that the document does not have")
    return (
        [line for index, line in enumerate(lines) if index in chosen],
        [line for index, line in enumerate(lines) if index not in chosen],
    )


def hash_mandatory(lines: Iterable[str]) -> bytes:
    """SHA-256 of the mandatory statements, joined (§3.4.17)."""
    return hashlib.sha256("".join(lines).encode()).digest()


def hash_options(document: Mapping[str, Any], options: Mapping[str, Any], contexts: ContextStore) -> bytes:
    """SHA-256 of the canonical proof options under the document's ``@context`` (§3.6.4)."""
    if "@context" not in document:
        raise Malformed("bad_context", "a document of this cryptosuite has an @context")
    canonical = _options_form(contexts).canonical(options, document["@context"], hash_name="sha256")
    return hashlib.sha256(canonical.encode()).digest()


@lru_cache(maxsize=16)
def _options_form(contexts: ContextStore) -> OptionsForm:
    return OptionsForm(contexts)


def _each_once(quads: Sequence[Quad]) -> list[Quad]:
    once = list(dict.fromkeys(quads))
    if len(once) > MAX_STATEMENTS:
        raise Malformed("too_many_statements", f"more than {MAX_STATEMENTS} statements in a document of this suite")
    return once
