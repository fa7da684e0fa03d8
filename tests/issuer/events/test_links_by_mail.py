"""Links to tickets by mail: each buyer one mail, each ticket's link once, whoever presses how often; and invitations to take one over."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from common.adapters.mail import SmtpMail
from common.errors import Conflict, Malformed, Refused
from common.ports import Mail
from issuer.cli import app
from issuer.connectors.buyer_columns import BUYERS
from issuer.connectors.csv_file import read_rows
from issuer.flows.events.end_ticket import refund
from issuer.flows.events.find_events import ticket_of_token
from issuer.flows.events.forget_events import forget_events
from issuer.flows.events.import_buyers import import_buyers
from issuer.flows.events.mail_links import LinksProgress, LinksReport, links_progress, mail_links, mail_transfer
from issuer.flows.events.transfer import cancel_transfer, name_taker, take_ticket, transfer_of_token
from issuer.flows.send_offers import send_offers
from issuer.settings import DAY
from issuer.store.event_tables import TicketMail
from issuer.store.tables import OutboxMail
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.events.festival import HOUR, again, buy, open_event
from tests.issuer.school import TENANT, School, open_school
from tests.mailbox import Mailbox

FILE = """注文番号,券種,氏名,メールアドレス,枚数,言語
A-1,一般,髙橋 花子,hanako@example.jp,2,ja
A-2,招待,Taro Yoshida,taro@example.jp,1,en
A-3,一般,鈴木 一郎,,1,ja
"""


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    """Of each test its own: all mails of an institution wait in one outbox."""
    made = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path)
    yield made
    made.deps.database.close_all()


@pytest.fixture
def event(school: School) -> str:
    """With three orders of a shop's file, one of them without an address."""
    made = open_event(school)
    report = import_buyers(school.desk, TENANT, made, read_rows(io.BytesIO(FILE.encode()), BUYERS), actor="test")
    assert (report.added, report.wrong) == (3, 0), report.problems
    return made


def mail(school: School, event: str, **how: Any) -> LinksReport:
    return mail_links(school.desk, TENANT, event, actor="test", **how)


def send(school: School) -> dict[str, Mail]:
    """By recipient, the mails that go out now."""
    school.outbox.mails.clear()
    send_offers(school.desk, school.outbox, pause=lambda _: None)
    return {one.to: one for one in school.outbox.mails}


def tickets_in(text: str) -> list[Any]:
    """Rows of `Entitlement`, by the links that the mail holds."""
    found = [line.rpartition("/tickets/")[2] for line in text.splitlines() if "/tickets/" in line]
    return [ticket_of_token(TENANT, token) for token in found]


def progress(event: str) -> tuple[int, int, int, int, int]:
    found = links_progress(TENANT, event)
    return found.left, found.waiting, found.sent, found.failed, found.without_address


def test_each_buyer_gets_one_mail_with_their_tickets(school: School, event: str) -> None:
    assert mail(school, event, dry_run=True) == LinksReport(mails=2, tickets=3)
    assert progress(event) == (3, 0, 0, 0, 1)
    assert mail(school, event) == LinksReport(mails=2, tickets=3)
    assert progress(event) == (0, 3, 0, 0, 1)
    sent = send(school)
    assert set(sent) == {"hanako@example.jp", "taro@example.jp"}
    hers, his = sent["hanako@example.jp"], sent["taro@example.jp"]
    assert (hers.subject, his.subject) == (
        "【桜川大学】隅田川花火大会の券",
        "Sakuragawa University: your tickets for Sumida River Fireworks",
    )
    assert hers.text.startswith("髙橋 花子 様\n")
    assert "会場: 隅田公園" in hers.text
    assert his.text.startswith("Dear Taro Yoshida,\n\nhere are your tickets")
    assert [(one.name, one.class_number) for one in tickets_in(hers.text)] == [("髙橋 花子", 1)] * 2
    assert [(one.name, one.class_number) for one in tickets_in(his.text)] == [("Taro Yoshida", 3)]
    assert "{" not in hers.text + his.text
    assert progress(event) == (0, 0, 3, 0, 1)
    assert mail(school, event) == LinksReport()
    assert send(school) == {}


def test_never_twice_when_the_outbox_has_forgotten_and_those_who_came_later_once(school: School, event: str) -> None:
    mail(school, event)
    send(school)
    OutboxMail.delete().where(OutboxMail.tenant == TENANT).execute()
    assert progress(event) == (0, 0, 3, 0, 1)
    buy(school, event, key="later", email="late@example.jp")
    assert mail(school, event) == LinksReport(mails=1, tickets=1)
    assert set(send(school)) == {"late@example.jp"}


def test_two_who_press_at_once_mail_once(any_school: School) -> None:
    school = any_school
    event, reports = open_event(school, capacity=100), list[LinksReport]()
    for number in range(8):
        buy(school, event, key=f"k{number}", email=f"b{number}@example.jp")

    def press() -> None:
        reports.append(mail(school, event))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sum(one.tickets for one in reports) == sum(one.mails for one in reports) == 8
    assert OutboxMail.select().where(OutboxMail.tenant == TENANT).count() == 8
    assert len(send(school)) == 8


def test_a_ticket_that_ended_meanwhile_is_not_in_it(school: School, event: str) -> None:
    mail(school, event)
    rows = TicketMail.select().where(TicketMail.tenant == TENANT).order_by(TicketMail.about)
    by_order: dict[str, list[str]] = {}
    for row in rows:
        by_order.setdefault(row.about, []).append(row.subject)
    two, one = sorted(by_order.values(), key=len, reverse=True)
    for ticket in (two[0], one[0]):
        refund(school.desk, TENANT, event, ticket, actor="test")
    (left,) = tickets_in(send(school)["hanako@example.jp"].text)
    assert left.id == two[1]
    assert progress(event) == (0, 0, 2, 1, 1), "nothing was left to tell the other"


def test_a_mail_that_comes_back(school: School, event: str) -> None:
    mail(school, event)
    school.outbox.error = Refused("mail_bounced")
    assert send(school) == {}
    assert progress(event) == (0, 0, 0, 3, 1)


def test_when_none_can_be_sent(school: School, event: str) -> None:
    school.clock.advance(31 * HOUR)
    with pytest.raises(Conflict, match="sale_over"):
        mail(school, event)
    school.clock.advance(school.desk.settings.event_retention + DAY)
    forget_events(school.desk, TENANT)
    assert TicketMail.select().where(TicketMail.tenant == TENANT).count() == 0


@pytest.fixture
def asked(school: School) -> None:
    """Somebody whom to ask for credentials; nobody answers here."""
    nobody = FakeVerifier(expires_at=school.clock.now() + 300)
    school.deps = replace(school.deps, desk=replace(school.deps.desk, verifier=nobody))  # type: ignore[arg-type]  # its double


@pytest.mark.usefixtures("asked")
def test_held_tickets_wait_and_a_mail_that_waits_when_the_event_ends_is_not_sent(school: School, event: str) -> None:
    buy(school, event, number=2, key="held", email="held@example.jp")
    assert mail(school, event).tickets == 3, "one that is held is not theirs yet"
    school.clock.advance(31 * HOUR)
    assert send(school) == {}
    assert progress(event) == (0, 0, 0, 3, 1)


def test_an_invitation_by_mail(school: School, event: str) -> None:
    row = buy(school, event, key="mine", email="me@example.jp").tickets[0]

    def invite(to: str) -> Any:
        return mail_transfer(school.desk, TENANT, event, row.id, to, language="en", actor="holder")

    with pytest.raises(Malformed, match="not_an_email"):
        invite(" ")
    link = invite("friend@example.jp")
    with pytest.raises(Conflict, match="mail_sent"):
        invite("another@example.jp")
    (text,) = [one.text for to, one in send(school).items() if to == "friend@example.jp"]
    assert link.url in text
    assert row.number not in text
    assert "me@example.jp" not in text
    taken = name_taker(school.desk, TENANT, transfer_of_token(TENANT, link.url.rpartition("/")[2]), name="", email="")
    assert take_ticket(school.desk, TENANT, taken).email == "", "who takes it says whether they may be written to"
    assert again(row).state == "transferred"


def test_a_holder_does_not_write_to_everybody_in_the_institutions_name(school: School, event: str) -> None:
    row = buy(school, event, key="mine").tickets[0]
    for number in range(5):
        mail_transfer(school.desk, TENANT, event, row.id, f"f{number}@example.jp", language="ja", actor="holder")
        cancel_transfer(school.desk, TENANT, event, row.id, actor="holder")
    with pytest.raises(Refused, match="too_many_mails"):
        mail_transfer(school.desk, TENANT, event, row.id, "f6@example.jp", language="ja", actor="holder")
    assert send(school) == {}, "those that were withdrawn are not told"


@pytest.fixture
def letters() -> Iterator[Mailbox]:
    made = Mailbox()
    yield made
    made.close()


def test_through_a_mail_server_by_page_and_api(school: School, event: str, letters: Mailbox) -> None:
    at = f"/{TENANT}/api/events/{event}/mail"
    told = school.client.post(at, params={"dry_run": True}, headers=school.staff).json()
    assert (told["mails"], told["left"], told["waiting"]) == (2, 3, 0)
    told = school.client.post(at, headers=school.staff).json()
    assert (told["tickets"], told["left"], told["waiting"]) == (3, 0, 3)
    settings = school.desk.settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": letters.port})
    settings = settings.model_copy(update={"smtp_security": "none"})
    report = send_offers(school.desk, SmtpMail(settings, school.clock), pause=lambda _: None)
    assert (report.sent, set(letters.texts)) == (2, {"hanako@example.jp", "taro@example.jp"})
    (ticket,) = tickets_in(letters.texts["taro@example.jp"])
    link = next(line for line in letters.texts["taro@example.jp"].splitlines() if "/tickets/" in line)
    page = school.client.get(link)
    assert page.status_code == 200
    assert ticket.number in page.text
    assert "Taro Yoshida" not in page.text, "the page of a link names nobody"


def test_by_the_terminal(school: School, event: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issuer.cli.event_commands.open_desk", lambda: school.deps)
    run = CliRunner().invoke(app, ["event", "mail", event, "--dry-run", "--institution", TENANT])
    assert run.exit_code == 0, run.output
    assert "2 mails about 3 tickets would be queued" in run.output
    run = CliRunner().invoke(app, ["event", "mail", event, "--institution", TENANT, "--json"])
    assert json.loads(run.output)["waiting"] == 3


def test_progress_is_of_tickets() -> None:
    assert LinksProgress(waiting=2, sent=3, failed=1, left=9, without_address=4).total == 6
