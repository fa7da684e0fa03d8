"""Dates as people type them: 2005-11-03, 2005/11/3, 20051103, 2005年11月3日, 平成17年11月3日, H17.11.3, 3 November 2005."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from common.pages.dates import ERAS, MONTHS

_ERA_LETTERS = {"R": "令和", "H": "平成", "S": "昭和", "T": "大正", "M": "明治"}
_ERA_YEARS = {name: first.year if name != "明治" else 1868 for first, name in ERAS}
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_ERA = re.compile(r"(令和|平成|昭和|大正|明治|[RHSTM])(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?([A-Za-z]{3,9})\.?,?(\d{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.?(\d{1,2})(?:st|nd|rd|th)?,?(\d{4})")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")
MAX_TEXT = 40


def read_date(text: str) -> dt.date | None:
    """The day that is meant, or None. Full-width characters and spaces are taken as their plain ones."""
    if len(text) > MAX_TEXT:
        return None
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    if found := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (int(part) for part in found.groups() if part is not None)
    elif found := _ERA.fullmatch(plain):
        era = _ERA_LETTERS.get(found[1], found[1])
        year = _ERA_YEARS[era] + (1 if found[2] == "元" else int(found[2])) - 1
        month, day = int(found[3]), int(found[4])
        if year > _last_year(era):
            return None
    elif found := _DAY_FIRST.fullmatch(plain):
        year, month, day = int(found[3]), _month(found[2]), int(found[1])
    elif found := _MONTH_FIRST.fullmatch(plain):
        year, month, day = int(found[3]), _month(found[1]), int(found[2])
    else:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _month(name: str) -> int:
    """1 to 12, or 0 for what is no month's name."""
    return next((n for n, full in enumerate(MONTHS, 1) if full.lower().startswith(name.lower())), 0)


def _last_year(era: str) -> int:
    """The year in which the era ended; the present one has no end."""
    later = [first.year for first, name in ERAS if name != era and first.year > _ERA_YEARS[era]]
    return min(later, default=dt.MAXYEAR)
