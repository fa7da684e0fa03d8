"""Makes an event of a plan, and changes one by a new plan. What is sold already stays: no capacity falls below it, no class with
tickets goes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import compact_json
from common.errors import Conflict
from common.status.allocation import KEY_BYTES
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import classes_of, find_event
from issuer.flows.events.plan import BadPlan, ClassPlan, EventPlan, check_plan
from issuer.store.audit import record
from issuer.store.event_tables import Event, EventClass, EventEntrance
from issuer.store.tables import StatusList

ROOM = 4
"""Indices of an event's status list for each ticket: passes are issued anew after a lost phone, a transfer, an evicted browser."""
SMALLEST_LIST, LARGEST_LIST = 4096, 8_388_608
UNDETERMINED = ("refuse", "document")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,50}")
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def create_event(desk: Desk, tenant: str, plan: EventPlan, *, slug: str = "", actor: str) -> Any:
    """A row of `Event`. slug: the beginning of its id, which is in every pass; four characters that nobody foresees follow.

    Raises Malformed("bad_slug" | "needs_verifier") and as `check_plan`, NotFound for an institution that is not here.
    """
    desk.keys.identity(tenant)
    check_plan(plan)
    _require_verifier(desk, plan, {})
    slug = slug or _slug_of(plan.name_en)
    if not _SLUG.fullmatch(slug):
        raise BadPlan("bad_slug", "an event's short name has up to 51 of a–z, 0–9 and hyphens", at="name_en")
    now, event_id = desk.now, f"{slug.rstrip('-')}-{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"
    list_id = secrets.token_hex(8)
    with transaction(desk.database, "create_event"):
        StatusList.insert(
            tenant=tenant,
            id=list_id,
            size=_list_size(plan.capacity),
            permutation_key=secrets.token_bytes(KEY_BYTES),
            full=True,  # for all but this event's passes
            created_at=now,
            changed_at=now,
        ).execute()
        made = (
            Event.insert(tenant=tenant, id=event_id, list_id=list_id, created_at=now, changed_at=now, **_columns(plan))
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
        if made != 1:
            raise Conflict("event_exists", "there is an event of this name already; try again")
        _write_entrances(tenant, event_id, plan)
        for one in plan.classes:
            EventClass.insert(tenant=tenant, event_id=event_id, number=one.number, **_class_columns(one)).execute()
        record(tenant, at=now, actor=actor, act="event_created", subject=event_id, capacity=plan.capacity)
    return find_event(tenant, event_id)


def change_event(desk: Desk, tenant: str, event_id: str, plan: EventPlan, *, actor: str) -> Any:
    """The event as the plan says from now on; its next pack tells the gates.

    Raises as `create_event`; NotFound; Conflict("sold_already" | "list_too_small") where what is sold already, or was planned for, does
    not fit.
    """
    check_plan(plan)
    row = find_event(tenant, event_id)
    _require_verifier(desk, plan, {one.number: one.required for one in classes_of(tenant, event_id)})
    size = StatusList.get(StatusList.tenant == tenant, StatusList.id == row.list_id).size
    if plan.capacity * 2 > size:
        raise Conflict("list_too_small", f"this event was made for at most {size // 2} tickets; make another one")
    now = desk.now
    with transaction(desk.database, "change_event"):
        mine = (Event.tenant == tenant) & (Event.id == event_id) & (Event.sold <= plan.capacity)
        if not changed(Event.update(**_columns(plan), serial=Event.serial + 1, changed_at=now).where(mine)):
            raise _sold_already()
        EventEntrance.delete().where(EventEntrance.tenant == tenant, EventEntrance.event_id == event_id).execute()
        _write_entrances(tenant, event_id, plan)
        _change_classes(tenant, event_id, plan.classes)
        record(tenant, at=now, actor=actor, act="event_changed", subject=event_id, capacity=plan.capacity)
    return find_event(tenant, event_id)


def set_sales(desk: Desk, tenant: str, event_id: str, *, is_open: bool, actor: str) -> None:
    """Ends the sale, or opens it again. Raises NotFound, Conflict("as_it_is")."""
    find_event(tenant, event_id)
    before, after = ("closed", "open") if is_open else ("open", "closed")
    with transaction(desk.database, "set_sales"):
        mine = (Event.tenant == tenant) & (Event.id == event_id) & (Event.state == before)
        if not changed(Event.update(state=after, changed_at=desk.now).where(mine)):
            raise Conflict("as_it_is", "the sale is so already")
        record(tenant, at=desk.now, actor=actor, act=f"event_{after}", subject=event_id)


def _require_verifier(desk: Desk, plan: EventPlan, known: Mapping[int, int]) -> None:
    """No class begins to demand what nobody here can check: its first buyer would be turned away. known: class → what it demands now.

    Raises BadPlan("needs_verifier").
    """
    if desk.verifier is not None:
        return
    for one in plan.classes:
        if one.required & ~known.get(one.number, 0):
            raise BadPlan(
                "needs_verifier",
                f"class {one.number} demands a credential, and no verifier is set that would check it: let the class demand nothing,"
                " or ask whoever runs this server to set verifier_url and verifier_token (TEGATA_ISSUER_VERIFIER_URL, …_TOKEN)",
                at=f"class_{one.number}_required",
            )


def count_change(tenant: str, event_id: str) -> None:
    """Inside the caller's transaction: something changed that gates are told, so the next pack is a new one."""
    Event.update(serial=Event.serial + 1).where(Event.tenant == tenant, Event.id == event_id).execute()


def _change_classes(tenant: str, event_id: str, classes: Iterable[ClassPlan]) -> None:
    mine = (EventClass.tenant == tenant) & (EventClass.event_id == event_id)
    known = {number for (number,) in EventClass.select(EventClass.number).where(mine).tuples()}
    for one in classes:
        columns = _class_columns(one)
        if one.number not in known:
            EventClass.insert(tenant=tenant, event_id=event_id, number=one.number, **columns).execute()
            continue
        this = mine & (EventClass.number == one.number) & (EventClass.sold <= one.capacity)
        if not changed(EventClass.update(**columns).where(this)):
            raise _sold_already()
        known.discard(one.number)
    for number in known:
        if not changed(EventClass.delete().where(mine, EventClass.number == number, EventClass.sold == 0)):
            raise _sold_already()


def _sold_already() -> Conflict:
    return Conflict("sold_already", "more tickets are sold already than this would leave room for")


def _columns(plan: EventPlan) -> dict[str, Any]:
    names = ("name_ja", "name_en", "venue", "starts_at", "ends_at", "capacity")
    rules = ("clock_error", "home_groups", "stale_after", "challenge_seconds")
    return {
        **{name: getattr(plan, name) for name in (*names, *rules)},
        "reentry": int(plan.reentry),
        "undetermined": UNDETERMINED.index(plan.undetermined),
    }


def _class_columns(one: ClassPlan) -> dict[str, Any]:
    return {
        "name_ja": one.name_ja,
        "name_en": one.name_en,
        "capacity": one.capacity,
        "entrances": compact_json(sorted(one.entrances)).decode(),
        "windows": compact_json([list(window) for window in sorted(set(one.windows))]).decode(),
        "required": one.required,
        "paper": one.paper,
    }


def _write_entrances(tenant: str, event_id: str, plan: EventPlan) -> None:
    EventEntrance.insert_many(
        [
            {
                "tenant": tenant,
                "event_id": event_id,
                "number": one.number,
                "name_ja": one.name_ja,
                "name_en": one.name_en,
                "challenge": one.challenge,
            }
            for one in plan.entrances
        ]
    ).execute()


def _list_size(capacity: int) -> int:
    """A power of two."""
    return min(LARGEST_LIST, max(SMALLEST_LIST, 1 << (capacity * ROOM - 1).bit_length()))


def _slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "event"
