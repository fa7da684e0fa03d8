"""Many orders at once, as a file brings them: all of them in a few statements, or none. What `sell` promises of one holds for each."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import Conflict
from issuer.flows.desk import Desk
from issuer.flows.events.sell import Wish, digest_of_wish, take_room, ticket_row
from issuer.flows.tenant_secrets import digest
from issuer.store.event_tables import Entitlement, EventExclusion, TicketOrder

_AT_ONCE = 200


class _NotAll(Exception):
    """Undoes the savepoint: the caller sells them one by one, and hears what is wrong with each."""


def known_orders(tenant: str, event_id: str, keys: Sequence[str]) -> Mapping[str, str]:
    """Idempotency key → digest of what was asked under it, of those that were used."""
    by_hash = {digest(key): key for key in keys}
    rows = TicketOrder.select(TicketOrder.key_hash, TicketOrder.asked).where(
        TicketOrder.tenant == tenant, TicketOrder.event_id == event_id, TicketOrder.key_hash.in_(list(by_hash))
    )
    return {by_hash[found]: asked for found, asked in rows.tuples()}


def sell_many(desk: Desk, tenant: str, event_id: str, orders: Sequence[tuple[str, Wish]]) -> bool:
    """Inside the caller's transaction. orders: (key, wish that was checked), of classes that demand nothing, under keys that are not known.

    False where one of them cannot be sold: then none was.
    """
    counts: Counter[int] = Counter()
    for _, wish in orders:
        counts.update(wish.quantities)
    try:
        with desk.database.atomic():  # a savepoint of the caller's
            take_room(tenant, event_id, counts, now=desk.now)
            order_rows, ticket_rows = _rows(desk, tenant, event_id, orders)
            _refuse_excluded(tenant, event_id, ticket_rows)
            for start in range(0, len(order_rows), _AT_ONCE):
                part = order_rows[start : start + _AT_ONCE]
                if TicketOrder.insert_many(part).on_conflict_ignore().as_rowcount().execute() != len(part):
                    raise _NotAll
            for start in range(0, len(ticket_rows), _AT_ONCE):
                Entitlement.insert_many(ticket_rows[start : start + _AT_ONCE]).execute()
    except (_NotAll, Conflict):
        return False
    return True


def _rows(
    desk: Desk, tenant: str, event_id: str, orders: Sequence[tuple[str, Wish]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    now, order_rows, ticket_rows = desk.now, [], []
    for key, wish in orders:
        order_id = secrets.token_hex(12)
        order_rows.append(
            {
                "tenant": tenant,
                "id": order_id,
                "event_id": event_id,
                "key_hash": digest(key),
                "token_hash": digest(desk.secrets.token(tenant, "order", order_id)),
                "asked": digest_of_wish(wish),
                "state": "sold",
                "name": wish.name,
                "email": wish.email,
                "language": wish.language,
                "created_at": now,
                "changed_at": now,
            }
        )
        for number, count in wish.quantities.items():
            ticket_rows += [
                ticket_row(desk, tenant, event_id, number, order_id, wish, state="sold") for _ in range(count)
            ]
    return order_rows, ticket_rows


def _refuse_excluded(tenant: str, event_id: str, tickets: Sequence[Mapping[str, Any]]) -> None:
    rows = EventExclusion.select(EventExclusion.mark).where(
        EventExclusion.tenant == tenant, EventExclusion.event_id == event_id
    )
    barred = {mark for (mark,) in rows.tuples()}
    if barred and any(one["name_mark"] in barred or one["email_mark"] in barred for one in tickets):
        raise _NotAll
