"""A JSON Schema, read: of a known version, with an address, within bounds, and true to its metaschema. Nothing is resolved yet (`link`).

Verifiable Credentials JSON Schema Specification §"JSON Schema Specifications": ``$schema`` and ``$id`` have to be there. 2020-12 is
required, 2019-09 and draft-07 are what the field still writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from referencing import Registry

from common.encoding import parse_json_object
from common.errors import Malformed, Unsupported
from common.formats.json_schema.evaluate import Evaluator
from common.formats.json_schema.keywords import DIALECTS, Dialect, dialect_of
from common.formats.json_schema.meter import Exhausted
from common.formats.json_schema.pattern import compile_pattern
from common.formats.json_schema.quiet_values import quieten
from common.formats.vcdm.identifier import is_url

MAX_BYTES = 256 * 1024
MAX_DEPTH = 48
MAX_WORK = 2_000_000
"""For the metaschema, once a schema, when a program starts: enough for two thousand subschemas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """id: its ``$id``, without an empty fragment. source: the bytes that digests are over.

    content: without ``$schema``, which the evaluator would follow to another one. places: its subschemas, to which references may
    lead. addresses: of those that have one of their own, with ``id``. names: of the members that it speaks of.
    """

    id: str
    dialect: Dialect
    source: bytes = field(repr=False)
    content: Any = field(repr=False)
    places: tuple[Any, ...] = field(repr=False)
    addresses: frozenset[str] = field(repr=False)
    names: frozenset[str] = field(repr=False)


def parse_schema(data: str | bytes) -> Schema:
    """The schema, once it keeps its version's rules.

    1. JSON, an object, within bounds
    2. ``$schema``: a version that is read here                      VC JSON Schema, "$schema"
    3. ``$id``: a URL without a fragment                             "$id"
    4. the metaschema                                                JSON Schema Core §8.1.1
    5. subschemas: of the same version, with patterns that can be evaluated in bounded time, no two at one address
    Raises Malformed("bad_schema", or of the JSON), Unsupported("unknown_schema_dialect" | "unsupported_pattern" | "unsupported_schema").
    """
    # 1
    source = data.encode() if isinstance(data, str) else data
    document = parse_json_object(source, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    # 2
    if "$schema" not in document:
        raise _bad("a schema without $schema is not processed")
    dialect = dialect_of(document["$schema"])
    # 3
    address = document.get("$id")
    address = address.removesuffix("#") if isinstance(address, str) else None
    if address is None or "#" in address or not is_url(address):
        raise _bad("its $id is not a URL without a fragment")
    # 4
    try:
        violation = metaschema(dialect.address).find_violation(document, work=MAX_WORK)
    except Exhausted:
        raise _bad("it is too large to be checked") from None
    if violation is not None:
        raise _bad(f"{violation.pointer or 'the whole'} does not keep {violation.keyword} of its metaschema")
    # 5
    content = quieten(document)
    places = tuple(_places(content, dialect))
    addresses = _read_places(places, dialect, address)
    if _has_dialect(content):
        raise Unsupported("unsupported_schema", "the schema has $schema in a place where it means nothing")
    return Schema(
        id=address,
        dialect=dialect,
        source=source,
        content=content,
        places=tuple(place for place, _ in places),
        addresses=addresses,
        names=frozenset(str(name) for place, _ in places for name in place.get("properties", ())),
    )


def _bad(detail: str) -> Malformed:
    return Malformed("bad_schema", f"the schema cannot be used: {detail}")


@lru_cache(maxsize=len(DIALECTS))
def metaschemas(address: str) -> tuple[tuple[str, Any], ...]:
    """A dialect's own schemas, ready to be evaluated: (address, content)."""
    dialect = DIALECTS[address]
    found = []
    for uri, content in sorted(dialect.metaschemas.items()):
        made = quieten(content)
        for place, _ in _places(made, dialect):
            place.pop("$schema", None)
        found.append((uri, made))
    return tuple(found)


@lru_cache(maxsize=len(DIALECTS))
def metaschema(address: str) -> Evaluator:
    """The evaluator of a dialect's metaschema."""
    dialect, contents = DIALECTS[address], dict(metaschemas(address))
    registry: Registry[Any] = Registry().with_resources(
        (uri, dialect.specification.create_resource(content)) for uri, content in contents.items()
    )
    return Evaluator(dialect, contents[address], registry.crawl().resolver(base_uri=address), names=None)


def subschemas(content: Any, dialect: Dialect) -> Iterator[Any]:
    """Those directly within. The library overlooks draft-07's ``dependencies`` where the first of them is a list."""
    seen: set[int] = set()
    every = [*dialect.specification.subresources_of(content)]
    if "draft-07" in dialect.address and isinstance(content.get("dependencies"), dict):
        every += content["dependencies"].values()
    for each in every:
        if isinstance(each, dict) and id(each) not in seen:
            seen.add(id(each))
            yield each


def _places(content: Any, dialect: Dialect, base: str = "") -> Iterator[tuple[Any, str]]:
    """Every subschema that is an object, the whole first, with its own address, "" where it has none."""
    own = content.get("$id")
    is_address = (
        isinstance(own, str) and not own.startswith("#") and not ("draft-07" in dialect.address and "$ref" in content)
    )
    try:
        address = urljoin(base, own) if is_address else base
    except ValueError:
        raise _bad("an $id within is not a URL") from None
    yield content, address.partition("#")[0] if is_address else ""
    for each in subschemas(content, dialect):
        yield from _places(each, dialect, address)


def _read_places(places: tuple[tuple[Any, str], ...], dialect: Dialect, own: str) -> frozenset[str]:
    addresses = {own}
    for place, address in places:
        stated = place.pop("$schema", None)
        if stated is not None and dialect_of(stated) is not dialect:
            raise Unsupported("unsupported_schema", "the schema mixes versions of JSON Schema")
        if isinstance(place.get("pattern"), str):
            compile_pattern(place["pattern"])
        for text in place.get("patternProperties", ()):
            compile_pattern(text)
        if address and place is not places[0][0]:
            if address in addresses:
                raise _bad("two of its subschemas have one address")
            addresses.add(address)
    return frozenset(addresses)


def _has_dialect(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get("$schema"), str) or any(map(_has_dialect, value.values()))
    return isinstance(value, list) and any(map(_has_dialect, value))
