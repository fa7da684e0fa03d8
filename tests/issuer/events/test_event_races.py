"""Two processes at one event, on both databases: no capacity is exceeded, no serial is given twice, a ticket moves once."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from common.errors import Conflict
from common.gate.pack import parse_pack
from issuer.flows.events.end_ticket import refund
from issuer.flows.events.exclusions import exclude_ticket
from issuer.flows.events.find_events import classes_of, count_states
from issuer.flows.events.pack import current_pack
from issuer.flows.events.sell import Wish, sell
from issuer.store.event_tables import EventPack
from tests.issuer.events.festival import buy, open_event, row_of
from tests.issuer.school import TENANT, School
from tests.issuer.test_races import race

EACH = 8


def _sell(deps: Any, event: str) -> int:
    """As many as there are, one by one; half of them under keys that the other process uses, too."""
    sold = 0
    for number in range(EACH):
        key = f"both-{number}" if number % 2 else f"{os.getpid()}-{number}"
        try:
            made = sell(deps.desk, TENANT, event, Wish(quantities={1: 1}), key=key, actor="test")
        except Conflict:  # sold out
            continue
        sold += 0 if made.again else 1
    return sold


def _end(deps: Any, event: str, ticket: str) -> str:
    act = refund if os.getpid() % 2 else exclude_ticket
    act(deps.desk, TENANT, event, ticket, actor="test")
    return "ended"


def _packs(deps: Any, event: str, tickets: list[str]) -> list[tuple[int, bytes]]:
    """Excludes its tickets one by one, and asks for the pack each time: the change is in it."""
    found = []
    for ticket in tickets:
        with suppress(Conflict):  # the other process was first
            exclude_ticket(deps.desk, TENANT, event, ticket, actor="test")
        made = current_pack(deps.desk, TENANT, event)
        found.append((made.serial, made.file))
    return found


def test_the_last_places(any_school: School) -> None:
    event = open_event(any_school, capacity=9)
    first, second = race(any_school, _sell, event)
    states = count_states(TENANT, event)
    assert states == {"sold": first + second} == {"sold": row_of(event).sold}
    assert row_of(event).sold == 8, "the class has eight places, the event nine"
    assert [one.sold for one in classes_of(TENANT, event)] == [8, 0, 0]


def test_one_end_of_a_ticket(any_school: School) -> None:
    event = open_event(any_school)
    ticket = buy(any_school, event).tickets[0]
    found = race(any_school, _end, event, ticket.id)
    assert found.count("ended") >= 1
    (state,) = count_states(TENANT, event)
    assert state in ("refunded", "excluded")
    assert row_of(event).sold == (0 if state == "refunded" else 1)


def test_serials_only_rise(any_school: School) -> None:
    event = open_event(any_school)
    tickets = [one.id for one in buy(any_school, event, count=6).tickets]
    by_process = race(any_school, _packs, event, tickets)
    files: dict[int, set[bytes]] = {}
    for found in by_process:
        serials = [serial for serial, _ in found]
        assert serials == sorted(serials)
        for serial, file in found:
            files.setdefault(serial, set()).add(file)
    assert all(len(one) == 1 for one in files.values()), "one serial, one pack"
    kept = EventPack.select().where(EventPack.tenant == TENANT, EventPack.event_id == event).order_by(EventPack.serial)
    assert [parse_pack(bytes(one.file)).pack.serial for one in kept] == [one.serial for one in kept]
