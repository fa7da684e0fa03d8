"""The JSON shapes of the API about events and tickets. Times are seconds since 1970."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from common.encoding import parse_json
from issuer.flows.events.find_events import classes_of, entrances_of
from issuer.flows.events.flags import words_of
from issuer.flows.events.gates import ROLES, ShownCode
from issuer.routes.staff_models import Asked, Id, OfferOut, ProblemOut, Text

__all__ = ["Id", "OfferOut", "ProblemOut"]

EventId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$")]
TicketId = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9-]+$")]
Number = Annotated[int, Field(ge=1, le=255)]
Count = Annotated[int, Field(ge=0, le=2_000_000)]
Seconds = Annotated[int, Field(ge=0, le=1 << 40)]
Flag = Literal["chip", "over_18", "over_20", "name"]


class EntranceIn(Asked):
    number: Number | None = None
    name_ja: Text
    name_en: Text
    challenge: bool = False


class ClassIn(Asked):
    """entrances: numbers, none for all. windows: pairs of seconds. required: what is to be proved of who buys."""

    number: Number | None = None
    name_ja: Text
    name_en: Text
    capacity: Count
    entrances: Annotated[list[Number], Field(max_length=100)] = Field(default_factory=list)
    windows: Annotated[list[Annotated[list[Seconds], Field(min_length=2, max_length=2)]], Field(max_length=16)] = Field(
        default_factory=list
    )
    required: Annotated[list[Flag], Field(max_length=4)] = Field(default_factory=list)
    paper: bool = False


class PlanIn(Asked):
    """What an organiser says of an event. clock_error, stale_after, challenge_seconds: seconds."""

    name_ja: Text
    name_en: Text
    venue: Text = ""
    starts_at: Seconds
    ends_at: Seconds
    capacity: Count
    entrances: Annotated[list[EntranceIn], Field(min_length=1, max_length=100)]
    classes: Annotated[list[ClassIn], Field(min_length=1, max_length=100)]
    reentry: bool = False
    undetermined: Literal["refuse", "document"] = "refuse"
    clock_error: Annotated[int, Field(ge=0, le=300)] = 10
    home_groups: Annotated[int, Field(ge=0, le=64)] = 0
    stale_after: Annotated[int, Field(ge=60, le=604_800)] = 3600
    challenge_seconds: Annotated[int, Field(ge=5, le=600)] = 60

    def told(self) -> dict[str, Any]:
        """As `read_plan` reads it."""
        found = self.model_dump()
        for one in (*found["entrances"], *found["classes"]):
            if one["number"] is None:
                del one["number"]
        return found


class CreateEvent(PlanIn):
    slug: Annotated[str, Field(max_length=51)] = ""

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in super().told().items() if name != "slug"}


class ClassOut(BaseModel):
    number: int
    name_ja: str
    name_en: str
    capacity: int
    sold: int
    entrances: list[int]
    windows: list[list[int]]
    required: list[str]
    paper: bool


class EntranceOut(BaseModel):
    number: int
    name_ja: str
    name_en: str
    challenge: bool


class EventOut(BaseModel):
    """serial: of the newest pack. status_list: of the event's gate passes."""

    id: str
    name_ja: str
    name_en: str
    venue: str
    starts_at: int
    ends_at: int
    state: Literal["open", "closed"]
    capacity: int
    sold: int
    serial: int
    classes: list[ClassOut]
    entrances: list[EntranceOut]

    @classmethod
    def of(cls, row: Any) -> EventOut:
        names = ("id", "name_ja", "name_en", "venue", "starts_at", "ends_at", "state", "capacity", "sold", "serial")
        return cls(
            **{name: getattr(row, name) for name in names},
            classes=[
                ClassOut(
                    **{name: getattr(one, name) for name in ("number", "name_ja", "name_en", "capacity", "sold")},
                    entrances=parse_json(one.entrances),
                    windows=parse_json(one.windows),
                    required=list(words_of(one.required)),
                    paper=one.paper,
                )
                for one in classes_of(row.tenant, row.id)
            ],
            entrances=[
                EntranceOut(number=one.number, name_ja=one.name_ja, name_en=one.name_en, challenge=one.challenge)
                for one in entrances_of(row.tenant, row.id)
            ],
        )


class EventsOut(BaseModel):
    events: list[EventOut]


class Sales(Asked):
    open: bool


class WishedTickets(Asked):
    class_number: Annotated[int, Field(ge=1, le=255, alias="class")]
    quantity: Annotated[int, Field(ge=1, le=50)] = 1


class BuyTickets(Asked):
    tickets: Annotated[list[WishedTickets], Field(min_length=1, max_length=20)]
    name: Annotated[str, Field(max_length=200)] = ""
    email: Annotated[str, Field(max_length=320)] = ""
    language: Literal["ja", "en"] = "ja"


class TicketOut(BaseModel):
    """url: the holder's page, for the holder alone. state: held, sold, transferred, refunded, upgraded, excluded or released."""

    id: str
    number: str
    class_number: int
    state: str
    flags: list[str]
    name: str
    email: str
    replaces: str
    replaced_by: str
    url: str


class DemandOut(BaseModel):
    """link: for the buyer's wallet. state: open, passed or failed. lacking: what was not proved, where it failed."""

    question: str
    state: str
    lacking: list[Flag]
    link: str
    wallet_link: str
    expires_at: int


class OrderOut(BaseModel):
    """url: the buyer's page. state: asked (a credential is demanded first), sold or released."""

    id: str
    state: Literal["asked", "sold", "released"]
    url: str
    expires_at: int
    tickets: list[TicketOut]
    demand: DemandOut | None


class TicketsOut(BaseModel):
    tickets: list[TicketOut]
    page: int
    pages: int
    total: int


class EndedOut(BaseModel):
    """copies: of certificates and passes that fell."""

    state: str
    copies: int


class Upgrade(Asked):
    class_number: Annotated[int, Field(ge=1, le=255, alias="class")]


class TransferOut(BaseModel):
    """url: for the person who shall have the ticket."""

    url: str
    expires_at: int


class PaperOut(BaseModel):
    """text: of the QR code."""

    text: str


class Exclude(Asked):
    kind: Literal["email", "name"]
    text: Annotated[str, Field(min_length=1, max_length=320)]


class ExcludedOut(BaseModel):
    tickets: int


class LinksOut(BaseModel):
    """mails, tickets: queued now. The others count tickets: in the outbox, sent, not delivered, not mailed yet, nobody to write to."""

    mails: int
    tickets: int
    waiting: int
    sent: int
    failed: int
    left: int
    without_address: int


class ExclusionOut(BaseModel):
    id: str
    kind: str
    created_at: int


class ExclusionsOut(BaseModel):
    exclusions: list[ExclusionOut]


class MakeCode(Asked):
    role: Literal["scanner", "hub"] = "scanner"
    entrances: Annotated[list[Number], Field(max_length=100)] = Field(default_factory=list)
    home_group: Annotated[int, Field(ge=0, le=63)] = 0


class CodeOut(BaseModel):
    """code: to be typed at the device."""

    id: str
    code: str
    role: str
    entrances: list[int]
    home_group: int
    expires_at: int

    @classmethod
    def of(cls, code: ShownCode) -> CodeOut:
        names = ("id", "code", "role", "home_group", "expires_at")
        return cls(**{name: getattr(code, name) for name in names}, entrances=list(code.entrances))


class GateOut(BaseModel):
    id: str
    name: str
    role: str
    entrances: list[int]
    home_group: int
    enrolled_at: int
    locked_at: int | None
    seen_at: int | None

    @classmethod
    def of(cls, row: Any) -> GateOut:
        names = ("name", "home_group", "enrolled_at", "locked_at", "seen_at")
        return cls(
            id=row.gate_id,
            role=next(name for name, role in ROLES.items() if role == row.role),
            entrances=parse_json(row.entrances),
            **{name: getattr(row, name) for name in names},
        )


class GatesOut(BaseModel):
    """signers: compressed keys in hex, to be typed where a hub loads its first pack. fingerprint: what a scanner shows then."""

    gates: list[GateOut]
    codes: list[CodeOut]
    signers: list[str]
    fingerprint: str


class LockedOut(BaseModel):
    locked_at: int


class EnrolledOut(BaseModel):
    """token: with which the device fetches packs. serial: of the first pack that names it."""

    gate: str
    token: str
    serial: int
