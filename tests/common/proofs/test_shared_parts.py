"""Parts that documents share are expanded once: with the result that each has by itself."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from common.errors import Malformed
from common.proofs.contexts import PINNED
from common.proofs.expand import SharedParts, expand, expanded_to_quads
from common.proofs.selective.pointers import select
from tests.common.proofs.selective.documents import MANDATORY, OPEN_BADGE, every_pointer

E = "http://e.x/"
NODE: dict[str, Any] = {"id": "urn:x:1", "a": "one"}
TYPED: dict[str, Any] = {"id": "urn:x:2", "type": "T", "a": "two"}
BLANK: dict[str, Any] = {"a": "three", "b": {"id": "urn:x:3", "a": "four"}}
LIST: dict[str, Any] = {"@list": ["2026-03-25"]}
SET: dict[str, Any] = {"@set": [NODE]}
REVERSED: dict[str, Any] = {"back": NODE}
VALUE: dict[str, Any] = {"@value": "five"}
CONTEXT: dict[str, Any] = {
    "id": "@id",
    "type": "@type",
    "a": f"{E}a",
    "b": f"{E}b",
    "again": f"{E}a",
    "dated": {"@id": f"{E}dated", "@type": f"{E}date"},
    "scoped": {"@id": f"{E}scoped", "@context": {"a": f"{E}a-of-scoped"}},
    "coerced": {"@id": f"{E}coerced", "@context": {"a": {"@id": f"{E}a", "@type": "@id"}}},
    "list": {"@id": f"{E}list", "@container": "@list"},
    "graph": {"@id": f"{E}graph", "@container": "@graph"},
    "index": {"@id": f"{E}index", "@container": "@index"},
    "back": {"@reverse": f"{E}b"},
    "T": {"@id": f"{E}T", "@context": {"a": f"{E}a-of-T"}},
    "U": {"@id": f"{E}U", "@context": {"a": f"{E}a-of-U", "b": {"@id": f"{E}b-of-U"}}},
}


def _check(parts: SharedParts, document: Mapping[str, Any]) -> None:
    alone = copy.deepcopy(document)
    expanded = parts.expand(document)
    assert expanded == expand(alone)
    quads, has_blank = parts.quads(expanded)
    assert quads == expanded_to_quads(expand(alone))
    assert has_blank == any("_:" in (term[:2] for term in quad) for quad in quads)


@pytest.mark.parametrize(
    "members",
    [
        {"a": NODE, "b": NODE},
        {"a": NODE, "b": [NODE, NODE]},
        {"a": TYPED, "b": TYPED, "scoped": TYPED},
        {"a": NODE, "scoped": NODE, "b": {"@context": {"a": f"{E}local"}, "a": NODE}},
        {"a": [VALUE, VALUE], "scoped": {"a": VALUE}},
        {"a": BLANK, "b": BLANK},
        {"a": BLANK, "b": BLANK["b"]},
        {"a": NODE, "list": [NODE, BLANK["b"]], "b": BLANK},
        {"a": NODE, "graph": NODE, "b": [{"id": "urn:x:g", "@graph": [NODE, TYPED]}, TYPED]},
        {"a": NODE, "index": {"x": NODE, "y": [TYPED]}, "b": TYPED},
        {"b": NODE, "back": NODE, "a": {"@reverse": {"b": TYPED}}, "scoped": TYPED},
        {"b": {"@set": [NODE, TYPED]}, "a": [{"@set": [TYPED]}, NODE]},
        {"a": {"type": "U", "a": NODE, "b": NODE}, "b": {"type": "T", "a": NODE, "b": NODE}},
        {"a": LIST, "dated": LIST},
        {"a": SET, "again": "beside it"},
        {"@reverse": REVERSED},
        {"b": [NODE, {"id": "urn:x:g", "@graph": [{"id": "urn:x:7", "b": NODE}]}]},
        {"a": {"id": "_:n", "a": "x"}, "b": {"id": "urn:x:4", "b": {"id": "_:n"}}},
        {"a": {"id": "urn:x:5", "type": "_:kind"}, "b": {"id": "urn:x:5", "type": "_:kind"}},
        {"a": {"id": "urn:x:6", "a": {"@value": "x", "@direction": "ltr"}}, "b": NODE},
    ],
    ids=str,
)
def test_one_object_in_several_places(members: dict[str, Any]) -> None:
    parts = SharedParts(PINNED)
    document = {"@context": CONTEXT, "id": "urn:x:0", **members}
    _check(parts, document)
    for name in members:
        _check(parts, {"@context": CONTEXT, "id": "urn:x:0", name: members[name]})
    # the same object where another context is active
    _check(parts, {"@context": [CONTEXT, {"a": f"{E}other"}], "type": "U", **members})
    _check(parts, {"@context": CONTEXT, "type": "U", **members})
    _check(parts, document)


def test_what_one_context_refuses_is_refused_after_another_read_it() -> None:
    parts = SharedParts(PINNED)
    _check(parts, {"@context": CONTEXT, "b": NODE})
    with pytest.raises(Malformed, match="relative_iri"):
        parts.expand({"@context": CONTEXT, "coerced": NODE})
    with pytest.raises(Malformed, match="undefined_term"):
        parts.expand({"@context": {"id": "@id", "b": f"{E}b"}, "b": NODE})


def test_a_mere_reference_says_something_under_a_property_only() -> None:
    reference = {"id": "urn:x:1"}
    parts = SharedParts(PINNED)
    _check(parts, {"@context": CONTEXT, "b": reference})
    with pytest.raises(Malformed, match="lost_value"):
        parts.expand({"@context": CONTEXT, "id": "urn:x:0", "b": reference, "@graph": [reference]})


def test_texts_in_two_directions_are_refused_wherever_they_stand() -> None:
    left, right = ({"id": "urn:x:1", "a": {"@value": "x", "@direction": each}} for each in ("ltr", "rtl"))
    parts = SharedParts(PINNED)
    for document in ({"@context": CONTEXT, "b": left}, {"@context": CONTEXT, "b": right}):
        _check(parts, document)
    expanded = parts.expand({"@context": CONTEXT, "b": [left, right]})
    with pytest.raises(Malformed, match="two base directions"):
        parts.quads(expanded)


@pytest.mark.parametrize("beyond", [{}, {"@base": "http://e.x/"}], ids=["own expander", "PyLD"])
def test_selections_of_a_badge(beyond: dict[str, Any]) -> None:
    document = {**OPEN_BADGE, "@context": [*OPEN_BADGE["@context"], {**beyond, "more": f"{E}more"}]}
    parts = SharedParts(PINNED)
    _check(parts, document)
    pointers = every_pointer(OPEN_BADGE)
    for chosen in (*([each] for each in pointers[:: len(pointers) // 6]), MANDATORY, pointers):
        selection = select(document, chosen)
        assert selection is not None
        _check(parts, selection)
