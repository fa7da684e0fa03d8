"""People who do not exist, as a register would have them, with everything that makes real ones hard.

Names with characters that no certificate can hold, dates of which only the year is known, addresses of two hundred characters, foreigners,
somebody with one name, children and very old people. Nobody has an individual number here; where a card must hold one it is all zeros.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SUBSTITUTES = {"髙": "高", "﨑": "崎", "𠮷": "吉", "閒": "間", "栁": "柳", "䑓": "台"}
"""Characters beyond JIS X 0208 and 0212, and what a certificate has in their place."""
ERAS = (
    (20190501, "5", 2018),
    (19890108, "4", 1988),
    (19261225, "3", 1925),
    (19120730, "2", 1911),
    (18680125, "1", 1867),
)
"""First day, digit, and the year before the first: 令和, 平成, 昭和, 大正, 明治."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """birth: YYYYMMDD, zeros for parts that nobody knows; era: its digit, worked out where the date is whole. sex: 1, 2, or 3 for unknown.

    name: as in the register, family and given name parted by U+3000. latin: surname and given names as in a passport, surname may be all
    there is. security_code: the four digits printed on the My Number card.
    """

    key: str
    name: str
    kana: str
    latin: tuple[str, str]
    birth: str
    sex: str
    address: str
    era: str = ""
    nationality: str = "JPN"
    municipality: str = "13104"
    card_expires: str = "20310505"
    security_code: str = field(default="2285", repr=False)

    @property
    def certificate_name(self) -> str:
        return substituted(self.name)

    @property
    def name_flags(self) -> str:
        """One digit per character of the name, the space among them: 1 where the certificate has another one."""
        return flags(self.name)

    @property
    def certificate_address(self) -> str:
        return substituted(self.address)

    @property
    def address_flags(self) -> str:
        return flags(self.address)

    @property
    def era_digit(self) -> str:
        """1 明治 … 5 令和, 0 where nobody knows."""
        return self.era or next((digit for first, digit, _ in ERAS if int(self.birth) >= first), "0")

    @property
    def certificate_birth(self) -> str:
        """EYYYYMMDD: the era's digit and the Gregorian date."""
        return self.era_digit + self.birth

    @property
    def era_birth(self) -> str:
        """YYMMDD in the year of the era, as 照合番号B begins. 00 for a year that nobody knows."""
        before = next((year for _, digit, year in ERAS if digit == self.era_digit), None)
        year = int(self.birth[:4]) - before if before is not None and self.birth[:4] != "0000" else 0
        return f"{year:02}{self.birth[4:]}"

    @property
    def printed_code(self) -> str:
        """照合番号B: birth date in the era's year, year of expiry, security code. All of it is printed on the card."""
        return self.era_birth + self.card_expires[:4] + self.security_code


def substituted(text: str) -> str:
    return "".join(SUBSTITUTES.get(character, character) for character in text)


def flags(text: str) -> str:
    return "".join("1" if character in SUBSTITUTES else "0" for character in text)


_LONG = (
    "北海道札幌市中央区北一条西二丁目"
    + "十番地の二十三号、旧字名丸山西裏通り北側奥" * 8
    + "コーポ・サンシャインヒルズ弐番館　第十二号室"
)

_PEOPLE = (
    Person(
        key="hanako", name="山田　花子", kana="やまだ　はなこ", latin=("YAMADA", "HANAKO"), birth="19900303", sex="2",
        address="東京都新宿区西新宿二丁目８番１号",
    ),
    Person(  # all three characters that a certificate cannot hold, one of them beyond the basic multilingual plane
        key="takasaki", name="髙﨑　𠮷乃", kana="たかさき　よしの", latin=("TAKASAKI", "YOSHINO"), birth="19851231", sex="2",
        address="千葉県銚子市犬吠埼９５７６番地　閒町荘２０１", municipality="12202", security_code="0417",
    ),
    Person(  # born in a year of which no day was written down
        key="kiyo", name="田中　きよ", kana="たなか　きよ", latin=("TANAKA", "KIYO"), birth="19410000", era="3", sex="2",
        address="沖縄県那覇市泉崎一丁目２番２号", municipality="47201", security_code="9031",
    ),
    Person(  # born nobody knows when
        key="unknown_birth", name="金城　武雄", kana="きんじょう　たけお", latin=("KINJO", "TAKEO"), birth="00000000", era="0", sex="1",
        address="沖縄県宮古島市平良字西里１８６番地", municipality="47214", security_code="5520",
    ),
    Person(
        key="long_address", name="勅使河原　清左衛門", kana="てしがわら　せいざえもん", latin=("TESHIGAWARA", "SEIZAEMON"),
        birth="19570815", sex="1", address=_LONG[:200], municipality="01101", security_code="6604",
    ),
    Person(  # full-width Latin letters, three names
        key="nguyen", name="ＮＧＵＹＥＮ　ＶＡＮ　ＡＮ", kana="ぐえん　ばん　あん", latin=("NGUYEN", "VAN AN"), birth="19961107", sex="1",
        address="愛知県名古屋市中区三の丸三丁目１番２号", nationality="VNM", municipality="23106", security_code="7788",
    ),
    Person(  # one name, sex unknown
        key="mononym", name="ＳＵＬＡＳＴＲＩ", kana="すらすとり", latin=("SULASTRI", ""), birth="20010228", sex="3",
        address="大阪府大阪市北区中之島一丁目３番２０号", nationality="IDN", municipality="27127", security_code="1234",
    ),
    Person(  # of age for some things, not for others
        key="nineteen", name="佐藤　蓮", kana="さとう　れん", latin=("SATO", "REN"), birth="20070401", sex="1",
        address="京都府京都市中京区上本能寺前町４８８番地", municipality="26104", security_code="3141",
    ),
    Person(
        key="child", name="鈴木　陽葵", kana="すずき　ひまり", latin=("SUZUKI", "HIMARI"), birth="20190501", sex="2",
        address="福岡県福岡市博多区東公園７番７号", municipality="40132", card_expires="20290501", security_code="0099",
    ),
    Person(  # the last day of 大正
        key="taisho", name="栁田　ゑい", kana="やなぎだ　えい", latin=("YANAGIDA", "EI"), birth="19261224", sex="2",
        address="長野県松本市丸の内３番７号　䑓", municipality="20202", security_code="8086",
    ),
)  # fmt: skip
PEOPLE = {person.key: person for person in _PEOPLE}
"""By key. ``hanako`` has nothing difficult about her."""
