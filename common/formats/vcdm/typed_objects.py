"""The members of a credential whose values are objects with a type: status, schema, refresh service, terms of use, evidence.

VCDM 2.0 §4.5 (type), §4.10, §4.11, §5.4, §5.5, §5.6; VCDM 1.1 §4.9, §5.4 to §5.6. What a type *means* is for those who know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed
from common.formats.vcdm.identifier import is_url

MAX_ENTRIES = 256
_TYPED = (
    "credentialStatus",
    "credentialSchema",
    "refreshService",
    "termsOfUse",
    "evidence",
    "confidenceMethod",
    "renderMethod",
)
_NEEDS_ID = {
    1: frozenset({"credentialStatus", "credentialSchema", "refreshService"}),
    2: frozenset({"credentialSchema"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaReference:
    """One entry of ``credentialSchema``. entry: the whole object, with the digest that it may carry."""

    id: str
    types: tuple[str, ...]
    entry: Mapping[str, Any]


def read_type_names(value: object, what: str) -> tuple[str, ...]:
    """``type``: one text or an array of texts, none empty (VCDM 2.0 §4.5). Raises Malformed."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise _no_type(what)
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise _no_type(what)
    return tuple(names)


def _no_type(what: str) -> Malformed:
    return Malformed("bad_type", f"{what} has a type: text, or an array of texts")


def read_objects(document: Mapping[str, Any], member: str, *, needs_id: bool) -> tuple[Mapping[str, Any], ...]:
    """The objects of a member, one or several, each with a type. Empty where the member is absent. Raises Malformed."""
    if member not in document:
        return ()
    value = document[member]
    entries = value if isinstance(value, list) else [value]
    if not 0 < len(entries) <= MAX_ENTRIES:
        raise Malformed(f"bad_{member}", f"{member} is one object, or up to {MAX_ENTRIES}")
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise Malformed(f"bad_{member}", f"{member} is an object, or an array of objects")
        read_type_names(entry.get("type"), member)
        if (needs_id or "id" in entry) and not is_url(entry.get("id")):
            raise Malformed(f"bad_{member}", f"the id of {member} is one URL")
    return tuple(entries)


def check_typed_objects(document: Mapping[str, Any], *, version: int) -> None:
    """All such members of a credential or presentation. version: 1 or 2, of the data model. Raises Malformed."""
    for member in _TYPED:
        if member in document:
            read_objects(document, member, needs_id=member in _NEEDS_ID[version])


def read_schemas(document: Mapping[str, Any]) -> tuple[SchemaReference, ...]:
    """``credentialSchema`` (VCDM 2.0 §4.11), each with an id and a type. Raises Malformed."""
    if "credentialSchema" not in document:
        return ()
    return tuple(
        SchemaReference(id=entry["id"], types=read_type_names(entry["type"], "credentialSchema"), entry=entry)
        for entry in read_objects(document, "credentialSchema", needs_id=True)
    )
