"""Any JSON as schema, any JSON as document: a typed answer. Where jsonschema itself can be asked, it gives the same one."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from common.encoding import compact_json
from common.errors import Malformed, TegataError, Unsupported
from common.formats.json_schema.library import SchemaLibrary
from common.formats.json_schema.link import link
from common.formats.json_schema.meter import Exhausted
from common.formats.json_schema.pattern import Pattern
from common.formats.json_schema.read_held import parse_held_schema
from common.formats.json_schema.schema import parse_schema
from tests.common.formats.json_schema.schemas import ADDRESS, NEWEST, OLDER, OLDEST

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, 1e300, "", "a", "ab", "ba", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
PATTERNS = st.sampled_from(["a", "^a", "b$", "^[ab]*$", "(a|b){2}", "."])
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def _objects(inner: Any) -> Any:
    several = st.lists(inner, min_size=1, max_size=2)
    named = st.dictionaries(NAMES, inner, max_size=2)
    count = st.integers(0, 2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "const": VALUES,
            "enum": st.lists(VALUES, min_size=1, max_size=2),
            "minimum": count,
            "exclusiveMaximum": count,
            "minLength": count,
            "maxLength": count,
            "pattern": PATTERNS,
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "minProperties": count,
            "maxItems": count,
            "uniqueItems": st.booleans(),
            "properties": named,
            "patternProperties": st.dictionaries(PATTERNS, inner, max_size=1),
            "additionalProperties": inner,
            "propertyNames": inner,
            "contains": inner,
            "not": inner,
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "if": inner,
            "then": inner,
            "else": inner,
            "$ref": st.sampled_from(["#", "#/$defs/d", "#/definitions/d", "inner"]),
            "unevaluatedProperties": st.booleans(),
            "unevaluatedItems": st.booleans(),
            "dependentSchemas": named,
            "dependencies": st.dictionaries(NAMES, inner | st.lists(NAMES, unique=True), max_size=2),
            "items": inner,
            "prefixItems": several,
            "$id": st.just("inner"),
            "default": VALUES,
        },
    )


SCHEMAS = st.recursive(st.booleans() | st.just({}), _objects, max_leaves=6)
LOAD = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def whole(inner: Any, dialect: str) -> dict[str, Any]:
    there = {} if isinstance(inner, bool) else inner
    return {**there, "$schema": dialect, "$id": ADDRESS, "$defs": {"d": {"type": "object"}}, "definitions": {"d": {}}}


@LOAD
@given(
    inner=SCHEMAS, document=st.dictionaries(NAMES, VALUES, max_size=3), dialect=st.sampled_from([NEWEST, OLDER, OLDEST])
)
def test_the_same_answer_as_the_library_gives(inner: Any, document: dict[str, Any], dialect: str) -> None:
    schema = whole(inner, dialect)
    try:
        (kept,) = link([parse_schema(compact_json(schema))]).values()
        ours = kept.find_violation(document) is None
    except (TegataError, Exhausted):
        return
    if any(
        f'"{word}"' in compact_json(schema).decode()
        for word in ("unevaluatedProperties", "unevaluatedItems", '$id":"inner')
    ):
        return  # where ours and theirs differ, the tests of json-schema.org side with ours
    assert ours == validator_for(schema)(schema).is_valid(document)


@LOAD
@given(schema=VALUES | st.dictionaries(st.sampled_from(["$schema", "$id", "type", "$ref", "items", "a"]), VALUES))
def test_any_json_is_a_schema_or_a_typed_error(schema: Any) -> None:
    with contextlib.suppress(TegataError):
        parse_held_schema(compact_json(schema))
    if isinstance(schema, dict):
        with contextlib.suppress(TegataError):
            SchemaLibrary([parse_held_schema(compact_json({**schema, "$schema": NEWEST, "$id": ADDRESS}))])


@LOAD
@given(data=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_schema_or_a_typed_error(data: bytes) -> None:
    with pytest.raises((Malformed, Unsupported)):
        parse_held_schema(data)


@settings(LOAD, max_examples=300)
@given(
    pattern=st.lists(
        st.sampled_from([*"abc()|*+?^$.", "[ab]", "[^a]", "{2}", "{1,2}", "(?:", "\\d", "\\w", "\\s"]), max_size=9
    ).map("".join),
    texts=st.lists(st.text(alphabet="abc1 \n", max_size=6), max_size=4),
)
def test_patterns_match_as_pythons_do(pattern: str, texts: list[str]) -> None:
    try:
        compiled = Pattern(pattern)
    except Unsupported:
        return
    theirs = re.compile(pattern.replace("$", "\\Z").replace(".", "[^\\n\\r\\u2028\\u2029]"))
    for text in texts:
        assert compiled.search(text, lambda _: None) == bool(theirs.search(text)), text


@settings(LOAD, max_examples=300)
@given(pattern=st.text(alphabet="ab\\(){}[]^-$.*+?|<>=!:pPuxcdk019,é", max_size=16))
def test_any_text_is_a_pattern_or_a_typed_error(pattern: str) -> None:
    with contextlib.suppress(Unsupported):
        Pattern(pattern).search("ab1é-", lambda _: None)
