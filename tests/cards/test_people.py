"""The sample people are as difficult as they are said to be, and by the rules of the cards."""

from __future__ import annotations

import pytest

from examples.cards.people import PEOPLE, SUBSTITUTES, Person


def person(**changes: str) -> Person:
    known = {"key": "x", "name": "Ａ", "kana": "a", "birth": "19800217", "sex": "1", "address": "a", **changes}
    return Person(latin=("A", ""), **known)  # type: ignore[arg-type]


def test_what_is_substituted_is_beyond_both_standards_and_what_stands_for_it_is_within() -> None:
    for character, substitute in SUBSTITUTES.items():
        with pytest.raises(UnicodeEncodeError):
            character.encode("iso2022_jp_1")  # JIS X 0208 and 0212
        assert substitute.encode("iso2022_jp")


def test_a_difficult_name() -> None:
    takasaki = PEOPLE["takasaki"]
    assert [ord(character) for character in takasaki.name] == [0x9AD9, 0xFA11, 0x3000, 0x20BB7, 0x4E43]
    assert (takasaki.certificate_name, takasaki.name_flags) == ("高崎　吉乃", "11010")
    assert takasaki.address_flags.count("1") == 1
    assert takasaki.certificate_address.count("間") == 1


@pytest.mark.parametrize(
    ("birth", "era", "certificate", "printed"),
    [
        ("18680125", "", "118680125", "010125"),
        ("19120729", "", "119120729", "450729"),
        ("19120730", "", "219120730", "010730"),
        ("19261224", "", "219261224", "151224"),
        ("19261225", "", "319261225", "011225"),
        ("19890107", "", "319890107", "640107"),
        ("19890108", "", "419890108", "010108"),
        ("20190430", "", "420190430", "310430"),
        ("20190501", "", "520190501", "010501"),
        ("19410000", "3", "319410000", "160000"),
        ("00000000", "0", "000000000", "000000"),
    ],
)
def test_eras(birth: str, era: str, certificate: str, printed: str) -> None:
    somebody = person(birth=birth, era=era)
    assert (somebody.certificate_birth, somebody.era_birth) == (certificate, printed)


def test_the_printed_code_of_the_reference() -> None:
    assert person(card_expires="20350217", security_code="2285").printed_code == "55021720352285"
    assert "2285" not in repr(person(security_code="2285"))


def test_the_cast_has_what_it_promises() -> None:
    people = PEOPLE.values()
    assert 200 in {len(one.address) for one in people}
    assert {one.sex for one in people} == {"1", "2", "3"}
    assert {one.era_digit for one in people} == {"0", "2", "3", "4", "5"}
    assert {one.nationality for one in people} > {"JPN"}
    assert any("　" not in one.name for one in people)
    assert all(len(one.printed_code) == 14 and one.printed_code.isdigit() for one in people)
    assert all(len(one.name_flags) == len(one.certificate_name) for one in people)
    assert len({one.printed_code for one in people}) == len(PEOPLE)
