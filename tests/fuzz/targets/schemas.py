"""JSON Schemas, their patterns, and documents put to them."""

from __future__ import annotations

from typing import Any

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed
from common.formats.json_schema.library import SchemaLibrary
from common.formats.json_schema.pattern import Pattern
from common.formats.json_schema.pattern_syntax import read_pattern
from common.formats.json_schema.read_held import parse_held_schema
from common.formats.json_schema.schema import parse_schema
from common.formats.vcdm.typed_objects import read_schemas
from tests.fuzz.target import Target, of_bytes, reading

ADDRESS = "https://school.example/schemas/degree.json"
NEWEST = "https://json-schema.org/draft/2020-12/schema"


def _schema(**keywords: Any) -> bytes:
    return compact_json({"$schema": NEWEST, "$id": ADDRESS, **keywords})


SEEDS = (
    _schema(type="object", properties={"a": {"type": "string", "pattern": "^[a-z]+$"}}, required=["a"]),
    _schema(
        **{
            "$defs": {"a": {"$anchor": "x", "items": {"$ref": "#x"}}},
            "unevaluatedProperties": False,
            "$ref": "#/$defs/a",
        }
    ),
    _schema(**{"$dynamicAnchor": "n", "patternProperties": {"^a": {"$dynamicRef": "#n"}}, "anyOf": [{}, False]}),
    compact_json({"$schema": "http://json-schema.org/draft-07/schema#", "$id": ADDRESS, "dependencies": {"a": ["b"]}}),
)
BOTH = b'{"schema":{"properties":{"a":{"enum":[1,[2]]}},"if":{"required":["b"]},"then":false},"document":{"a":1}}'


def _evaluate(data: bytes) -> Any:
    """``{"schema": …, "document": …}``: the schema gets the members that it has to have."""
    given = parse_json_object(data)
    schema, document = given.get("schema"), given.get("document")
    if not isinstance(schema, dict) or not isinstance(document, dict):
        raise Malformed("bad_input", "a schema and a document")
    held = parse_held_schema(compact_json({"$schema": NEWEST, **schema, "$id": ADDRESS}))
    document = {**document, "credentialSchema": {"id": ADDRESS, "type": "JsonSchema"}}
    (reference,) = read_schemas(document)
    return SchemaLibrary([held]).check(reference, document)


def _search(data: bytes) -> bool:
    """A pattern and, behind a line's end, a text."""
    pattern, _, text = data.decode("utf-8", "replace").partition("\n")
    return Pattern(pattern).search(text * 50, lambda _: None)


TARGETS: tuple[Target, ...] = (
    of_bytes(parse_schema, *SEEDS),
    of_bytes(parse_held_schema, *SEEDS),
    reading(read_pattern, _search, b"^(a|aa)+$\naaaa!", b"[^\\d\\p{Lu}]{2,3}?|x\nab1"),
    reading(SchemaLibrary.check, _evaluate, BOTH),
)
