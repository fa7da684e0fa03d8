"""A credential demanded at the purchase: the ticket is held, the verifier is asked, its verdict decides; and the same at a transfer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from common.errors import Conflict, Malformed, Refused, Unavailable
from common.ports import Fetched
from issuer.flows.events.demand import find_demand, flags_from, lacking_of, settle_order
from issuer.flows.events.exclusions import exclude_person
from issuer.flows.events.find_events import find_order, find_orders, tickets_of
from issuer.flows.events.flags import question_for
from issuer.flows.events.transfer import demand_of_taker, name_taker, open_transfer, take_ticket, transfer_of_token
from issuer.flows.events.verifier_api import Answer, VerifierApi
from issuer.flows.run_jobs import run_jobs
from tests.fakes.fetch import FakeFetch
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.events.festival import PLAN, again, buy, open_event, row_of
from tests.issuer.school import TENANT, School

TODAY = date(2026, 4, 1)


@pytest.fixture
def verifier(school: School) -> FakeVerifier:
    made = FakeVerifier(expires_at=school.clock.now() + 300)
    school.deps = replace(school.deps, desk=replace(school.deps.desk, verifier=made))  # type: ignore[arg-type]  # its double
    return made


def look(school: School, order: Any, **how: Any) -> Any:
    school.clock.advance(1)
    return settle_order(school.desk, TENANT, find_order(TENANT, order.event_id, order.id), **how)


def test_held_until_it_is_shown(school: School, verifier: FakeVerifier) -> None:
    event = open_event(school)
    sale = buy(school, event, number=2)
    assert (sale.order.state, sale.tickets[0].state, row_of(event).sold) == ("asked", "held", 1)
    assert look(school, sale.order).state == "asked"
    assert verifier.asked == ["over_20_chip"]
    settle_order(school.desk, TENANT, sale.order)
    assert verifier.looked == 1, "once a second, however many look"
    verifier.away = True
    with pytest.raises(Unavailable):
        look(school, sale.order)
    verifier.away = False
    verifier.says("passed")
    assert look(school, sale.order).state == "sold"
    ticket = again(sale.tickets[0])
    assert (ticket.state, ticket.flags) == ("sold", 7)


def test_a_verifier_that_is_away_costs_nobody_a_seat(school: School, verifier: FakeVerifier) -> None:
    event = open_event(school, classes=(replace(PLAN.classes[1], capacity=1),))
    verifier.away = True
    for _ in range(2):
        with pytest.raises(Unavailable, match="verifier_unavailable"):
            buy(school, event, number=2)
    assert (row_of(event).sold, find_orders(TENANT, event).total) == (0, 0)
    verifier.away = False
    sale = buy(school, event, number=2)
    assert (sale.again, sale.order.state, row_of(event).sold) == (False, "asked", 1), "the same key, once it is back"
    with pytest.raises(Conflict, match="sold_out"):
        buy(school, event, number=2, key="k2")
    assert verifier.asked == ["over_20_chip"], "nothing is asked of whom there is no room for"


def test_who_is_excluded_while_they_prove_it(school: School, verifier: FakeVerifier) -> None:
    event = open_event(school)
    sale = buy(school, event, number=2, name="髙橋 花子")
    assert exclude_person(school.desk, TENANT, event, "name", "髙橋花子", actor="test") == 0
    verifier.says("passed")
    look(school, sale.order)
    look(school, sale.order)
    assert again(sale.tickets[0]).state == "excluded"


def test_a_no_can_be_tried_again_until_the_time_is_up(school: School, verifier: FakeVerifier) -> None:
    event = open_event(school)
    sale = buy(school, event, number=2)
    verifier.says("failed")
    assert look(school, sale.order).state == "asked"
    assert find_demand(TENANT, sale.order.id).state == "failed"
    assert look(school, sale.order).state == "asked"
    assert len(verifier.asked) == 1, "a failed question is put again only by who asks for it"
    look(school, sale.order, again=True)
    assert len(verifier.asked) == 2
    school.clock.advance(school.desk.settings.ticket_hold_seconds)
    run_jobs(school.desk, None)
    assert find_order(TENANT, event, sale.order.id).state == "released"
    assert (row_of(event).sold, [one.state for one in tickets_of(TENANT, sale.order.id)]) == (0, ["released"])


def test_the_name_on_the_ticket(school: School, verifier: FakeVerifier) -> None:
    classes = (replace(PLAN.classes[0], paper=False, required=15),)
    event = open_event(school, classes=classes)
    with pytest.raises(Malformed, match="name_needed"):
        buy(school, event)
    sale = buy(school, event, name="髙橋 花子")
    verifier.says("passed", name="髙橋　花子", birthdate="2005-04-02")
    look(school, sale.order)
    assert verifier.asked == ["name_birthdate_chip"]
    assert look(school, sale.order).state == "sold"
    other = buy(school, event, name="鈴木 一郎", key="k2")
    look(school, other.order)
    assert look(school, other.order).state == "asked", "somebody else's credential"
    failed = find_demand(TENANT, other.order.id)
    assert (failed.state, lacking_of(failed, 15)) == ("failed", 8), "and they hear that it was the name"
    row = again(sale.tickets[0])
    link = open_transfer(school.desk, TENANT, event, row.id, actor="test")
    taken = name_taker(
        school.desk, TENANT, transfer_of_token(TENANT, link.url.rpartition("/")[2]), name="山田 太郎", email=""
    )
    with pytest.raises(Refused, match="demand_not_met"):
        take_ticket(school.desk, TENANT, taken)
    assert again(row).state == "sold", "nobody is left without"
    verifier.says("passed", name="山田太郎", birthdate="1990-01-01")
    school.clock.advance(1)
    demand_of_taker(school.desk, TENANT, taken, again=True)
    school.clock.advance(1)
    mine = take_ticket(school.desk, TENANT, taken)
    assert (mine.name, mine.flags, again(row).state) == ("山田 太郎", 15, "transferred")


@pytest.mark.parametrize(
    ("required", "question"),
    [
        (0, ""),
        (2, "over_18"),
        (4, "over_20_chip"),
        (7, "over_20_chip"),
        (1, "name_chip"),
        (8, "name_chip"),
        (3, "name_birthdate_chip"),
        (10, "name_birthdate_chip"),
        (15, "name_birthdate_chip"),
    ],
)
def test_which_question_proves_it(required: int, question: str) -> None:
    assert question_for(required) == question


@pytest.mark.parametrize(
    ("question", "claims", "flags"),
    [
        ("over_18", {}, 2),
        ("over_20_chip", {}, 7),
        ("name_chip", {}, 1),
        ("name_chip", {"name": "Ａ b"}, 9),
        ("name_birthdate_chip", {"birthdate": "2008-04-01"}, 3),
        ("name_birthdate_chip", {"birthdate": "2008-04-02", "name": "AB"}, 9),
        ("name_birthdate_chip", {"birthdate": "2006-04-01"}, 7),
        ("name_birthdate_chip", {"birthdate": "never"}, 1),
    ],
)
def test_what_an_answer_proves(question: str, claims: dict[str, str], flags: int) -> None:
    assert flags_from(question, Answer(state="passed", claims=claims), name="AB", today=TODAY) == flags


AT = "https://verifier.example/festival/api/sessions"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"state": "served"}, Answer(state="waiting")),
        ({"state": "expired"}, Answer(state="failed")),
        ({"state": "judged", "verdict": {"answer": "failed"}, "disclosed": None}, Answer(state="failed")),
        ({"state": "judged", "verdict": {"answer": "undetermined"}, "disclosed": None}, Answer(state="failed")),
        (
            {
                "state": "judged",
                "verdict": {"answer": "passed"},
                "disclosed": [{"claims": [{"path": ["a", "name"], "value": "x"}]}],
            },
            Answer(state="passed", claims={"name": "x"}),
        ),
    ],
)
def test_what_the_verifier_says(told: dict[str, Any], expected: Answer) -> None:
    api = VerifierApi(FakeFetch({f"{AT}/s1": json.dumps(told).encode()}), "https://verifier.example/festival/", "t")
    assert api.look("s1") == expected


@pytest.mark.parametrize("body", [b"", b"[]", b'{"state": 1}', b'{"state": "judged"}', b"\xff"])
def test_a_verifier_that_talks_nonsense(body: bytes) -> None:
    api = VerifierApi(FakeFetch({f"{AT}/s1": body}), "https://verifier.example/festival", "t")
    with pytest.raises(Unavailable):
        api.look("s1")


def test_a_verifier_that_refuses() -> None:
    class No:
        def post(self, url: str, **_: Any) -> Fetched:
            return Fetched(url=url, status=403)

    with pytest.raises(Unavailable):
        VerifierApi(No(), "https://verifier.example/festival", "t").put("over_18")  # type: ignore[arg-type]  # only what is asked
