"""The roll: encodings, spellings, wrong rows, running it again, and 30,000 rows (9,000 in the usual run)."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from datetime import date

import pytest

from common.errors import Malformed
from issuer.catalogue.contract import PersonFacts
from issuer.connectors.csv_file import MAX_LINE, RawRow, read_rows
from issuer.flows.find_people import find_people
from issuer.flows.import_roll import import_roll
from issuer.flows.judge_roll_row import judge_roll_row, normalise_kana, parse_date
from issuer.store.tables import Person
from tests.amount import examples
from tests.issuer.school import HEADER, ROLL, TENANT, School

TODAY = date(2026, 9, 21)
GOOD = {
    "student_number": "s001",
    "family_name": "髙﨑",
    "given_name": "𠮷子",
    "family_name_kana": "ﾀｶｻｷ",
    "given_name_kana": "よしこ",
    "birth_date": "2005/4/2",
    "enrolled_on": "２０２４年４月１日",
    "status": "在学",
}


def judge(**changes: str) -> list[str]:
    found = judge_roll_row(7, {**GOOD, **changes}, today=TODAY)
    return [] if isinstance(found, PersonFacts) else [f"{one.field}:{one.code}" for one in found]


def test_names_stay_and_readings_become_full_width() -> None:
    found = judge_roll_row(7, GOOD, today=TODAY)
    assert isinstance(found, PersonFacts)
    assert (found.student_number, found.family_name, found.given_name) == ("S001", "髙﨑", "𠮷子")
    assert (found.family_name_kana, found.given_name_kana) == ("タカサキ", "ヨシコ")
    assert (found.birth_date, found.enrolled_on) == (date(2005, 4, 2), date(2024, 4, 1))


@pytest.mark.parametrize(("text", "wanted"), [("ｶﾞｷﾞ", "ガギ"), ("ぱぴ", "パピ"), ("ｼﾞｮｰｼﾞ　ｽﾐｽ", "ジョージ スミス")])
def test_kana(text: str, wanted: str) -> None:
    assert normalise_kana(text) == wanted


@pytest.mark.parametrize("text", ["2026-02-29", "20260431", "yesterday", "2026-13-01", ""])
def test_days_that_are_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"student_number": ""}, "student_number:empty"),
        ({"student_number": "鶴1"}, "student_number:student_number_shape"),
        ({"family_name": "?橋"}, "family_name:lost_character"),
        ({"family_name": "髙\n橋"}, "family_name:control_character"),
        ({"given_name": "子" * 101}, "given_name:too_long"),
        ({"family_name_kana": "高崎"}, "family_name_kana:not_kana"),
        ({"given_name_latin": "花"}, "given_name_latin:not_latin"),
        ({"birth_date": "2005-02-29"}, "birth_date:not_a_date"),
        ({"birth_date": "2027-01-01"}, "birth_date:date_out_of_range"),
        ({"graduated_on": "2020-03-31"}, "graduated_on:dates_out_of_order"),
        ({"status": "卒業"}, "graduated_on:date_needed_for_status"),
        ({"status": "gone"}, "status:unknown_status"),
        ({"language": "fr"}, "language:unknown_language"),
        ({"email": "hanako@"}, "email:not_an_email"),
        ({"degree": "学" * 101}, "degree:too_long"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, str], wrong: str) -> None:
    assert judge(**changes) == [wrong]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_encodings_and_japanese_headers(encoding: str) -> None:
    text = "学籍番号,姓,名,生年月日,入学日,在籍状態\nS1,髙橋,花子,2005-04-02,2024-04-01,在学\n"
    (row,) = read_rows(io.BytesIO(text.encode(encoding)))
    assert (row.number, row.fields["family_name"], row.fields["status"]) == (2, "髙橋", "在学")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "header_missing"),
        ("学籍番号,姓\nS1,山田\n".encode(), "column_missing"),
        (f"{HEADER},学籍番号\n".encode(), "column_twice"),
        ("学籍番号\n".encode("utf-16"), "encoding_not_supported"),
        (b"\x81\xff\xfe\xa0", "encoding_not_supported"),
    ],
)
def test_files_that_are_no_roll(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        list(read_rows(io.BytesIO(data)))
    assert caught.value.code == code


def test_rows_that_cannot_be_read_are_passed_over() -> None:
    good = "S1,山,花,,,,,2005-04-02,,,,,2024-04-01,,enrolled,,ja"
    lines = [HEADER, good, '"S2"x,y', "S3,short", "S4" + "," * 30, "S5," + "x" * (MAX_LINE + 10), "", good]
    rows = list(read_rows(io.BytesIO("\r\n".join(lines).encode())))
    problems = [(row.number, row.problem) for row in rows]
    assert problems == [
        (2, ""),
        (3, "quote_wrong"),
        (4, "too_few_columns"),
        (5, "too_many_columns"),
        (6, "line_too_long"),
        (8, ""),
    ]


def test_running_it_again_changes_nothing(any_school: School) -> None:
    again = any_school.import_text(ROLL)
    assert (again.added, again.changed, again.same, again.wrong) == (0, 0, 3, 0)
    changed = any_school.import_text(ROLL.replace("物理学科", "化学科"))
    assert (changed.added, changed.changed, changed.same) == (0, 1, 2)
    assert any_school.person("S002").department == "化学科"


def test_a_dry_run_counts_and_changes_nothing(school: School) -> None:
    more = ROLL + "S009,山,花,,,,,2005-04-02,,,,,2024-04-01,,enrolled,,ja\n"
    report = school.import_text(more.replace("物理学科", "化学科"), dry_run=True)
    assert (report.added, report.changed, report.same) == (1, 1, 2)
    assert Person.select().where(Person.tenant == TENANT).count() == 3
    assert school.person("S002").department == "物理学科"


def test_the_same_number_twice_in_one_file(school: School) -> None:
    row = "S010,山,花,,,,,2005-04-02,,,,,2024-04-01,,enrolled,,ja\n"
    report = school.import_text(f"{HEADER}\n{row}{row}")
    assert (report.added, report.wrong, report.problems[0].code) == (1, 1, "duplicate")
    assert report.problems[0].row == 3


@pytest.mark.parametrize("query", ["髙橋", "たかはし", "ﾀｶﾊｼ", "hanako takahashi", "s001", "HANAKO@example"])
def test_search(school: School, query: str) -> None:
    assert [row.student_number for row in find_people(TENANT, query=query).people] == ["S001"]


def many(count: int) -> Iterator[RawRow]:
    for number in range(count):
        fields = {**GOOD, "student_number": f"M{number:06}", "email": f"m{number}@example.jp", "faculty": "文学部"}
        yield RawRow(number=number + 2, fields=fields)


def test_any_number_of_rows_in_flat_memory(school: School) -> None:
    rows = examples(9_000, 30_000)
    import_roll(school.desk, TENANT, many(1000), actor="test", dry_run=True)
    report = import_roll(school.desk, TENANT, many(rows), actor="test")
    assert (report.added, report.wrong) == (rows, 0)
    tracemalloc.start()
    import_roll(school.desk, TENANT, many(3_000), actor="test")
    small = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    import_roll(school.desk, TENANT, many(9_000), actor="test")
    large = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert large - small < 1_500_000  # bytes: the marks of the numbers seen, and nothing else
