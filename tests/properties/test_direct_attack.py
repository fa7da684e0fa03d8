"""Where writing directly and telling a selection by places once differed from expanding: found by attack, each the smallest of its kind."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest

from common.errors import Malformed
from common.proofs.contexts.store import ContextStore
from common.proofs.expand import expand, expanded_to_quads, to_quads
from common.proofs.selective.labels import hmac_labels
from common.proofs.selective.statements import Statements

V = "urn:v:"
CONTEXT: dict[str, Any] = {
    "id": "@id",
    "type": "@type",
    **{name: V + name for name in ("a", "b", "c", "d", "e", "f", "V", "val")},
}
NODE = {"a": "1"}
LIST = ["1"]


def _document(terms: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"@context": {**CONTEXT, **terms}, "type": "V", **members}


def _told(statements: Statements, pointer: str) -> Any:
    try:
        return statements.split([pointer]), statements.reveal([pointer])
    except Malformed as refused:
        return refused.code


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        # a selection keeps `id` only, so another alias of @id is left out, and the node becomes another
        (_document({"uri": "@id"}, b={"uri": "urn:x:1", "a": "1", "b": "2"}), "/b/a"),
        # a selection keeps `id`, also where it is a property and makes a statement
        (_document({"id": f"{V}id"}, b={"id": "urn:x:1", "a": "1", "b": "2"}), "/b/a"),
        # of `b` only `id` is left: a mere reference, for which the context of the type T still holds
        (
            _document({"id": f"{V}id", "T": {"@id": f"{V}T", "@context": {"id": "@id"}}}, b={"id": "urn:x:1", "a": "1"})
            | {"type": "T"},
            "/b/id",
        ),
        # six entries are no value object, fewer may be
        (
            _document({"T": {"@id": f"{V}T", "@context": {"val": "@value"}}}, b=dict.fromkeys(("val", *"abcde"), "1"))
            | {"type": "T"},
            "/b/val",
        ),
        # one Python object in two places, written directly in the first only
        (
            _document(
                {},
                a={"id": "urn:x:1", "b": NODE},
                b={"id": "urn:x:2", "@context": {"a": {"@id": f"{V}a2", "@container": "@list"}}, "b": NODE},
            ),
            "/b/b/a",
        ),
        (_document({}, id="urn:x:0", a=LIST, b=[LIST]), "/b/0/0"),
    ],
    ids=["alias of @id", "id a property", "id of a type's context", "@value of a type's context", "object", "array"],
)
def test_places_tell_what_expanding_tells(document: dict[str, Any], pointer: str) -> None:
    statements, expanding = (Statements(document, hmac_labels(bytes(32)), ContextStore({})) for _ in range(2))
    expanding._places.clear()
    assert _told(statements, pointer) == _told(expanding, pointer)


def test_a_shape_depends_on_all_that_names_types() -> None:
    terms = {"kind": "@type", "T": {"@id": f"{V}T", "@context": {"kind": f"{V}kind", "a": f"{V}a-of-T"}}}
    first, second = (_document(terms, b={"kind": kind, "a": "1"}) for kind in ("T", "V"))
    contexts = ContextStore({})
    to_quads(first, contexts=contexts)
    assert to_quads(second, contexts=contexts) == to_quads(second, contexts=ContextStore({}))


def test_work_is_counted_as_in_expanding() -> None:
    scoped = {f"t{number}": {"@id": f"{V}{number}", "@context": {}} for number in range(520)}
    parts = [{"@context": {**scoped, "x": f"{V}{number}"}, "list": ["1"]} for number in range(3)]
    document = _document({"list": {"@id": f"{V}list", "@container": "@list"}}, a=parts)
    expected = expanded_to_quads(expand(document, contexts=ContextStore({})))
    assert to_quads(document, contexts=ContextStore({})) == expected


def test_what_is_remembered_of_shapes_is_bounded_in_bytes() -> None:
    names = [chr(0x100 + number) for number in range(100)]
    chance = random.Random(1)
    orders = [dict.fromkeys(chance.sample(names, len(names))) for _ in range(20)]
    context = {"@vocab": f"http://x.example/{'y' * 1_900}/", "type": "@type", **{name: {} for name in names}}
    document = {"@context": context, "type": "urn:x:T", names[0]: orders}
    contexts = ContextStore({})
    to_quads({"@context": context, "type": "urn:x:T"}, contexts=contexts)
    tracemalloc.start()
    try:
        to_quads(document, contexts=contexts)
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()


def test_no_word_becomes_a_long_iri() -> None:
    long, prefix = (f"http://x.example/{'y' * number}/" for number in (2_000, 1_970))
    for context in ({"@vocab": long}, {"a": long}, {"p": prefix, "a": "p:and-more-than-is-left"}):
        with pytest.raises(Malformed, match="too_complex"):
            to_quads({"@context": context, "a": "x"}, contexts=ContextStore({}))
