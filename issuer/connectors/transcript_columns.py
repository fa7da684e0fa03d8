"""The columns of a transcript file: one completed course to a line."""

from __future__ import annotations

from issuer.connectors.csv_file import Layout

TRANSCRIPT = Layout(
    headers={
        "student_number": ("学籍番号", "学生番号"),
        "course_code": ("科目コード", "科目番号", "授業コード"),
        "course_name_ja": ("科目名", "授業科目名", "科目名（日本語）"),
        "course_name_en": ("科目名英語", "科目名（英語）", "英文科目名"),
        "credits": ("単位数", "単位"),
        "grade": ("評価", "成績", "評語"),
        "term": ("学期", "開講学期", "履修学期"),
        "completed_on": ("修得日", "修得年月日", "認定日"),
    },
    required=("student_number", "course_code", "course_name_ja", "credits", "grade", "term", "completed_on"),
)
