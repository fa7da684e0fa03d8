"""The registrar's list: search by name, reading or number; page by page; what each person holds and was offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import NotFound
from issuer.flows.desk import Desk
from issuer.flows.person_facts import search_text
from issuer.flows.show_offer import state_of
from issuer.store.tables import Credential, Offer, OutboxMail, Person

MAX_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """people: rows of `Person`, by student number. page counts from 1."""

    people: tuple[Any, ...]
    page: int
    pages: int
    total: int


def find_people(tenant: str, *, query: str = "", status: str = "", page: int = 1, size: int = 50) -> PeoplePage:
    """Every word of the query must stand somewhere in name, reading, number or address. status: of the roll, or empty."""
    rows = Person.select().where(Person.tenant == tenant)
    for word in query.split()[:8]:
        rows = rows.where(Person.search.contains(search_text(word)))
    if status:
        rows = rows.where(Person.status == status)
    size = max(1, min(size, MAX_PAGE))
    total = rows.count()
    pages = max(1, -(-total // size))
    page = max(1, min(page, pages))
    return PeoplePage(
        people=tuple(rows.order_by(Person.student_number).paginate(page, size)), page=page, pages=pages, total=total
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate as the registrar sees it: copies issued together. id: of its first copy, for `change_status`.

    state: valid | suspended | revoked | expired. reason: why it was revoked, a word. received: what the wallet reported, or empty.
    """

    id: str
    batch_id: str
    person_id: str
    type_name: str
    configuration: str
    state: str
    reason: str
    received: str
    copies: int
    issued_at: int
    valid_until: int


def held_by(desk: Desk, tenant: str, person_ids: Sequence[str]) -> list[Held]:
    """The certificates of these people, newest first."""
    rows = (
        Credential.select()
        .where(Credential.tenant == tenant, Credential.person_id.in_(list(person_ids)))
        .order_by(Credential.issued_at.desc(), Credential.id)
    )
    batches: dict[str, list[Any]] = {}
    for row in rows:
        batches.setdefault(row.batch_id, []).append(row)
    return [
        Held(
            id=copies[0].id,
            batch_id=batch,
            person_id=copies[0].person_id,
            type_name=copies[0].type_name,
            configuration=copies[0].configuration,
            state="expired"
            if copies[0].state == "valid" and desk.now >= copies[0].valid_until
            else str(copies[0].state),
            reason=copies[0].ended_by,
            received=copies[0].received,
            copies=len(copies),
            issued_at=copies[0].issued_at,
            valid_until=copies[0].valid_until,
        )
        for batch, copies in batches.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """row: of `Offer`. state: as people see it. mail: state of its newest mail, or empty."""

    row: Any
    state: str
    mail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersPage:
    offers: tuple[OfferView, ...]
    page: int
    pages: int
    total: int


def find_offers(
    desk: Desk,
    tenant: str,
    *,
    person_ids: Sequence[str] | None = None,
    offer_id: str = "",
    state: str = "",
    page: int = 1,
    size: int = 50,
) -> OffersPage:
    """Offers, newest first: of these people, or this one only. state: as people see it (with ``expired``), or empty.

    Where nobody is named those of tickets are left out: an event has pages of its own, and tens of thousands of them.
    """
    rows = Offer.select().where(Offer.tenant == tenant)
    if person_ids is not None:
        rows = rows.where(Offer.person_id.in_(list(person_ids)))
    elif not offer_id:
        rows = rows.where(Offer.reason != "ticket")
    if offer_id:
        rows = rows.where(Offer.id == offer_id)
    if state in ("open", "expired"):
        over = Offer.expires_at <= desk.now
        rows = rows.where(Offer.state == "open", over if state == "expired" else ~over)
    elif state:
        rows = rows.where(Offer.state == state)
    size = max(1, min(size, MAX_PAGE))
    total = rows.count()
    pages = max(1, -(-total // size))
    page = max(1, min(page, pages))
    found = list(rows.order_by(Offer.created_at.desc(), Offer.id).paginate(page, size))
    mails = {
        row.offer_id: str(row.state)
        for row in OutboxMail.select()
        .where(OutboxMail.tenant == tenant, OutboxMail.offer_id.in_([one.id for one in found]))
        .order_by(OutboxMail.created_at)
    }
    views = tuple(OfferView(row=row, state=state_of(row, desk.now), mail=mails.get(row.id, "")) for row in found)
    return OffersPage(offers=views, page=page, pages=pages, total=total)


def find_offer(tenant: str, offer_id: str) -> Any:
    """A row of `Offer`. Raises NotFound("no_such_offer")."""
    row = Offer.get_or_none(Offer.tenant == tenant, Offer.id == offer_id)
    if row is None:
        raise NotFound("no_such_offer", "no such offer here")
    return row
