"""What follows from dates and addresses, and what does not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from common.cards.drivers.my_number.municipality import parse_residence
from common.cards.drivers.my_number.person_claims import (
    build_person_claims,
    parse_jpki_birth_date,
    parse_sex,
    today_in_japan,
)
from common.cards.japanese_date import CardDate, ages_of
from common.errors import Malformed


def is_over(birth: date, age: int, today: date) -> bool:
    return ages_of(CardDate(year=birth.year, month=birth.month, day=birth.day), (age,), today)[age]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("119120729", "1912-07-29"),
        ("219120730", "1912-07-30"),
        ("219261224", "1926-12-24"),
        ("319800217", "1980-02-17"),
        ("419890108", "1989-01-08"),
        ("520190501", "2019-05-01"),
        ("019800217", "1980-02-17"),  # an era that is not known does not make the date unknown
    ],
)
def test_eras(text: str, written: str) -> None:
    parsed = parse_jpki_birth_date(text)
    assert parsed is not None
    assert parsed.text == written
    assert parsed.whole is not None


@pytest.mark.parametrize("text", ["319410000", "319410300", "300000217", "319410017"])
def test_parts_that_nobody_knows_make_no_date(text: str) -> None:
    parsed = parse_jpki_birth_date(text)
    assert parsed is not None
    assert parsed.whole is None


@pytest.mark.parametrize("text", ["000000000", "300000000"])
def test_nothing_known(text: str) -> None:
    assert parse_jpki_birth_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "19800217",
        "3198002170",
        "619800217",
        "519800217",
        "320190501",
        "31980021７",
        "319800230",
        "319801301",
        "3-9800217",
    ],
)
def test_no_birth_date(text: str) -> None:
    with pytest.raises(Malformed):
        parse_jpki_birth_date(text)


@pytest.mark.parametrize(("digit", "number"), [("0", 0), ("1", 1), ("2", 2), ("3", 0), ("9", 9)])
def test_sexes(digit: str, number: int) -> None:
    assert parse_sex(digit) == number


@pytest.mark.parametrize("digit", ["", "4", "11", "男"])
def test_no_sex(digit: str) -> None:
    with pytest.raises(Malformed):
        parse_sex(digit)


@pytest.mark.parametrize(
    ("birth", "today", "over"),
    [
        (date(2006, 11, 21), date(2026, 11, 20), False),
        (date(2006, 11, 21), date(2026, 11, 21), True),
        (date(2004, 2, 29), date(2024, 2, 28), False),
        (date(2004, 2, 29), date(2024, 2, 29), True),
        (date(2004, 2, 29), date(2025, 2, 28), True),
        (date(2005, 2, 28), date(2025, 2, 28), True),
        (date(2027, 1, 1), date(2026, 1, 1), False),
    ],
)
def test_twenty_years(birth: date, today: date, over: bool) -> None:
    assert is_over(birth, 20, today) is over


def test_a_leap_days_birthday_is_the_first_of_march_in_other_years() -> None:
    assert not is_over(date(2004, 2, 29), 21, date(2025, 2, 28))
    assert is_over(date(2004, 2, 29), 21, date(2025, 3, 1))


def test_the_day_is_japans() -> None:
    assert today_in_japan(int(datetime(2026, 11, 20, 14, 59, 59, tzinfo=UTC).timestamp())) == date(2026, 11, 20)
    assert today_in_japan(int(datetime(2026, 11, 20, 15, tzinfo=UTC).timestamp())) == date(2026, 11, 21)


def build(name: str | None = None, birth: str = "319800217", address: str | None = None) -> dict[str, object]:
    claims = build_person_claims(
        name=name, birth_date=parse_jpki_birth_date(birth), sex=1, address=address, now=1_790_000_000
    )
    assert claims.derived <= set(claims.values)
    return dict(claims.values)


def test_names_are_parted_where_there_are_two_parts() -> None:
    assert build("黒桐　幹也")["family_name"] == "黒桐"
    for name in ("ＳＵＬＡＳＴＲＩ", "ＮＧＵＹＥＮ　ＶＡＮ　ＡＮ", "　幹也", "黒桐　"):
        assert set(build(name)) & {"family_name", "given_name"} == set()
        assert build(name)["name"] == name


def test_an_incomplete_date_is_told_as_one_and_makes_only_sure_ages() -> None:
    over = {f"age_over_{age}": True for age in (18, 20, 65)}
    assert build(birth="319410000") == {"sex": 1, "birth_date_incomplete": "1941-00-00", **over}
    sure = {"age_over_20": True, "age_over_18": True}  # on 21 September 2026 some of 1961 are 65, and some are not yet
    assert build(birth="319610000") == {"sex": 1, "birth_date_incomplete": "1961-00-00", **sure}
    assert build(birth="000000000") == {"sex": 1}


def test_an_address_that_cannot_be_read_is_only_an_address() -> None:
    assert set(build(birth="000000000", address="アメリカ合衆国")) == {"sex", "address"}


@pytest.mark.parametrize(
    ("address", "prefecture", "municipality"),
    [
        ("東京都千代田区霞が関１丁目", "東京都", "千代田区"),
        ("東京都清瀬市観布子南１２", "東京都", "清瀬市"),
        ("東京都町田市森野２丁目", "東京都", "町田市"),
        ("東京都東村山市本町１", "東京都", "東村山市"),
        ("東京都武蔵村山市本町１", "東京都", "武蔵村山市"),
        ("東京都西多摩郡瑞穂町箱根ケ崎", "東京都", "西多摩郡瑞穂町"),
        ("東京都三宅島三宅村阿古", "東京都", "三宅島三宅村"),
        ("東京都八丈島八丈町大賀郷", "東京都", "八丈島八丈町"),
        ("東京都大島町元町", "東京都", "大島町"),
        ("北海道札幌市中央区北一条西", "北海道", "札幌市"),
        ("北海道余市郡余市町朝日町", "北海道", "余市郡余市町"),
        ("京都府京都市中京区上本能寺前町", "京都府", "京都市"),
        ("三重県四日市市諏訪町", "三重県", "四日市市"),
        ("広島県廿日市市下平良", "広島県", "廿日市市"),
        ("石川県野々市市三納", "石川県", "野々市市"),
        ("千葉県市川市八幡", "千葉県", "市川市"),
        ("千葉県市原市国分寺台中央", "千葉県", "市原市"),
        ("兵庫県神崎郡市川町西川辺", "兵庫県", "神崎郡市川町"),
        ("山梨県西八代郡市川三郷町市川大門", "山梨県", "西八代郡市川三郷町"),
        ("栃木県芳賀郡市貝町市塙", "栃木県", "芳賀郡市貝町"),
        ("福島県郡山市朝日", "福島県", "郡山市"),
        ("奈良県大和郡山市北郡山町", "奈良県", "大和郡山市"),
        ("奈良県高市郡明日香村岡", "奈良県", "高市郡明日香村"),
        ("奈良県吉野郡下市町下市", "奈良県", "吉野郡下市町"),
        ("愛知県蒲郡市旭町", "愛知県", "蒲郡市"),
        ("福岡県小郡市小郡", "福岡県", "小郡市"),
        ("岐阜県郡上市八幡町", "岐阜県", "郡上市"),
        ("群馬県佐波郡玉村町下新田", "群馬県", "佐波郡玉村町"),
        ("佐賀県杵島郡大町町大町", "佐賀県", "杵島郡大町町"),
        ("長野県大町市大町", "長野県", "大町市"),
        ("富山県中新川郡上市町法音寺", "富山県", "中新川郡上市町"),
        ("新潟県十日町市千歳町", "新潟県", "十日町市"),
        ("新潟県村上市三之町", "新潟県", "村上市"),
        ("山形県村山市中央", "山形県", "村山市"),
        ("山形県北村山郡大石田町緑町", "山形県", "北村山郡大石田町"),
        ("宮城県柴田郡村田町大字村田", "宮城県", "柴田郡村田町"),
        ("福島県田村郡三春町字大町", "福島県", "田村郡三春町"),
        ("福島県田村市船引町", "福島県", "田村市"),
        ("長崎県大村市玖島", "長崎県", "大村市"),
        ("沖縄県国頭郡東村字平良", "沖縄県", "国頭郡東村"),
        ("鹿児島県鹿児島市山下町", "鹿児島県", "鹿児島市"),
        ("和歌山県東牟婁郡那智勝浦町", "和歌山県", "東牟婁郡那智勝浦町"),
    ],
)
def test_residences(address: str, prefecture: str, municipality: str) -> None:
    residence = parse_residence(address)
    assert residence is not None
    assert (residence.prefecture, residence.municipality) == (prefecture, municipality)
    assert prefecture not in repr(residence)


@pytest.mark.parametrize(
    "address", ["", "東京都", "千代田区霞が関", "東京県千代田区", "東京都あいうえお", "奈良県吉野郡"]
)
def test_no_residence(address: str) -> None:
    assert parse_residence(address) is None
