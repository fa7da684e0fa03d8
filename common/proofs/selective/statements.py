"""A document as the statements that are signed one by one, and which of them pointers select. vc-di-ecdsa 1.0 §3.4.14–3.4.17."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from common.errors import Malformed
from common.proofs.blank_nodes import Quad
from common.proofs.canonical import canonical_labels, write_lines
from common.proofs.contexts import ContextStore
from common.proofs.expand import expand, to_quads, to_quads_with_places
from common.proofs.selective.labels import LabelMap, LabelMapFactory
from common.proofs.selective.places import places_selected
from common.proofs.selective.pointers import select, trie_of
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
        self._quads, self._places = to_quads_with_places(document, contexts)
        _refuse_too_many(self._quads)
        self._labels = make_labels(canonical_labels(self._quads))
        self._written = write_lines(self._quads, self._labels)
        self._all = frozenset(self._written)

    @cached_property
    def lines(self) -> list[str]:
        return sorted(self._all)

    def matching(self, pointers: Sequence[str]) -> tuple[int, ...]:
        """Indexes, ascending, of the statements that the pointers select.

        Raises Malformed("bad_pointer"), or ("bad_selection") for a part of an ordered list, of a graph or of a value.
        """
        return self._indexes(self._selected(pointers)[0])

    def split(self, pointers: Sequence[str]) -> tuple[list[str], list[str]]:
        """(the statements that the pointers select, the others). Raises as ``matching``."""
        chosen, _, _ = self._selected(pointers)
        return sorted(chosen), sorted(self._all - chosen)

    def reveal(self, pointers: Sequence[str]) -> tuple[tuple[int, ...], LabelMap]:
        """As ``matching``; and canonical label in the selection, which its verifier will see → label in the statements (without ``_:``)."""
        lines, quads, labels = self._selected(pointers)
        seen = canonical_labels(quads)
        return self._indexes(lines), {label[2:]: labels[name][2:] for name, label in seen.items()}

    def _selected(self, pointers: Sequence[str]) -> tuple[frozenset[str], Sequence[Quad], LabelMap]:
        """The statements selected, their quads, and the labels of the blank nodes in these."""
        if not pointers:
            return frozenset(), [], {}
        trie = trie_of(self._document, pointers)
        if not trie:
            return self._all, self._quads, self._labels
        places = places_selected(self._document, trie, self._places)
        if places is not None:
            chosen = [self._written[place] for place in places]
            return frozenset(chosen), [self._quads[place] for place in places], self._labels
        quads, labels = self._expanded_selection(pointers)
        lines = frozenset(write_lines(quads, labels))
        if lines <= self._all:
            return lines, quads, labels
        raise Malformed(
            "bad_selection",
            "a part is selected of what can only be shown as a whole: an ordered list, a graph, a value",
        )

    def _expanded_selection(self, pointers: Sequence[str]) -> tuple[Sequence[Quad], LabelMap]:
        """The selection as a document in its own right, with its blank nodes named as in the whole one."""
        selected = select(self._document, pointers)
        assert selected is not None
        quads = to_quads(selected, contexts=self._contexts)
        if not any(term[:1] == "_" for quad in quads for term in quad):  # such a quad is the same in any selection
            return quads, {}
        if self._named is None:
            expanded = expand(self._document, contexts=self._contexts)
            skolemizer = Skolemizer(self._document, expanded, self._contexts)
            whole = skolemizer.quads(skolemizer.document)
            self._named = skolemizer, self._make_labels(canonical_labels(whole))
        skolemizer, labels = self._named
        named = select(skolemizer.document, pointers)
        assert named is not None
        return skolemizer.quads(named), labels

    def _indexes(self, lines: frozenset[str]) -> tuple[int, ...]:
        return tuple(index for index, line in enumerate(self.lines) if line in lines)


def revealed_statements(document: Mapping[str, Any], labels: LabelMapFactory, contexts: ContextStore) -> list[str]:
    """The statements of a document as its verifier sees them (labelReplacementCanonicalizeJsonLd). Raises as `Statements`."""
    quads = to_quads(document, contexts=contexts)
    _refuse_too_many(quads)
    return sorted(frozenset(write_lines(quads, labels(canonical_labels(quads)))))


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


def _refuse_too_many(quads: Sequence[Quad]) -> None:
    if len(quads) > MAX_STATEMENTS and len(set(quads)) > MAX_STATEMENTS:
        raise Malformed("too_many_statements", f"more than {MAX_STATEMENTS} statements in a document of this suite")
