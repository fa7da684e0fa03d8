"""The マイナ免許証 alone: its PIN, what it says and what it does not, a signature that OpenSSL verifies, faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.cards import mynumber_licence
from examples.cards.chip import Chip
from examples.cards.licence.holders import HANAKO, SAMPLES, TAKASAKI, Licence
from examples.cards.licence.text import ExternalCharacters, era_date
from examples.cards.mynumber_licence import AID, build_mynumber_licence, information
from tests.cards.authorities import police_authority
from tests.cards.licence_terminal import objects, select, send, text, verified_by_openssl


def my_number(licence: Licence = HANAKO, **options) -> Chip:  # type: ignore[no-untyped-def]
    return Chip([build_mynumber_licence(licence, authority=police_authority(), **options)])


def test_mynumber_licence_is_opened_by_its_own_pin() -> None:
    chip = my_number()
    for other in ("a0000002310400000000000000000000", "a0000002310500000000000000000000"):  # load file, module
        assert select(chip, bytes.fromhex(other)) == "6a82"
    assert select(chip, AID) == "9000"
    assert send(chip, "00b09a0003") == (b"\xc1\x01\x01", "9000")
    assert send(chip, "00b09b0003")[1] == "6982"
    assert send(chip, "00200082")[1] == "6a82"  # the specification's sample names an SFI that is not there
    assert send(chip, "00200086")[1] == "63ca"
    assert send(chip, bytes.fromhex("0020008604") + b"0000")[1] == "63c9"
    assert send(chip, bytes.fromhex("0020008604") + HANAKO.pin_1.encode())[1] == "9000"
    told, sw = send(chip, "00b09b00000000")
    assert (len(told), sw) == (5845, "9000")
    assert len(send(chip, "00b09c00000000")[0]) == 584


@pytest.mark.parametrize("key", sorted(SAMPLES))
def test_mynumber_licence_contents(key: str) -> None:
    licence = SAMPLES[key]
    chip = my_number(licence)
    content = chip.applications[0].transparent(0x001B).stored()
    found = objects(content, wide_tags=True)
    assert list(found) == [*range(0xC2, 0x100), *range(0x0100, 0x0108)]
    assert found[0xC2] == found[0xC3] == b""
    assert found[0xC5].decode() == era_date(licence.expires)
    assert [text(found[tag]) for tag in mynumber_licence.CONDITIONS if found[tag]] == list(licence.conditions)
    assert {name for name, tag in mynumber_licence.HELD.items() if found[tag] == b"\x01"} == set(licence.categories)
    assert found[0xE7].decode() == licence.number
    for personal in (licence.person.name, licence.person.address):
        coded = ExternalCharacters(0xFFF1, 7).encode(personal)
        assert coded not in content
    assert era_date(licence.person.birth, licence.person.era_digit).encode() not in content


def test_openssl_verifies_the_mynumber_licence(tmp_path: Path) -> None:
    application = my_number().applications[0]
    proof = objects(application.transparent(0x001C).stored(), wide_tags=True)
    assert list(proof) == list(range(0x0108, 0x010E))
    assert verified_by_openssl(tmp_path, proof[0x0108], application.transparent(0x001B).stored())
    assert not verified_by_openssl(
        tmp_path, proof[0x0108], information(HANAKO)
    )  # without its filler it is another text


@pytest.mark.parametrize(
    ("fault", "changed", "left"),
    [
        ("altered_information", {0x1B}, 10),
        ("wrong_certificate", {0x1C}, 10),
        ("unknown_key_identifier", {0x1C}, 10),
        ("grafted", {0x1B, 0x1C}, 10),
        ("pin_last_try", set(), 1),
        ("pin_blocked", set(), 0),
    ],
)
def test_a_fault_of_the_mynumber_licence_changes_one_thing(fault: str, changed: set[int], left: int) -> None:
    right, wrong = my_number().applications[0], my_number(fault=fault).applications[0]
    differing = {
        fid for fid in (0x1A, 0x1B, 0x1C) if right.transparent(fid).stored() != wrong.transparent(fid).stored()
    }
    assert differing == changed
    assert wrong.pin(mynumber_licence.PIN).left == left
    assert fault in {row.name for row in mynumber_licence.FAULTS}
    if fault == "grafted":
        assert wrong.transparent(0x1B).content == information(TAKASAKI)
    if fault == "altered_information":
        assert objects(wrong.transparent(0x1B).stored(), wide_tags=True)[0xEC] == b"\x01"


def test_faults_of_the_mynumber_licence_are_all_tried() -> None:
    assert len(mynumber_licence.FAULTS) == 6
    with pytest.raises(ValueError, match="unknown fault"):
        my_number(fault="forged")
