"""Schemas are read strictly, and their references are followed before any document comes."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import compact_json
from common.errors import Malformed, TegataError, Unsupported
from common.formats.json_schema.link import link
from common.formats.json_schema.schema import MAX_BYTES, parse_schema
from tests.common.formats.json_schema.schemas import ADDRESS, NEWEST, OLDER, OLDEST, evaluator, written


def test_what_is_read() -> None:
    data = written(properties={"a": {"properties": {"b": {"id": 1, "$id": "inner.json"}}}})
    schema = parse_schema(data)
    assert (schema.id, schema.source) == (ADDRESS, data)
    assert schema.addresses == {ADDRESS, "https://school.example/schemas/inner.json"}
    assert schema.names == {"a", "b"}
    assert parse_schema(compact_json({"$schema": OLDEST, "$id": ADDRESS + "#"})).id == ADDRESS


@pytest.mark.parametrize(
    ("schema", "error", "word"),
    [
        ([], Malformed, "object"),
        ({"$id": ADDRESS}, Malformed, r"without \$schema"),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "$id": ADDRESS}, Unsupported, "unknown_schema_dialect"),
        ({"$schema": 7, "$id": ADDRESS}, Unsupported, "unknown_schema_dialect"),
        ({"$schema": NEWEST}, Malformed, r"its \$id"),
        ({"$schema": NEWEST, "$id": "degree.json"}, Malformed, r"its \$id"),
        ({"$schema": NEWEST, "$id": ADDRESS + "#part"}, Malformed, r"its \$id"),
        ({"$schema": NEWEST, "$id": ADDRESS, "type": "text"}, Malformed, "/type does not keep"),
        (
            {"$schema": NEWEST, "$id": ADDRESS, "properties": {"a": {"minimum": "1"}}},
            Malformed,
            "/properties/a/minimum",
        ),
        ({"$schema": NEWEST, "$id": ADDRESS, "pattern": "(?=a)"}, Unsupported, "unsupported_pattern"),
        ({"$schema": NEWEST, "$id": ADDRESS, "patternProperties": {"(": {}}}, Unsupported, "unsupported_pattern"),
        ({"$schema": NEWEST, "$id": ADDRESS, "$defs": {"a": {"$schema": OLDER}}}, Unsupported, "mixes versions"),
        ({"$schema": NEWEST, "$id": ADDRESS, "const": {"$schema": NEWEST}}, Unsupported, "means nothing"),
        (
            {"$schema": NEWEST, "$id": ADDRESS, "$defs": {name: {"$id": "same.json"} for name in "ab"}},
            Malformed,
            "one address",
        ),
        ({"$schema": NEWEST, "$id": ADDRESS, "$defs": {"a": {"$id": ADDRESS}}}, Malformed, "one address"),
        ({"$schema": NEWEST, "$id": ADDRESS, "$defs": {"a": {"$id": "//[x"}}}, Malformed, "not a URL"),
        ({"$schema": NEWEST, "$id": ADDRESS, "title": "x" * MAX_BYTES}, Malformed, "too"),
    ],
)
def test_what_is_refused(schema: Any, error: type[TegataError], word: str) -> None:
    with pytest.raises(error, match=word):
        parse_schema(compact_json(schema))


def test_a_name_of_a_member_may_be_any_keyword() -> None:
    named = evaluator(properties={"$schema": {"type": "string"}, "pattern": {"type": "object"}, "$ref": {}})
    assert named.find_violation({"$schema": "x", "pattern": {}, "$ref": 1}) is None
    assert named.find_violation({"$schema": 1}) is not None


@pytest.mark.parametrize(
    "reference",
    [
        *("https://elsewhere.example/schema.json", "other.json", "#/$defs/none", "#none", "//[x", "#/$defs/a/%"),
        *("http://json-schema.org/draft-04/schema#", OLDEST, OLDER, "file:///etc/passwd"),
        *("#/properties", "#/required/0", "#/required", "#/title", "#/$defs"),
    ],
)
@pytest.mark.parametrize("place", ["top", "within"])
def test_references_lead_to_schemas_that_are_held(reference: str, place: str) -> None:
    around: dict[str, Any] = {"properties": {}, "required": ["a"], "title": "t", "defs": {"a": {}}}
    inner = {"ref": reference} if place == "top" else {"allOf": [{"not": {"$ref": reference}}]}
    with pytest.raises(Unsupported, match="unresolved_reference"):
        link([parse_schema(written(**around, **inner))])


def test_references_from_one_to_another() -> None:
    other = compact_json({"$schema": NEWEST, "$id": "https://school.example/schemas/name.json", "type": "string"})
    main = written(properties={"name": {"$ref": "name.json"}, "tree": {"$ref": "#"}, "own": {"$ref": NEWEST}})
    linked = link([parse_schema(main), parse_schema(other)])
    assert linked[ADDRESS].find_violation({"name": "x", "tree": {"tree": {}}, "own": {"type": "object"}}) is None
    assert linked[ADDRESS].find_violation({"tree": {"tree": {"name": 1}}}).pointer == "/tree/tree/name"  # type: ignore[union-attr]
    assert linked[ADDRESS].find_violation({"own": {"type": "nothing"}}) is not None


def test_nobody_takes_the_address_of_another() -> None:
    taken = written()
    for other in (written(title="another"), written(id="https://a.example/b", defs={"x": {"$id": ADDRESS}})):
        with pytest.raises(Malformed, match="address of another"):
            link([parse_schema(taken), parse_schema(other)])
    with pytest.raises(Malformed, match="address of another"):
        link([parse_schema(written(id=NEWEST))])
