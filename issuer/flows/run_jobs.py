"""The issuer's regular work, for every institution: mails, stamps, keys, cards, the audit seal, retention. Safe beside other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from common.ports import SendMail
from issuer.flows.change_keys import advance_keys
from issuer.flows.delete_expired import Deleted, delete_expired, tenants
from issuer.flows.desk import Desk
from issuer.flows.did_log import refresh_did_log
from issuer.flows.document_signer import renew_document_signers
from issuer.flows.events.forget_events import forget_events, tend_tickets
from issuer.flows.forget_cards import Forgotten, forget_cards
from issuer.flows.renew_certificates import renew_certificates
from issuer.flows.send_offers import SentReport, send_offers
from issuer.flows.stamp_credentials import Stamping, StampReport, stamp_credentials
from issuer.flows.watch_revocation import WatchReport, watch_revocation
from issuer.store.audit import AUDIT

RETENTION_SECONDS = 3600


@dataclass(slots=True, kw_only=True)
class JobsReport:
    """mails: None where no mail server is set. sealed: audit entries. keys: taken into use. certificates: of keys, renewed.

    did_logs: of institutions whose did:webvh got an entry. stamps: None where no time-stamping authority is set. cards: None where none are
    read. released: orders of tickets whose demanded credential did not come. events: rows of events that are long over.
    """

    mails: SentReport | None = None
    sealed: int = 0
    keys: int = 0
    certificates: int = 0
    did_logs: int = 0
    stamps: StampReport | None = None
    cards: WatchReport | None = None
    released: int = 0
    events: int = 0
    forgotten: dict[str, Forgotten] = field(default_factory=dict)
    deleted: dict[str, Deleted] = field(default_factory=dict)


def run_jobs(
    desk: Desk,
    send_mail: SendMail | None,
    *,
    stamping: Stamping | None = None,
    retention: bool = True,
    sweep: Callable[[str], object] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> JobsReport:
    """Everything once. sweep: deletes what is kept beside the tables of flows (sessions, counted tries, uploads)."""
    report = JobsReport()
    if send_mail is not None:
        report.mails = send_offers(desk, send_mail, pause=pause)
    if stamping is not None:
        report.stamps = stamp_credentials(desk, stamping)
    if desk.card_trust is not None:
        report.cards = watch_revocation(desk)
    for tenant in tenants():
        report.keys += advance_keys(desk, tenant)
        report.certificates += len(renew_certificates(desk, tenant, actor="job:keys"))
        report.certificates += len(renew_document_signers(desk, tenant, actor="job:keys"))
        report.did_logs += refresh_did_log(desk, tenant)
        report.sealed += AUDIT.seal_all(tenant, now=desk.now)
        report.forgotten[tenant] = forget_cards(desk, tenant)
        report.released += tend_tickets(desk, tenant)
        if retention:
            report.deleted[tenant] = delete_expired(desk, tenant)
            report.events += forget_events(desk, tenant)
            if sweep is not None:
                sweep(tenant)
    return report


class JobRounds:
    """The rounds of a running server: everything each time, retention once an hour."""

    def __init__(
        self,
        desk: Desk,
        send_mail: SendMail | None,
        *,
        stamping: Stamping | None = None,
        sweep: Callable[[str], object],
    ) -> None:
        self._desk = desk
        self._send_mail = send_mail
        self._stamping = stamping
        self._sweep = sweep
        self._next_retention = 0

    def run(self, pause: Callable[[float], None]) -> None:
        """pause: between two mails."""
        now = self._desk.now
        due = now >= self._next_retention
        run_jobs(self._desk, self._send_mail, stamping=self._stamping, retention=due, sweep=self._sweep, pause=pause)
        if due:
            self._next_retention = now + RETENTION_SECONDS
