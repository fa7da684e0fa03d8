"""Transcripts: the registrar's second file, what it becomes as a Comprehensive Learner Record, and what a corrected grade does."""

from __future__ import annotations

import hashlib
import io
import json
import signal
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import failpoints
from common.did.resolve import Resolver
from common.errors import Malformed, Refused, Rejected
from common.formats.registry import FORMATS
from common.proofs.canonical import canonize
from common.proofs.expand.pyld_fallback import COUNTER
from issuer.catalogue.contract import Institution
from issuer.catalogue.transcript import TRANSCRIPT, shape_transcript
from issuer.connectors.csv_file import read_rows
from issuer.connectors.transcript_columns import TRANSCRIPT as COLUMNS
from issuer.deps import open_deps
from issuer.flows.delete_expired import delete_expired
from issuer.flows.import_roll import ImportReport
from issuer.flows.import_transcript import import_transcript
from issuer.flows.judge_course_row import CourseRow, judge_course_row
from issuer.flows.make_offer import make_offer
from issuer.flows.offer_many import offer_many
from issuer.flows.person_facts import today_of
from issuer.store.tables import Course, Credential
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from tests.forks import Forks
from tests.issuer.school import TENANT, School, Wallet, open_school, settings_for

HEADER = "student_number,course_code,course_name_ja,course_name_en,credits,grade,term,completed_on\n"
COURSES = (
    HEADER
    + "G003,cs101,計算機入門,Introduction to Computing,2,A,2020-1,2020-09-30\n"
    + "Ｇ００３,CS102,離散数学,Discrete Mathematics,1.5,S,2020-2,2021-03-31\n"
    + "S001,LIT1,古典講読,,２.0,B,2024-1,2024/9/30\n"
)
SCHOOL = Institution(
    name_ja="桜川大学", name_en="Sakuragawa University", did="did:web:s.example", url="https://s.example"
)


def bring_in(school: School, text: str = COURSES, **options: Any) -> ImportReport:
    return import_transcript(
        school.desk, TENANT, read_rows(io.BytesIO(text.encode()), COLUMNS), actor="test", **options
    )


def claim(school: School, form: str = "ldp_vc", number: str = "G003") -> str:
    offer = make_offer(school.desk, TENANT, school.person(number), types=["transcript"], formats=[form], actor="test")
    wallet = Wallet(school)
    wallet.redeem(offer)
    (configuration,) = offer.configurations
    made: Any = wallet.ask(configuration, wallet.proofs(did=True))["credentials"][0]["credential"]
    return made if isinstance(made, str) else json.dumps(made)


def verify(school: School, text: str, form: str) -> Any:
    document = school.client.get(f"/{TENANT}/did.json").content
    fetch = FakeFetch({f"http://localhost:8101/{TENANT}/did.json": document})
    parsed = FORMATS[form].parse(text)
    key = Resolver(fetch, school.clock, sandbox=True).key(str(parsed.issuer_key_hint.kid))
    return FORMATS[form].verify(parsed, key, now=school.clock.now())


def test_the_file_is_taken_in_once(any_school: School) -> None:
    school = any_school
    tried = bring_in(school, dry_run=True)
    assert (tried.rows, tried.added, tried.wrong, Course.select().where(Course.tenant == TENANT).count()) == (
        3,
        3,
        0,
        0,
    )
    first = bring_in(school)
    assert (first.added, first.changed, first.same) == (3, 0, 0)
    again = bring_in(school)
    assert (again.added, again.changed, again.same, again.revoked) == (0, 0, 3, 0)
    row = Course.get(Course.tenant == TENANT, Course.code == "LIT1")
    assert (row.credits, row.completed_on, row.name_en) == ("2", "2024-09-30", "")


def test_the_record_says_what_clr_and_open_badges_ask_for(school: School) -> None:
    """CLR 2.0 §B.1 and Open Badges 3.0 §B.1: the required members of each class."""
    bring_in(school)
    before = COUNTER.documents
    record = json.loads(claim(school))
    assert COUNTER.documents == before
    assert record["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert record["type"] == ["VerifiableCredential", "ClrCredential"]
    assert record["name"] == "成績証明書 / Transcript"
    assert record["issuer"]["type"] == ["Profile"]
    subject = record["credentialSubject"]
    assert subject["type"] == ["ClrSubject"]
    assert subject["id"].startswith("did:key:")
    assert [one["identityHash"] for one in subject["identifier"]] == ["山﨑 彩", "Aya Yamasaki", "G003"]
    first, second = subject["verifiableCredential"]
    assert first["type"] == ["VerifiableCredential", "AchievementCredential"]
    assert first["validFrom"] == "2020-09-30T00:00:00+09:00"
    course = first["credentialSubject"]
    assert course["achievement"]["name"] == "計算機入門 / Introduction to Computing"
    assert course["achievement"]["humanCode"] == "CS101"
    assert course["achievement"]["achievementType"] == "Course"
    assert (course["creditsEarned"], course["term"]) == (2, "2020-1")
    (description,) = course["achievement"]["resultDescription"]
    assert course["result"] == [{"type": ["Result"], "value": "A", "resultDescription": description["id"]}]
    assert second["credentialSubject"]["creditsEarned"] == 1.5
    (hashed,) = course["identifier"]
    assert hashed["identityHash"] == "sha256$" + hashlib.sha256(b"G003" + hashed["salt"].encode()).hexdigest()


@pytest.mark.parametrize("form", ["ldp_vc", "jwt_vc_json"])
def test_both_forms_verify(school: School, form: str) -> None:
    bring_in(school)
    found = verify(school, claim(school, form), form)
    assert any("ClrCredential" in name for name in found.types)
    assert len(found.subject["verifiableCredential"]) == 2


@pytest.mark.parametrize("what", ["creditsEarned", "term", "achievement", "result", "identifier"])
def test_what_belongs_to_one_course_cannot_be_moved_to_another(school: School, what: str) -> None:
    """The proof is over statements: they must tell one course's from the other's."""
    bring_in(school)
    record = json.loads(claim(school))
    one, other = (each["credentialSubject"] for each in record["credentialSubject"]["verifiableCredential"])
    one[what], other[what] = other[what], one[what]
    with pytest.raises(Rejected, match="bad_signature"):
        verify(school, json.dumps(record), "ldp_vc")


def test_a_long_record_is_canonized_in_time() -> None:
    """Eighty courses, more than any degree has: the work guard lets it pass, and PyLD is not asked."""
    courses = tuple(
        replace(TRANSCRIPT.sample.courses[0], code=f"C{number}", credits=Decimal(number % 4)) for number in range(80)
    )
    person = replace(TRANSCRIPT.sample, courses=courses)
    shaped = shape_transcript(TRANSCRIPT.build(person, SCHOOL.name_ja, today_of(1_790_000_000)), person, SCHOOL)
    before = COUNTER.documents
    model = TRANSCRIPT.model
    assert model is not None
    quads = canonize(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2", *model.contexts],
            "type": ["VerifiableCredential", TRANSCRIPT.w3c_type],
            "issuer": {"id": SCHOOL.did, **shaped.issuer},
            **shaped.members,
            "credentialSubject": {"id": "did:example:holder", **shaped.subject},
        }
    )
    assert quads.count("\n") > 80 * 20
    assert COUNTER.documents == before


def test_who_has_no_courses_has_no_transcript(school: School) -> None:
    person = school.person("G003")
    with pytest.raises(Refused, match="not_entitled"):
        make_offer(school.desk, TENANT, person, types=["transcript"], actor="test")
    assert offer_many(school.desk, TENANT, "transcript", actor="test", mail=False, dry_run=True).people == 0
    bring_in(school)
    assert offer_many(school.desk, TENANT, "transcript", actor="test", mail=False, dry_run=True).people == 2
    page = school.client.get(f"/{TENANT}/staff/people/{person.id}", headers=school.staff)
    assert page.status_code < 500


def test_a_corrected_grade_revokes_what_said_otherwise(any_school: School) -> None:
    school = any_school
    bring_in(school)
    claim(school)
    more = bring_in(school, HEADER + "G003,CS103,論理学,,2,A,2021-1,2021-09-30\n")
    assert (more.added, more.revoked) == (1, 0)
    tried = bring_in(school, COURSES.replace(",2,A,", ",2,C,"), dry_run=True)
    assert (tried.changed, tried.revoked) == (1, 0)
    mended = bring_in(school, COURSES.replace(",2,A,", ",2,C,"))
    assert (mended.changed, mended.same, mended.revoked) == (1, 2, 1)
    (copy,) = Credential.select().where(Credential.tenant == TENANT)
    assert (copy.state, copy.ended_by) == ("revoked", "record_corrected")
    fresh = verify(school, claim(school), "ldp_vc")
    grades = [one["credentialSubject"]["result"][0]["value"] for one in fresh.subject["verifiableCredential"]]
    assert grades == ["C", "S", "A"]


COURSE_POINTS = ("import_courses",)
MENDED = COURSES.replace(",2,A,", ",2,C,")


def _child(folder: str, place: str) -> None:
    """Corrects a grade, and is killed on the way."""
    deps = open_deps(settings_for(f"sqlite:///{folder}/db", Path(folder)), clock=FixedClock())
    failpoints.arm(place)
    import_transcript(deps.desk, TENANT, read_rows(io.BytesIO(MENDED.encode()), COLUMNS), actor="test")


@pytest.mark.parametrize("at", COURSE_POINTS)
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_killed_and_run_again(tmp_path: Path, at: str, moment: str) -> None:
    """The grade and the revocation are there together, or neither; the second run leaves both."""
    school = open_school(f"sqlite:///{tmp_path}/db", tmp_path)
    bring_in(school)
    claim(school)
    school.deps.database.close_all()
    child = Forks.Process(target=_child, args=(str(tmp_path), f"{at}.{moment}"))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    deps = open_deps(settings_for(f"sqlite:///{tmp_path}/db", tmp_path), clock=FixedClock())
    try:
        done = moment == "after_commit"
        assert _grade_and_state() == (("C", "revoked") if done else ("A", "valid"))
        report = import_transcript(deps.desk, TENANT, read_rows(io.BytesIO(MENDED.encode()), COLUMNS), actor="test")
        assert (report.changed, report.revoked) == ((0, 0) if done else (1, 1))
        assert _grade_and_state() == ("C", "revoked")
    finally:
        deps.database.close_all()


def _grade_and_state() -> tuple[str, str]:
    (copy,) = Credential.select().where(Credential.tenant == TENANT)
    return Course.get(Course.tenant == TENANT, Course.code == "CS101").grade, copy.state


def test_courses_go_with_the_person(school: School) -> None:
    bring_in(school)
    school.clock.advance(school.desk.settings.person_retention + 40 * 365 * 86_400)
    assert delete_expired(school.desk, TENANT).people == 1
    assert [one.code for one in Course.select().where(Course.tenant == TENANT)] == ["LIT1"]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("X999,A1,あ,,2,A,1,2024-01-01", "student_number", "unknown_student"),
        (",A1,あ,,2,A,1,2024-01-01", "student_number", "empty"),
        ("S001,科目,あ,,2,A,1,2024-01-01", "course_code", "course_code_shape"),
        ("S001,A1,,,2,A,1,2024-01-01", "course_name_ja", "empty"),
        ("S001,A1,？？,,2,A,1,2024-01-01", "course_name_ja", "lost_character"),
        ("S001,A1,あ,,two,A,1,2024-01-01", "credits", "not_credits"),
        ("S001,A1,あ,,-2,A,1,2024-01-01", "credits", "not_credits"),
        ("S001,A1,あ,,1.25,A,1,2024-01-01", "credits", "not_credits"),
        ("S001,A1,あ,,2,,1,2024-01-01", "grade", "empty"),
        ("S001,A1,あ,,2,aaaaaaaaaaaaaaaaa,1,2024-01-01", "grade", "short_text"),
        ("S001,A1,あ,,2,A,1,2024-02-30", "completed_on", "not_a_date"),
        ("S001,A1,あ,,2,A,1,2999-01-01", "completed_on", "date_out_of_range"),
        ("S001,A1,あ,,2,A,1", "", "too_few_columns"),
    ],
)
def test_wrong_rows_are_told_and_left_out(school: School, row: str, field: str, code: str) -> None:
    report = bring_in(school, COURSES + row + "\n")
    assert (report.rows, report.added, report.wrong) == (4, 3, 1)
    (problem,) = report.problems
    assert (problem.row, problem.field, problem.code) == (5, field, code)
    assert problem.ja
    assert problem.en


def test_a_course_stands_once_in_a_file(school: School) -> None:
    report = bring_in(school, COURSES + "G003,CS101,計算機入門,,2,C,2020-1,2020-09-30\n")
    assert [one.code for one in report.problems] == ["course_twice"]


def test_japanese_headers_in_shift_jis() -> None:
    text = "学籍番号,科目コード,科目名,単位,評価,学期,修得日\nS001,A1,数学,2,優,前期,2024年9月30日\n"
    (row,) = read_rows(io.BytesIO(text.encode("cp932")), COLUMNS)
    assert row.fields["course_name_ja"] == "数学"
    with pytest.raises(Malformed, match="単位数"):
        list(read_rows(io.BytesIO("学籍番号,科目コード\n".encode()), COLUMNS))


@given(st.dictionaries(st.sampled_from([*COLUMNS.headers]), st.text(max_size=40)))
def test_any_row_is_a_course_or_a_problem(fields: dict[str, str]) -> None:
    judged = judge_course_row(2, fields, today=today_of(1_790_000_000))
    assert isinstance(judged, CourseRow) or (judged and all(problem.ja and problem.en for problem in judged))
