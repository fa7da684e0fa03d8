"""Mails offers, links to tickets, and notices to holders of revoked cards, through an outbox: queued → sending → sent | bounced | failed.

A row is taken by one conditional UPDATE (queued → sending, with a lease), so no two processes send it at once. Whoever dies between
the send and its outcome leaves the row in ``sending``; when its lease is over it is sent again *with the same Message-ID*. That is the
choice: at least once, never lost; a mail server or reader that has it already recognises the repeat and shows one message.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.adapters.database import across_tenants, changed, transaction
from common.errors import Conflict, Malformed, NotFound, Refused, Unavailable
from common.ports import Mail, SendMail
from issuer.flows.card_notice import find_card_notice
from issuer.flows.desk import Desk
from issuer.flows.events.mail_links import find_link_mail, is_link_mail
from issuer.flows.make_offer import describe_offer
from issuer.flows.offer_mail import build_offer_mail
from issuer.flows.outbox import queue_row
from issuer.flows.show_offer import state_of, types_of
from issuer.store.audit import record
from issuer.store.tables import WAITING, Offer, OutboxMail, Person

LEASE_SECONDS = 120
_BACK_OFF = 60


@dataclass(slots=True, kw_only=True)
class SentReport:
    sent: int = 0
    bounced: int = 0
    later: int = 0
    failed: int = 0
    cancelled: int = 0


def queue_mail(desk: Desk, tenant: str, offer: Any, *, actor: str) -> str:
    """Puts a mail about an open offer into the outbox (also: once more); answers its id. offer: a row of `Offer`.

    Where one is waiting already, its id; the database keeps two from waiting for one offer.
    Raises Conflict("offer_over"), Refused("no_address") where the roll has none, Refused("mail_not_set_up").
    """
    person = Person.get_or_none(Person.tenant == tenant, Person.id == offer.person_id)
    require_mail(desk, person)
    if state_of(offer, desk.now) != "open":
        raise Conflict("offer_over", "this offer can no longer be claimed; make a new one")
    with transaction(desk.database, "queue_mail"):
        if mail_id := queue_row(desk, tenant, offer_id=offer.id, person_id=offer.person_id, actor=actor):
            return mail_id
        waiting = OutboxMail.get_or_none(
            OutboxMail.tenant == tenant, OutboxMail.offer_id == offer.id, OutboxMail.state.in_(WAITING)
        )
    if waiting is None:
        raise Conflict("mail_sent", "a mail about this offer has just been sent")
    return str(waiting.id)


def require_mail(desk: Desk, person: Any) -> None:
    """To be asked before anything is made that shall be mailed. Raises Refused("mail_not_set_up"), Refused("no_address")."""
    if not desk.settings.smtp_host:
        raise Refused("mail_not_set_up", "no mail server is set; see the setting smtp_host")
    if person is None or not person.email:
        raise Refused("no_address", "the roll has no mail address for this person")


def send_offers(
    desk: Desk, send: SendMail, *, limit: int = 1000, pause: Callable[[float], None] = time.sleep
) -> SentReport:
    """Sends what is due, of all tenants, at most ``limit`` mails, no faster than ``mails_per_minute``. For the job that runs it."""
    report = SentReport()
    gap = 60 / desk.settings.mails_per_minute
    for number in range(limit):
        row = _take_one(desk)
        if row is None:
            break
        if number:
            pause(gap)
        outcome = _send_one(desk, send, row)
        setattr(report, outcome, getattr(report, outcome) + 1)
    return report


def _take_one(desk: Desk) -> Any:
    """The next due row, taken by this process alone, or None."""
    now = desk.now
    due = (OutboxMail.state == "queued") & (OutboxMail.not_before <= now)
    forgotten = (OutboxMail.state == "sending") & (OutboxMail.lease_until <= now)
    while True:
        with across_tenants("send offers"):
            row = OutboxMail.select().where(due | forgotten).order_by(OutboxMail.not_before, OutboxMail.id).first()
        if row is None:
            return None
        with transaction(desk.database, "take_mail"):
            taken = changed(
                OutboxMail.update(
                    state="sending", lease_until=now + LEASE_SECONDS, attempts=row.attempts + 1, changed_at=now
                ).where(
                    OutboxMail.tenant == row.tenant,
                    OutboxMail.id == row.id,
                    OutboxMail.state == row.state,
                    OutboxMail.attempts == row.attempts,
                )
            )
        if taken:
            row.attempts += 1
            return row


def _send_one(desk: Desk, send: SendMail, row: Any) -> str:
    try:
        mail = _mail_for(desk, row)
        if mail is None:
            return _finish(desk, row, "cancelled", "offer_over")
        send.send(mail)
    except (Refused, Malformed) as error:
        return _finish(desk, row, "bounced", error.code)
    except Unavailable as error:
        if row.attempts >= desk.settings.mail_tries:
            return _finish(desk, row, "failed", error.code)
        wait = max(error.retry_after, _BACK_OFF * 2 ** min(row.attempts - 1, 6))
        return _finish(desk, row, "later", error.code, not_before=desk.now + wait)
    return _finish(desk, row, "sent", "")


def _mail_for(desk: Desk, row: Any) -> Mail | None:
    """None where there is nothing to be told any more. Raises Refused where the institution is gone."""
    tenant = row.tenant
    domain = desk.settings.smtp_from.rpartition("@")[2] or "localhost"
    message_id = f"<{row.id}@{domain}>"
    person = Person.get_or_none(Person.tenant == tenant, Person.id == row.person_id)
    try:
        if person is None and is_link_mail(tenant, row.id):
            return find_link_mail(desk, tenant, row.id, message_id=message_id)
        if person is None:
            return find_card_notice(desk, tenant, row.person_id, message_id=message_id)
        return _invitation(desk, tenant, row.offer_id, person, message_id)
    except NotFound as error:
        raise Refused("offer_over", "the institution is gone") from error


def _invitation(desk: Desk, tenant: str, offer_id: str, person: Any, message_id: str) -> Mail | None:
    offer = Offer.get_or_none(Offer.tenant == tenant, Offer.id == offer_id)
    if offer is None or not person.email or state_of(offer, desk.now) != "open":
        return None
    identity = desk.keys.identity(tenant)
    return build_offer_mail(
        to=person.email,
        language=person.language,
        school={"ja": identity.name_ja, "en": identity.name_en},
        name={
            "ja": f"{person.family_name} {person.given_name}",
            "en": f"{person.given_name_latin} {person.family_name_latin}".strip()
            or f"{person.family_name} {person.given_name}",
        },
        types=types_of(offer),
        claim_url=describe_offer(desk, tenant, offer).claim_url,
        code_by_birth_date=desk.settings.code_by_birth_date,
        needs_tx_code=offer.needs_tx_code,
        expires_at=offer.expires_at,
        message_id=message_id,
    )


def _finish(desk: Desk, row: Any, outcome: str, problem: str, *, not_before: int = 0) -> str:
    now = desk.now
    state = "queued" if outcome == "later" else outcome
    with transaction(desk.database, "finish_mail"):
        OutboxMail.update(state=state, problem=problem, not_before=not_before or now, changed_at=now).where(
            OutboxMail.tenant == row.tenant,
            OutboxMail.id == row.id,
            OutboxMail.state == "sending",
            OutboxMail.attempts == row.attempts,
        ).execute()
        if state != "queued":
            record(row.tenant, at=now, actor="job:mail", act=f"mail_{state}", subject=row.offer_id)
    return outcome
