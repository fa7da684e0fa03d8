"""What the owner of a ticket, a tout or somebody with the link to a page may try at the issuer, to make two admissions of one ticket, or to
keep one that was sold on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.encoding import b64url_encode
from common.errors import Conflict, Refused
from common.formats.base45 import base45_decode
from common.keys.software import SoftwareKey
from issuer.flows.events.demand import find_demand
from issuer.flows.events.end_ticket import lost, upgrade
from issuer.flows.events.find_events import tickets_of_buyer
from issuer.flows.events.issue_pass import issue_paper
from issuer.flows.events.link_mail import build_links_mail
from issuer.flows.events.transfer import (
    demand_of_taker,
    demand_subject,
    name_taker,
    open_transfer,
    take_ticket,
    transfer_of_token,
)
from issuer.store.event_tables import Entitlement
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.events.festival import PLAN, again, ask, at_gate, buy, open_event, pack_of, receive, ticket
from tests.issuer.school import TENANT, School, open_school

PASS = "ticket_gate_pass"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder: Path = tmp_path_factory.mktemp("ticket-attacks")
    made = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder, pack_seconds=1)
    yield made
    made.deps.database.close_all()


def cti_of(school: School, event: str, credential: str, key: SoftwareKey | None) -> bytes:
    """What a gate's journal knows the ticket by."""
    return at_gate(pack_of(school, event), credential, key, school.clock.now())[0].cti


def take(school: School, event: str, row: Any, name: str = "") -> Any:
    link = open_transfer(school.desk, TENANT, event, row.id, actor="holder")
    asked = transfer_of_token(TENANT, link.url.rpartition("/")[2])
    return take_ticket(school.desk, TENANT, name_taker(school.desk, TENANT, asked, name=name, email="", taker="t"))


def test_a_new_phone_a_friend_or_a_better_class_is_no_second_admission(school: School) -> None:
    """The owner is inside already, and has a pass made for somebody outside: by a new key, a new offer, on paper, by handing it on, by an
    upgrade. Whatever the gates know of revocations, their journals know the ticket by one number."""
    event = open_event(school)
    row, key = ticket(school, event), SoftwareKey.generate()
    wallet, (first,) = receive(school, row, PASS, key=key)
    inside = cti_of(school, event, first, key)

    other = SoftwareKey.generate()
    wallet.post_token({"grant_type": "refresh_token", "refresh_token": wallet.refresh_token})
    assert cti_of(school, event, ask(wallet, PASS, key=other), other) == inside
    lost(school.desk, TENANT, event, row.id, actor="holder")
    _, (second,) = receive(school, row, PASS, key=other)
    assert cti_of(school, event, second, other) == inside
    friends = take(school, event, row)
    _, (third,) = receive(school, friends, PASS, key=other)
    assert cti_of(school, event, third, other) == inside
    better = upgrade(school.desk, TENANT, event, friends.id, 3, actor="staff")
    _, (fourth,) = receive(school, better, PASS, key=other)
    assert cti_of(school, event, fourth, other) == inside


def test_a_pass_on_paper_is_the_same_ticket_as_the_one_on_the_phone(school: School) -> None:
    event = open_event(school)
    rows, key = buy(school, event, count=2).tickets, SoftwareKey.generate()
    _, (on_phone,) = receive(school, rows[0], PASS, key=key)
    text = issue_paper(school.desk, TENANT, event, rows[0].id, actor="holder")
    paper = b64url_encode(base45_decode(text.removeprefix("TG1:")))
    assert cti_of(school, event, paper, None) == cti_of(school, event, on_phone, key)
    _, (others,) = receive(school, rows[1], PASS, key=key)
    assert cti_of(school, event, others, key) != cti_of(school, event, on_phone, key)


def test_who_sold_a_ticket_on_cannot_open_it_from_the_page_of_the_order(school: School) -> None:
    """The buyer's page leads to the tickets of the order: not to one that somebody else has by now, however it was changed since."""
    event = open_event(school)
    sale = buy(school, event, count=2)
    sold_on, kept = sale.tickets
    theirs = take(school, event, sold_on)
    assert [one.id for one in tickets_of_buyer(TENANT, sale.order.id)] == [sold_on.id, kept.id]
    better = upgrade(school.desk, TENANT, event, theirs.id, 3, actor="staff")
    mine = upgrade(school.desk, TENANT, event, kept.id, 3, actor="staff")
    seen = {one.id: one.state for one in tickets_of_buyer(TENANT, sale.order.id)}
    assert seen == {sold_on.id: "transferred", kept.id: "upgraded", mine.id: "sold"}
    assert better.id not in seen


def test_what_one_person_proved_is_no_proof_of_who_takes_the_ticket_by_another_name(school: School) -> None:
    """A tout has somebody with an honest card prove it, then says another name in another browser and takes the ticket under that."""
    verifier = FakeVerifier(expires_at=school.clock.now() + 300)
    desk = replace(school.desk, verifier=verifier)
    event = open_event(school, classes=(replace(PLAN.classes[0], paper=False, required=15), PLAN.classes[2]))
    row = ticket(school, event, number=3, name="髙橋 花子")
    made = upgrade_by_hand(event, row)
    token = open_transfer(desk, TENANT, event, made.id, actor="holder").url.rpartition("/")[2]
    honest = name_taker(desk, TENANT, transfer_of_token(TENANT, token), name="山田 太郎", email="", taker="one")
    verifier.says("passed", name="山田太郎", birthdate="1990-01-01")
    school.clock.advance(1)
    assert demand_of_taker(desk, TENANT, honest).state == "passed"
    verifier.says("waiting")
    other = name_taker(desk, TENANT, transfer_of_token(TENANT, token), name="買い手", email="", taker="two")
    with pytest.raises(Refused, match="demand_not_met"):
        take_ticket(desk, TENANT, other)
    # who proved it, and was overtaken while they pressed: not a ticket whose page leads the other browser in
    with pytest.raises(Conflict, match="transfer_over"):
        take_ticket(desk, TENANT, honest)
    assert again(made).state == "sold"
    assert find_demand(TENANT, demand_subject(other)).state == "open"


def upgrade_by_hand(event: str, row: Any) -> Any:
    """A ticket of the class that demands everything, as it is once it was proved."""
    Entitlement.update(class_number=1, flags=15).where(Entitlement.tenant == TENANT, Entitlement.id == row.id).execute()
    return again(row)


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("髙橋 花子", True),
        ("J. R. O'Neil-Sato", True),
        ("your account is locked: https://evil.example", False),
        ("prizes at evil.example", False),
        ("ｅｖｉｌ．ｅｘａｍｐｌｅ", False),
        ("mail to me@evil.example", False),
        ("long " * 20, False),
    ],
)
def test_a_name_that_a_stranger_chose_sends_nobody_anywhere(name: str, greeted: bool) -> None:
    """Who takes a ticket says a name and any address, and the institution writes there: what he says must not be a message of his."""
    event = SimpleNamespace(name_ja="花火", name_en="Fireworks", venue="", starts_at=PLAN.starts_at)
    mail = build_links_mail(
        to="victim@example.jp", language="en", school={"en": "S", "ja": "S"}, event=event, name=name, tickets=(),
        message_id="<1@example.jp>",
    )  # fmt: skip
    assert (name in mail.text) is greeted
