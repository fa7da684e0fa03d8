"""Brings a shop's file of buyers in: each line is an order, sold once under the shop's own number. A bad line is told and passed over.

Running it again is harmless: what was imported is known by its number. Lines go in batches, each in one transaction; one that finds no room
takes nothing with it (`sell_many`, else one by one).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from common.adapters.database import transaction
from common.errors import Conflict, Refused
from issuer.connectors.csv_file import RawRow
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import classes_of, find_event
from issuer.flows.events.judge_buyer_row import BuyerRow, buyer_problem, judge_buyer_row
from issuer.flows.events.marks import comparable
from issuer.flows.events.sell import digest_of_wish, is_excluded, sell
from issuer.flows.events.sell_many import known_orders, sell_many
from issuer.flows.import_roll import BATCH, ImportReport
from issuer.store.audit import record

_TOLD = frozenset({"sold_out", "sale_over", "buyer_excluded"})


def import_buyers(
    desk: Desk,
    tenant: str,
    event_id: str,
    rows: Iterable[RawRow],
    *,
    actor: str,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """rows: of the file (`issuer.connectors.buyer_columns`). dry_run: judges and counts, and sells nothing.

    Raises Malformed where the file as a whole cannot be read, NotFound for an event that is not here.
    """
    event, kinds = find_event(tenant, event_id), classes_of(tenant, event_id)
    names = {comparable(text): one.number for one in kinds for text in (one.name_ja, one.name_en, str(one.number))}
    demanding = frozenset(one.number for one in kinds if one.required)
    room = {one.number: one.capacity - one.sold for one in kinds} | {0: event.capacity - event.sold}
    report, seen = ImportReport(dry_run=dry_run), set[bytes]()
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        orders: list[BuyerRow] = []
        for row in batch:
            judged = (
                (buyer_problem(row.number, "", row.problem),)
                if row.problem
                else judge_buyer_row(row.number, row.fields, classes=names, demanding=demanding)
            )
            if isinstance(judged, tuple):
                report.tell(judged)
                continue
            mark = hashlib.blake2b(judged.reference.encode(), digest_size=8).digest()
            if mark in seen:
                report.tell((buyer_problem(row.number, "reference", "reference_twice"),))
                continue
            seen.add(mark)
            orders.append(judged)
        report.rows += len(batch)
        if dry_run:
            for order in _new_ones(tenant, event_id, orders, report):
                _look(desk, tenant, event_id, order, room, report)
        elif orders:
            _sell(desk, tenant, event_id, orders, report, actor)
        if progress is not None:
            progress(report)
    return report


def _key(order: BuyerRow) -> str:
    return f"import:{order.reference}"


def _new_ones(tenant: str, event_id: str, orders: Sequence[BuyerRow], report: ImportReport) -> list[BuyerRow]:
    """Those that were not imported before; the others are counted, or told."""
    known = known_orders(tenant, event_id, [_key(order) for order in orders])
    fresh = []
    for order in orders:
        asked = known.get(_key(order))
        if asked is None:
            fresh.append(order)
        elif asked == digest_of_wish(order.wish):
            report.same += 1
        else:
            report.tell((buyer_problem(order.number, "reference", "reference_used"),))
    return fresh


def _sell(desk: Desk, tenant: str, event_id: str, orders: Sequence[BuyerRow], report: ImportReport, actor: str) -> None:
    with transaction(desk.database, "import_buyers"):
        before = report.added
        fresh = _new_ones(tenant, event_id, orders, report)
        if fresh and sell_many(desk, tenant, event_id, [(_key(order), order.wish) for order in fresh]):
            report.added += len(fresh)
        else:
            for order in fresh:
                _sell_one(desk, tenant, event_id, order, report, actor)
        if report.added > before:
            count = report.added - before
            record(tenant, at=desk.now, actor=actor, act="buyers_imported", subject=event_id, orders=count)


def _sell_one(desk: Desk, tenant: str, event_id: str, order: BuyerRow, report: ImportReport, actor: str) -> None:
    try:
        sale = sell(desk, tenant, event_id, order.wish, key=_key(order), actor=actor)
    except (Conflict, Refused) as error:
        _tell(report, order, error)
        return
    if sale.again:
        report.same += 1
    else:
        report.added += 1


def _look(desk: Desk, tenant: str, event_id: str, order: BuyerRow, room: dict[int, int], report: ImportReport) -> None:
    """What would become of it. room: tickets left by class, and of the whole event under 0; what it takes is counted off."""
    if is_excluded(desk, tenant, event_id, order.wish.name, order.wish.email):
        report.tell((buyer_problem(order.number, "", "buyer_excluded"),))
        return
    ((kind, count),) = order.wish.quantities.items()
    if min(room[kind], room[0]) < count:
        report.tell((buyer_problem(order.number, "quantity", "sold_out"),))
        return
    room[kind] -= count
    room[0] -= count
    report.added += 1


def _tell(report: ImportReport, order: BuyerRow, error: Conflict | Refused) -> None:
    if error.code == "key_used":
        report.tell((buyer_problem(order.number, "reference", "reference_used"),))
    elif error.code in _TOLD:
        column = "quantity" if error.code == "sold_out" else ""
        report.tell((buyer_problem(order.number, column, error.code),))
    else:
        raise error
