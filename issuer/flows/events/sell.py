"""Sells tickets: one order, once, however often it is sent. Never more than there is room for, whoever else sells at the same moment.

1. the same idempotency key again: the same answer, or Conflict where something else is asked under it
2. what is asked can be sold: classes, quantities, a name where the ticket has one
3. where a class demands a credential, the question is put to the verifier: one that is away costs nobody a seat, and the same key is good
   later
4. in one transaction: the order (its key is taken once), the event's count and each class's (conditional UPDATEs, so that no capacity is
   exceeded), nobody who is excluded, the tickets, the question that was put

A class that demands a credential is sold one to a person: its ticket is *held* until the credential has come (`demand.py`), or its time is
up and the room is free again (`release_held`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import compact_json
from common.errors import Conflict, Malformed, NotFound, Refused
from common.mail_address import parse_mail_address
from common.plain_text import make_visible
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import classes_of, find_event, tickets_of
from issuer.flows.events.flags import NAME
from issuer.flows.events.marks import mark_of
from issuer.flows.events.put_question import put_question, write_demand
from issuer.flows.tenant_secrets import digest
from issuer.store.audit import record
from issuer.store.event_tables import Entitlement, Event, EventClass, EventExclusion, TicketOrder

MAX_TICKETS = 50
"""Of one order."""
MAX_KEY = 200
MAX_NAME = 200
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be bought. quantities: class number → tickets. name, email: the buyer's, or empty."""

    quantities: Mapping[int, int]
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    language: str = "ja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """order: a row of `TicketOrder`. tickets: rows of `Entitlement`. again: it was there already."""

    order: Any
    tickets: tuple[Any, ...]
    again: bool = False


def sell(desk: Desk, tenant: str, event_id: str, wish: Wish, *, key: str, actor: str) -> Sale:
    """key: idempotency key, at most 200 characters, the seller's own.

    Raises NotFound, Malformed("bad_key" | "bad_quantity" | "bad_name" | "name_needed" | "not_an_email" | "bad_language"),
    Refused("one_to_a_person" | "no_verifier" | "buyer_excluded"), Conflict("key_used" | "sold_out" | "sale_over"), Unavailable.
    """
    if not 0 < len(key) <= MAX_KEY:
        raise Malformed("bad_key", f"a purchase has an idempotency key of at most {MAX_KEY} characters")
    event = find_event(tenant, event_id)
    wish = check_wish(wish)
    key_hash, asked = digest(key), digest_of_wish(wish)
    # 1
    if (known := _known(tenant, event_id, key_hash, asked)) is not None:
        return known
    # 2
    kinds = {one.number: one for one in classes_of(tenant, event_id)}
    required = _required(kinds, wish)
    # 3
    if required:
        _see_room(event, kinds, wish, now=desk.now)
    put = put_question(desk, required) if required else None
    # 4
    now, order_id = desk.now, secrets.token_hex(12)
    held = bool(required)
    with transaction(desk.database, "sell"):
        made = (
            TicketOrder.insert(
                tenant=tenant,
                id=order_id,
                event_id=event_id,
                key_hash=key_hash,
                token_hash=digest(desk.secrets.token(tenant, "order", order_id)),
                asked=asked,
                state="asked" if held else "sold",
                name=wish.name,
                email=wish.email,
                language=wish.language,
                expires_at=now + desk.settings.ticket_hold_seconds if held else 0,
                created_at=now,
                changed_at=now,
            )
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
        if made == 1:
            take_room(tenant, event_id, wish.quantities, now=now)
            refuse_excluded(desk, tenant, event_id, wish.name, wish.email)
            rows = [
                ticket_row(desk, tenant, event_id, number, order_id, wish, state="held" if held else "sold")
                for number, count in sorted(wish.quantities.items())
                for _ in range(count)
            ]
            Entitlement.insert_many(rows).execute()
            if put is not None:
                write_demand(tenant, event_id, order_id, put, at=now)
            record(tenant, at=now, actor=actor, act="tickets_sold", subject=order_id, tickets=len(rows))
    if made != 1:
        return _known(tenant, event_id, key_hash, asked) or _gone()
    return Sale(
        order=TicketOrder.get(TicketOrder.tenant == tenant, TicketOrder.id == order_id),
        tickets=tuple(tickets_of(tenant, order_id)),
    )


def check_wish(wish: Wish) -> Wish:
    """The wish, tidied. Raises Malformed."""
    counts = wish.quantities
    if not counts or any(type(n) is not int or n < 1 for n in counts.values()) or sum(counts.values()) > MAX_TICKETS:
        raise Malformed("bad_quantity", f"an order is for 1 to {MAX_TICKETS} tickets")
    if wish.language not in ("ja", "en"):
        raise Malformed("bad_language", "languages here are ja and en")
    return Wish(
        quantities=dict(sorted(counts.items())),
        name=check_name(wish.name),
        email=parse_mail_address(wish.email) if wish.email.strip() else "",
        language=wish.language,
    )


def check_name(name: str) -> str:
    """A buyer's name, as written. Raises Malformed("bad_name")."""
    name = name.strip()
    if len(name) > MAX_NAME or make_visible(name) != name:
        raise Malformed("bad_name", f"a name is one line of at most {MAX_NAME} characters")
    return name


def take_room(tenant: str, event_id: str, quantities: Mapping[int, int], *, now: int) -> None:
    """Inside the caller's transaction. Raises Conflict("sold_out" | "sale_over")."""
    total = sum(quantities.values())
    mine = (Event.tenant == tenant) & (Event.id == event_id)
    room = (Event.state == "open") & (Event.ends_at > now) & (Event.sold + total <= Event.capacity)
    if not changed(Event.update(sold=Event.sold + total).where(mine, room)):
        _refuse_over(Event.get(mine), now=now)
        raise _sold_out()
    for number, count in sorted(quantities.items()):
        take_class_room(tenant, event_id, number, count)


def _see_room(event: Any, kinds: Mapping[int, Any], wish: Wish, *, now: int) -> None:
    """A look only, before the verifier is troubled: `take_room` decides. Raises as it."""
    _refuse_over(event, now=now)
    of_class = any(kinds[number].sold + count > kinds[number].capacity for number, count in wish.quantities.items())
    if of_class or event.sold + sum(wish.quantities.values()) > event.capacity:
        raise _sold_out()


def _refuse_over(event: Any, *, now: int) -> None:
    if event.state != "open" or event.ends_at <= now:
        raise Conflict("sale_over", "no tickets to this event are sold any more")


def take_class_room(tenant: str, event_id: str, number: int, count: int) -> None:
    """Inside the caller's transaction. Raises Conflict("sold_out")."""
    this = (EventClass.tenant == tenant) & (EventClass.event_id == event_id) & (EventClass.number == number)
    if not changed(
        EventClass.update(sold=EventClass.sold + count).where(this, EventClass.sold + count <= EventClass.capacity)
    ):
        raise _sold_out()


def give_room_back(tenant: str, event_id: str, quantities: Mapping[int, int]) -> None:
    """Inside the caller's transaction: tickets have fallen."""
    total = sum(quantities.values())
    Event.update(sold=Event.sold - total).where(Event.tenant == tenant, Event.id == event_id).execute()
    for number, count in sorted(quantities.items()):
        give_class_room_back(tenant, event_id, number, count)


def give_class_room_back(tenant: str, event_id: str, number: int, count: int) -> None:
    this = (EventClass.tenant == tenant) & (EventClass.event_id == event_id) & (EventClass.number == number)
    EventClass.update(sold=EventClass.sold - count).where(this).execute()


def refuse_excluded(desk: Desk, tenant: str, event_id: str, name: str, email: str) -> None:
    """Raises Refused("buyer_excluded"). To be asked while the event's row is ours: who excludes somebody waits there."""
    if is_excluded(desk, tenant, event_id, name, email):
        raise Refused("buyer_excluded", "the organiser does not admit this person to the event")


def is_excluded(desk: Desk, tenant: str, event_id: str, name: str, email: str) -> bool:
    marks = [mark_of(desk, tenant, event_id, "name", name), mark_of(desk, tenant, event_id, "email", email)]
    rows = EventExclusion.select(EventExclusion.id).where(
        EventExclusion.tenant == tenant, EventExclusion.event_id == event_id, EventExclusion.mark.in_(marks)
    )
    return bool(rows.exists())


def hold_event(tenant: str, event_id: str) -> None:
    """The event's row is ours until the transaction ends: who excludes somebody has done so before, or finds what is made in it."""
    Event.update(changed_at=Event.changed_at).where(Event.tenant == tenant, Event.id == event_id).execute()


def ticket_row(
    desk: Desk, tenant: str, event_id: str, number: int, order_id: str, wish: Wish, *, state: str, **more: Any
) -> dict[str, Any]:
    """The columns of a new row of `Entitlement`."""
    now, ticket_id = desk.now, secrets.token_hex(12)
    return {
        "tenant": tenant,
        "id": ticket_id,
        "event_id": event_id,
        "class_number": number,
        "order_id": order_id,
        "number": "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3)),
        "state": state,
        "name": wish.name,
        "email": wish.email,
        "name_mark": mark_of(desk, tenant, event_id, "name", wish.name),
        "email_mark": mark_of(desk, tenant, event_id, "email", wish.email),
        "token_hash": digest(desk.secrets.token(tenant, "ticket", ticket_id)),
        "flags": 0,
        "replaces": "",
        "created_at": now,
        "changed_at": now,
        **more,
    }


def release_held(desk: Desk, tenant: str) -> int:
    """Orders whose credential did not come in time: their room is free again. How many."""
    late = TicketOrder.select().where(
        TicketOrder.tenant == tenant, TicketOrder.state == "asked", TicketOrder.expires_at <= desk.now
    )
    return sum(release_order(desk, tenant, row, actor="job:tickets") for row in list(late.limit(500)))


def release_order(desk: Desk, tenant: str, order: Any, *, actor: str) -> bool:
    """One held order. False where it has moved on."""
    now = desk.now
    with transaction(desk.database, "release_order"):
        mine = (TicketOrder.tenant == tenant) & (TicketOrder.id == order.id) & (TicketOrder.state == "asked")
        if not changed(TicketOrder.update(state="released", changed_at=now).where(mine)):
            return False
        held = [row for row in tickets_of(tenant, order.id) if row.state == "held"]
        Entitlement.update(state="released", changed_at=now).where(
            Entitlement.tenant == tenant, Entitlement.order_id == order.id, Entitlement.state == "held"
        ).execute()
        give_room_back(tenant, order.event_id, _count(held))
        record(tenant, at=now, actor=actor, act="order_released", subject=order.id, tickets=len(held))
    return True


def required_of(tenant: str, event_id: str, tickets: Sequence[Any]) -> int:
    """What must be verified of who takes these tickets."""
    kinds = {one.number: one.required for one in classes_of(tenant, event_id)}
    required = 0
    for row in tickets:
        required |= kinds.get(row.class_number, 0)
    return required


def _count(tickets: Sequence[Any]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for row in tickets:
        counts[row.class_number] = counts.get(row.class_number, 0) + 1
    return counts


def _required(kinds: Mapping[int, Any], wish: Wish) -> int:
    required = 0
    for number in wish.quantities:
        if number not in kinds:
            raise NotFound("no_such_class", "this event has no such class of tickets")
        required |= kinds[number].required
    if required and sum(wish.quantities.values()) != 1:
        raise Refused("one_to_a_person", "tickets that demand a credential are sold one to a person")
    if required & NAME and not wish.name:
        raise Malformed("name_needed", "this ticket bears a name, which is compared with the credential's")
    return required


def _known(tenant: str, event_id: str, key_hash: str, asked: str) -> Sale | None:
    mine = (TicketOrder.tenant == tenant) & (TicketOrder.event_id == event_id)
    row = TicketOrder.get_or_none(mine, TicketOrder.key_hash == key_hash)
    if row is None:
        return None
    if row.asked != asked:
        raise Conflict("key_used", "something else was bought under this idempotency key")
    return Sale(order=row, tickets=tuple(tickets_of(tenant, row.id)), again=True)


def _gone() -> Sale:
    raise Conflict("key_used", "something else was bought under this idempotency key")


def _sold_out() -> Conflict:
    return Conflict("sold_out", "there are not so many tickets left")


def digest_of_wish(wish: Wish) -> str:
    """What tells one purchase from another under the same key. wish: checked."""
    plain = [[[number, count] for number, count in wish.quantities.items()], wish.name, wish.email, wish.language]
    return hashlib.sha256(compact_json(plain)).hexdigest()
