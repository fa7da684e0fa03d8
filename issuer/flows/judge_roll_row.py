"""Is this row of a roll fit to stand in a certificate? Pure: a row in, a person or the list of what is wrong out.

Names are kept as the registrar wrote them: NFC would be safe for 髙 and 𠮷 but turns the compatibility ideograph 﨑's
neighbours into other characters, so kanji are not normalised at all. Readings become full-width katakana, numbers and
addresses become ASCII.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import jaconv

from common.mail_address import FORM as MAIL_ADDRESS
from issuer.catalogue.contract import Language, PersonFacts, RollStatus

MAX_LENGTH = 100
"""Characters of one field; the longest faculty names of Japan have about 30."""
EARLIEST_BIRTH = date(1900, 1, 1)

STUDENT_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9./_-]{0,31}")
_KANA = re.compile(r"[ァ-ヶー・゠ヽヾヷ-ヺ\u3099\u309a　 ]*")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ' .’-]*")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_STATUS: Mapping[str, RollStatus] = {
    "enrolled": "enrolled",
    "在学": "enrolled",
    "在籍": "enrolled",
    "graduated": "graduated",
    "卒業": "graduated",
    "修了": "graduated",
    "withdrawn": "withdrawn",
    "退学": "withdrawn",
    "除籍": "withdrawn",
    "on_leave": "on_leave",
    "休学": "on_leave",
}
_LANGUAGE: Mapping[str, Language] = {"": "ja", "ja": "ja", "日本語": "ja", "en": "en", "英語": "en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One thing wrong with one row. code: stable word. ja, en: what is wrong and who can mend it. Holds no value of the row."""

    row: int
    field: str
    code: str
    ja: str
    en: str


_SENTENCES: Mapping[str, tuple[str, str]] = {
    "empty": (
        "必須の欄が空です。学籍システムで入力してください。",
        "This field is needed. Fill it in the student system.",
    ),
    "too_long": (
        f"{MAX_LENGTH}文字を超えています。学籍システムの値を確かめてください。",
        f"Longer than {MAX_LENGTH} characters. Check the value in the student system.",
    ),
    "control_character": (
        "改行などの見えない文字が入っています。学籍システムで入れ直してください。",
        "Contains a line break or another invisible character. Enter it again in the student system.",
    ),
    "lost_character": (
        "文字が「?」や「〓」に化けています。出力の文字コードをUTF-8にして書き出し直してください。",
        "A character was lost in the export (? or 〓 or U+FFFD). Export the file again as UTF-8.",
    ),
    "student_number_shape": (
        "学籍番号は英数字と . / _ - の32文字までです。学籍システムで直してください。",
        "A student number has up to 32 letters, digits or . / _ -. Correct it in the student system.",
    ),
    "duplicate": (
        "同じ学籍番号の行がこのファイルにすでにあります。どちらが正しいか教務で確かめてください。",
        "This student number already stands in this file. The registrar must decide which row is right.",
    ),
    "not_kana": (
        "カナ以外の文字が入っています。教務で読みを直してください。",
        "Has characters that are not kana. The registrar must correct the reading.",
    ),
    "not_latin": (
        "ローマ字以外の文字が入っています。教務でつづりを直してください。",
        "Has characters that are not Latin letters. The registrar must correct the spelling.",
    ),
    "not_a_date": (
        "日付として読めません。2006-04-01 の形で、暦にある日を書いてください（教務）。",
        "Not a date of the calendar. Write it like 2006-04-01 (registrar).",
    ),
    "date_out_of_range": (
        "日付がありえない範囲です。教務で確かめてください。",
        "The date is out of any possible range. The registrar must check it.",
    ),
    "dates_out_of_order": (
        "日付の順が合いません（生年月日 < 入学 ≦ 卒業・退学）。教務で確かめてください。",
        "The dates are out of order (birth < enrolment ≤ graduation or withdrawal). The registrar must check them.",
    ),
    "date_needed_for_status": (
        "この状態には日付が要ります（卒業なら卒業日、退学なら退学日）。教務で入力してください。",
        "This status needs its date (of graduation or of withdrawal). The registrar must fill it in.",
    ),
    "unknown_status": (
        "状態は 在学・休学・卒業・退学 のどれかです。出力の設定を直してください（システム担当）。",
        "The status must be enrolled, on_leave, graduated or withdrawn. Mend the export (system administrator).",
    ),
    "unknown_language": (
        "言語は ja か en です。出力の設定を直してください（システム担当）。",
        "The language must be ja or en. Mend the export (system administrator).",
    ),
    "not_an_email": (
        "メールアドレスの形ではありません。本人か教務が直してください。",
        "Not an e-mail address. The student or the registrar must correct it.",
    ),
    "unknown_student": (
        "この学籍番号の人は名簿にいません。先に名簿を取り込んでください（教務）。",
        "Nobody in the roll has this student number. Import the roll first (registrar).",
    ),
    "course_code_shape": (
        "科目コードは英数字と . / _ - の32文字までです。学籍システムで直してください。",
        "A course code has up to 32 letters, digits or . / _ -. Correct it in the student system.",
    ),
    "course_twice": (
        "同じ人の同じ科目・学期の行がこのファイルにすでにあります。教務で確かめてください。",
        "This person's course of this term already stands in this file. The registrar must decide which row is right.",
    ),
    "not_credits": (
        "単位数は 0 から 99.9 までの数（小数第1位まで）です。教務で確かめてください。",
        "Credits are a number from 0 to 99.9 with at most one decimal. The registrar must check it.",
    ),
    "short_text": (
        "学期は32文字、評価は16文字までです。学籍システムの値を確かめてください。",
        "A term has up to 32 characters, a grade up to 16. Check the value in the student system.",
    ),
    "line_too_long": (
        "行が長すぎます。引用符が閉じていないかもしれません（システム担当）。",
        "The line is too long; perhaps a quote was never closed (system administrator).",
    ),
    "quote_wrong": (
        "引用符の使い方がCSVと合いません（システム担当）。",
        "The quotes are not those of a CSV file (system administrator).",
    ),
    "too_many_columns": (
        "列が見出しより多くあります。値の中のカンマを引用符で囲んでください（システム担当）。",
        "More columns than the header has. Quote values that contain a comma (system administrator).",
    ),
    "too_few_columns": (
        "列が見出しより少ないです。途中で切れていないか確かめてください（システム担当）。",
        "Fewer columns than the header has. See whether the line was cut (system administrator).",
    ),
}


def row_problem(row: int, field: str, code: str) -> RowProblem:
    """A problem with its sentences in both languages."""
    ja, en = _SENTENCES[code]
    return RowProblem(row=row, field=field, code=code, ja=ja, en=en)


def parse_date(text: str) -> date | None:
    """A date as registrars write them (2006-04-01, 2006/4/1, 2006年4月1日, 20060401, full width too), or None."""
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def normalise_kana(text: str) -> str:
    """A reading in half-width kana or hiragana → full-width katakana, one space between parts."""
    wide = jaconv.h2z(unicodedata.normalize("NFC", text), kana=True, ascii=False, digit=False)
    return " ".join(jaconv.hira2kata(wide).replace("　", " ").replace("-", "ー").split())


class RowReader:
    """Reads one row's fields and collects what is wrong."""

    def __init__(self, number: int, fields: Mapping[str, str]) -> None:
        self.number = number
        self.fields = fields
        self.problems: list[RowProblem] = []

    def wrong(self, field: str, code: str) -> None:
        self.problems.append(row_problem(self.number, field, code))

    def text(self, field: str, *, needed: bool = False) -> str:
        value = self.fields.get(field, "").strip(" \t\r\n　")
        if not value:
            if needed:
                self.wrong(field, "empty")
            return ""
        if len(value) > MAX_LENGTH:
            self.wrong(field, "too_long")
            return ""
        if not value.isprintable() and any(
            unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in value
        ):
            self.wrong(field, "control_character")
            return ""
        return value

    def name(self, field: str, *, needed: bool) -> str:
        value = self.text(field, needed=needed)
        if any(mark in value for mark in "?？〓\ufffd"):
            self.wrong(field, "lost_character")
        return value

    def shaped(self, field: str, pattern: re.Pattern[str], code: str, value: str) -> str:
        if value and not pattern.fullmatch(value):
            self.wrong(field, code)
        return value

    def date(self, field: str, *, needed: bool = False) -> date | None:
        value = self.text(field, needed=needed)
        if not value:
            return None
        found = parse_date(value)
        if found is None:
            self.wrong(field, "not_a_date")
        return found


def judge_roll_row(number: int, fields: Mapping[str, str], *, today: date) -> PersonFacts | tuple[RowProblem, ...]:
    """One row → the person, or everything wrong with the row (at least one problem). today: dates of birth must lie before it."""
    row = RowReader(number, fields)
    student_number = unicodedata.normalize("NFKC", row.text("student_number", needed=True)).upper()
    row.shaped("student_number", STUDENT_NUMBER, "student_number_shape", student_number)
    family_name, given_name = row.name("family_name", needed=True), row.name("given_name", needed=True)
    kana = {
        field: row.shaped(field, _KANA, "not_kana", normalise_kana(row.text(field)))
        for field in ("family_name_kana", "given_name_kana")
    }
    latin = {
        field: row.shaped(
            field,
            _LATIN,
            "not_latin",
            " ".join(jaconv.z2h(row.text(field), kana=False, ascii=True, digit=True).split()),
        )
        for field in ("family_name_latin", "given_name_latin")
    }
    email = row.shaped("email", MAIL_ADDRESS, "not_an_email", unicodedata.normalize("NFKC", row.text("email")))
    birth, enrolled = row.date("birth_date", needed=True), row.date("enrolled_on", needed=True)
    graduated, withdrawn = row.date("graduated_on"), row.date("withdrawn_on")
    status = _STATUS.get(row.text("status", needed=True).lower())
    if status is None and row.fields.get("status", "").strip():
        row.wrong("status", "unknown_status")
    language = _LANGUAGE.get(row.text("language").lower())
    if language is None:
        row.wrong("language", "unknown_language")
    faculty, department, degree = row.text("faculty"), row.text("department"), row.text("degree")
    _judge_dates(row, birth, enrolled, graduated, withdrawn, status, today)
    if row.problems or birth is None or enrolled is None or status is None or language is None:
        return tuple(row.problems)
    return PersonFacts(
        student_number=student_number,
        family_name=family_name,
        given_name=given_name,
        family_name_kana=kana["family_name_kana"],
        given_name_kana=kana["given_name_kana"],
        family_name_latin=latin["family_name_latin"],
        given_name_latin=latin["given_name_latin"],
        birth_date=birth,
        email=email,
        faculty=faculty,
        department=department,
        degree=degree,
        enrolled_on=enrolled,
        graduated_on=graduated,
        status=status,
        withdrawn_on=withdrawn,
        language=language,
    )


def _judge_dates(
    row: RowReader,
    birth: date | None,
    enrolled: date | None,
    graduated: date | None,
    withdrawn: date | None,
    status: RollStatus | None,
    today: date,
) -> None:
    if birth and not EARLIEST_BIRTH <= birth < today:
        row.wrong("birth_date", "date_out_of_range")
    elif birth and enrolled and enrolled <= birth:
        row.wrong("enrolled_on", "dates_out_of_order")
    for field, value in (("graduated_on", graduated), ("withdrawn_on", withdrawn)):
        if value and enrolled and value < enrolled:
            row.wrong(field, "dates_out_of_order")
    for needed_by, field, value in (("graduated", "graduated_on", graduated), ("withdrawn", "withdrawn_on", withdrawn)):
        if status == needed_by and value is None and not row.fields.get(field, "").strip():
            row.wrong(field, "date_needed_for_status")
