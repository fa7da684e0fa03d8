"""A student of a school: ``tegata.student.1``."""

from __future__ import annotations

from common.formats.mdoc.document_type import DocumentType, Element
from common.formats.mdoc.person_elements import ISSUER_ELEMENTS, PERSON_ELEMENTS

STUDENT = DocumentType(
    name="tegata.student.1",
    namespaces={"tegata.student.1": (*ISSUER_ELEMENTS, *PERSON_ELEMENTS, Element(name="enrolment_status"))},
)
