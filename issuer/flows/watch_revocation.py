"""Asks again about the certificates behind what was issued from cards. A job: revocation is an event, not a state of the day of issue.

A certificate that was revoked ends what could still be claimed of its card, tells the wallets by the refresh mark that a newer certificate
is to be had (with a new card or a new certificate on it: people move), writes to the holder who left an address for that
(`issuer.flows.card_notice`), and by ``card_revoked_suspends`` suspends what rests on it. Staff reinstate with `change_status`, as after any
suspension. *Unknown* changes nothing: it is asked again.

All certificates of one card that are found revoked are noted in one transaction, which only the first of two processes makes: the row has
to hold the questions as they were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.adapters.database import across_tenants, changed, transaction
from common.x509.revocation import RevocationStatus, Standing, unknown
from issuer.flows.card_notice import queue_card_notice
from issuer.flows.card_record import Question, open_questions, seal_questions
from issuer.flows.change_status import announce_refresh, live_credentials, move_credentials
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.store.audit import record
from issuer.store.tables import CardReading

ACTOR = "job:cards"


@dataclass(slots=True, kw_only=True)
class WatchReport:
    """Certificates that were asked about, that nobody could say anything about, that are revoked; copies that were suspended for it, and
    holders who will be written to."""

    asked: int = 0
    unknown: int = 0
    revoked: int = 0
    suspended: int = 0
    told: int = 0


def watch_revocation(desk: Desk, *, limit: int = 200) -> WatchReport:
    """Asks about what is due, of all tenants, at most ``limit`` cards."""
    report = WatchReport()
    for _ in range(limit if desk.card_trust is not None else 0):
        row = _take_one(desk)
        if row is None:
            break
        questions = open_questions(desk, row)
        revoked = []
        for question in questions:
            status = _ask(desk, question)
            report.asked += 1
            report.unknown += status.standing is Standing.UNKNOWN
            if status.standing is Standing.REVOKED:
                revoked.append((question, status))
        if revoked:
            _withdraw(
                desk, row, revoked, report, left=[one for one in questions if one not in [each for each, _ in revoked]]
            )
    return report


def _take_one(desk: Desk) -> Any:
    """The next card that is due, taken by this process alone until it is due again, or None."""
    now = desk.now
    due = CardReading.questions.is_null(False) & (CardReading.next_question_at <= now)
    while True:
        with across_tenants("watch revocation"):
            row = CardReading.select().where(due).order_by(CardReading.next_question_at, CardReading.id).first()
        if row is None:
            return None
        with transaction(desk.database, "take_card"):
            taken = changed(
                CardReading.update(next_question_at=now + desk.settings.card_revocation_seconds).where(
                    CardReading.tenant == row.tenant,
                    CardReading.id == row.id,
                    CardReading.next_question_at == row.next_question_at,
                )
            )
        if taken:
            return row


def _ask(desk: Desk, question: Question) -> RevocationStatus:
    source = None if desk.card_trust is None else desk.card_trust.revocation.get(question.scheme)
    if source is None:
        return unknown("no_source")
    return source.status(leaf=question.leaf, issuer=question.issuer, now=desk.now)


def _withdraw(
    desk: Desk,
    row: Any,
    revoked: Sequence[tuple[Question, RevocationStatus]],
    report: WatchReport,
    *,
    left: Sequence[Question],
) -> None:
    """What is revoked of one card. left: what is still to be asked about it. Nothing where another process was first."""
    tenant, now = row.tenant, desk.now
    since = min(now if status.revoked_at is None else status.revoked_at for _, status in revoked)
    with transaction(desk.database, "card_revoked"):
        noted = CardReading.update(
            revoked_at=since,
            questions=seal_questions(desk, tenant, row.id, left) if left else None,
        ).where(CardReading.tenant == tenant, CardReading.id == row.id, CardReading.questions == row.questions)
        if not changed(noted):
            return
        for question, status in revoked:
            report.suspended += _end_what_rests(desk, row, question, status)
        report.told += queue_card_notice(desk, row, actor=ACTOR)
    report.revoked += len(revoked)


def _end_what_rests(desk: Desk, row: Any, question: Question, status: RevocationStatus) -> int:
    """On one certificate; how many copies were suspended. Inside the caller's transaction."""
    tenant, now, suspended = row.tenant, desk.now, 0
    end_claims(tenant, row.id, now=now, types=question.types)
    if desk.settings.card_revoked_suspends:
        rows = live_credentials(tenant, row.id, types=question.types)
        suspended = len(move_credentials(tenant, rows, "suspended", at=now, why="card_revoked"))
    rows = live_credentials(tenant, row.id, types=question.types)
    announce_refresh(tenant, rows, at=now)
    record(
        tenant,
        at=now,
        actor=ACTOR,
        act="card_certificate_revoked",
        subject=row.id,
        reason=status.reason or "unspecified",
        copies=len(rows),
        suspended=suspended,
    )
    return suspended
