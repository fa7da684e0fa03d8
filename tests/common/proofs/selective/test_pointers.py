"""JSON pointers (RFC 6901) and what they select (vc-di-ecdsa 1.0 §3.4.13)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from common.errors import Malformed
from common.proofs.selective.pointers import check_pointers, parse_pointer, select

DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", {"x": "urn:x"}],
    "id": "urn:x:1",
    "type": ["A", "B"],
    "a/b": 1,
    "m~n": 2,
    "": 3,
    "list": [{"id": "_:b0", "type": "T", "x": 1, "y": {"z": None}}, {"x": 2}],
    "numbers": [10, 20, 30],
    "0": {"id": "urn:x:2", "deep": {"one": 1, "two": 2}},
}
ON_THE_WAY = {"@context": DOCUMENT["@context"], "id": "urn:x:1", "type": ["A", "B"]}


@pytest.mark.parametrize(
    ("pointer", "tokens"),
    [
        ("", ()),
        ("/", ("",)),
        ("/foo/0", ("foo", "0")),
        ("/a~1b", ("a/b",)),
        ("/m~0n", ("m~n",)),
        ("/~01", ("~1",)),
        ("/ /é", (" ", "é")),
    ],
)
def test_tokens(pointer: str, tokens: tuple[str, ...]) -> None:
    assert parse_pointer(pointer) == tokens


@pytest.mark.parametrize("pointer", ["a", "#/a", "/~", "/~2", "/a~", "/" * 65])
def test_ill_formed_pointers(pointer: str) -> None:
    with pytest.raises(Malformed, match="bad_pointer"):
        parse_pointer(pointer)


@pytest.mark.parametrize("pointers", [None, "/a", [1], ["/a", "b"], ["/a"] * 1001, {"/a": 1}])
def test_a_list_of_pointers_is_checked(pointers: object) -> None:
    with pytest.raises(Malformed, match="bad_pointer"):
        check_pointers(pointers)


@pytest.mark.parametrize(
    ("pointers", "added"),
    [
        (["/a~1b"], {"a/b": 1}),
        (["/"], {"": 3}),
        (["/list"], {"list": DOCUMENT["list"]}),
        (["/list/0/x"], {"list": [{"type": "T", "x": 1}]}),
        (["/numbers/2", "/numbers/0", "/list/1"], {"numbers": [10, 30], "list": [{"x": 2}]}),
        (["/list/0", "/list/0/x"], {"list": [DOCUMENT["list"][0]]}),
        (["/list/0/x", "/list/0"], {"list": [DOCUMENT["list"][0]]}),
        (["/0/deep/one"], {"0": {"id": "urn:x:2", "deep": {"one": 1}}}),
        (["/0/deep/one", "/0/deep/one", "/0/id"], {"0": {"id": "urn:x:2", "deep": {"one": 1}}}),
        (["/id"], {}),
        (["/type"], {}),
        (["/type/1"], {}),
        (["/@context"], {}),
        (["/@context/0", "/"], {"": 3}),
        ([""], {name: value for name, value in DOCUMENT.items() if name not in ON_THE_WAY}),
    ],
)
def test_selections(pointers: list[str], added: dict[str, Any]) -> None:
    before = deepcopy(DOCUMENT)
    assert select(DOCUMENT, pointers) == {**ON_THE_WAY, **added}
    assert before == DOCUMENT


def test_no_pointer_selects_nothing() -> None:
    assert select(DOCUMENT, []) is None


@pytest.mark.parametrize(
    "pointer",
    [
        "/b",
        "/list/3",
        "/list/-",
        "/list/01",
        "/list/x",
        "/a~1b/0",
        "/list/1/0",
        "/numbers/1/0",
        "/list/0/y/z/q",
        "/type/2",
    ],
)
def test_pointers_to_nothing(pointer: str) -> None:
    for beside in ([], [""], ["/list", "/a~1b", "/0"]):
        with pytest.raises(Malformed, match="bad_pointer"):
            select(DOCUMENT, [*beside, pointer])


@pytest.mark.parametrize(
    "array",
    [[None, "x", "y"], [["x", "y"], "z"], [["x"]], ["x", 5], [{"id": "urn:x:1"}, "x"], [None]],
    ids=str,
)
def test_an_array_of_several_kinds_is_selected_whole(array: list[Any]) -> None:
    """By the text numbers count in the document as compacted: without nulls, arrays in arrays put together."""
    document = {"@context": [], "a": array}
    assert select(document, ["/a"]) == document
    for number in range(len(array)):
        with pytest.raises(Malformed, match="bad_selection"):
            select(document, [f"/a/{number}"])
    assert select({"a": [1, 2.5]}, ["/a/1"]) == {"a": [2.5]}
