"""Rows of a registrar's CSV file, one at a time: the file may be larger than memory.

Reads UTF-8 (with or without BOM) and CP932 (what Excel on a Japanese Windows writes), comma or tab, header names in Japanese or English.
It does not judge what a field says; flows/judge_roll_row.py does.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from common.errors import Malformed

MAX_LINE = 65_536
"""Characters. A line of a roll has a few hundred; more is a quote that was never closed, or not a roll."""

HEADERS: Mapping[str, tuple[str, ...]] = {
    "student_number": ("学籍番号", "学生番号"),
    "family_name": ("姓", "氏", "名字"),
    "given_name": ("名",),
    "family_name_kana": ("姓カナ", "姓フリガナ", "氏カナ", "セイ"),
    "given_name_kana": ("名カナ", "名フリガナ", "メイ"),
    "family_name_latin": ("姓ローマ字", "姓英字", "氏ローマ字"),
    "given_name_latin": ("名ローマ字", "名英字"),
    "birth_date": ("生年月日",),
    "email": ("メールアドレス", "メール", "電子メール"),
    "faculty": ("学部", "研究科", "学部・研究科"),
    "department": ("学科", "専攻", "学科・専攻"),
    "degree": ("学位",),
    "enrolled_on": ("入学日", "入学年月日"),
    "graduated_on": ("卒業日", "卒業年月日"),
    "status": ("在籍状態", "状態", "在籍区分"),
    "withdrawn_on": ("退学日", "退学年月日"),
    "language": ("言語", "連絡言語"),
}
"""Our field name → the header names of Japanese exports. English headers are the field names themselves."""
REQUIRED = ("student_number", "family_name", "given_name", "birth_date", "enrolled_on", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a kind of file has for columns: our field name → header names of Japanese exports; and those that must be there."""

    headers: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]


ROLL = Layout(headers=HEADERS, required=REQUIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """number: the line where the row begins, the header being line 1. problem: why the row cannot be read at all, or empty."""

    number: int
    fields: Mapping[str, str]
    problem: str = ""


class _Lines:
    """Lines of a text stream, none longer than MAX_LINE; a longer one raises csv.Error and is passed over."""

    def __init__(self, text: io.TextIOBase) -> None:
        self.text = text
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            while line and not line.endswith("\n"):
                line = self.text.readline(MAX_LINE)
            raise csv.Error("line_too_long")
        return line


def detect_encoding(file: BinaryIO) -> str:
    """Python's name of the file's encoding; the file is read once in pieces and rewound.

    Raises Malformed for UTF-16 and for bytes that are neither UTF-8 nor CP932.
    """
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Malformed(
            "encoding_not_supported", "the file is UTF-16; save it as “CSV UTF-8” (UTF-8) or as CSV (Shift_JIS)"
        )
    candidates = ("utf-8-sig",) if start.startswith(codecs.BOM_UTF8) else ("utf-8", "cp932")
    for name in candidates:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            while piece := file.read(65_536):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        finally:
            file.seek(0)
        return name
    raise Malformed("encoding_not_supported", "the file is neither UTF-8 nor Shift_JIS (CP932) text")


def _columns(header: list[str], layout: Layout) -> list[str | None]:
    by_header = {alias: field for field, aliases in layout.headers.items() for alias in (field, *aliases)}
    names = ["".join(cell.split()).strip("\ufeff") for cell in header]
    columns = [by_header.get(name) or by_header.get(name.lower()) for name in names]
    known = [column for column in columns if column]
    if twice := sorted({column for column in known if known.count(column) > 1}):
        raise Malformed("column_twice", f"two columns of the file mean the same: {', '.join(twice)}")
    if missing := [field for field in layout.required if field not in known]:
        raise Malformed(
            "column_missing",
            "the first line must name the columns; missing: "
            + ", ".join(f"{field} ({layout.headers[field][0]})" for field in missing),
        )
    return columns


def read_rows(file: BinaryIO, layout: Layout = ROLL) -> Iterator[RawRow]:
    """The rows of a seekable binary file, in order, empty lines left out. A row that cannot be read has ``problem`` set.

    problem: ``line_too_long``, ``too_many_columns``, ``too_few_columns`` or ``quote_wrong``.
    Raises Malformed for the file as a whole: its encoding, or its header line.
    """
    encoding = detect_encoding(file)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield from _read_text(text, layout)
    finally:
        text.detach()


def _read_text(text: io.TextIOWrapper, layout: Layout) -> Iterator[RawRow]:
    lines = _Lines(text)
    try:
        first = next(lines, "")
    except csv.Error:
        first = ""
    if not first.strip():
        raise Malformed("header_missing", "the first line of the file must name the columns")
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    columns = _columns(next(csv.reader([first], delimiter=delimiter)), layout)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = "line_too_long" if "long" in str(error) or "limit" in str(error) else "quote_wrong"
            yield RawRow(number=number, fields={}, problem=problem)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            problem = "too_many_columns" if len(cells) > len(columns) else "too_few_columns"
            yield RawRow(number=number, fields={}, problem=problem)
            continue
        yield RawRow(
            number=number, fields={column: cell for column, cell in zip(columns, cells, strict=True) if column}
        )
