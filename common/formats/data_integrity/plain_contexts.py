"""Why a verifier may read JSON by its member names although RDFC suites sign only what the names stand for.

Under an RDFC suite ``@context`` itself is not signed. Whoever holds a credential could exchange its inline context for one in which two
terms have changed places, rename the members accordingly, and the signature would hold: same quads, other JSON (VC Data Integrity 1.0
§4.6 and §5.2, "Validating Contexts"). Contexts named by address are pinned here, so only inline ones are to be minded.

An inline context is *plain* when every term stands for an IRI that ends in the term's own name, so that no name can be given to another
meaning: ``{"gpa": "https://school.example/terms/gpa"}``, or an ``@vocab`` that ends in ``/`` or ``#``. Aliases of keywords, prefixes,
``@reverse``, ``@nest``, index maps (whose keys are not signed), maps by id or type (which make names of values) and ``@base`` (under which
one thing has two ids) are not plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Rejected

_KEYWORDS_ALLOWED = frozenset({"@version", "@protected", "@vocab", "@language", "@direction", "@propagate", "@context"})
_DEFINITION_ALLOWED = frozenset({"@id", "@type", "@container", "@protected", "@language", "@direction", "@context"})
_CONTAINERS_ALLOWED = frozenset({"@set", "@list", "@language", "@graph"})
_ENDS = ("/", "#", ":")
_SCALARS = frozenset({str, int, float, bool, type(None)})
MAX_DEPTH = 16


def check_plain_contexts(value: Mapping[str, Any]) -> None:
    """Every ``@context`` in a document, at any depth. Raises Rejected("bad_signature") for an inline one that is not plain."""
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        if item.__class__ is not list:
            if "@context" in item and not _is_plain(item["@context"], MAX_DEPTH):
                raise Rejected(
                    "bad_signature",
                    "an inline @context gives a term another meaning than its name, and no proof covers that",
                )
            item = [child for name, child in item.items() if name != "@context"]
        waiting += [child for child in item if child.__class__ not in _SCALARS]


def _is_plain(context: object, depth: int) -> bool:
    if depth == 0:
        return False
    if context is None or isinstance(context, str):
        return True
    if isinstance(context, list):
        return all(_is_plain(entry, depth - 1) for entry in context)
    return isinstance(context, Mapping) and all(
        _is_plain_entry(name, definition, depth) for name, definition in context.items()
    )


def _is_plain_entry(name: str, definition: Any, depth: int) -> bool:
    if name == "@context":
        return _is_plain(definition, depth - 1)
    if name == "@vocab":
        return definition is None or (isinstance(definition, str) and definition.endswith(_ENDS))
    if name.startswith("@"):
        return name in _KEYWORDS_ALLOWED
    if definition is None:
        return True
    if isinstance(definition, str):
        return _stands_for_itself(name, definition)
    if not isinstance(definition, Mapping) or not definition.keys() <= _DEFINITION_ALLOWED:
        return False
    containers = definition.get("@container", "@set")
    return (
        _stands_for_itself(name, definition.get("@id", f"/{name}"))
        and all(each in _CONTAINERS_ALLOWED for each in (containers if isinstance(containers, list) else [containers]))
        and ("@context" not in definition or _is_plain(definition["@context"], depth - 1))
    )


def _stands_for_itself(name: str, iri: Any) -> bool:
    """``@id`` null, which drops the term, can only make members disappear; expansion refuses what it would drop."""
    return iri is None or (isinstance(iri, str) and iri.endswith(name) and iri[: -len(name)].endswith(_ENDS))
