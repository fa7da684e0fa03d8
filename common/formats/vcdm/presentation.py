"""All that the data model demands of a presentation's document. VCDM 2.0 §4.13, VCDM 1.1 §4.10."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import Malformed
from common.formats.vcdm.contexts import read_version
from common.formats.vcdm.identifier import is_url, read_id
from common.formats.vcdm.terms import PRESENTATION
from common.formats.vcdm.typed_objects import check_typed_objects, read_type_names

MAX_CREDENTIALS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationDocument:
    """A document that keeps the rules; nothing in it is proven. version: 1 or 2. types: without ``VerifiablePresentation``.

    credentials: objects, each a credential or an envelope around one, not read yet. holder: None where it names nobody.
    """

    document: Mapping[str, Any] = field(repr=False)
    version: int
    types: tuple[str, ...]
    id: str | None
    holder: str | None
    credentials: tuple[Mapping[str, Any], ...] = field(repr=False)


def read_presentation(document: Mapping[str, Any]) -> PresentationDocument:
    """The document, once it keeps the rules. Raises Malformed.

    1. contexts    2. id: one URL    3. type: VerifiablePresentation among them    4. holder: a URL, or an object with one as its id
    5. credentials: objects, never texts    6. terms of use and other typed objects
    """
    version = read_version(document)
    if "id" in document and not is_url(document["id"]):
        raise Malformed("bad_id", "the id of a presentation is one URL")
    types = read_type_names(document.get("type"), "a presentation")
    if PRESENTATION not in types:
        raise Malformed("bad_type", f"a presentation is a {PRESENTATION}")
    holder = read_id(document["holder"], "holder") if "holder" in document else None
    value = document.get("verifiableCredential", [])
    credentials = value if isinstance(value, list) else [value]
    if len(credentials) > MAX_CREDENTIALS or not all(isinstance(entry, Mapping) for entry in credentials):
        raise Malformed("bad_presentation", f"verifiableCredential holds up to {MAX_CREDENTIALS} objects")
    check_typed_objects(document, version=version)
    return PresentationDocument(
        document=document,
        version=version,
        types=tuple(name for name in types if name != PRESENTATION),
        id=document.get("id"),
        holder=holder,
        credentials=tuple(credentials),
    )
