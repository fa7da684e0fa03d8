"""Mails buyers the links to their tickets, and takers theirs: each ticket's link once, however often and by however many it is asked.

1. the event's row is held: of two who press the button at once, the second finds what the first has queued
2. the tickets that are sold, have an address and were not mailed, by order and address: one mail for each
3. in the same transaction the mail is queued (`issuer.flows.outbox`) and its tickets are noted as mailed

The outbox sends them; the text is made when that happens, so a ticket that has ended since is not in it (`find_link_mail`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from common.adapters.database import changed, transaction
from common.errors import Conflict, Malformed, Refused
from common.mail_address import parse_mail_address
from common.ports import Mail
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import classes_of, find_event
from issuer.flows.events.link_mail import LinkedTicket, build_links_mail, build_transfer_mail
from issuer.flows.events.sell import hold_event
from issuer.flows.events.transfer import TransferLink, open_transfer
from issuer.flows.outbox import queue_row
from issuer.store.audit import record
from issuer.store.event_tables import Entitlement, TicketMail, TicketOrder, TicketTransfer
from issuer.store.tables import WAITING, OutboxMail

BATCH = 200
"""Tickets in one transaction, about: nobody who buys waits for more."""
MAX_INVITED = 5
"""Invitations by mail of one ticket: its holder writes to friends, and to nobody else's in the institution's name."""


@dataclass(slots=True, kw_only=True)
class LinksReport:
    """mails: queued, or with dry_run those that would be. tickets: whose links they hold."""

    mails: int = 0
    tickets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksProgress:
    """Tickets. waiting: in the outbox. sent, failed: what became of them. left: sold, with an address, not mailed yet.

    without_address: sold, and nobody can be written to.
    """

    waiting: int
    sent: int
    failed: int
    left: int
    without_address: int

    @property
    def done(self) -> int:
        return self.sent + self.failed

    @property
    def total(self) -> int:
        return self.waiting + self.done


def mail_links(desk: Desk, tenant: str, event_id: str, *, actor: str, dry_run: bool = False) -> LinksReport:
    """Raises NotFound("no_such_event"), Refused("mail_not_set_up"), Conflict("sale_over") after the event."""
    event = find_event(tenant, event_id)
    require_mail_server(desk)
    if event.ends_at <= desk.now:
        raise Conflict("sale_over", "the event is over")
    report = LinksReport()
    if dry_run:
        for _, tickets in _by_mail(list(_unmailed(tenant, event_id))):
            report.mails += 1
            report.tickets += len(tickets)
        return report
    while True:
        with transaction(desk.database, "mail_links"):
            # 1
            hold_event(tenant, event_id)
            # 2
            orders = [order for (order,) in _unmailed(tenant, event_id, Entitlement.order_id).limit(BATCH).tuples()]
            if not orders:
                return report
            tickets_of_orders = list(_unmailed(tenant, event_id).where(Entitlement.order_id.in_(orders)))
            # 3
            for order_id, tickets in _by_mail(tickets_of_orders):
                _queue(desk, tenant, event_id, tickets[0].id, order_id, [one.id for one in tickets], actor)
                report.mails += 1
                report.tickets += len(tickets)
            record(
                tenant, at=desk.now, actor=actor, act="links_mailed", subject=event_id, tickets=len(tickets_of_orders)
            )


def require_mail_server(desk: Desk) -> None:
    """Raises Refused("mail_not_set_up")."""
    if not desk.settings.smtp_host:
        raise Refused("mail_not_set_up", "no mail server is set; see the setting smtp_host")


def links_progress(tenant: str, event_id: str) -> LinksProgress:
    mine = TicketMail.select().where(
        TicketMail.tenant == tenant, TicketMail.event_id == event_id, TicketMail.kind == "link"
    )

    def in_outbox(*states: str) -> int:
        mails = OutboxMail.select(OutboxMail.id).where(OutboxMail.tenant == tenant, OutboxMail.state.in_(states))
        return int(mine.where(TicketMail.mail_id.in_(mails)).count())

    waiting, failed = in_outbox(*WAITING), in_outbox("bounced", "failed", "cancelled")
    sold = Entitlement.select().where(
        Entitlement.tenant == tenant, Entitlement.event_id == event_id, Entitlement.state == "sold"
    )
    return LinksProgress(
        waiting=waiting,
        failed=failed,
        sent=mine.count() - waiting - failed,  # a row that the outbox has forgotten was sent long ago
        left=_unmailed(tenant, event_id).count(),
        without_address=sold.where(Entitlement.email == "").count(),
    )


def mail_transfer(
    desk: Desk, tenant: str, event_id: str, wanted: str, to: str, *, language: str, actor: str
) -> TransferLink:
    """Invites somebody by mail to take this ticket over; one invitation is mailed once. language: of the text.

    Raises Malformed("not_an_email"), Refused("mail_not_set_up" | "too_many_mails"), Conflict("mail_sent" | "sale_over"), NotFound.
    """
    require_mail_server(desk)
    if not to.strip():
        raise Malformed("not_an_email", "a mail address is needed")
    email = parse_mail_address(to)
    link = open_transfer(desk, tenant, event_id, wanted, actor=actor)
    mine = (TicketTransfer.tenant == tenant) & (TicketTransfer.id == link.id)
    with transaction(desk.database, "mail_transfer"):
        row = TicketTransfer.get(mine)
        invited = TicketMail.select().where(
            TicketMail.tenant == tenant, TicketMail.kind == "transfer", TicketMail.about == row.entitlement_id
        )
        if invited.count() >= MAX_INVITED:
            raise Refused(
                "too_many_mails", "no more invitations to this ticket are mailed; hand the link over yourself"
            )
        free = (TicketTransfer.state == "open") & (TicketTransfer.taker_hash == "") & (TicketTransfer.email == "")
        if not changed(TicketTransfer.update(email=email).where(mine, free)):
            raise Conflict("mail_sent", "this invitation was mailed already")
        mail_id = queue_row(desk, tenant, offer_id=link.id, person_id=row.entitlement_id, actor=actor)
        TicketMail.insert(
            tenant=tenant,
            subject=link.id,
            event_id=event_id,
            kind="transfer",
            about=row.entitlement_id,
            language=language,
            mail_id=mail_id,
        ).execute()
    return link


def find_link_mail(desk: Desk, tenant: str, mail_id: str, *, message_id: str) -> Mail | None:
    """What to send now under this row of the outbox; None where it is about no ticket, or none that is still to be had.

    Raises NotFound where the institution is gone.
    """
    rows = list(TicketMail.select().where(TicketMail.tenant == tenant, TicketMail.mail_id == mail_id))
    if not rows:
        return None
    event, identity = find_event(tenant, rows[0].event_id), desk.keys.identity(tenant)
    school = {"ja": identity.name_ja, "en": identity.name_en}
    if event.ends_at <= desk.now:
        return None
    if rows[0].kind == "transfer":
        return _transfer_mail(desk, rows[0], event, school, message_id)
    tickets = list(
        Entitlement.select()
        .where(
            Entitlement.tenant == tenant, Entitlement.id.in_([row.subject for row in rows]), Entitlement.state == "sold"
        )
        .order_by(Entitlement.class_number, Entitlement.number)
    )
    if not tickets:
        return None
    first, kinds = tickets[0], {one.number: one for one in classes_of(tenant, event.id)}
    order = TicketOrder.get_or_none(TicketOrder.tenant == tenant, TicketOrder.id == first.order_id)
    return build_links_mail(
        to=first.email,
        language=order.language if order is not None else "ja",
        school=school,
        event=event,
        name=first.name,
        tickets=[
            LinkedTicket(
                number=one.number,
                kind={"ja": kinds[one.class_number].name_ja, "en": kinds[one.class_number].name_en},
                url=desk.addresses.ticket(tenant, desk.secrets.token(tenant, "ticket", one.id)),
            )
            for one in tickets
        ],
        message_id=message_id,
    )


def is_link_mail(tenant: str, mail_id: str) -> bool:
    return bool(TicketMail.select().where(TicketMail.tenant == tenant, TicketMail.mail_id == mail_id).exists())


def _transfer_mail(desk: Desk, row: Any, event: Any, school: dict[str, str], message_id: str) -> Mail | None:
    found = TicketTransfer.get_or_none(TicketTransfer.tenant == row.tenant, TicketTransfer.id == row.subject)
    if found is None or found.state != "open" or found.expires_at <= desk.now or found.taker_hash:
        return None
    return build_transfer_mail(
        to=found.email,
        language=row.language,
        school=school,
        event=event,
        url=desk.addresses.transfer(row.tenant, desk.secrets.token(row.tenant, "transfer", found.id)),
        expires_at=found.expires_at,
        message_id=message_id,
    )


def _unmailed(tenant: str, event_id: str, *columns: Any) -> Any:
    """Rows of `Entitlement`, or distinct columns of them."""
    mailed = TicketMail.select(TicketMail.subject).where(TicketMail.tenant == tenant, TicketMail.event_id == event_id)
    rows = Entitlement.select(*columns).where(
        Entitlement.tenant == tenant,
        Entitlement.event_id == event_id,
        Entitlement.state == "sold",
        Entitlement.email != "",
        Entitlement.id.not_in(mailed),
    )
    return rows.distinct() if columns else rows


def _by_mail(tickets: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """(order, its tickets that go to one address)."""

    def place(one: Any) -> tuple[str, str, str]:
        return one.order_id, one.email, one.name  # who took a ticket over has it from the same order

    return [(key[0], list(group)) for key, group in groupby(sorted(tickets, key=place), place)]


def _queue(
    desk: Desk, tenant: str, event_id: str, subject: str, order_id: str, tickets: Sequence[str], actor: str
) -> None:
    """Inside the caller's transaction, which is undone where one of them has been mailed: its row is there once."""
    mail_id = queue_row(desk, tenant, offer_id=subject, person_id=order_id, actor=actor)
    TicketMail.insert_many(
        [
            {
                "tenant": tenant,
                "subject": one,
                "event_id": event_id,
                "kind": "link",
                "about": order_id,
                "mail_id": mail_id,
            }
            for one in tickets
        ]
    ).execute()
