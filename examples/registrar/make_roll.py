"""Writes roll.csv: 300 students who do not exist, with the names that break careless software, and three rows that are wrong.

Run it as `python -m examples.registrar.make_roll`; the seed is fixed, so the file is always the same. `--rows 30000` makes a large one
(for the benchmark), with no wrong rows.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path

COLUMNS = [
    *(
        "student_number",
        "family_name",
        "given_name",
        "family_name_kana",
        "given_name_kana",
        "family_name_latin",
        "given_name_latin",
    ),
    *(
        "birth_date",
        "email",
        "faculty",
        "department",
        "degree",
        "enrolled_on",
        "graduated_on",
        "status",
        "withdrawn_on",
        "language",
    ),
]

# Written, kana reading (some half-width, as old systems export them), Latin.
FAMILY = (
    "佐藤 サトウ Sato|鈴木 スズキ Suzuki|髙橋 タカハシ Takahashi|田中 タナカ Tanaka|"
    "伊藤 ｲﾄｳ Ito|山﨑 ヤマザキ Yamazaki|𠮷田 ヨシダ Yoshida|渡邊 ワタナベ Watanabe|"
    "齋藤 サイトウ Saito|中村 ナカムラ Nakamura|小林 コバヤシ Kobayashi|濵田 ハマダ Hamada|"
    "𠮷野 ヨシノ Yoshino|宮﨑 ミヤザキ Miyazaki|德永 トクナガ Tokunaga|神﨑 ｶﾝｻﾞｷ Kanzaki|"
    "辻󠄀 ツジ Tsuji|井上 イノウエ Inoue|五十嵐 イガラシ Igarashi|東海林 ショウジ Shoji|"
    "小鳥遊 タカナシ Takanashi|勅使河原 テシガワラ Teshigawara|草彅 クサナギ Kusanagi|"
    "大城 オオシロ Oshiro|金城 キンジョウ Kinjo"
)
GIVEN = (
    "陽菜 ヒナ Hina|蓮 レン Ren|美咲 ミサキ Misaki|翔太 ショウタ Shota|さくら サクラ Sakura|"
    "大翔 ヒロト Hiroto|結衣 ユイ Yui|悠真 ユウマ Yuma|花子 ハナコ Hanako|一郎 イチロウ Ichiro|"
    "凜 リン Rin|颯 ﾊﾔﾃ Hayate|ひかり ヒカリ Hikari|樹 イツキ Itsuki|葵 アオイ Aoi|"
    "健太郎 ケンタロウ Kentaro|心春 コハル Koharu|湊 ミナト Minato|すみれ スミレ Sumire|"
    "龍之介 リュウノスケ Ryunosuke"
)
ABROAD = (
    "Nguyễn グエン Nguyen Thị·Lan ティラン Thi·Lan|Müller ミュラー Mueller Jörg ヨルク Joerg|"
    "김 キム Kim 민서 ミンソ Minseo|王 オウ Wang 小明 シャオミン Xiaoming"
)
FACULTIES = (
    ("文学部", "人間学科", "学士（文学）"),
    ("法学部", "法律学科", "学士（法学）"),
    ("経済学部", "経済学科", "学士（経済学）"),
    ("理学部", "物理学科", "学士（理学）"),
    ("工学部", "情報工学科", "学士（工学）"),
    ("医学部", "看護学科", "学士（看護学）"),
)


def people(rows: int, seed: int = 8) -> Iterator[dict[str, str]]:
    """Rows of a roll, as a registrar's system would export them, all of them right."""
    pick = random.Random(seed)
    families = [entry.split() for entry in FAMILY.split("|")]
    givens = [entry.split() for entry in GIVEN.split("|")]
    guests = [entry.split() for entry in ABROAD.split("|")]
    for n in range(rows):
        if n % 25 == 24:
            guest = pick.choice(guests)
            family, given, language = guest[:3], [part.replace("·", " ") for part in guest[3:]], "en"
        else:
            family, given, language = pick.choice(families), pick.choice(givens), "ja"
        year = pick.choice((2021, 2022, 2023, 2024, 2025, 2026))
        faculty, department, degree = pick.choice(FACULTIES)
        status = "graduated" if year <= 2022 else pick.choices(("enrolled", "on_leave", "withdrawn"), (90, 5, 5))[0]
        yield {
            "student_number": f"{year % 100:02d}{'LJESTM'[FACULTIES.index((faculty, department, degree))]}{n + 1:05d}",
            "family_name": family[0],
            "given_name": given[0],
            "family_name_kana": family[1],
            "given_name_kana": given[1],
            "family_name_latin": family[2],
            "given_name_latin": given[2],
            "birth_date": f"{year - 18 - pick.choice((0, 0, 0, 1, 7))}-{pick.randint(1, 12):02d}-{pick.randint(1, 28):02d}",
            "email": f"s{year % 100:02d}{n + 1:05d}@student.sakuragawa.example",
            "faculty": faculty,
            "department": department,
            "degree": degree,
            "enrolled_on": f"{year}-04-01",
            "graduated_on": f"{year + 4}-03-24" if status == "graduated" else "",
            "status": status,
            "withdrawn_on": f"{year}-09-30" if status == "withdrawn" else "",
            "language": language,
        }


def with_mistakes(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same rows with three that are wrong, and the heroine of the demo in the first one."""
    rows[0] |= {
        "student_number": "24S00001",
        "family_name": "髙𠮷",
        "given_name": "花子",
        "family_name_kana": "ﾀｶﾖｼ",
        "given_name_kana": "ﾊﾅｺ",
    }
    rows[0] |= {
        "family_name_latin": "Takayoshi",
        "given_name_latin": "Hanako",
        "birth_date": "2005-11-03",
        "language": "ja",
    }
    rows[0] |= {
        "faculty": "理学部",
        "department": "物理学科",
        "degree": "学士（理学）",
        "enrolled_on": "2024-04-01",
        "status": "enrolled",
    }
    rows[0] |= {"graduated_on": "", "withdrawn_on": "", "email": "hanako@student.sakuragawa.example"}
    rows[41]["birth_date"] = "2004-02-30"  # no such day
    rows[136] |= {"student_number": rows[17]["student_number"]}  # two people, one number
    rows[251] |= {
        "status": "graduated",
        "enrolled_on": "2022-04-01",
        "graduated_on": "2021-03-24",
    }  # left before coming
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("roll.csv"))
    options = parser.parse_args()
    rows = people(options.rows) if options.rows != 300 else iter(with_mistakes(list(people(300))))
    with options.output.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    print(f"wrote {options.rows} rows to {options.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
