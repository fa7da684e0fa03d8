"""Writes transcript.csv: the courses of the first thirty students of roll.csv, and two rows that are wrong.

Run it as `python -m examples.registrar.make_transcript`; the seed is fixed, so the file is always the same. Import roll.csv first.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from examples.registrar.make_roll import people, with_mistakes

COLUMNS = (
    *("student_number", "course_code", "course_name_ja", "course_name_en"),
    *("credits", "grade", "term", "completed_on"),
)
STUDENTS = 30
COURSES = (
    "GE101 英語Ⅰ English_I 2|GE102 英語Ⅱ English_II 2|GE110 情報リテラシー Information_Literacy 2|"
    "GE120 統計入門 Introduction_to_Statistics 2|GE130 日本国憲法 The_Constitution_of_Japan 2|"
    "GE140 体育実技 Physical_Education 1|MJ201 専門基礎演習 Foundation_Seminar 2|"
    "MJ210 研究方法論 Research_Methods 2|MJ301 専門演習 Advanced_Seminar 4|MJ320 実習 Practical_Training 1.5"
)
GRADES = ("S", "A", "B", "C")
TERMS = (("1", "09-30", 0), ("2", "03-31", 1))


def courses(seed: int = 8) -> Iterator[dict[str, str]]:
    """Rows of a transcript file, as a registrar's system would export them, all of them right."""
    pick = random.Random(seed)
    offered = [entry.split() for entry in COURSES.split("|")]
    for person in with_mistakes(list(people(300)))[:STUDENTS]:
        year = int(person["enrolled_on"][:4])
        if year > 2025:  # has completed nothing yet
            continue
        for code, name_ja, name_en, credits_ in offered[: 4 if year > 2024 else len(offered)]:
            term, day, later = pick.choice(TERMS)
            yield {
                "student_number": person["student_number"],
                "course_code": code,
                "course_name_ja": name_ja,
                "course_name_en": name_en.replace("_", " "),
                "credits": credits_,
                "grade": pick.choice(GRADES),
                "term": f"{year}-{term}",
                "completed_on": f"{year + later}-{day}",
            }


def with_wrong_rows(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same rows with two that are wrong."""
    rows[7]["credits"] = "二"
    rows[20]["student_number"] = "99X99999"  # nobody
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("transcript.csv"))
    options = parser.parse_args()
    rows = with_wrong_rows(list(courses()))
    with options.output.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    print(f"wrote {len(rows)} rows to {options.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
