"""What is expanded by parts that documents share is what each expands to by itself: random documents, contexts, selections."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import Malformed, TegataError
from common.proofs.contexts import PINNED
from common.proofs.expand import SharedParts, expand, expanded_to_quads
from common.proofs.selective.labels import hmac_labels
from common.proofs.selective.pointers import select
from common.proofs.selective.statements import Statements
from tests.common.proofs.selective.documents import every_pointer
from tests.properties.json_ld_documents import documents

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)


def _plainly(document: Any) -> Any:
    try:
        expanded = expand(copy.deepcopy(document))
        return expanded, expanded_to_quads(expanded)
    except TegataError as refused:
        return refused.code


def _shared(parts: SharedParts, document: Any) -> Any:
    try:
        expanded = parts.expand(document)
        return expanded, parts.quads(expanded)[0]
    except TegataError as refused:
        return refused.code


def _select(document: Any, data: st.DataObject) -> tuple[list[str], Any]:
    pointers = every_pointer(document)
    chosen = data.draw(st.lists(st.sampled_from(pointers), max_size=4)) if pointers else []
    try:
        return chosen, select(document, chosen)
    except Malformed:  # a token that is a number in an object, an @type to walk through
        return [], None


@SLOW
@given(document=documents(), data=st.data())
def test_any_document_and_its_selections(document: dict[str, Any], data: st.DataObject) -> None:
    objects = [each for each in document.values() if isinstance(each, dict | list)]
    if objects:  # the same object once more, under another term
        document = {**document, data.draw(st.sampled_from("abcd")): data.draw(st.sampled_from(objects))}
    parts = SharedParts(PINNED)
    assert _shared(parts, document) == _plainly(document)
    for _ in range(2):
        _, selection = _select(document, data)
        if selection is not None:
            assert _shared(parts, selection) == _plainly(selection)
    assert _shared(parts, document) == _plainly(document)


@SLOW
@given(document=documents(), data=st.data())
def test_statements_without_blank_nodes_are_those_of_the_selection(
    document: dict[str, Any], data: st.DataObject
) -> None:
    try:
        statements = Statements(document, hmac_labels(bytes(32)), PINNED)
    except TegataError:
        return
    pointers, selection = _select(document, data)
    plainly = None if selection is None else _plainly(selection)
    if not isinstance(plainly, tuple) or any(term[:2] == "_:" for quad in plainly[1] for term in quad):
        return
    lines = {f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n" for s, p, o, g in plainly[1]}
    if not lines <= set(statements.lines):
        with pytest.raises(Malformed, match="bad_selection"):
            statements.split(pointers)
        return
    chosen, rest = statements.split(pointers)
    assert set(chosen) == lines
    assert sorted([*chosen, *rest]) == statements.lines
    assert [statements.lines[index] for index in statements.matching(pointers)] == chosen
