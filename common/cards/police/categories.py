"""The categories of a Japanese driving licence, in the order of the table on its face. 道路交通法第84条."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """code: a word of ours, as in claims. label_ja: as on the card. entry: tag of its date in DF1/EF01; record: of its mark in 001B."""

    code: str
    label_ja: str
    label_en: str
    entry: int
    record: int


CATEGORIES: Final = (
    Category(code="large", label_ja="大型", label_en="large vehicles", entry=0x25, record=0xEC),
    Category(code="medium", label_ja="中型", label_en="medium vehicles", entry=0x31, record=0xF8),
    Category(code="semi_medium", label_ja="準中型", label_en="semi-medium vehicles", entry=0x33, record=0xFA),
    Category(code="ordinary", label_ja="普通", label_en="ordinary vehicles", entry=0x26, record=0xED),
    Category(code="large_special", label_ja="大特", label_en="large special vehicles", entry=0x27, record=0xEE),
    Category(code="large_motorcycle", label_ja="大自二", label_en="large motorcycles", entry=0x28, record=0xEF),
    Category(code="ordinary_motorcycle", label_ja="普自二", label_en="ordinary motorcycles", entry=0x29, record=0xF0),
    Category(code="small_special", label_ja="小特", label_en="small special vehicles", entry=0x2A, record=0xF1),
    Category(code="moped", label_ja="原付", label_en="mopeds", entry=0x2B, record=0xF2),
    Category(code="towing", label_ja="け引", label_en="towing", entry=0x2C, record=0xF3),
    Category(code="large_2", label_ja="大二", label_en="large vehicles for hire", entry=0x2D, record=0xF4),
    Category(code="medium_2", label_ja="中二", label_en="medium vehicles for hire", entry=0x32, record=0xF9),
    Category(code="ordinary_2", label_ja="普二", label_en="ordinary vehicles for hire", entry=0x2E, record=0xF5),
    Category(
        code="large_special_2", label_ja="大特二", label_en="large special vehicles for hire", entry=0x2F, record=0xF6
    ),
    Category(code="towing_2", label_ja="け引二", label_en="towing for hire", entry=0x30, record=0xF7),
)

GROUPS: Final = (
    ("motorcycle_since", 0x22, 0xE9),
    ("other_since", 0x23, 0xEA),
    ("second_class_since", 0x24, 0xEB),
)
"""Claim, tag in DF1/EF01, tag in 001B of the first date of a group: 二・小・原, 他, 二種."""
