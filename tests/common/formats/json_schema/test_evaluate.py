"""Documents and schemas: what is kept, where it is not, and how long that may take."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from common.errors import Malformed
from common.formats.json_schema.evaluate import Violation
from common.formats.json_schema.meter import Exhausted
from tests.common.formats.json_schema.schemas import ADDRESS, NEWEST, OLDER, OLDEST, evaluator, keeps

SECRET = "Hanako"


@pytest.mark.parametrize("dialect", [NEWEST, OLDER, OLDEST])
def test_the_example_of_the_specification(dialect: str) -> None:
    """Verifiable Credentials JSON Schema Specification, "Evaluation": success, and failure for what is no email address."""
    subject = {"type": "object", "properties": {"emailAddress": {"type": "string", "format": "email"}}}
    kept = evaluator(dialect, properties={"credentialSubject": {**subject, "required": ["emailAddress"]}})
    assert kept.find_violation({"credentialSubject": {"emailAddress": "subject@example.com"}}) is None
    assert kept.find_violation({"credentialSubject": {"emailAddress": "not an email"}}) == Violation(
        pointer="/credentialSubject/emailAddress", keyword="format"
    )
    assert kept.find_violation({"credentialSubject": {}}) == Violation(pointer="/credentialSubject", keyword="required")


@pytest.mark.parametrize(
    ("keywords", "pointer", "keyword"),
    [
        ({"properties": {"a": {"const": 1}}}, "/it/a", "const"),
        ({"properties": {"b": {"items": {"type": "string"}}}}, "/it/b/1", "type"),
        ({"properties": {"b": {"items": {"type": "string"}}}, "required": ["z"]}, "/it/b/1", "type"),
        ({"additionalProperties": False, "properties": {"a": True}}, "/it", "additionalProperties"),
        ({"additionalProperties": {"type": "object"}, "properties": {"a": True}}, "/it/*", "type"),
        ({"patternProperties": {"^b": {"type": "object"}}}, "/it/*", "type"),
        ({"unevaluatedProperties": False, "properties": {"a": True}}, "/it", "unevaluatedProperties"),
        ({"anyOf": [{"required": ["x"]}, {"required": ["y"]}]}, "/it", "anyOf"),
        ({"not": {}}, "/it", "not"),
        ({"properties": {"a/b~": {"type": "string"}}}, "/it/a~1b~0", "type"),
        ({"$ref": "#/$defs/no"}, "/it", "type"),
    ],
)
def test_the_place_is_told_by_names_of_the_schema_and_no_value_is(
    keywords: dict[str, Any], pointer: str, keyword: str
) -> None:
    kept = evaluator(properties={"it": keywords}, defs={"no": {"type": "array"}})
    found = kept.find_violation({"it": {"a": SECRET, "b": ["x", 1], "a/b~": 1}})
    assert found == Violation(pointer=pointer, keyword=keyword)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("keywords", "yes", "no"),
    [
        ({"multipleOf": 0.1}, [0.3, 1, 1e300, 10**400], [0.35]),
        ({"multipleOf": 3}, [9, 9.0, -3], [10, 0.5]),
        (
            {"uniqueItems": True},
            [[], [1, True, "1", None], [{"a": 1}, {"a": 2}]],
            [[1, 1.0], [{"a": [1]}, {"a": [1.0]}]],
        ),
        ({"enum": [1, {"a": [True]}]}, [1, 1.0, {"a": [True]}], [True, {"a": [1]}]),
        ({"type": "integer"}, [1, 1.0], [1.5, True, "1"]),
        ({"pattern": "^a+$"}, ["aa", 1], ["ab"]),
        ({"propertyNames": {"maxLength": 2}}, [{"ab": 1}], [{"abc": 1}]),
        ({"format": "date"}, ["2026-02-28", 1], ["2026-02-30", "20260228", "2026-W09-1"]),
        ({"format": "date-time"}, ["2026-02-28T10:00:00Z"], ["2026-02-28"]),
        ({"format": "uri"}, ["https://a.example/b", "urn:a:b"], ["a b", "no"]),
        ({"format": "uuid"}, ["58172aac-d8ba-11ed-83dd-0b3aef56cc33"], ["58172aacd8ba11ed83dd0b3aef56cc33"]),
        ({"format": "ipv4"}, ["10.0.0.1"], ["10.0.0.256"]),
        ({"format": "ipv6"}, ["::1"], ["::g"]),
        ({"format": "regex"}, ["("], []),
        ({"format": "a word of nobody's"}, ["x"], []),
        ({"contains": {"const": 1}, "maxContains": 1}, [[1, 2]], [[], [1, 1]]),
        ({"prefixItems": [{"const": 1}], "unevaluatedItems": False}, [[1], []], [[1, 2]]),
        ({"contains": {"const": 2}, "unevaluatedItems": False}, [[2]], [[2, 1]]),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
    ],
)
def test_keywords_of_ours(keywords: dict[str, Any], yes: list[Any], no: list[Any]) -> None:
    assert [value for value in yes if not keeps(value, **keywords)] == []
    assert [value for value in no if keeps(value, **keywords)] == []


@pytest.mark.parametrize("dialect", [NEWEST, OLDER])
def test_what_is_evaluated_through_others(dialect: str) -> None:
    """JSON Schema Core §11: adjacent keywords and the branches that hold count, others do not."""
    kept = evaluator(
        dialect,
        defs={"one": {"properties": {"a": True}}},
        ref="#/$defs/one",
        allOf=[{"patternProperties": {"^b": True}}],
        anyOf=[{"properties": {"c": {"const": 1}}, "required": ["c"]}, {"properties": {"d": True}}],
        dependentSchemas={"a": {"properties": {"e": True}}},
        unevaluatedProperties={"type": "null"},
        **{"if": {"required": ["f"]}, "then": {"properties": {"f": True}}},
    )
    for document in ({"a": 1, "bb": 2, "c": 1, "d": 2, "e": 3, "f": 4}, {"z": None}, {"c": 1, "d": 1}, {"d": 1}):
        assert kept.find_violation(document) is None, document
    for document in ({"e": 1}, {"c": 2}, {"z": 1}):
        assert kept.find_violation(document) is not None, document


def test_older_arrays() -> None:
    older: dict[str, Any] = {"items": [{"const": 1}], "unevaluatedItems": False, "contains": {"const": 2}}
    assert keeps(
        [1, 2], OLDER, items=[{"const": 1}], contains={"const": 2}, additionalItems=True, unevaluatedItems=False
    )
    assert not keeps([1, 2], OLDER, **older)
    assert keeps([2], OLDER, items={}, unevaluatedItems=False)


def test_recursion_by_dynamic_references() -> None:
    tree = {"$dynamicAnchor": "node", "properties": {"children": {"items": {"$dynamicRef": "#node"}}}}
    strict = evaluator(
        defs={"tree": {"$id": "tree", **tree}}, ref="tree", **{"$dynamicAnchor": "node", "unevaluatedProperties": False}
    )
    assert strict.find_violation({"children": [{"children": []}]}) is None
    assert strict.find_violation({"children": [{"daat": 1}]}) is not None
    older = evaluator(
        OLDER, properties={"in": {"$recursiveRef": "#"}}, **{"$recursiveAnchor": True, "required": ["in"]}
    )
    assert older.find_violation({"in": 1}) is None
    assert older.find_violation({"in": {}}) is not None


def test_a_proof_is_not_looked_at() -> None:
    """A credential is put to its schema before it has one, and the answer has to be the same after."""
    strict = evaluator(properties={"a": True}, additionalProperties=False)
    assert strict.find_violation({"a": 1, "proof": {}}) is None
    assert evaluator(required=["proof"]).find_violation({"proof": {}}) is not None


def _doubling(levels: int, keyword: str) -> dict[str, Any]:
    """Each level refers to the next one twice: 2^levels ways through a small schema."""
    twice = {"allOf": 2, "anyOf": 2, "oneOf": 2}
    found: dict[str, Any] = {f"a{levels}": {"required": ["none"]} if keyword in ("anyOf", "oneOf") else {}}
    for level in range(levels):
        next_one = {"$ref": f"#/$defs/a{level + 1}"}
        found[f"a{level}"] = (
            {keyword: [next_one] * 2} if keyword in twice else {"dependentSchemas": {"x": next_one, "y": next_one}}
        )
    return found


@pytest.mark.parametrize("unevaluated", [False, True], ids=["plain", "unevaluated"])
@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf", "dependentSchemas"])
def test_doubling_ends(keyword: str, unevaluated: bool) -> None:
    top: dict[str, Any] = {"unevaluatedProperties": False} if unevaluated else {}
    bomb = evaluator(**top, ref="#/$defs/a0", defs=_doubling(20, keyword))
    _ends(bomb, {"x": 1, "y": 2})


@pytest.mark.parametrize(
    "keywords",
    [
        {"ref": "#"},
        {"unevaluatedProperties": False, "ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"not": {"$ref": "#"}},
        {"$dynamicAnchor": "a", "dynamic": "#a"},
        {"properties": {"a": {"$ref": "#"}}, "if": {"$ref": "#"}},
    ],
    ids=lambda keywords: next(iter(keywords)),
)
def test_loops_end(keywords: dict[str, Any]) -> None:
    with pytest.raises(Exhausted):
        evaluator(**keywords).find_violation({"a": {"a": 1}})


def _ends(kept: Any, document: Any) -> None:
    began = time.process_time()
    with pytest.raises(Exhausted):
        kept.find_violation(document)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("keywords", "document"),
    [
        ({"uniqueItems": True}, [[{"a": n}] for n in range(20_000)]),
        ({"uniqueItems": True}, [n * (2**61 - 1) for n in range(20_000)]),
        ({"enum": [[0] * 5000 + [n] for n in range(20)]}, [0] * 5000 + [99]),
        ({"anyOf": [{"type": "null"}] * 500}, ["x" * 100] * 2000),
        ({"items": {"anyOf": [{"const": n} for n in range(100)]}}, list(range(1000, 5000))),
        ({"pattern": "(a?){200}a{200}$"}, "a" * 3000 + "b" * 3000),
        ({"patternProperties": {f"^(a|aa)+{n}$": {} for n in range(50)}}, {"a" * 100 + str(n): 1 for n in range(500)}),
        ({"unevaluatedProperties": False, "allOf": [{"properties": {}}] * 50}, {str(n): 1 for n in range(5000)}),
    ],
    ids=["unique", "numbers", "enum", "messages", "branches", "pattern", "names", "unevaluated"],
)
def test_large_products_of_schema_and_document_end(keywords: dict[str, Any], document: Any) -> None:
    """Whether kept, violated or too much: the answer comes soon."""
    kept = evaluator(properties={"it": keywords})
    began = time.process_time()
    with contextlib.suppress(Exhausted):
        kept.find_violation({"it": document})
    assert time.process_time() - began < 5


def test_documents_have_bounds() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    for document in ({"it": deep}, {"it": [0] * 300_000}, {"it": object()}):
        with pytest.raises(Malformed):
            evaluator().find_violation(document)


def test_a_transcript_of_many_courses_is_no_trouble() -> None:
    """The largest that a body of 256 kB holds: every course with a schema of twenty members."""
    names = [f"member{n}" for n in range(20)]
    course = {"type": "object", "required": names, "properties": {name: {"type": "string"} for name in names}}
    kept = evaluator(properties={"courses": {"type": "array", "items": course}}, id=ADDRESS)
    document = {"courses": [dict.fromkeys(names, "x") for _ in range(700)]}
    assert kept.find_violation(document) is None
