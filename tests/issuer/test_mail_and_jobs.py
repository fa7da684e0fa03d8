"""Offers by mail, the regular jobs, what is deleted when, and the audit record."""

from __future__ import annotations

import re

import pytest

from common.errors import Conflict, Refused, Unavailable
from issuer.flows.delete_expired import delete_expired
from issuer.flows.make_offer import make_offer
from issuer.flows.offer_many import offer_many
from issuer.flows.run_jobs import run_jobs
from issuer.flows.send_offers import LEASE_SECONDS, SentReport, queue_mail, send_offers
from issuer.flows.withdraw import withdraw
from issuer.settings import DAY
from issuer.store.audit import AUDIT
from issuer.store.tables import Offer, OutboxMail, Person
from tests.issuer.school import TENANT, School, Wallet


def queued(school: School, number: str = "S001") -> str:
    made = make_offer(school.desk, TENANT, school.person(number), types=["enrolment"], actor="test")
    queue_mail(school.desk, TENANT, Offer.get(Offer.tenant == TENANT, Offer.id == made.id), actor="test")
    return made.id


def send(school: School) -> SentReport:
    return send_offers(school.desk, school.outbox, pause=lambda _: None)


def mail_row() -> OutboxMail:
    return OutboxMail.get(OutboxMail.tenant == TENANT)


def test_mails_in_the_recipients_language_without_the_code(any_school: School) -> None:
    school = any_school
    queued(school)
    queued(school, "S002")
    assert send(school).sent == 2
    japanese, english = sorted(school.outbox.mails, key=lambda mail: mail.to)
    assert (japanese.to, japanese.subject) == ("hanako@example.jp", "【桜川大学】在学証明書のお受け取り")
    assert english.subject == "Sakuragawa University: your Certificate of Enrolment"
    assert "髙橋 花子 様" in japanese.text
    assert "Dear Taro Yoshida" in english.text
    for row in Offer.select().where(Offer.tenant == TENANT):
        assert school.desk.secrets.tx_code(TENANT, row.id) not in japanese.text + english.text
    assert send(school).sent == 0


def test_a_bounce_is_final_and_an_outage_is_not(school: School) -> None:
    queued(school)
    school.outbox.error = Unavailable("mail_unavailable", retry_after=60)
    assert send(school).later == 1
    assert mail_row().state == "queued"
    school.clock.advance(61)
    school.outbox.error = Refused("mail_bounced")
    assert send(school).bounced == 1
    assert (mail_row().state, mail_row().problem) == ("bounced", "mail_bounced")


def test_an_outage_that_lasts_is_given_up(school: School) -> None:
    queued(school)
    school.outbox.error = Unavailable("mail_unavailable")
    for _ in range(school.deps.settings.mail_tries):
        send(school)
        school.clock.advance(2 * 3600)
    assert mail_row().state == "failed"


def test_a_sender_that_died_is_followed_with_the_same_message_id(school: School) -> None:
    class PowerCut(BaseException):
        pass

    queued(school)
    school.outbox.error = PowerCut()  # type: ignore[assignment]  # not even an Exception, as a kill is not
    with pytest.raises(PowerCut):
        send(school)
    first = f"<{mail_row().id}@example.jp>"
    school.outbox.error = None
    assert send(school).sent == 0
    school.clock.advance(LEASE_SECONDS)
    assert send(school).sent == 1
    assert [mail.message_id for mail in school.outbox.mails] == [first]


def test_an_offer_that_is_over_is_not_mailed(school: School) -> None:
    offer_id = queued(school)
    withdraw(school.desk, TENANT, school.person(), actor="test")
    assert send(school).sent == 0
    with pytest.raises(Conflict):
        queue_mail(school.desk, TENANT, Offer.get(Offer.tenant == TENANT, Offer.id == offer_id), actor="test")


def test_offers_for_everybody_once(school: School) -> None:
    first = offer_many(school.desk, TENANT, "enrolment", actor="test")
    assert (first.people, first.offered, first.mailed) == (2, 2, 2)
    assert offer_many(school.desk, TENANT, "enrolment", actor="test").people == 0
    graduates = offer_many(school.desk, TENANT, "graduation", actor="test")
    assert (graduates.people, graduates.without_mail, graduates.offered) == (1, 1, 0)


def test_what_has_had_its_time_is_deleted(any_school: School) -> None:
    school = any_school
    wallet = Wallet(school)
    wallet.claim(make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test"))
    make_offer(school.desk, TENANT, school.person("S002"), types=["enrolment"], actor="test", seconds=60)
    withdraw(school.desk, TENANT, school.person("S002"), actor="test")
    fresh = delete_expired(school.desk, TENANT)
    assert (fresh.nonces, fresh.offers, fresh.people) == (0, 0, 0)
    school.clock.advance(600)
    assert delete_expired(school.desk, TENANT).nonces == 1
    school.clock.advance(140 * DAY)
    later = delete_expired(school.desk, TENANT)
    assert (later.grants, later.offers) == (1, 2)
    school.clock.advance(5 * 365 * DAY)
    last = delete_expired(school.desk, TENANT)
    assert (last.credentials, last.people) == (1, 2)  # who left, and who graduated; not who is still enrolled
    assert [row.student_number for row in Person.select().where(Person.tenant == TENANT)] == ["S001"]


def test_the_record_is_sealed_and_tells_when_it_was_changed(any_school: School) -> None:
    school = any_school
    queued(school)
    assert run_jobs(school.desk, school.outbox, pause=lambda _: None).sealed > 0
    head = AUDIT.view(TENANT, limit=50).head
    withdraw(school.desk, TENANT, school.person(), actor="staff:registrar")
    assert AUDIT.seal_all(TENANT, now=school.desk.now) == 1
    report = AUDIT.verify(TENANT, known_head=head)
    assert (report.whole, report.batches) == (True, 2)
    latest = AUDIT.view(TENANT, limit=50).latest[0]
    assert latest.act == "person_withdrawn"
    assert latest.actor == "staff:registrar"
    rows = AUDIT.rows
    rows.update(at=rows.at + 1).where(rows.tenant == TENANT, rows.batch == 1).execute()
    assert (AUDIT.verify(TENANT).whole, AUDIT.verify(TENANT).broken_at) == (False, 1)


def test_no_personal_data_in_the_record(school: School) -> None:
    queued(school)
    send(school)
    withdraw(school.desk, TENANT, school.person(), actor="test")
    entries = "".join(entry.to_bytes().decode() for entry in AUDIT.view(TENANT, limit=100).latest)
    for word in ("髙橋", "hanako", "2005-"):
        assert word not in entries
    assert not re.search(r"(?<![\w-])S001(?![\w-])", entries), (
        "as a word: four letters stand in some identifier by chance"
    )
