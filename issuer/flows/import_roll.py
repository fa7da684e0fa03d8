"""Brings a registrar's roll in: row by row, in batches, each batch in one transaction. A bad row is told and passed over.

Running it again is harmless: rows are matched by student number, and a row that says what is known already is left alone. People who
are not in the file stay as they are. Where a row ends an entitlement (退学, 卒業), certificates and open offers end with it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from common.adapters.database import transaction
from issuer.catalogue.contract import PersonFacts
from issuer.connectors.csv_file import RawRow
from issuer.flows.desk import Desk
from issuer.flows.judge_roll_row import RowProblem, judge_roll_row, row_problem
from issuer.flows.person_facts import columns_of, today_of
from issuer.flows.withdraw import end_entitlements
from issuer.store.audit import record
from issuer.store.tables import Person

BATCH = 250
"""Rows to a transaction: short enough that other writers hardly wait."""
KEPT_PROBLEMS = 1000
"""Problems that a report lists; the rest is counted."""


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """wrong: rows with at least one problem. more: problems beyond those listed. revoked: copies of certificates that ended."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    wrong: int = 0
    revoked: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    more: int = 0
    dry_run: bool = False

    def tell(self, problems: Iterable[RowProblem]) -> None:
        self.wrong += 1
        for problem in problems:
            if len(self.problems) < KEPT_PROBLEMS:
                self.problems.append(problem)
            else:
                self.more += 1


def import_roll(
    desk: Desk,
    tenant: str,
    rows: Iterable[RawRow],
    *,
    actor: str,
    dry_run: bool = False,
    progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """rows: of a connector. progress: called after each batch. dry_run: judges and counts, and changes nothing.

    Raises Malformed where the file as a whole cannot be read, NotFound for an institution that is not here.
    """
    desk.keys.identity(tenant)
    report = ImportReport(dry_run=dry_run)
    today = today_of(desk.now)
    seen: set[bytes] = set()
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        people: list[PersonFacts] = []
        for row in batch:
            judged = (
                (row_problem(row.number, "", row.problem),)
                if row.problem
                else judge_roll_row(row.number, row.fields, today=today)
            )
            if isinstance(judged, tuple):
                report.tell(judged)
                continue
            mark = hashlib.blake2b(judged.student_number.encode(), digest_size=8).digest()
            if mark in seen:
                report.tell((row_problem(row.number, "student_number", "duplicate"),))
                continue
            seen.add(mark)
            people.append(judged)
        report.rows += len(batch)
        if people:
            _take_in(desk, tenant, people, report, actor)
        if progress is not None:
            progress(report)
    return report


def _take_in(desk: Desk, tenant: str, people: list[PersonFacts], report: ImportReport, actor: str) -> None:
    if report.dry_run:
        _sort_out(tenant, people, report)
        return
    now = desk.now
    with transaction(desk.database, "import_rows"):
        before = (report.added, report.changed)
        new, altered = _sort_out(tenant, people, report)
        if new:
            rows = [
                {"tenant": tenant, "id": secrets.token_hex(12), "created_at": now, "updated_at": now, **columns}
                for columns in new
            ]
            # Somebody else importing the same file at the same moment may have been first: then theirs stands.
            Person.insert_many(rows).on_conflict_ignore().execute()
        for person_id, columns, facts in altered:
            Person.update(**columns, updated_at=now).where(Person.tenant == tenant, Person.id == person_id).execute()
            report.revoked += end_entitlements(tenant, person_id, facts, now=now).revoked
        added, changed = report.added - before[0], report.changed - before[1]
        if added or changed:
            record(tenant, at=now, actor=actor, act="roll_imported", subject="roll", added=added, changed=changed)


def _sort_out(
    tenant: str, people: list[PersonFacts], report: ImportReport
) -> tuple[list[dict[str, str]], list[tuple[str, dict[str, str], PersonFacts]]]:
    """Which are new, which have changed (id, columns, facts); counts them."""
    rows = Person.select(Person.id, Person.student_number, Person.fingerprint).where(
        Person.tenant == tenant, Person.student_number.in_([one.student_number for one in people])
    )
    known = {row.student_number: (row.id, row.fingerprint) for row in rows}
    new: list[dict[str, str]] = []
    altered: list[tuple[str, dict[str, str], Any]] = []
    for facts in people:
        columns = columns_of(facts)
        found = known.get(facts.student_number)
        if found is None:
            new.append(columns)
            report.added += 1
        elif found[1] != columns["fingerprint"]:
            altered.append((found[0], columns, facts))
            report.changed += 1
        else:
            report.same += 1
    return new, altered
