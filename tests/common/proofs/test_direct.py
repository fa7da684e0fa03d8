"""What is written directly is what the expanded form says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from common.errors import Malformed
from common.proofs.contexts import PINNED
from common.proofs.expand import expand, expanded_to_quads, to_quads, to_quads_with_places
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
    "link": {"@id": f"{E}link", "@type": "@id"},
    "V": f"{E}V",
    "T": {"@id": f"{E}T", "@context": {"a": f"{E}a-of-T"}},
    "U": {"@id": f"{E}U", "@context": {"a": f"{E}a-of-U", "b": {"@id": f"{E}b-of-U"}}},
}


def _check(document: Mapping[str, Any]) -> None:
    for _ in range(2):  # before and after its shapes are known
        assert to_quads(document, contexts=PINNED) == expanded_to_quads(expand(document))


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
    document = {"@context": CONTEXT, "id": "urn:x:0", "type": "V", **members}
    _check(document)
    for name in members:
        _check({"@context": CONTEXT, "id": "urn:x:0", "type": "V", name: members[name]})
    # the same object where another context is active
    _check({"@context": [CONTEXT, {"a": f"{E}other"}], "type": "U", **members})
    _check({"@context": CONTEXT, "type": "U", **members})


def test_what_cannot_be_written_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(Malformed, match="undefined_term"):
            to_quads({"@context": CONTEXT, "type": "V", "b": {"nothing": NODE}}, contexts=PINNED)
        for wrong in (
            {"id": "relative"},
            {"id": 1},
            {"id": "urn:x:1", "link": "relative"},
            {"id": "urn:x:<>", "a": "x"},
        ):
            with pytest.raises(Malformed):
                to_quads({"@context": CONTEXT, "type": "V", "b": wrong}, contexts=PINNED)


def test_texts_in_two_directions_are_refused_wherever_they_stand() -> None:
    left, right = ({"id": "urn:x:1", "a": {"@value": "x", "@direction": each}} for each in ("ltr", "rtl"))
    for document in ({"@context": CONTEXT, "type": "V", "b": left}, {"@context": CONTEXT, "type": "V", "b": right}):
        _check(document)
    with pytest.raises(Malformed, match="two base directions"):
        to_quads({"@context": CONTEXT, "type": "V", "b": [left, right]}, contexts=PINNED)


@pytest.mark.parametrize("beyond", [{}, {"@base": "http://e.x/"}], ids=["own expander", "PyLD"])
def test_selections_of_a_badge(beyond: dict[str, Any]) -> None:
    document = {**OPEN_BADGE, "@context": [*OPEN_BADGE["@context"], {**beyond, "more": f"{E}more"}]}
    _check(document)
    pointers = every_pointer(OPEN_BADGE)
    for chosen in (*([each] for each in pointers[:: len(pointers) // 6]), MANDATORY, pointers):
        selection = select(document, chosen)
        assert selection is not None
        _check(selection)


def test_places_lead_from_each_entry_to_its_quads() -> None:
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "id": "urn:x:0",
        "type": ["V", "T"],
        "a": "x",
        "b": [{"id": "urn:x:1", "b": "y"}, "z"],
        "list": ["1", "2"],
    }
    assert to_quads_with_places(document, PINNED)[1] == {}  # a list is not simple, so this object is not
    del document["list"]
    quads, places = to_quads_with_places(document, PINNED)
    assert places[id(document)] == [0, 0, 0, 2, 3, 6]
    assert places[id(document["b"])] == [3, 5, 6]
    assert [quad[2] for quad in quads[3:6]] == ['"y"', "<urn:x:1>", '"z"']
    twice = {"@context": CONTEXT, "type": "V", "a": [NODE, NODE]}
    assert to_quads_with_places(twice, PINNED)[1][id(NODE)] is None
