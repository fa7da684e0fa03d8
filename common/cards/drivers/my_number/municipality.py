"""Prefecture and municipality of an address as the resident register writes it. Pure; no list of all 1,741 is needed, only the odd ones.

A municipality ends in 市, 区, 町 or 村; some have one of these, or 郡, inside their names too, and those are named here. Wards of a
city are not municipalities; the special wards of Tokyo are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PREFECTURE = re.compile(
    "北海道|東京都|京都府|大阪府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知"
    "|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県"
)
_ODD_CITIES = (
    *("市川市", "市原市", "四日市市", "廿日市市", "野々市市"),
    *("郡山市", "大和郡山市", "蒲郡市", "小郡市", "郡上市"),
    *("町田市", "大町市", "十日町市"),
    *("村上市", "村山市", "東村山市", "武蔵村山市", "羽村市", "田村市", "大村市"),
)
_ODD_DISTRICTS = ("余市郡", "高市郡", "田村郡", "東村山郡", "西村山郡", "北村山郡")
_ODD_TOWNS = (
    *("余市町", "上市町", "下市町", "市川町", "市川三郷町", "市貝町"),
    *("大町町", "玉村町", "村田町"),
)
_DISTRICT = re.compile("[^市区町村郡]{1,6}郡")
_TOWN = re.compile("[^市区町村]{1,10}[町村]")
_ANY = re.compile("[^市区町村]{1,10}[市区町村]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Residence:
    """municipality: with the district that it stands in ("余市郡余市町"). Neither is printed."""

    prefecture: str = field(repr=False)
    municipality: str = field(repr=False)


def parse_residence(address: str) -> Residence | None:
    """The address's two first parts; None where it does not begin with a prefecture and something that reads like a municipality."""
    prefecture = _PREFECTURE.match(address)
    if prefecture is None:
        return None
    rest = address[prefecture.end() :]
    municipality = _read_municipality(rest)
    return None if municipality is None else Residence(prefecture=prefecture.group(), municipality=municipality)


def _read_municipality(rest: str) -> str | None:
    if (city := _starting(rest, _ODD_CITIES)) is not None:
        return city
    district = _starting(rest, _ODD_DISTRICTS)
    if district is None and (match := _DISTRICT.match(rest)) is not None:
        district = match.group()
    if district is not None:
        inner = rest[len(district) :]
        town = _starting(inner, _ODD_TOWNS)
        if town is None and (match := _TOWN.match(inner)) is not None:
            town = match.group()
        return None if town is None else district + town
    match = _ANY.match(rest)
    return None if match is None else match.group()


def _starting(text: str, names: tuple[str, ...]) -> str | None:
    return next((name for name in sorted(names, key=len, reverse=True) if text.startswith(name)), None)
