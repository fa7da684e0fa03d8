"""What is written directly is what the expanded form says, and a selection told by places is what the selection says: random documents."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import Malformed, TegataError
from common.proofs.contexts import PINNED
from common.proofs.expand import expand, expanded_to_quads, to_quads, to_quads_with_places
from common.proofs.selective.labels import hmac_labels
from common.proofs.selective.pointers import select
from common.proofs.selective.statements import Statements
from tests.common.proofs.selective.documents import every_pointer
from tests.properties.json_ld_documents import documents

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)


E = "http://e.x/"
CONTEXT: dict[str, Any] = {
    "id": "@id",
    "type": "@type",
    "a": f"{E}a",
    "b": f"{E}b",
    "date": {"@id": f"{E}date", "@type": f"{E}dt"},
    "link": {"@id": f"{E}link", "@type": "@id"},
    "word": {"@id": f"{E}word", "@type": "@vocab"},
    "ja": {"@id": f"{E}ja", "@language": "ja"},
    "set": {"@id": f"{E}set", "@container": "@set"},
    "list": {"@id": f"{E}list", "@container": "@list"},
    "raw": {"@id": f"{E}raw", "@type": "@json"},
    "T": {"@id": f"{E}T", "@context": {"a": f"{E}a-of-T", "b": {"@id": f"{E}b-of-T", "@type": f"{E}dt"}}},
    "U": {"@id": f"{E}U", "@context": {"link": {"@id": f"{E}link-of-U", "@type": "@id"}}},
}
_LEAVES = st.sampled_from(
    ["x", 'q"', "urn:x:9", "T", 1, 2.5, True, {"@value": "v", "@language": "en"}, {"id": "urn:x:8"}]
)
_KINDS = st.sampled_from(["T", "U", ["T"], ["U", "T"], ["T", "U"]])
_NAMES = st.sampled_from(["urn:x:1", "urn:x:2", "urn:x:3", "_:n"])
_PLAIN = st.sampled_from(["a", "b", "a", "b", "set", "date", "link", "word", "ja", "a", "b", "list", "raw"])


def _nodes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.fixed_dictionaries({}, optional={"id": _NAMES, "type": _KINDS, "@context": st.just({"a": f"{E}own"})})
    entries = st.dictionaries(_PLAIN, inner | st.lists(inner, max_size=3), min_size=1, max_size=4)
    return st.tuples(named, entries).map(lambda parts: {**parts[0], **parts[1]})


_INSIDE = st.recursive(_LEAVES, _nodes, max_leaves=12)


def plain_documents() -> st.SearchStrategy[dict[str, Any]]:
    """Documents most of which are written directly, some parts of them not."""
    return st.tuples(_KINDS, _nodes(_INSIDE)).map(
        lambda parts: {"id": "urn:x:0", **parts[1], "@context": CONTEXT, "type": parts[0]}
    )


def _plainly(document: Any) -> Any:
    try:
        return expanded_to_quads(expand(copy.deepcopy(document)))
    except TegataError:
        return None


def _directly(document: Any) -> Any:
    try:
        return to_quads(document)
    except TegataError:
        return None


def test_many_of_them_are_written_directly() -> None:
    direct: list[int] = []

    @SLOW
    @given(document=plain_documents())
    def look(document: dict[str, Any]) -> None:
        try:
            direct.append(len(to_quads_with_places(document, PINNED)[1]))
        except TegataError:
            return

    look()
    assert sum(count > 1 for count in direct) > 25


def _select(document: Any, data: st.DataObject) -> tuple[list[str], Any]:
    pointers = every_pointer(document)
    chosen = data.draw(st.lists(st.sampled_from(pointers), max_size=4)) if pointers else []
    try:
        return chosen, select(document, chosen)
    except Malformed:  # a token that is a number in an object, an @type to walk through
        return [], None


@SLOW
@given(document=plain_documents() | documents(), data=st.data())
def test_any_document_and_its_selections(document: dict[str, Any], data: st.DataObject) -> None:
    objects = [each for each in document.values() if isinstance(each, dict | list)]
    if objects:  # the same object once more, under another term
        document = {**document, data.draw(st.sampled_from("abcd")): data.draw(st.sampled_from(objects))}
    for _ in range(2):
        assert _directly(document) == _plainly(document)
    _, selection = _select(document, data)
    if selection is not None:
        assert _directly(selection) == _plainly(selection)


@SLOW
@given(document=plain_documents() | documents(), data=st.data())
def test_what_places_tell_is_what_the_selection_says(document: dict[str, Any], data: st.DataObject) -> None:
    try:
        statements, expanding = (Statements(document, hmac_labels(bytes(32)), PINNED) for _ in range(2))
    except TegataError:
        return
    expanding._places.clear()
    pointers, _ = _select(document, data)
    try:
        expected = expanding.split(pointers), expanding.reveal(pointers)
    except Malformed as refused:
        if refused.code != "not_selectable":  # a matter of names, which places do without
            assert statements.lines == expanding.lines
            with pytest.raises(Malformed, match=refused.code):
                statements.split(pointers)
        return
    assert (statements.split(pointers), statements.reveal(pointers)) == expected


@SLOW
@given(document=plain_documents() | documents(), data=st.data())
def test_statements_without_blank_nodes_are_those_of_the_selection(
    document: dict[str, Any], data: st.DataObject
) -> None:
    try:
        statements = Statements(document, hmac_labels(bytes(32)), PINNED)
    except TegataError:
        return
    pointers, selection = _select(document, data)
    plainly = None if selection is None else _plainly(selection)
    if plainly is None or any(term[:2] == "_:" for quad in plainly for term in quad):
        return
    lines = {f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n" for s, p, o, g in plainly}
    if not lines <= set(statements.lines):
        with pytest.raises(Malformed, match="bad_selection"):
            statements.split(pointers)
        return
    chosen, rest = statements.split(pointers)
    assert set(chosen) == lines
    assert sorted([*chosen, *rest]) == statements.lines
    assert [statements.lines[index] for index in statements.matching(pointers)] == chosen
