"""Brings a registrar's transcript file in: one completed course to a row, in batches, each in one transaction.

As with the roll, a bad row is told and passed over, and running it again is harmless. Courses that are not in the file stay. Where a
course that was known says something else now, the person's transcripts are revoked in the same transaction: they state what is no
longer so. A further course leaves them valid: they stated what was so on their day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import islice
from typing import Any

from common.adapters.database import transaction
from issuer.catalogue.registry import CATALOGUE
from issuer.connectors.csv_file import RawRow
from issuer.flows.change_status import live_credentials, move_credentials
from issuer.flows.desk import Desk
from issuer.flows.import_roll import BATCH, ImportReport
from issuer.flows.judge_course_row import CourseRow, judge_course_row
from issuer.flows.judge_roll_row import row_problem
from issuer.flows.person_facts import today_of
from issuer.store.audit import record
from issuer.store.tables import Course, Person

_STATED = ("name_ja", "name_en", "credits", "grade", "completed_on")


def import_transcript(
    desk: Desk, tenant: str, rows: Iterable[RawRow], *, actor: str, dry_run: bool = False
) -> ImportReport:
    """rows: of a connector. dry_run: judges and counts, and changes nothing.

    Raises Malformed where the file as a whole cannot be read, NotFound for an institution that is not here.
    """
    desk.keys.identity(tenant)
    report, today = ImportReport(dry_run=dry_run), today_of(desk.now)
    seen: set[bytes] = set()
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        good: list[CourseRow] = []
        for row in batch:
            judged = (
                (row_problem(row.number, "", row.problem),)
                if row.problem
                else judge_course_row(row.number, row.fields, today=today)
            )
            if isinstance(judged, tuple):
                report.tell(judged)
                continue
            name = "\n".join((judged.student_number, judged.course.code, judged.course.term))
            mark = hashlib.blake2b(name.encode(), digest_size=8).digest()
            if mark in seen:
                report.tell((row_problem(row.number, "course_code", "course_twice"),))
                continue
            seen.add(mark)
            good.append(judged)
        report.rows += len(batch)
        with transaction(desk.database, "import_courses"):
            _take_in(desk, tenant, good, report, actor)
    return report


def _take_in(desk: Desk, tenant: str, rows: list[CourseRow], report: ImportReport, actor: str) -> None:
    people = dict(
        Person.select(Person.student_number, Person.id)
        .where(Person.tenant == tenant, Person.student_number.in_([one.student_number for one in rows]))
        .tuples()
    )
    found = Course.select().where(Course.tenant == tenant, Course.person_id.in_(list(people.values())))
    known = {(one.person_id, one.code, one.term): tuple(getattr(one, name) for name in _STATED) for one in found}
    written: list[dict[str, Any]] = []
    altered: dict[str, None] = {}
    added = changed = 0
    for row in rows:
        person_id = people.get(row.student_number)
        if person_id is None:
            report.tell((row_problem(row.row, "student_number", "unknown_student"),))
            continue
        columns = _columns(row, person_id)
        before = known.get((person_id, row.course.code, row.course.term))
        if before == tuple(columns[name] for name in _STATED):
            report.same += 1
            continue
        if before is None:
            added += 1
        else:
            changed += 1
            altered[person_id] = None
        written.append({"tenant": tenant, "updated_at": desk.now, **columns})
    report.added += added
    report.changed += changed
    if report.dry_run or not written:
        return
    Course.insert_many(written).on_conflict(
        conflict_target=[Course.tenant, Course.person_id, Course.code, Course.term],
        preserve=[Course.updated_at, *(getattr(Course, name) for name in _STATED)],
    ).execute()
    types = [kind.name for kind in CATALOGUE if kind.states_courses]
    for person_id in altered:
        copies = live_credentials(tenant, person_id, types=types)
        report.revoked += len(move_credentials(tenant, copies, "revoked", at=desk.now, why="record_corrected"))
    record(
        tenant, at=desk.now, actor=actor, act="transcript_imported", subject="transcript", added=added, changed=changed
    )


def _columns(row: CourseRow, person_id: str) -> dict[str, str]:
    course = row.course
    return {
        "person_id": person_id,
        "code": course.code,
        "term": course.term,
        "name_ja": course.name_ja,
        "name_en": course.name_en,
        "credits": f"{course.credits:f}",
        "grade": course.grade,
        "completed_on": course.completed_on.isoformat(),
    }
