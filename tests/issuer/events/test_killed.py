"""A process that is killed at any commit of an event: nothing is had twice or left half done, and who goes on comes to the same end."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from common import failpoints
from common.errors import Conflict, NotFound
from common.gate.enrolment import build_enrolment
from common.keys.software import SoftwareKey
from issuer.connectors.buyer_columns import BUYERS
from issuer.connectors.csv_file import read_rows
from issuer.flows.desk import Desk
from issuer.flows.events import demand, end_ticket, exclusions, gates, mail_links, pack, transfer
from issuer.flows.events.create_event import change_event, create_event, set_sales
from issuer.flows.events.find_events import classes_of, count_states, find_event, find_order, list_events
from issuer.flows.events.forget_events import forget_events
from issuer.flows.events.import_buyers import import_buyers
from issuer.flows.events.issue_pass import issue_paper
from issuer.flows.events.offer_ticket import offer_ticket
from issuer.flows.events.sell import release_held
from issuer.store.audit import AUDIT
from issuer.store.event_tables import Entitlement, EventGate, EventPack, GateCode, TicketTransfer
from issuer.store.tables import Credential, Offer, OutboxMail
from tests.amount import is_usual
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.events.festival import PLAN, again, buy, open_event, receive
from tests.issuer.school import TENANT, School

FORKS = multiprocessing.get_context("fork")
FILE = b"reference,class\nA-1,1\nA-2,1\n"
KEY = SoftwareKey.generate()


@dataclass
class Scene:
    """What a kill meets: an event with one ticket in a wallet, and what else the act needs."""

    school: School
    event: str
    row: Any
    verifier: FakeVerifier
    order: Any = None
    made: Any = None

    @property
    def desk(self) -> Desk:
        return self.school.deps.desk

    @property
    def ticket(self) -> Any:
        return again(self.row)


@dataclass(frozen=True)
class Act:
    """prepare: what must be there. act: what is killed and then done again. done: whether it has come about. once: again is refused."""

    act: Callable[[Scene], object]
    done: Callable[[Scene], bool]
    prepare: Callable[[Scene], object] = lambda _: None
    once: bool = True


def _transfer(s: Scene) -> None:
    link = transfer.open_transfer(s.desk, TENANT, s.event, s.row.id, actor="test")
    s.made = transfer.transfer_of_token(TENANT, link.url.rpartition("/")[2])


def _take(s: Scene) -> Any:
    return transfer.take_ticket(
        s.desk, TENANT, TicketTransfer.get(TicketTransfer.tenant == TENANT, TicketTransfer.id == s.made.id)
    )


def _hold(s: Scene) -> None:
    s.order = buy(s.school, s.event, number=2, key="held").order


def _answered(s: Scene) -> None:
    _hold(s)
    demand.settle_order(s.desk, TENANT, s.order)
    s.verifier.says("passed")
    s.school.clock.advance(1)


def _settle(s: Scene) -> Any:
    s.school.clock.advance(5)
    return demand.settle_order(s.desk, TENANT, find_order(TENANT, s.event, s.order.id))


def _failed(s: Scene) -> None:
    """The proof was not enough, and the next question is another one."""
    _hold(s)
    s.verifier.says("failed")
    _settle(s)
    s.verifier.says("waiting")


def _again(s: Scene) -> Any:
    return demand.settle_order(s.desk, TENANT, find_order(TENANT, s.event, s.order.id), again=True)


def _order_is(state: str) -> Callable[[Scene], bool]:
    return lambda s: find_order(TENANT, s.event, s.order.id).state == state


def _late(s: Scene) -> None:
    _hold(s)
    s.school.clock.advance(s.desk.settings.ticket_hold_seconds)


def _code(s: Scene) -> None:
    s.made = gates.make_code(s.desk, TENANT, s.event, actor="test")


def _enrol(s: Scene) -> Any:
    body = build_enrolment(event=s.event, code=s.made.code, name="北口", signer=KEY)
    return gates.enrol_gate(s.desk, TENANT, s.event, body)


def _enrolled(s: Scene) -> None:
    _code(s)
    s.made = _enrol(s)


def _gate(s: Scene) -> Any:
    return EventGate.get_or_none(EventGate.tenant == TENANT, EventGate.event_id == s.event)


def _is(state: str) -> Callable[[Scene], bool]:
    return lambda s: s.ticket.state == state


def _code_is(state: str) -> Callable[[Scene], bool]:
    return lambda s: GateCode.get(GateCode.tenant == TENANT, GateCode.id == s.made.id).state == state


def _excluded(s: Scene) -> None:
    exclusions.exclude_ticket(s.desk, TENANT, s.event, s.row.id, actor="test")


def _barred(s: Scene) -> Any:
    return exclusions.exclude_person(s.desk, TENANT, s.event, "name", "髙橋花子", actor="test")


def _list(s: Scene) -> list[Any]:
    return exclusions.list_exclusions(TENANT, s.event)


ACTS: dict[str, Act] = {
    "create_event": Act(
        lambda s: create_event(s.desk, TENANT, PLAN, slug=f"x{s.event[-4:]}", actor="test"),
        lambda s: any(one.id.startswith(f"x{s.event[-4:]}") for one in list_events(TENANT)),
        once=False,
    ),
    "change_event": Act(
        lambda s: change_event(s.desk, TENANT, s.event, replace(PLAN, venue="x"), actor="test"),
        lambda s: find_event(TENANT, s.event).venue == "x",
        once=False,
    ),
    "set_sales": Act(
        lambda s: set_sales(s.desk, TENANT, s.event, is_open=False, actor="test"),
        lambda s: find_event(TENANT, s.event).state == "closed",
    ),
    "sell": Act(
        lambda s: buy(s.school, s.event, key="more", count=2),
        lambda s: find_event(TENANT, s.event).sold == 3,
        once=False,
    ),
    "import_buyers": Act(
        lambda s: import_buyers(s.desk, TENANT, s.event, read_rows(io.BytesIO(FILE), BUYERS), actor="test"),
        lambda s: find_event(TENANT, s.event).sold == 3,
        once=False,
    ),
    "release_order": Act(lambda s: release_held(s.desk, TENANT), _order_is("released"), _late, once=False),
    "demand_credential": Act(
        _again, lambda s: demand.find_demand(TENANT, s.order.id).state == "open", _failed, once=False
    ),
    "settle_demand": Act(_settle, _order_is("sold"), _answered, once=False),
    "give_tickets": Act(_settle, _order_is("sold"), _answered, once=False),
    "refund": Act(lambda s: end_ticket.refund(s.desk, TENANT, s.event, s.row.id, actor="test"), _is("refunded")),
    "upgrade": Act(lambda s: end_ticket.upgrade(s.desk, TENANT, s.event, s.row.id, 3, actor="test"), _is("upgraded")),
    "ticket_lost": Act(
        lambda s: end_ticket.lost(s.desk, TENANT, s.event, s.row.id, actor="test"),
        lambda s: not _valid(s.row.id),
        once=False,
    ),
    "exclude_person": Act(_barred, lambda s: len(_list(s)) == 1, once=False),
    "exclude_tickets": Act(_excluded, _is("excluded")),
    "lift_exclusion": Act(
        lambda s: exclusions.lift(s.desk, TENANT, s.event, s.row.id, actor="test"), _is("sold"), _excluded
    ),
    "forget_exclusion": Act(
        lambda s: exclusions.forget_exclusion(s.desk, TENANT, s.event, s.made, actor="test"),
        lambda s: _list(s) == [],
        lambda s: (_barred(s), setattr(s, "made", _list(s)[0].id)),
    ),
    "open_transfer": Act(_transfer, lambda s: _transfers(s) == 1, once=False),
    "cancel_transfer": Act(
        lambda s: transfer.cancel_transfer(s.desk, TENANT, s.event, s.row.id, actor="test"),
        lambda s: _transfers(s) == 0,
        _transfer,
    ),
    "mail_links": Act(
        lambda s: mail_links.mail_links(s.desk, TENANT, s.event, actor="test"),
        lambda s: _mails(s) == (1, 0),
        lambda s: buy(s.school, s.event, key="mailed", email="a@example.jp"),
        once=False,
    ),
    "mail_transfer": Act(
        lambda s: mail_links.mail_transfer(
            s.desk, TENANT, s.event, s.row.id, "b@example.jp", language="ja", actor="test"
        ),
        lambda s: OutboxMail.select().where(OutboxMail.tenant == TENANT, OutboxMail.person_id == s.row.id).count() == 1,
    ),
    "take_ticket": Act(_take, _is("transferred"), _transfer, once=False),
    "issue_paper": Act(
        lambda s: issue_paper(s.desk, TENANT, s.event, s.row.id, actor="test"),
        lambda s: _valid(s.row.id) == ["ticket_gate_pass"],
        once=False,
    ),
    "offer_ticket": Act(
        lambda s: offer_ticket(s.desk, TENANT, s.ticket, actor="test"),
        lambda s: (
            Offer.select().where(Offer.tenant == TENANT, Offer.person_id == s.row.id, Offer.state == "open").count()
            == 1
        ),
        once=False,
    ),
    "publish_pack": Act(
        lambda s: pack.current_pack(s.desk, TENANT, s.event),
        lambda s: EventPack.select().where(EventPack.tenant == TENANT, EventPack.event_id == s.event).count() >= 1,
        once=False,
    ),
    "make_gate_code": Act(_code, lambda s: gates.open_codes(s.desk, TENANT, s.event) != [], once=False),
    "enrol_gate": Act(_enrol, lambda s: _gate(s) is not None, _code, once=False),
    "lock_gate": Act(
        lambda s: gates.lock_gate(s.desk, TENANT, s.event, s.made.gate_id, actor="test"),
        lambda s: _gate(s).locked_at is not None,
        _enrolled,
    ),
    "cancel_gate_code": Act(
        lambda s: gates.cancel_code(s.desk, TENANT, s.event, s.made.id, actor="test"), _code_is("cancelled"), _code
    ),
    "forget_event": Act(
        lambda s: forget_events(s.desk, TENANT),
        lambda s: count_states(TENANT, s.event) == {},
        lambda s: s.school.clock.advance(s.desk.settings.event_retention + 40 * 3600),
        once=False,
    ),
}
EVENT_POINTS = tuple(ACTS)
GO_ON = ("settle_demand", "exclude_person", "forget_event")
"""Acts of more commits than one."""


def _transfers(s: Scene) -> int:
    rows = TicketTransfer.select().where(TicketTransfer.tenant == TENANT, TicketTransfer.entitlement_id == s.row.id)
    return int(rows.where(TicketTransfer.state == "open").count())


def _mails(s: Scene) -> tuple[int, int]:
    found = mail_links.links_progress(TENANT, s.event)
    return found.waiting, found.left


def _valid(ticket_id: str) -> list[str]:
    rows = Credential.select(Credential.configuration).where(
        Credential.tenant == TENANT, Credential.person_id == ticket_id, Credential.state == "valid"
    )
    return sorted(name for (name,) in rows.tuples())


def _die(s: Scene, point: str, moment: str) -> None:
    failpoints.arm(f"{point}.{moment}")
    ACTS[point].act(s)
    os._exit(0)


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("point", EVENT_POINTS)
def test_killed_at(school: School, point: str, moment: str) -> None:
    if is_usual() and (EVENT_POINTS.index(point) + (moment == "before_commit")) % 2:
        pytest.skip("half of them, but for --all")
    began = school.clock.time
    event, verifier = open_event(school), FakeVerifier(expires_at=began + 10_000)
    school.deps = replace(school.deps, desk=replace(school.deps.desk, verifier=verifier))  # type: ignore[arg-type]  # its double
    row = buy(school, event, key="first", name="髙橋 花子").tickets[0]
    receive(school, row, "ticket_sd_jwt", "ticket_gate_pass")
    scene, act = Scene(school, event, row, verifier), ACTS[point]
    act.prepare(scene)
    school.deps.database.close_all()
    child = FORKS.Process(target=_die, args=(scene, point, moment))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    school.clock.advance(2)
    came_about = act.done(scene)
    if point not in GO_ON:
        assert came_about is (moment == "after_commit")
    if came_about and act.once:
        with pytest.raises((Conflict, NotFound)):
            act.act(scene)
    else:
        act.act(scene)
    assert act.done(scene)
    check_whole(scene)
    school.clock.time = began


def check_whole(scene: Scene) -> None:
    """What is always so, whoever died when."""
    states = count_states(TENANT, scene.event)
    if states:
        live = sum(states.get(state, 0) for state in ("held", "sold", "excluded"))
        assert find_event(TENANT, scene.event).sold == live
        assert sum(one.sold for one in classes_of(TENANT, scene.event)) == live
    rows = Entitlement.select().where(Entitlement.tenant == TENANT, Entitlement.event_id == scene.event)
    for row in rows:
        if row.state != "sold":
            assert _valid(row.id) == [], row.state
        assert _valid(row.id).count("ticket_gate_pass") <= 1
    AUDIT.seal_all(TENANT, now=scene.school.clock.now())
    assert AUDIT.verify(TENANT) is not None
