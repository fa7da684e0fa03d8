"""The document types known here. To add one: its file, and its line here. Others are issued by namespace, as given."""

from __future__ import annotations

from common.formats.mdoc.document_type import DocumentType
from common.formats.mdoc.document_types.graduate import GRADUATE
from common.formats.mdoc.document_types.mdl import MDL
from common.formats.mdoc.document_types.of_cards import OF_CARDS
from common.formats.mdoc.document_types.pid import PID
from common.formats.mdoc.document_types.student import STUDENT
from common.formats.mdoc.document_types.ticket import TICKET
from common.registry import Registry

DOCUMENT_TYPES: Registry[DocumentType] = Registry(
    "document type", (STUDENT, GRADUATE, TICKET, MDL, PID, *OF_CARDS), name=lambda member: member.name
)
