"""jsonschema's evaluators, made safe for schemas and documents of strangers: every keyword is metered, and some are our own.

Our own are those whose work could not be counted: patterns (`pattern.py`), ``uniqueItems`` (quadratic over there), ``unevaluated…``
(`unevaluated.py`), and ``multipleOf``, which over there fails on large integers and on tenths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.validators import Draft7Validator, Draft201909Validator, Draft202012Validator, extend
from jsonschema_specifications import REGISTRY as SPECIFICATIONS
from referencing import Specification
from referencing.jsonschema import DRAFT7, DRAFT201909, DRAFT202012

from common.errors import Unsupported
from common.formats.json_schema.pattern import compile_pattern
from common.formats.json_schema.quiet_values import weigh
from common.formats.json_schema.unevaluated import evaluated_elements, evaluated_members

Errors = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Any], Any]
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_WHOLE = frozenset({"enum", "const", "uniqueItems"})
"""Keywords that look at all of a value, and not only at its own members."""


def _metered(name: str, keyword: Keyword) -> Keyword:
    price = weigh if name in _WHOLE else _breadth
    base = 60 if name in _REFERENCES else 8  # following one takes as long as seven other keywords

    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        meter = validator.format_checker
        meter.spend(base + price(value) + price(instance))
        meter.enter()
        try:
            yield from keyword(validator, value, instance, schema) or ()
        finally:
            meter.leave()

    return run


def _breadth(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else 1


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Errors:  # noqa: ARG001 - jsonschema's shape
    if isinstance(instance, str) and not compile_pattern(pattern).search(instance, validator.format_checker.spend):
        yield ValidationError("pattern")


def _pattern_properties(validator: Any, patterns: Mapping[str, Any], instance: Any, schema: Any) -> Errors:  # noqa: ARG001
    if not isinstance(instance, dict):
        return
    for text, subschema in patterns.items():
        pattern = compile_pattern(text)
        for name, member in instance.items():
            if pattern.search(name, validator.format_checker.spend):
                yield from validator.descend(member, subschema, path=name, schema_path=text)


def _additional_properties(validator: Any, subschema: Any, instance: Any, schema: Mapping[str, Any]) -> Errors:
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    patterns = [compile_pattern(text) for text in schema.get("patternProperties", {})]
    for name, member in instance.items():
        if name not in known and not any(one.search(name, validator.format_checker.spend) for one in patterns):
            yield from validator.descend(member, subschema, path=name)


def _multiple_of(validator: Any, divisor: Any, instance: Any, schema: Any) -> Errors:  # noqa: ARG001
    """By the decimals that were written: 0.3 is a multiple of 0.1."""
    if isinstance(instance, int | float) and not isinstance(instance, bool):
        validator.format_checker.spend(64)
        if (Fraction(str(instance)) / Fraction(str(divisor))).denominator != 1:
            yield ValidationError("multipleOf")


def _unique_items(validator: Any, wanted: bool, instance: Any, schema: Any) -> Errors:  # noqa: ARG001
    if wanted and isinstance(instance, list) and len({_same(each) for each in instance}) != len(instance):
        yield ValidationError("uniqueItems")


def _same(value: Any) -> str:
    """One text for values that JSON Schema calls equal: 1 and 1.0 are, 1 and true are not. A text, since whoever chooses the numbers
    could choose such as collide in a table."""
    if isinstance(value, bool) or value is None:
        return f"{value}"
    if isinstance(value, int | float):
        return f"n{int(value)}" if value == int(value) else f"n{value!r}"
    if isinstance(value, str):
        return f"t{len(value)}:{value}"
    if isinstance(value, list):
        return f"l{len(value)}:{','.join(map(_same, value))}"
    return f"o{len(value)}:{','.join(_same(name) + _same(value[name]) for name in sorted(value))}"


def _unevaluated_properties(validator: Any, subschema: Any, instance: Any, schema: Mapping[str, Any]) -> Errors:
    if not isinstance(instance, dict):
        return
    others = {name: value for name, value in schema.items() if name != "unevaluatedProperties"}
    seen = evaluated_members(validator, instance, others)
    for name, member in instance.items():
        if name not in seen:
            yield from validator.descend(member, subschema, path=name)


def _unevaluated_items(*, newest: bool) -> Keyword:
    def run(validator: Any, subschema: Any, instance: Any, schema: Mapping[str, Any]) -> Errors:
        if not isinstance(instance, list):
            return
        others = {name: value for name, value in schema.items() if name != "unevaluatedItems"}
        seen = evaluated_elements(validator, instance, others, newest=newest)
        for index, each in enumerate(instance):
            if index not in seen:
                yield from validator.descend(each, subschema, path=index)

    return run


_OWN: Mapping[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "multipleOf": _multiple_of,
    "uniqueItems": _unique_items,
}
_UNEVALUATED: Mapping[str, Keyword] = {"unevaluatedProperties": _unevaluated_properties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One version of JSON Schema. address: its ``$schema``. validator: jsonschema's class with our keywords.

    metaschemas: address → schema, of this version alone, as they were published.
    """

    address: str
    validator: Any
    specification: Specification[Any]
    metaschemas: Mapping[str, Any]


def _dialect(
    address: str, stock: Any, specification: Specification[Any], own: Mapping[str, Keyword], below: str
) -> Dialect:
    keywords = {**stock.VALIDATORS, **own}
    metered = {name: _metered(name, keyword) for name, keyword in keywords.items()}
    return Dialect(
        address=address,
        validator=extend(stock, validators=metered),
        specification=specification,
        metaschemas={uri: SPECIFICATIONS.contents(uri) for uri in SPECIFICATIONS if uri.startswith(below)},
    )


_NEW = "https://json-schema.org/draft/"
DIALECTS: Mapping[str, Dialect] = {
    one.address: one
    for one in (
        _dialect(
            f"{_NEW}2020-12/schema",
            Draft202012Validator,
            DRAFT202012,
            {**_OWN, **_UNEVALUATED, "unevaluatedItems": _unevaluated_items(newest=True)},
            f"{_NEW}2020-12/",
        ),
        _dialect(
            f"{_NEW}2019-09/schema",
            Draft201909Validator,
            DRAFT201909,
            {**_OWN, **_UNEVALUATED, "unevaluatedItems": _unevaluated_items(newest=False)},
            f"{_NEW}2019-09/",
        ),
        _dialect(
            "http://json-schema.org/draft-07/schema", Draft7Validator, DRAFT7, _OWN, "http://json-schema.org/draft-07/"
        ),
    )
}


def dialect_of(address: object) -> Dialect:
    """address: the value of ``$schema``. Raises Unsupported("unknown_schema_dialect")."""
    found = DIALECTS.get(address.removesuffix("#")) if isinstance(address, str) else None
    if found is None:
        raise Unsupported(
            "unknown_schema_dialect",
            "the schema is in a version of JSON Schema that is not read here",
            known=tuple(DIALECTS),
        )
    return found
