"""What became of a ticket meanwhile: who acts on it as it was finds nothing, and spoils nothing; its past is told from its order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from common.adapters.database import transaction
from common.errors import Conflict, NotFound, Refused
from common.keys.software import SoftwareKey
from issuer.flows.events import exclusions, find_events
from issuer.flows.events.end_ticket import refund, upgrade
from issuer.flows.events.find_events import past_of
from issuer.flows.events.issue_pass import note_pass
from issuer.flows.events.offer_ticket import offer_ticket
from issuer.flows.events.transfer import name_taker, open_transfer, take_ticket, transfer_of_token
from issuer.store.event_tables import GatePass
from issuer.store.tables import Offer
from tests.issuer.events.festival import again, buy, open_event, receive, ticket
from tests.issuer.school import TENANT, School, open_school


def hand_on(school: School, row: Any) -> Any:
    link = open_transfer(school.desk, TENANT, row.event_id, row.id, actor="test")
    asked = transfer_of_token(TENANT, link.url.rpartition("/")[2])
    return take_ticket(school.desk, TENANT, name_taker(school.desk, TENANT, asked, name="山田 太郎", email=""))


def test_one_that_was_refunded_meanwhile_keeps_no_other_from_being_excluded(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = open_event(school)
    rows = buy(school, event, count=3, name="髙橋 花子").tickets
    begin, left = transaction, [rows[1]]

    @contextmanager
    def late(database: Any, point: str) -> Iterator[None]:
        while point == "exclude_tickets" and left:
            refund(school.desk, TENANT, event, left.pop().id, actor="other")
        inner: AbstractContextManager[None] = begin(database, point)
        with inner:
            yield

    monkeypatch.setattr(exclusions, "transaction", late)
    assert exclusions.exclude_person(school.desk, TENANT, event, "name", "髙橋花子", actor="test") == 2
    assert [again(row).state for row in rows] == ["excluded", "refunded", "excluded"]
    with pytest.raises(Conflict, match="ticket_over"):
        exclusions.exclude_ticket(school.desk, TENANT, event, rows[1].id, actor="test")


def test_nothing_is_offered_of_a_ticket_that_was_refunded_meanwhile(school: School) -> None:
    event = open_event(school)
    row = ticket(school, event)
    refund(school.desk, TENANT, event, row.id, actor="test")
    with pytest.raises(NotFound, match="ticket_not_had"):
        offer_ticket(school.desk, TENANT, row, actor="test")  # the row as it was read before
    assert Offer.select().where(Offer.tenant == TENANT, Offer.person_id == row.id).count() == 0


def test_a_ticket_keeps_the_number_of_its_passes_through_every_hand(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = open_event(school)
    first = ticket(school, event)
    receive(school, first, "ticket_gate_pass")
    second = hand_on(school, first)
    third = upgrade(school.desk, TENANT, event, second.id, 3, actor="test")
    last = hand_on(school, third)
    asked: list[Any] = []
    connection: Any = school.desk.database.connection()
    connection.set_trace_callback(asked.append)
    assert past_of(TENANT, last) == (last.id, third.id, second.id, first.id)
    assert len(asked) == 1, "one question, however many hands"
    connection.set_trace_callback(None)
    receive(school, last, "ticket_gate_pass", key=SoftwareKey.generate())
    (kept,) = GatePass.select().where(GatePass.tenant == TENANT, GatePass.event_id == event)
    assert kept.entitlement_id == last.id
    monkeypatch.setattr(find_events, "MAX_MOVES", 3)
    for act in (
        lambda: open_transfer(school.desk, TENANT, event, last.id, actor="test"),
        lambda: upgrade(school.desk, TENANT, event, last.id, 1, actor="test"),
    ):
        with pytest.raises(Conflict, match="moved_too_often"):
            act()
    assert again(last).state == "sold"


def test_two_tickets_are_never_one_pass(database_url: str, tmp_path: Path) -> None:
    """By chance two tickets get the same 64 bits: the second gets no pass, and the first keeps its own."""
    school = open_school(database_url, tmp_path)
    event = open_event(school)
    one, other = buy(school, event, count=2).tickets
    note_pass(TENANT, one.id, "00" * 8, "first")
    with pytest.raises(Refused, match="credential_request_denied"):
        note_pass(TENANT, other.id, "00" * 8, "second")
    (kept,) = GatePass.select().where(GatePass.tenant == TENANT, GatePass.event_id == event)
    assert (kept.entitlement_id, kept.credential_id) == (one.id, "first")
    note_pass(TENANT, one.id, "00" * 8, "anew")
    assert GatePass.get(GatePass.tenant == TENANT, GatePass.event_id == event).credential_id == "anew"
    school.deps.database.close_all()
