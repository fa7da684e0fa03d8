"""Which members and elements a schema has looked at, for ``unevaluatedProperties`` and ``unevaluatedItems``.

JSON Schema 2020-12 Core §11; 2019-09 Core §9.3.1.3, §9.3.2.4. jsonschema has both keywords, but walks references there without any
bound that could be put on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from referencing.jsonschema import DRAFT202012, lookup_recursive_ref

from common.formats.json_schema.pattern import compile_pattern

_PRICE = 24
"""Of looking at one schema: about what three keywords cost."""


def evaluated_members(validator: Any, instance: dict[str, Any], schema: Any) -> set[str]:
    """The names that the schema's keywords have looked at; the schema is known or assumed to be kept."""
    validator.format_checker.spend(_PRICE + len(instance))
    if not isinstance(schema, dict):
        return set()
    if "additionalProperties" in schema or "unevaluatedProperties" in schema:
        return set(instance)
    found = set(schema.get("properties", {})) & set(instance)
    for pattern in schema.get("patternProperties", {}):
        found |= {name for name in instance if compile_pattern(pattern).search(name, validator.format_checker.spend)}
    for inner, subschema in _in_place(validator, instance, schema):
        found |= evaluated_members(inner, instance, subschema)
    return found


def evaluated_elements(validator: Any, instance: list[Any], schema: Any, *, newest: bool) -> set[int]:
    """Likewise, the indices. newest: 2020-12, where ``items`` stands for the rest and ``contains`` counts."""
    validator.format_checker.spend(_PRICE + len(instance))
    if not isinstance(schema, dict):
        return set()
    every = set(range(len(instance)))
    items = schema.get("items")
    if "unevaluatedItems" in schema:
        return every
    found: set[int] = set()
    if newest:
        if "items" in schema:
            return every
        found |= set(range(min(len(instance), len(schema.get("prefixItems", ())))))
        if "contains" in schema:
            inside = _into(validator, schema["contains"])
            found |= {index for index, each in enumerate(instance) if inside.is_valid(each)}
    elif isinstance(items, list):
        if "additionalItems" in schema:
            return every
        found |= set(range(min(len(instance), len(items))))
    elif "items" in schema:
        return every
    for inner, subschema in _in_place(validator, instance, schema):
        found |= evaluated_elements(inner, instance, subschema, newest=newest)
    return found


def _in_place(validator: Any, instance: Any, schema: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The subschemas that the same value keeps, each with the validator to go on with."""
    validator.format_checker.enter()
    try:
        for reference in ("$ref", "$dynamicRef"):
            if reference in schema:
                resolved = validator._resolver.lookup(schema[reference])
                yield (
                    validator.evolve(schema=resolved.contents, _resolver=resolved.resolver),
                    resolved.contents,
                )
        if "$recursiveRef" in schema:
            resolved = lookup_recursive_ref(validator._resolver)
            yield validator.evolve(schema=resolved.contents, _resolver=resolved.resolver), resolved.contents
        for each in schema.get("allOf", ()):
            yield _into(validator, each), each
        for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            inner = _into(validator, each)
            if inner.is_valid(instance):
                yield inner, each
        if "if" in schema:
            condition = _into(validator, schema["if"])
            kept = condition.is_valid(instance)
            if kept:
                yield condition, schema["if"]
            branch = "then" if kept else "else"
            if branch in schema:
                yield _into(validator, schema[branch]), schema[branch]
        if isinstance(instance, dict):
            for name, each in schema.get("dependentSchemas", {}).items():
                if name in instance:
                    yield _into(validator, each), each
    finally:
        validator.format_checker.leave()


def _into(validator: Any, subschema: Any) -> Any:
    """The validator of a subschema, which may be a resource with an address of its own."""
    resolver = validator._resolver.in_subresource(DRAFT202012.create_resource(subschema))
    return validator.evolve(schema=subschema, _resolver=resolver)
