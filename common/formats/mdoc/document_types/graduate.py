"""A graduate of a school: ``tegata.graduate.1``."""

from __future__ import annotations

from common.formats.mdoc.document_type import DocumentType, Element, Kind
from common.formats.mdoc.person_elements import ISSUER_ELEMENTS, PERSON_ELEMENTS

GRADUATE = DocumentType(
    name="tegata.graduate.1",
    namespaces={
        "tegata.graduate.1": (
            *ISSUER_ELEMENTS,
            *PERSON_ELEMENTS,
            Element(name="degree"),
            Element(name="awarded_date", kind=Kind.FULL_DATE),
        )
    },
)
