"""Who may drive what, and the sample licences. Nobody of them exists, and no licence number here has a right check digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from examples.cards.people import PEOPLE, Person

CATEGORIES = {
    0x25: "大型", 0x26: "普通", 0x27: "大特", 0x28: "大自二", 0x29: "普自二", 0x2A: "小特", 0x2B: "原付", 0x2C: "け引", 0x2D: "大二",
    0x2E: "普二", 0x2F: "大特二", 0x30: "け引二", 0x31: "中型", 0x32: "中二", 0x33: "準中型",
}  # fmt: skip
"""Tags of DF1/EF01 and the names on the card."""
MOTORCYCLES = {"大自二", "普自二", "小特", "原付"}
SECOND_CLASS = {"大二", "普二", "大特二", "け引二", "中二"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something written into the chip after the card was issued. kind: a key of `changes.KINDS`. commission: five characters."""

    kind: str
    date: str
    text: str
    commission: str = "東京都公委"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """categories: a name of `CATEGORIES` → the day (YYYYMMDD). pin_1, pin_2: empty where none was set at issue."""

    person: Person
    number: str = field(repr=False)
    domicile: str
    categories: Mapping[str, str]
    issued: str = "20240418"
    expires: str = "20290505"
    colour: str = "優良"
    reference: str = "12345"
    commission: str = "東京都公安委員会"
    conditions: tuple[str, ...] = ()
    alias: str = ""
    changes: tuple[Change, ...] = ()
    pin_1: str = field(default="1234", repr=False)
    pin_2: str = field(default="5678", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", MappingProxyType(dict(self.categories)))
        if not set(self.categories) <= set(CATEGORIES.values()):
            raise ValueError("no such category of vehicles")

    def group_dates(self) -> tuple[str, str, str]:
        """The first day of each group that is printed on the card: 二・小・原, 他, 二種; empty for none."""
        held = self.categories
        groups = (
            [day for name, day in held.items() if name in MOTORCYCLES],
            [day for name, day in held.items() if name not in MOTORCYCLES | SECOND_CLASS],
            [day for name, day in held.items() if name in SECOND_CLASS],
        )
        return tuple(min(days, default="") for days in groups)  # type: ignore[return-value] # three, as above


HANAKO = Licence(
    person=PEOPLE["hanako"],
    number="301012345670",
    domicile="東京都新宿区西新宿二丁目８番",
    categories={"普通": "20100420", "原付": "20080805"},
    conditions=("眼鏡等",),
)
TAKASAKI = Licence(  # four characters that need a picture, and room for two
    person=PEOPLE["takasaki"],
    number="440598765431",
    domicile="千葉県銚子市犬吠埼９５７６番地",
    categories={"中型": "20060315", "普自二": "20040910"},
    conditions=("眼鏡等", "中型車は中型車（８ｔ）に限る", "普通車はＡＴ車に限る"),
    commission="千葉県公安委員会",
    colour="一般",
)
MOVED = Licence(  # a new address, a new name with a character of its own, then once more a new address
    person=PEOPLE["nineteen"],
    number="612534567892",
    domicile="京都府京都市中京区上本能寺前町４８８番地",
    categories={"普通": "20250601", "小特": "20230401"},
    issued="20250601",
    expires="20280501",
    colour="新規",
    commission="京都府公安委員会",
    changes=(
        Change(kind="commission", date="20251003", text="滋賀県公安委員会", commission="滋賀県公委"),
        Change(kind="address", date="20251003", text="滋賀県大津市京町四丁目１番１号", commission="滋賀県公委"),
        Change(kind="name", date="20260214", text="髙島　蓮", commission="滋賀県公委"),
        Change(kind="address", date="20260702", text="滋賀県高島市新旭町北畑５６５番地　栁荘", commission="滋賀県公委"),
        Change(kind="condition_lifted", date="20260702", text="眼鏡等", commission="滋賀県公委"),
        Change(kind="domicile", date="20260702", text="滋賀県高島市新旭町北畑", commission="滋賀県公委"),
    ),
    conditions=("眼鏡等",),
)
KIYO = Licence(  # no PIN was set, and the day of birth is not known
    person=PEOPLE["kiyo"],
    number="977060011223",
    domicile="沖縄県那覇市泉崎一丁目２番",
    categories={"普通": "19720515", "原付": "19720515"},
    commission="沖縄県公安委員会",
    expires="20270610",
    pin_1="",
    pin_2="",
)
NGUYEN = Licence(  # a name of Latin letters, an alias, everything that one may drive for hire
    person=PEOPLE["nguyen"],
    number="541655501234",
    domicile="ベトナム社会主義共和国",
    alias="阮　安",
    categories=dict.fromkeys(("大型", "普通", "大特", "け引", "大二", "普二", "中型", "準中型"), "20230815"),
    commission="愛知県公安委員会",
    colour="一般",
)
TESHIGAWARA = Licence(  # an address of two hundred characters
    person=PEOPLE["long_address"],
    number="107812340006",
    domicile="北海道札幌市中央区北一条西二丁目",
    categories={"大型": "19820601", "普通": "19761102", "大特": "19830310", "大自二": "19760901", "小特": "19730815"},
    commission="北海道公安委員会",
    expires="20280915",
)
SAMPLES = {
    "hanako": HANAKO,
    "takasaki": TAKASAKI,
    "moved": MOVED,
    "kiyo": KIYO,
    "nguyen": NGUYEN,
    "long_address": TESHIGAWARA,
}
