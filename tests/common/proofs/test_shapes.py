"""Node objects of one shape are expanded by what was kept of the first: the result is each one's own."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, TegataError
from common.proofs.canonical import canonize_quads
from common.proofs.contexts import PINNED
from common.proofs.expand import expand, expanded_to_quads
from common.proofs.expand.pyld_fallback import expand_with_pyld
from common.proofs.expand.shape import MAX_KEY_CHARACTERS

E = "http://e.x/"
CONTEXT: dict[str, Any] = {
    "id": "@id",
    "type": "@type",
    "a": f"{E}a",
    "also_a": f"{E}a",
    "b": f"{E}b",
    "date": {"@id": f"{E}date", "@type": f"{E}dt"},
    "link": {"@id": f"{E}link", "@type": "@id"},
    "word": {"@id": f"{E}word", "@type": "@vocab"},
    "ja": {"@id": f"{E}ja", "@language": "ja"},
    "raw": {"@id": f"{E}raw", "@type": "@json"},
    "list": {"@id": f"{E}list", "@container": "@list"},
    "back": {"@reverse": f"{E}back"},
    "text": "@value",
    "T": {"@id": f"{E}T", "@context": {"a": f"{E}a-of-T", "b": {"@id": f"{E}b-of-T", "@type": "@id"}}},
    "U": {"@id": f"{E}U", "@context": {"a": {"@id": f"{E}a-of-U", "@language": "en"}}},
    "V": f"{E}V",
}
VALUES: list[Any] = [
    "x",
    "urn:x:1",
    "V",
    1,
    1.5,
    True,
    None,
    [],
    ["x", None, 2],
    {},
    {"a": "x"},
    {"text": "x"},
    {"id": "urn:x:2"},
]
NAMES = ["a", "also_a", "b", "date", "link", "word", "ja", "raw", "list", "back"]
TYPES: list[Any] = [
    "T",
    "U",
    "V",
    ["T"],
    ["U", "T"],
    ["T", "U"],
    ["V", "T"],
    [],
    None,
    [None],
    1,
    [1],
    [["T"]],
    "@bad",
    "nothing",
    f"{E}W",
]


def _both(document: dict[str, Any]) -> None:
    """Ours and PyLD's agree wherever ours reads the document; PyLD is not asked what we refuse, since it reads more."""
    try:
        ours = expanded_to_quads(expand(document))
    except TegataError:
        return
    assert canonize_quads(ours)[0] == canonize_quads(expanded_to_quads(expand_with_pyld(document, PINNED)))[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("typed", [{}, {"type": "T"}, {"type": ["U"]}], ids=["untyped", "T", "U"])
def test_values_of_any_kind_in_one_shape(name: str, typed: dict[str, Any]) -> None:
    for value in (*VALUES, *VALUES):
        _both(
            {"@context": CONTEXT, "id": "urn:x:0", **typed, name: value, "V": {**typed, "id": "urn:x:3", name: value}}
        )


@pytest.mark.parametrize("kind", TYPES, ids=repr)
def test_types_are_part_of_the_shape(kind: Any) -> None:
    for before in TYPES:
        for each in (before, kind, before):
            _both({"@context": CONTEXT, "id": "urn:x:0", "type": each, "a": "x", "b": "urn:x:1"})
            _both({"@context": CONTEXT, "id": "urn:x:0", "V": {"type": each, "a": {"a": "x", "b": "y"}}})


def test_the_order_of_entries_is_the_documents() -> None:
    one = expand({"@context": CONTEXT, "a": "x", "b": "y", "type": "V"})
    other = expand({"@context": CONTEXT, "b": "y", "type": "V", "a": "x"})
    assert [*one[0]] == [f"{E}a", f"{E}b", "@type"]
    assert [*other[0]] == [f"{E}b", "@type", f"{E}a"]


def test_what_says_nothing_is_refused_whatever_came_before() -> None:
    typed = {"@context": CONTEXT, "type": "V", "a": None}
    assert expand(typed) == expand(typed) == [{"@type": [f"{E}V"]}]
    for nothing in ({"id": "urn:x:1"}, {"a": None}, {}, {"id": "urn:x:1", "a": None}):
        expand({"@context": CONTEXT, "a": {"a": nothing}})
        for _ in range(2):
            with pytest.raises(Malformed, match="lost_value"):
                expand({"@context": CONTEXT, **nothing})
            with pytest.raises(Malformed, match="lost_value"):
                expand({"@context": CONTEXT, "id": "urn:x:0", "@graph": [nothing]})


def test_names_are_absolute_texts() -> None:
    for _ in range(2):
        assert expand({"@context": CONTEXT, "id": "urn:x:1", "a": "x"})[0]["@id"] == "urn:x:1"
        for wrong in ("relative", 1, None, ["urn:x:1"], {}):
            with pytest.raises(Malformed):
                expand({"@context": CONTEXT, "id": wrong, "a": "x"})


def test_two_terms_of_one_property_are_put_together() -> None:
    for _ in range(2):
        found = expand({"@context": CONTEXT, "a": "x", "also_a": ["y"]})
        assert found == [{f"{E}a": [{"@value": "x"}, {"@value": "y"}]}]


def test_what_one_result_says_is_not_shared_with_the_next() -> None:
    document = {"@context": CONTEXT, "type": "V", "a": "x"}
    expand(document)[0]["@type"].append("changed")
    assert expand(document)[0]["@type"] == [f"{E}V"]


def test_long_types_are_expanded_though_not_kept() -> None:
    kind = E + "x" * MAX_KEY_CHARACTERS
    document = {"@context": CONTEXT, "type": kind, "a": "x"}
    assert expand(document) == expand(document) == [{"@type": [kind], f"{E}a": [{"@value": "x"}]}]
