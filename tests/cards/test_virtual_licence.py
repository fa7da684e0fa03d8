"""Virtual driving licences alone: files to the byte, PINs, external characters, signatures that OpenSSL verifies, faults."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from examples.cards.chip import Chip
from examples.cards.driving_licence import DF1, DF2, DF3, FAULTS, PIN_1, PIN_2, build_driving_licence
from examples.cards.lettering import boxed, packed
from examples.cards.licence.entries import KINDS, Contents, coverage
from examples.cards.licence.holders import HANAKO, KIYO, MOVED, SAMPLES, TAKASAKI
from examples.cards.licence.text import ExternalCharacters, era_date
from examples.cards.mynumber_licence import AID
from examples.cards.wide_tlv import thing
from tests.cards.authorities import police_authority
from tests.cards.licence_terminal import objects, opened, read, select, send, text, verified_by_openssl, verify
from tests.cards.test_virtual_mynumber_licence import my_number

# Files and access


def test_sizes_are_those_of_the_specification() -> None:
    chip = opened()
    sizes = {f"{DF1[5]}/{fid}": len(read(chip, DF1, fid)) for fid in range(1, 8)}
    sizes |= {f"{DF2[5]}/1": len(read(chip, DF2, 1)), f"{DF3[4]}/1": len(read(chip, DF3, 1))}
    assert list(sizes.values()) == [880, 82, 264, 640, 663, 256, 578, 2005, 512]
    assert send(chip, "00a40000023f00") == (b"", "9000")
    assert send(chip, "00a4020c022f01")[1] == "9000"
    assert send(chip, "00b0000011") == (
        bytes.fromhex("450b") + b"010" + bytes.fromhex("2024041820290505" + "46020101"),
        "9000",
    )
    assert send(chip, "00b08a0003") == (b"\x05\x01\x01", "9000")


def test_files_are_full_only_with_these_forms_of_lengths() -> None:
    """264 = 2 × 132, 663 = 3 + 5 × 132: a bitmap of 128 bytes behind 82 0080. 578 and 584 come out of 82 0082 for 130 bytes."""
    assert len(thing(0x48, bytes(128))) * 2 == 264
    assert len(thing(0xA0, b"\x01")) + 5 * len(thing(0xA1, bytes(128))) == 663
    sizes = (256, 16, 48, 80, 130, 32)
    assert sum(len(thing(0xB1, bytes(size))) for size in sizes) == 578
    assert sum(len(thing(0x0108, bytes(size))) for size in sizes) == 584
    one = [7, 1, 6, 7, *[80] * 4, *[256] * 2, *[80] * 8, *[256] * 3, *[80] * 16, 12, 12, *[7] * 3, *[1] * 15, *[7] * 5]
    assert len(one) == 0x100 - 0xC2
    two = [*[7] * 7, 2000]
    assert (
        sum(len(thing(0xC2, bytes(size))) for size in one) + sum(len(thing(0x0100, bytes(size))) for size in two)
        == 5845
    )


@pytest.mark.parametrize(("pins", "readable"), [(0, ""), (1, "1 3 4 5 7 RFU"), (2, "1 2 3 4 5 6 7 photo RFU")])
def test_which_pin_opens_what(pins: int, readable: str) -> None:
    chip = build_driving_licence(HANAKO, authority=police_authority())
    for fid, pin in [(1, HANAKO.pin_1), (2, HANAKO.pin_2)][:pins]:
        assert verify(chip, fid, pin) == "9000"
    found = []
    for name, fid, label in [*((DF1, fid, str(fid)) for fid in range(1, 8)), (DF2, 1, "photo"), (DF3, 1, "RFU")]:
        assert select(chip, name) == "9000"
        send(chip, f"00a4020c02{fid:04x}")
        sw = send(chip, "00b0000001")[1]
        assert sw in {"9000", "6982"}
        found += [label] if sw == "9000" else []
    assert " ".join(found) == readable


def test_pins_have_three_tries_each_and_an_order() -> None:
    chip = build_driving_licence(HANAKO, authority=police_authority())
    assert send(chip, "00200081") == (b"", "63c3")
    assert send(chip, "00200082") == (b"", "63c3")
    assert verify(chip, 2, HANAKO.pin_2) == "6982"  # before PIN 1: not heard, nothing spent
    assert send(chip, "00200082")[1] == "63c3"
    assert [verify(chip, 1, "0000") for _ in range(2)] == ["63c2", "63c1"]
    assert verify(chip, 1, HANAKO.pin_1) == "9000"
    assert send(chip, "00200081")[1] == "63c3"
    assert [verify(chip, 2, "0000") for _ in range(4)] == ["63c2", "63c1", "63c0", "6984"]
    assert verify(chip, 2, HANAKO.pin_2) == "6984"
    chip.power()
    assert send(chip, "00200082")[1] == "63c0"
    assert read_fails(chip) == "6982"


def read_fails(chip: Chip) -> str:
    select(chip, DF1)
    return send(chip, "00b0810001")[1]


def test_a_card_without_pins_takes_asterisks() -> None:
    chip = build_driving_licence(KIYO, authority=police_authority())
    assert send(chip, "00b08a0003") == (b"\x05\x01\x00", "9000")
    assert verify(chip, 1, "1234") == "63c2"
    assert send(chip, bytes.fromhex("00200080042a2a2a2a"))[1] == "9000"


# Contents


@pytest.mark.parametrize("key", sorted(SAMPLES))
def test_entries(key: str) -> None:
    licence = SAMPLES[key]
    found = objects(read(opened(licence), DF1, 1))
    assert list(found) == list(range(0x11, 0x34))
    assert found[0x16].decode() == era_date(licence.person.birth, licence.person.era_digit)
    assert found[0x21].decode() == licence.number
    assert [text(found[tag]) for tag in range(0x1C, 0x20) if found[tag]] == list(licence.conditions)
    held = {tag for tag in range(0x25, 0x34) if found[tag] != b"0000000"}
    assert len(held) == len(licence.categories)
    assert all(len(found[tag]) == 7 for tag in range(0x22, 0x34))
    assert len(found[0x17]) == 2 * len(licence.person.address)


def test_difficult_names() -> None:
    """Two characters have a picture, a third and fourth have none; the same character has one code."""
    found = objects(read(opened(TAKASAKI), DF1, 1))
    assert text(found[0x12]) == "〔1〕〔2〕\u3000〔欠〕乃"
    assert text(found[0x17]) == "千葉県銚子市犬吠埼９５７６番地\u3000〔欠〕町荘２０１"
    assert text(found[0x13]) == "タカサキ\u3000ヨシノ"
    pictures = objects(read(opened(TAKASAKI), DF1, 3))
    assert pictures == {0x48: packed(boxed("髙")), 0x49: packed(boxed("﨑"))}
    assert objects(read(opened(HANAKO), DF1, 3)) == {0x48: b"", 0x49: b""}


def test_changes_supersede_and_have_codes_of_their_own() -> None:
    chip = opened(MOVED)
    found = objects(read(chip, DF1, 4))
    assert list(found) == [0x50, 0x51, 0x60, 0x70, 0x71, 0x80]
    assert found[0x50] == b"\x01"
    latest = found[0x71]
    assert latest[:1] == b"1"
    assert text(latest[1:15]) == "５０８０７０２"
    assert text(latest[15:-10]) == "滋賀県高島市新旭町北畑５６５番地\u3000〔4〕荘"
    assert text(latest[-10:]) == "滋賀県公委"
    assert text(found[0x60][15:-10]) == "〔3〕島\u3000蓮"
    pictures = objects(read(chip, DF1, 5))
    assert pictures[0xA0] == b"\x01"
    assert (pictures[0xA1], pictures[0xA2], pictures[0xA3]) == (packed(boxed("髙")), packed(boxed("栁")), b"")
    assert list(objects(read(chip, DF1, 6))) == [0xAA, 0xAB]
    unchanged = opened(HANAKO)
    assert (objects(read(unchanged, DF1, 4)), objects(read(unchanged, DF1, 6))) == ({0x50: b"\x00"}, {0xAA: b"\x00"})
    assert sorted(tag for tags in KINDS.values() for tag in tags) == [*range(0x51, 0x98), *range(0xAB, 0xB0)]


@pytest.mark.parametrize(
    ("day", "era", "written"),
    [
        ("20190501", "", "5010501"),
        ("20190430", "", "4310430"),
        ("19890107", "", "3640107"),
        ("19890108", "", "4010108"),
        ("19261224", "", "2151224"),
        ("19410000", "3", "3160000"),
    ],
)
def test_era_dates(day: str, era: str, written: str) -> None:
    assert era_date(day, era) == written


@given(st.text(max_size=30), st.integers(0, 7))
def test_any_text_is_coded_two_bytes_a_character(given_text: str, room: int) -> None:
    external = ExternalCharacters(0xFFF1, room)
    coded = external.encode(given_text)
    assert len(coded) == 2 * len(given_text)
    assert len(external.taken) <= room
    assert len(external.bitmaps()) == room


def test_the_photo_is_a_picture() -> None:
    stored = objects(read(opened(), DF2, 1))
    with Image.open(BytesIO(stored[0x5F40])) as image:
        image.load()
        assert (image.format, image.mode) == ("JPEG2000", "L")


# The signature


def test_openssl_verifies_the_licence(tmp_path: Path) -> None:
    chip = opened()
    proof = objects(read(chip, DF1, 7))
    assert {tag: len(value) for tag, value in proof.items()} == {
        0xB1: 256, 0xB2: 16, 0xB3: 48, 0xB4: 80, 0xB5: 130, 0xB6: 32,
    }  # fmt: skip
    assert proof[0xB6] == police_authority().key_identifier + bytes(12)
    assert proof[0xB5].decode().strip() == police_authority().certificate.subject.rfc4514_string()
    signed = coverage(read(chip, DF1, 1), read(chip, DF1, 2), read(chip, DF2, 1))
    assert len(signed) == 880 + 82 + 2005
    assert verified_by_openssl(tmp_path, proof[0xB1], signed)
    assert not verified_by_openssl(tmp_path, proof[0xB1], signed[:-1] + b"\x00")


def files_of(chip: Chip) -> dict[str, bytes]:
    return {
        f"{application.aid.hex()[:12]}/{fid:04x}": application.transparent(fid).stored()
        for application in chip.all_applications()
        for fid in application.files
        if not (application.aid == b"" and fid in {1, 2})
    }


DIFFERENCES = {
    "altered_entries": {"a00000023101/0001"},
    "altered_photo": {"a00000023102/0001"},
    "altered_domicile": {"a00000023101/0002"},
    "wrong_certificate": {"a00000023101/0007"},
    "unknown_key_identifier": {"a00000023101/0007"},
    "expired_certificate": {"a00000023101/0007"},
    "changed_address": {"a00000023101/0004"},
    "clone": set(),
    "pin_1_last_try": set(),
    "pin_1_blocked": set(),
    "pin_2_blocked": set(),
}


@pytest.mark.parametrize("fault", sorted(DIFFERENCES))
def test_a_fault_changes_one_thing(fault: str) -> None:
    right = build_driving_licence(HANAKO, authority=police_authority())
    wrong = build_driving_licence(HANAKO, authority=police_authority(), fault=fault)
    before, after = files_of(right), files_of(wrong)
    assert {name for name in before if before[name] != after[name]} == DIFFERENCES[fault]
    assert {name: len(content) for name, content in before.items()} == {
        name: len(content) for name, content in after.items()
    }
    counters = [(chip.mf.pin(PIN_1).left, chip.mf.pin(PIN_2).left) for chip in (right, wrong) if chip.mf]
    expected = {"pin_1_last_try": (1, 3), "pin_1_blocked": (0, 3), "pin_2_blocked": (3, 0)}.get(fault, (3, 3))
    assert counters == [(3, 3), expected]


def test_every_fault_has_its_row_and_its_test() -> None:
    assert set(DIFFERENCES) == {row.name for row in FAULTS}
    with pytest.raises(ValueError, match="unknown fault"):
        build_driving_licence(HANAKO, authority=police_authority(), fault="forged")


def test_signers_of_the_faults() -> None:
    authority = police_authority()
    contents = Contents(HANAKO)
    proofs = {
        fault: objects(
            files_of(build_driving_licence(HANAKO, authority=authority, fault=fault or None))["a00000023101/0007"]
        )
        for fault in ("", "wrong_certificate", "unknown_key_identifier", "expired_certificate")
    }
    assert proofs["wrong_certificate"][0xB6] == proofs[""][0xB6]
    assert proofs["wrong_certificate"][0xB1] == authority.stranger().sign(contents.signed())
    assert proofs["unknown_key_identifier"][0xB6][:20] == authority.stranger().key_identifier
    assert proofs["unknown_key_identifier"][0xB4] == proofs[""][0xB4]  # the same name: only the key tells
    authority.expired().certificate.verify_directly_issued_by(authority.root)


def test_secrets_are_not_printed() -> None:
    for licence in SAMPLES.values():
        assert licence.number not in repr(licence)
        assert f"pin_1='{licence.pin_1}'" not in repr(licence)


# Any bytes


@cache
def a_card(kind: str) -> Chip:
    return build_driving_licence(MOVED, authority=police_authority()) if kind == "licence" else my_number(MOVED)


@given(
    kind=st.sampled_from(["licence", "mynumber"]),
    apdus=st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.builds(
                lambda head, data, end: bytes(head) + bytes([len(data)]) + data + end,
                st.tuples(
                    st.sampled_from([0x00, 0x0C, 0x80]), st.sampled_from([0x20, 0xA4, 0xB0, 0xB1]),
                    st.integers(0, 255), st.integers(0, 255),
                ),
                st.one_of(st.binary(min_size=1, max_size=32), st.sampled_from([DF1, DF2, DF3, AID])),
                st.sampled_from([b"", b"\x00"]),
            ),
        ),
        max_size=8,
    ),
)  # fmt: skip
def test_any_apdus_are_answered(kind: str, apdus: list[bytes]) -> None:
    chip = a_card(kind)
    chip.power()
    for apdu in apdus:
        assert 2 <= len(chip.answer(apdu)) <= 65538
