"""Schemas that may refer to each other, made ready: every reference is followed beforehand, and only to what is held here.

No registry here can retrieve anything. A reference that leads out of what is held, or to a place that is no schema, is refused before
any document is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from referencing import Registry
from referencing.exceptions import Unresolvable

from common.errors import Malformed, Unsupported
from common.formats.json_schema.evaluate import Evaluator
from common.formats.json_schema.keywords import DIALECTS, Dialect
from common.formats.json_schema.schema import Schema, metaschemas, subschemas

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def link(schemas: Iterable[Schema]) -> Mapping[str, Evaluator]:
    """id → evaluator. Raises Malformed("bad_schema") for two at one address, Unsupported("unresolved_reference")."""
    every = tuple(schemas)
    _refuse_same_address(every)
    return {
        name: evaluator
        for dialect in DIALECTS.values()
        for name, evaluator in _link(dialect, [one for one in every if one.dialect is dialect]).items()
    }


def _refuse_same_address(schemas: tuple[Schema, ...]) -> None:
    taken = {uri for dialect in DIALECTS.values() for uri in dialect.metaschemas}
    for schema in schemas:
        if taken & schema.addresses:
            raise Malformed("bad_schema", f"the address of another schema is claimed by {schema.id[:200]}")
        taken |= schema.addresses


def _link(dialect: Dialect, schemas: list[Schema]) -> dict[str, Evaluator]:
    """Of one version: a reference from one version to another is not followed."""
    if not schemas:
        return {}
    contents = [*metaschemas(dialect.address), *((schema.id, schema.content) for schema in schemas)]
    registry: Registry[Any] = Registry().with_resources(
        (uri, dialect.specification.create_resource(content)) for uri, content in contents
    )
    registry = registry.crawl()
    places = {id(place) for schema in schemas for place in schema.places}
    for _, content in metaschemas(dialect.address):
        places |= _identities(content, dialect)
    for schema in schemas:
        _follow(schema.content, registry.resolver(base_uri=schema.id), dialect, places, schema.id)
    names = frozenset[str]().union(*(schema.names for schema in schemas))
    return {
        schema.id: Evaluator(dialect, schema.content, registry.resolver(base_uri=schema.id), names=names)
        for schema in schemas
    }


def _identities(content: Any, dialect: Dialect) -> set[int]:
    return {id(content)}.union(*(_identities(each, dialect) for each in subschemas(content, dialect)))


def _follow(content: Any, resolver: Any, dialect: Dialect, places: set[int], name: str) -> None:
    for keyword in _REFERENCES:
        reference = content.get(keyword)
        if isinstance(reference, str) and not _leads(resolver, reference, places):
            raise Unsupported(
                "unresolved_reference",
                f"{name[:200]} refers to a schema that is not held here, or to none: {reference[:200]}",
            )
    for each in subschemas(content, dialect):
        resource = dialect.specification.create_resource(each)
        _follow(each, resolver.in_subresource(resource), dialect, places, name)


def _leads(resolver: Any, reference: str, places: set[int]) -> bool:
    try:
        found = resolver.lookup(reference).contents
    except (Unresolvable, LookupError, ValueError, TypeError, AttributeError):
        return False  # the library walks pointers through any JSON, and fails in any way on what is no schema
    return isinstance(found, bool) or id(found) in places
