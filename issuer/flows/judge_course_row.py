"""Is this row of a transcript file fit to stand in a certificate? Pure: a row in, a course or the list of what is wrong out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from issuer.catalogue.contract import CourseFacts
from issuer.flows.judge_roll_row import EARLIEST_BIRTH, STUDENT_NUMBER, RowProblem, RowReader

MAX_TERM = 32
MAX_GRADE = 16
_CODE = re.compile(r"[A-Z0-9][A-Z0-9./_-]{0,31}")
_CREDITS = re.compile(r"(\d{1,2})(?:\.(\d))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow:
    """row: its line in the file."""

    row: int
    student_number: str
    course: CourseFacts


def judge_course_row(number: int, fields: Mapping[str, str], *, today: date) -> CourseRow | tuple[RowProblem, ...]:
    """One row → the course, or everything wrong with the row (at least one problem). today: nothing is completed after it."""
    row = RowReader(number, fields)
    student_number = unicodedata.normalize("NFKC", row.text("student_number", needed=True)).upper()
    row.shaped("student_number", STUDENT_NUMBER, "student_number_shape", student_number)
    code = unicodedata.normalize("NFKC", row.text("course_code", needed=True)).upper()
    row.shaped("course_code", _CODE, "course_code_shape", code)
    name_ja, name_en = row.name("course_name_ja", needed=True), row.name("course_name_en", needed=False)
    earned = unicodedata.normalize("NFKC", row.text("credits", needed=True))
    row.shaped("credits", _CREDITS, "not_credits", earned)
    grade, term = row.text("grade", needed=True), row.text("term", needed=True)
    for field, value, limit in (("grade", grade, MAX_GRADE), ("term", term, MAX_TERM)):
        if len(value) > limit:
            row.wrong(field, "short_text")
    completed = row.date("completed_on", needed=True)
    if completed and not EARLIEST_BIRTH < completed <= today:
        row.wrong("completed_on", "date_out_of_range")
    if row.problems or completed is None:
        return tuple(row.problems)
    course = CourseFacts(
        code=code,
        name_ja=name_ja,
        name_en=name_en,
        credits=Decimal(earned).normalize() + 0,
        grade=grade,
        term=term,
        completed_on=completed,
    )
    return CourseRow(row=number, student_number=student_number, course=course)
