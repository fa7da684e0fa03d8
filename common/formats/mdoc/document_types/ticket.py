"""A ticket to an event: ``tegata.ticket.1``. Names no person unless the event wants one."""

from __future__ import annotations

from common.formats.mdoc.document_type import DocumentType, Element, Kind

TICKET = DocumentType(
    name="tegata.ticket.1",
    namespaces={
        "tegata.ticket.1": (
            Element(name="issuing_authority", mandatory=True),
            Element(name="issuing_country", kind=Kind.COUNTRY, mandatory=True),
            Element(name="ticket_number", mandatory=True),
            Element(name="event_id", mandatory=True),
            Element(name="event_name"),
            Element(name="venue"),
            Element(name="starts_at", kind=Kind.TDATE),
            Element(name="ends_at", kind=Kind.TDATE),
            Element(name="zone"),
            Element(name="entrance"),
            Element(name="seat"),
            Element(name="admits", kind=Kind.UINT),
            Element(name="family_name"),
            Element(name="given_name"),
            Element(name="age_over_18", kind=Kind.BOOL, claim=("age_equal_or_over", "18")),
            Element(name="age_over_20", kind=Kind.BOOL, claim=("age_equal_or_over", "20")),
        )
    },
)
