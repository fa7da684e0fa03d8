"""入場券: a ticket to an event of the institution. It names nobody; of its holder it may say what was verified at the purchase."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from issuer.catalogue.card_claims import claim, of_issuer
from issuer.catalogue.contract import GATE_PASS, CredentialType, Disclosure, TicketFacts
from issuer.catalogue.person_claims import ISSUING_AUTHORITY, ISSUING_COUNTRY, PID, SCHEMA_ORG

_SCHEMA = "https://schema.org/"
DAY = 86_400
OVER_18, OVER_20 = 2, 4


def _entitled(facts: TicketFacts) -> bool:  # noqa: ARG001 - whoever has a ticket may hold it
    return True


def _build(facts: TicketFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - the same whatever the day
    claims = of_issuer(institution) | {
        "ticket_number": facts.number,
        "event_id": facts.event_id,
        "event_name": facts.event_name,
        "venue": facts.venue,
        "starts_at": _moment(facts.starts_at),
        "ends_at": _moment(facts.ends_at),
        "zone": facts.class_name,
        "entrance": facts.entrance,
        "admits": 1,
    }
    if facts.flags & (OVER_18 | OVER_20):
        claims["age_equal_or_over"] = {"18": True, **({"20": True} if facts.flags & OVER_20 else {})}
    return {name: value for name, value in claims.items() if value != ""}


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_ALWAYS = Disclosure.ALWAYS
TICKET = CredentialType(
    name="ticket",
    w3c_type="TicketCredential",
    doctype="tegata.ticket.1",
    title={"ja": "入場券", "en": "Ticket"},
    description={
        "ja": "この催しに入場できることを証明します。氏名は含みません。",
        "en": "Certifies that its holder may enter this event. It bears no name.",
    },
    claims=(
        ISSUING_AUTHORITY,
        ISSUING_COUNTRY,
        claim("ticket_number", "券番号", "Ticket number", SCHEMA_ORG, _SCHEMA + "ticketNumber"),
        claim("event_id", "催しの識別子", "Event identifier", disclosure=_ALWAYS),
        claim("event_name", "催し", "Event", disclosure=_ALWAYS),
        claim("venue", "会場", "Venue", SCHEMA_ORG, _SCHEMA + "location"),
        claim("starts_at", "開始", "Begins", SCHEMA_ORG, _SCHEMA + "startDate"),
        claim("ends_at", "終了", "Ends", SCHEMA_ORG, _SCHEMA + "endDate"),
        claim("zone", "券種", "Class"),
        claim("entrance", "入口", "Entrance"),
        claim("admits", "入場できる人数", "Admits"),
        *(claim(str(age), f"{age}歳以上", f"{age} or older", PID, below=("age_equal_or_over",)) for age in (18, 20)),
    ),
    formats=("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc", GATE_PASS),
    lifetime=366 * DAY,
    background="#eae6f5",
    entitled=_entitled,
    build=_build,
    sample=TicketFacts(
        number="7K2M-9QXA-4T8B",
        event_id="hanabi-2027-x7k2",
        event_name="隅田川花火大会",
        venue="隅田公園",
        starts_at=1_817_022_600,
        ends_at=1_817_035_200,
        class_number=2,
        class_name="有料席",
        entrance="南口",
        flags=7,
    ),
    source="ticket",
)
