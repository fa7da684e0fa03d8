"""What the files of residence cards say, field by field, and exactly which bytes are signed."""

from __future__ import annotations

import pytest

from common.cards.drivers.residence_card import first_generation as first
from common.cards.drivers.residence_card import second_generation as second
from common.cards.drivers.residence_card.layout import FILES, files_of
from common.cards.tlv import encode_tlv, parse_tlv
from common.errors import Malformed

ENTRIES = {
    0xC5: b"20290520",
    0xC6: b"19851231",
    0xC7: b"2",
    0xC8: b"USA",
    0xC9: b"T100000001",
    0xCE: b"0500",
    0xCA: b"02",
    0xCB: b"20240520",
    0xCC: b"2",
    0xCD: b"20290520",
}
SHORT = {tag: ENTRIES[tag] for tag in (0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCE)}


def written(values: dict[int, bytes]) -> bytes:
    return b"".join(encode_tlv(tag, value) for tag, value in values.items())


def card(entries: dict[int, bytes], *, name: bytes = b"N", photo: bytes = b"P") -> second.SignedCard:
    pictures = encode_tlv(0xD0, name) + encode_tlv(0xD1, photo)
    return second.parse_signed_card(written(entries), pictures, encode_tlv(0xDC, bytes(96)) + encode_tlv(0xDD, b"c"))


def test_what_the_second_generation_signs() -> None:
    """Entries ‖ photo ‖ name picture, values only: the order is not that of the file, where the name comes first."""
    signed = second.signed_bytes(card(ENTRIES))
    assert signed == b"".join(ENTRIES.values()) + b"P" + bytes(2999) + b"N" + bytes(2499)
    assert len(signed) == 53 + 3000 + 2500


def test_the_short_entries_of_special_permanent_residents_are_filled_up() -> None:
    assert second.signed_bytes(card(SHORT))[:53] == b"".join(SHORT.values()) + bytes(19)


SWAPPED = {0xC6 if tag == 0xC5 else 0xC5 if tag == 0xC6 else tag: value for tag, value in ENTRIES.items()}
"""The same values in the same order: what is signed is the same, what is said is not."""
WRONG = {
    "nothing": b"",
    "one": written({0xC5: b"20290520"}),
    "one too few": written(dict(list(ENTRIES.items())[:-1])),
    "shorter": written({**ENTRIES, 0xC9: b"T1"}),
    "one twice": written(ENTRIES) + encode_tlv(0xC6, b"19990101"),
    "one more": written({**ENTRIES, 0xD5: b"1"}),
    "two tags swapped": written(SWAPPED),
    "cut elsewhere": written({**ENTRIES, 0xC5: b"2029052", 0xC6: b"019851231"}),
    "another order": written(dict(reversed(ENTRIES.items()))),
}


def test_what_is_signed_does_not_say_what_is_what() -> None:
    for name in ("two tags swapped", "cut elsewhere"):
        values = b"".join(each.value for each in parse_tlv(WRONG[name]))
        assert values == b"".join(ENTRIES.values())


@pytest.mark.parametrize("wrong", WRONG)
def test_entries_have_their_order_and_lengths(wrong: str) -> None:
    with pytest.raises(Malformed, match="card_entries_malformed"):
        second.parse_signed_card(WRONG[wrong], b"", b"")


def test_pictures_that_are_too_long() -> None:
    for too_long in ({"name": bytes(2501)}, {"photo": bytes(3001)}):
        with pytest.raises(Malformed):
            second.signed_bytes(card(ENTRIES, **too_long))


@pytest.mark.parametrize(
    ("tag", "value", "claim", "told"),
    [
        (0xC6, b"19850000", "birth_date_incomplete", "1985-00-00"),
        (0xC7, b"1", "sex", 1),
        (0xC7, b"3", "sex", 0),
        (0xCC, b"1", "work_restriction", "unrestricted"),
        (0xCC, b"4", "work_restriction", "as_designated"),
        (0xCC, b"9", "work_restriction", "not_permitted"),
        (0xCC, b"7", "work_restriction", "code_7"),
        (0xCE, b"0000", "period_of_stay", "indefinite"),
        (0xCE, b"0306", "period_of_stay", "P3Y6M"),
        (0xCE, b"0006", "period_of_stay", "P6M"),
        (0xCE, b"090\x00", "period_of_stay", "P90D"),
        (0xCE, b"ABCD", "period_of_stay", "ABCD"),
    ],
)
def test_entries(tag: int, value: bytes, claim: str, told: object) -> None:
    assert second.entry_claims(card({**ENTRIES, tag: value}))[claim] == told


@pytest.mark.parametrize("tag", [0xCA, 0xCB, 0xCC, 0xCD])
def test_what_is_empty_is_no_claim(tag: int) -> None:
    before, after = (
        second.entry_claims(card(ENTRIES)),
        second.entry_claims(card({**ENTRIES, tag: bytes(len(ENTRIES[tag]))})),
    )
    assert len(after) == len(before) - 1


@pytest.mark.parametrize(
    ("tag", "value"), [(0xC7, b"8"), (0xC6, b"19851331"), (0xC6, b"1985123x"), (0xC8, b"\xff\xff\xff")]
)
def test_signed_nonsense_is_malformed(tag: int, value: bytes) -> None:
    with pytest.raises(Malformed):
        second.entry_claims(card({**ENTRIES, tag: value}))


def test_signatures_in_either_form() -> None:
    raw = b"\x01".rjust(48, b"\0") + b"\x02".rjust(48, b"\0")
    assert second.ecdsa_signature(raw) == bytes.fromhex("3006020101020102")
    assert second.ecdsa_signature(bytes.fromhex("3006020101020102")) == bytes.fromhex("3006020101020102")


def test_permissions_of_the_second_generation() -> None:
    told = second.permission_claims(
        encode_tlv(0xD5, b"2") + encode_tlv(0xD6, b"20280901") + encode_tlv(0xD7, b"1"),
        encode_tlv(0xD8, b"1"),
        encode_tlv(0xD9, b"0") + encode_tlv(0xDE, "備考".encode() + bytes(50)),
    )
    assert told == {
        "general_permission": "28_hours_education",
        "general_permission_until": "2028-09-01",
        "single_permission": True,
        "renewal_pending": True,
        "has_remarks": False,
        "remarks": "備考",
    }


def test_the_picture_of_the_address_has_a_tag_that_ber_does_not_know() -> None:
    assert second.address_picture(b"\xdf\xd1\x82\x00\x02II") == b"II"


def pictures(front: bytes, photo: bytes, check: bytes) -> first.SignedPictures:
    return first.parse_pictures(encode_tlv(0xD0, front), encode_tlv(0xD1, photo), check)


def test_what_the_first_generation_signs() -> None:
    made = pictures(b"F", b"P", encode_tlv(0xDA, bytes(256)) + encode_tlv(0xDB, b"c"))
    assert made.is_signed
    assert first.signed_bytes(made) == b"F" + bytes(6999) + b"P" + bytes(2999)


@pytest.mark.parametrize("check", ["da00db00" + "00" * 40, "da00" + "00" * 40, "00" * 40], ids=["both", "one", "none"])
def test_a_child_s_card_has_no_signature_in_each_of_its_spellings(check: str) -> None:
    """仕様書 §3.3.5: tags of no length, or one of them, and zeros."""
    made = pictures(b"F", b"", bytes.fromhex(check))
    assert not made.is_signed
    assert not made.photo


def test_pictures_of_the_first_generation_that_are_too_long() -> None:
    for front, photo in ((bytes(7001), b""), (b"", bytes(3001))):
        with pytest.raises(Malformed):
            first.signed_bytes(pictures(front, photo, b""))


def test_the_back_of_the_first_generation() -> None:
    residence = (
        encode_tlv(0xD2, b"20240401")
        + encode_tlv(0xD3, b"131016")
        + encode_tlv(0xD4, "東京都".encode().ljust(320, b"\0"))
    )
    assert first.residence_claims(residence) == {
        "address_since": "2024-04-01",
        "municipality_code": "131016",
        "address": "東京都",
    }
    assert first.residence_claims(bytes(342)) == {}
    told = first.permission_claims(encode_tlv(0xD5, "許可".encode().ljust(120, b"\0")), bytes(122), b"\xd7\x010")
    assert told == {"general_permission": "許可", "renewal_pending": False}


def test_which_files_are_read_for_which_parts() -> None:
    for card_type in FILES:
        signed = {each.name for each in files_of(card_type, frozenset())}
        assert signed == (
            {"df1/ef01", "df1/ef02", "df3/ef01"} if card_type in "12" else {"df1/ef02", "df1/ef03", "df3/ef01"}
        )
        everything = files_of(card_type, frozenset({"address", "permissions"}))
        assert everything == FILES[card_type]
        assert [each.application for each in everything] == sorted(each.application for each in everything), "DF by DF"
